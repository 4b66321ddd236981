"""The demo's processes: the database, the processor's stand-in, the worker, the web server."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from comptoir.cli.preparation import comptoir_ready, keep_in_home
from comptoir.embedded import ProcessGroup, Program

API_KEY = "sk_test_sandbox"
WEBHOOK_PATH = "/webhooks/stripe"
HEALTHY_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where a demo is."""

    home: Path
    web_port: int
    sandbox_port: int
    processes: ProcessGroup = field(default_factory=ProcessGroup)

    @property
    def web_url(self) -> str:
        """The address of the portal, the console and the mailbox."""
        return f"http://localhost:{self.web_port}"

    @property
    def sandbox_url(self) -> str:
        """The address of the processor's stand-in."""
        return f"http://localhost:{self.sandbox_port}"


@contextmanager
def running(addresses: Addresses) -> Iterator[None]:
    """Run all of a demo, its data loaded, until the block ends; then stop web, worker, sandbox, database."""
    settings = {
        "COMPTOIR_HOME": str(addresses.home),
        "COMPTOIR_DEMO": "1",
        "COMPTOIR_BASE_URL": os.environ.get("COMPTOIR_BASE_URL") or addresses.web_url,
        "STRIPE_API_KEY": API_KEY,
        "STRIPE_API_BASE": addresses.sandbox_url,
    }
    os.environ.update(keep_in_home(addresses.home, settings))
    with addresses.processes as processes:
        processes.start(_program("sandbox", addresses, "stripe_sandbox", "--port", addresses.sandbox_port))
        processes.wait_until_healthy(f"{addresses.sandbox_url}/healthz", seconds=HEALTHY_SECONDS)
        os.environ.update(_webhook_settings(addresses))
        # Composed before our own way into the database is in the environment: each joins it by itself,
        # so that the database stays until the last of them has ended, even if we are killed.
        worker = _program("worker", addresses, "comptoir.cli", "worker")
        web = _program("web", addresses, "comptoir.cli", "web", "--port", addresses.web_port)
        with comptoir_ready():
            _migrate()
            processes.start(worker)
            processes.start(web)
            processes.wait_until_healthy(f"{addresses.web_url}/healthz", seconds=HEALTHY_SECONDS)
            _load_if_empty()
            yield


def _program(name: str, addresses: Addresses, module: str, *options: str | int) -> Program:
    return Program(
        name=name,
        argv=[sys.executable, "-m", module, *map(str, options)],
        environment=os.environ | {"STRIPE_SANDBOX_KEY": API_KEY, "PYTHONUNBUFFERED": "1"},
        log=addresses.home / "log" / f"{name}.log",
    )


def _webhook_settings(addresses: Addresses) -> dict[str, str]:
    """Have the sandbox send its events to the web server, once for each address it ever had.

    The sandbox tells the secret that signs them in its first answer alone, so it is kept in the home.
    """
    url = f"{addresses.web_url}{WEBHOOK_PATH}"
    if os.environ.get("DEMO_WEBHOOK_URL") == url:
        return {}
    form = urlencode({"url": url, "enabled_events[]": "*", "connect": "true"}).encode()
    request = Request(  # noqa: S310  our own address
        f"{addresses.sandbox_url}/v1/webhook_endpoints", form, {"Authorization": f"Bearer {API_KEY}"}
    )
    with build_opener(ProxyHandler({})).open(request, timeout=HEALTHY_SECONDS) as answer:
        secret = json.load(answer)["secret"]
    return keep_in_home(addresses.home, {"STRIPE_WEBHOOK_SECRET": secret, "DEMO_WEBHOOK_URL": url})


def _migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)


def _load_if_empty() -> None:
    from django.db import connections

    from comptoir.demo import load

    load.load_if_empty()
    connections.close_all()
