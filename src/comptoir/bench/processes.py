"""What a bench starts beside itself, on a scratch database: pages, workers, the processor's stand-in."""

import os
import secrets
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from .requests import free_port, wait_until_served

EMPTY = b"GET /bench/empty HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
SANDBOX_KEY = "sk_test_bench"

# Signs nothing that outlives the bench.
KEYS = {
    "COMPTOIR_SECRET_KEY": secrets.token_urlsafe(50),
    "COMPTOIR_MESSAGE_KEYS": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
}


@contextmanager
def web(url: str, *, settings: Mapping[str, str], port: int | None = None, workers: int = 1) -> Iterator[int]:
    """Serve the pages, and the empty one, over the web's login; yield the port. Raises RuntimeError without a login."""
    web_url = os.environ.get("DATABASE_WEB_URL")
    if not web_url:
        raise RuntimeError("set DATABASE_WEB_URL to the database's address for the role comptoir_web")
    port = port or free_port()
    own = {
        "DATABASE_WEB_URL": urlunsplit(urlsplit(web_url)._replace(path=urlsplit(url).path)),
        "DJANGO_SETTINGS_MODULE": "comptoir.bench.web_settings",
    }
    command = ["comptoir.cli", "web", "--workers", str(workers), "--port", str(port)]
    with _running(command, settings={**KEYS, **own, **settings}) as server:
        wait_until_served(port=port, request=EMPTY, server=server)
        yield port


@contextmanager
def workers(url: str, *, count: int, settings: Mapping[str, str]) -> Iterator[None]:
    """Let so many workers work."""
    own = KEYS | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "comptoir.config.settings"}
    if not count:
        yield
        return
    with (
        _running(["comptoir.cli", "worker"], settings={**own, **settings}),
        workers(url, count=count - 1, settings=settings),
    ):
        yield


@contextmanager
def sandbox(home: Path) -> Iterator[int]:
    """Run the processor's stand-in, its data in ``home``; yield the port."""
    port = free_port()
    own = {"COMPTOIR_HOME": str(home), "STRIPE_SANDBOX_KEY": SANDBOX_KEY, "STRIPE_SANDBOX_WAIT_SECONDS": "30"}
    with _running(["stripe_sandbox", "--port", str(port)], settings=own) as server:
        wait_until_served(port=port, request=HEALTH, server=server)
        yield port


@contextmanager
def _running(module: list[str], *, settings: Mapping[str, str]) -> "Iterator[subprocess.Popen[bytes]]":
    process = subprocess.Popen(
        [sys.executable, "-m", *module], env=os.environ | settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
