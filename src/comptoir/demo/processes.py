"""The demo's processes: the database, the processor's stand-in, the worker, the web server, the vendor's products."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from comptoir.cli.migrate import migrate
from comptoir.cli.preparation import comptoir_ready, home_environment, keep_in_home
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
    products_port: int
    has_own_database: bool
    processes: ProcessGroup = field(default_factory=ProcessGroup)

    @property
    def web_url(self) -> str:
        """The address of the portal, the console and the mailbox."""
        return f"http://localhost:{self.web_port}"

    @property
    def sandbox_url(self) -> str:
        """The address of the processor's stand-in."""
        return f"http://localhost:{self.sandbox_port}"

    @property
    def products_url(self) -> str:
        """The address of the products that people log in to."""
        return f"http://localhost:{self.products_port}"

    @property
    def products_file(self) -> Path:
        """What the products know of their registration."""
        return self.home / "products.json"


@contextmanager
def running(addresses: Addresses) -> Iterator[None]:
    """Run all of a demo, its data loaded, until the block ends; then stop web, worker, sandbox, database."""
    settings = {
        "COMPTOIR_HOME": str(addresses.home),
        "COMPTOIR_DEMO": "1",
        "COMPTOIR_BASE_URL": os.environ.get("COMPTOIR_BASE_URL") or addresses.web_url,
        "STRIPE_API_KEY": API_KEY,
        "STRIPE_API_BASE": addresses.sandbox_url,
        # The products that people log in to, which are told at their back-channel addresses.
        "COMPTOIR_INTERNAL_PROGRAMS": "localhost",
    }
    os.environ.update(keep_in_home(addresses.home, settings))
    # Composed before our own way into the database is in it: each of the programs joins the database by itself,
    # so that it stays until the last of them has ended, even if we are killed.
    environment = os.environ | {"STRIPE_SANDBOX_KEY": API_KEY, "PYTHONUNBUFFERED": "1"}
    with addresses.processes as processes:

        def start(name: str, module: str, *options: str) -> None:
            log = addresses.home / "log" / f"{name}.log"
            argv = [sys.executable, "-m", module, *options]
            processes.start(Program(name=name, argv=argv, environment=environment, log=log))

        start("sandbox", "stripe_sandbox", "--port", str(addresses.sandbox_port))
        with comptoir_ready():
            migrate(verbosity=0)
            processes.wait_until_healthy(f"{addresses.sandbox_url}/healthz", seconds=HEALTHY_SECONDS)
            environment |= _webhook_settings(addresses)
            start("worker", "comptoir.cli", "worker")
            start("web", "comptoir.cli", "web", "--port", str(addresses.web_port))
            processes.wait_until_healthy(f"{addresses.web_url}/healthz", seconds=HEALTHY_SECONDS)
            _load_if_empty(addresses)
            environment |= {"COMPTOIR_PRODUCTS": str(addresses.products_file)}
            start("products", "comptoir.demo.product", str(addresses.products_port))
            processes.wait_until_healthy(f"{addresses.products_url}/healthz", seconds=HEALTHY_SECONDS)
            yield


def _webhook_settings(addresses: Addresses) -> dict[str, str]:
    """Have the sandbox tell the web server, and nobody else, what happens.

    It says the secret that signs its news once, so that is kept in the home, with the address it is for.
    """
    from comptoir.payments.operations import register_webhook

    url = f"{addresses.web_url}{WEBHOOK_PATH}"
    kept = home_environment(addresses.home)
    if kept.get("DEMO_WEBHOOK_URL") == url:
        return kept
    for endpoint in _ask_sandbox("GET", addresses, "/v1/webhook_endpoints")["data"]:
        _ask_sandbox("DELETE", addresses, f"/v1/webhook_endpoints/{endpoint['id']}")
    secret = register_webhook(url)
    return keep_in_home(addresses.home, {"STRIPE_WEBHOOK_SECRET": secret, "DEMO_WEBHOOK_URL": url})


def _ask_sandbox(method: str, addresses: Addresses, path: str) -> Any:
    headers = {"Authorization": f"Bearer {API_KEY}"}
    request = Request(f"{addresses.sandbox_url}{path}", headers=headers, method=method)  # noqa: S310  our own
    with build_opener(ProxyHandler({})).open(request, timeout=HEALTHY_SECONDS) as answer:
        return json.load(answer)


def _load_if_empty(addresses: Addresses) -> None:
    from django.db import connections

    from comptoir.demo import load

    load.load_if_empty()
    load.set_processors_clocks()
    load.register_products(kept=addresses.products_file, products_url=addresses.products_url)
    connections.close_all()
