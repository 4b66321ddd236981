"""A sandbox process of its own, the real SDK before it, and a receiver for its webhooks."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import stripe

SRC = Path(__file__).resolve().parents[3] / "src"
START = "2020-09-16T12:00:00Z"


@dataclass
class Answer:
    """What a page or a control answered."""

    status: int
    text: str
    location: str


@dataclass
class Sandbox:
    """A running sandbox."""

    process: subprocess.Popen[bytes]
    port: int
    home: Path
    client: stripe.StripeClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = stripe.StripeClient("sk_test_story", base_addresses={"api": self.url}, max_network_retries=0)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, verb: str, url: str, body: str = "", kind: str = "application/json") -> Answer:
        """Sends what a browser would send, and does not follow where it leads."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(verb, urlsplit(url).path, body=body.encode(), headers={"Content-Type": kind})
            response = connection.getresponse()
            return Answer(response.status, response.read().decode(), response.headers.get("Location", ""))
        finally:
            connection.close()

    def post_form(self, url: str, **fields: str) -> Answer:
        return self.ask("POST", url, urlencode(fields), "application/x-www-form-urlencoded")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_free(port: int) -> None:
    """Waits until a killed sandbox's worker has noticed and gone."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                time.sleep(0.05)
            else:
                return
    pytest.fail(f"Port {port} is still taken.")


def start_sandbox(home: Path, port: int) -> Sandbox:
    environment = {
        **os.environ,
        "COMPTOIR_HOME": str(home),
        "STRIPE_SANDBOX_KEY": "sk_test_story",
        "STRIPE_SANDBOX_WAIT_SECONDS": "20",
        "PYTHONPATH": str(SRC),
    }
    command = [sys.executable, "-m", "stripe_sandbox", "--port", str(port)]
    log = (home / "sandbox.log").open("ab")
    process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    log.close()
    sandbox = Sandbox(process=process, port=port, home=home)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if sandbox.ask("GET", "/healthz").status == 200:
                return sandbox
        except OSError:
            time.sleep(0.05)
    process.kill()
    process.wait()
    pytest.fail(f"The sandbox did not start: {(home / 'sandbox.log').read_text()}")


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    running = start_sandbox(tmp_path_factory.mktemp("sandbox"), free_port())
    yield running
    running.process.terminate()
    assert running.process.wait(timeout=15) == 0


@dataclass
class Receiver:
    """Whoever runs the billing system: takes events, or refuses the first few."""

    url: str
    refuse: int = 0
    requests: list[tuple[bytes, str]] = field(default_factory=list)
    secret: str = ""

    def events(self, account: str) -> list[stripe.Event]:
        """The events of an account, each with its signature verified."""
        verified = [stripe.Webhook.construct_event(body, given, self.secret) for body, given in self.requests]
        return [event for event in verified if event.account == account]


@contextmanager
def listening(port: int = 0) -> Iterator[Receiver]:
    """A receiver of webhooks on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            known.requests.append((body, self.headers["Stripe-Signature"]))
            refused, known.refuse = known.refuse > 0, known.refuse - 1
            self.send_response(500 if refused else 200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    known = Receiver(url=f"http://127.0.0.1:{server.server_port}/webhooks/stripe?from=sandbox")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield known
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def receiver(sandbox: Sandbox) -> Iterator[Receiver]:
    with listening() as known:
        yield from registered(sandbox, known)


def registered(sandbox: Sandbox, known: Receiver) -> Iterator[Receiver]:
    endpoint = sandbox.client.v1.webhook_endpoints.create({"url": known.url, "enabled_events": ["*"], "connect": True})
    assert endpoint.secret
    known.secret = endpoint.secret
    yield known
    sandbox.client.v1.webhook_endpoints.delete(endpoint.id)


@dataclass
class Vendor:
    """One vendor's connected account and one customer of it."""

    sandbox: Sandbox
    account: str
    customer: str

    @property
    def options(self) -> stripe.RequestOptions:
        return {"stripe_account": self.account}

    def open_page(self, mode: str, **more: Any) -> stripe.checkout.Session:
        """Opens a hosted page; to pay 125.00 where it pays."""
        price = {"currency": "usd", "unit_amount": 12_500, "product_data": {"name": "Invoice 7"}}
        asked: dict[str, Any] = {
            "mode": mode,
            "customer": self.customer,
            "allowed_payment_method_types": ["us_bank_account", "card"],
            "success_url": "https://portal.example/done?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "https://portal.example/back",
            "metadata": {"reference": "r1"},
            **({"line_items": [{"price_data": price, "quantity": 1}]} if mode == "payment" else {}),
            **more,
        }
        return self.sandbox.client.v1.checkout.sessions.create(asked, self.options)  # type: ignore[arg-type]

    def save(self, number: str, **changed: str) -> str:
        """Saves a method through the hosted page and gives its id."""
        session = self.open_page("setup")
        assert session.url
        answer = self.sandbox.post_form(session.url, **filled(number, **changed))
        assert answer.status == 303, answer.text
        done = self.sandbox.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent"]}, self.options)
        assert isinstance(done.setup_intent, stripe.SetupIntent)
        assert isinstance(done.setup_intent.payment_method, str)
        return done.setup_intent.payment_method

    def debit(self, method: str, amount: int = 9_900, **more: Any) -> stripe.PaymentIntent:
        """Takes a payment from a saved method."""
        asked: Any = {
            "amount": amount,
            "currency": "usd",
            "customer": self.customer,
            "payment_method": method,
            "off_session": True,
            "confirm": True,
            "metadata": {"payment": "p1"},
            **more,
        }
        return self.sandbox.client.v1.payment_intents.create(asked, self.options)

    def debit_with_key(self, method: str, key: str) -> stripe.PaymentIntent:
        """Takes 5.00 from a method, once for the key."""
        asked: Any = {"amount": 500, "currency": "usd", "customer": self.customer, "confirm": True}
        asked["payment_method"] = method
        options: Any = {**self.options, "idempotency_key": key}
        return self.sandbox.client.v1.payment_intents.create(asked, options)

    def set_clock(self, instant: str) -> dict[str, Any]:
        url = f"/sandbox/accounts/{self.account}/clock"
        answer = self.sandbox.ask("POST", url, f'{{"now": "{instant}"}}')
        assert answer.status == 200, answer.text
        told: dict[str, Any] = json.loads(answer.text)
        return told

    def intent(self, identifier: str) -> stripe.PaymentIntent:
        return self.sandbox.client.v1.payment_intents.retrieve(identifier, {"expand": ["latest_charge"]}, self.options)


def filled(number: str, **changed: str) -> dict[str, str]:
    """A hosted page's form, as a visitor fills it in."""
    if len(number) == 16:
        form = {"method": "card", "number": number, "expiry": "12 / 34", "cvc": "123"}
        form |= {"name": "Ada Owner", "postal_code": "94107"}
    else:
        form = {"method": "us_bank_account", "account_number": number, "routing_number": "110000000"}
        form |= {"holder_name": "Ada Owner", "holder_type": "company", "account_type": "checking"}
    return {**form, **changed}


@pytest.fixture
def make_vendor(sandbox: Sandbox) -> Callable[[], Vendor]:
    def make() -> Vendor:
        account = sandbox.client.v1.accounts.create(
            {
                "business_profile": {"name": "Forkful Software"},
                "country": "US",
                "metadata": {"sandbox_clock": START},
            }
        )
        customer = sandbox.client.v1.customers.create(
            {"email": "ada@example.com", "name": "Ada"}, {"stripe_account": account.id}
        )
        return Vendor(sandbox, account.id, customer.id)

    return make


@pytest.fixture
def vendor(make_vendor: Callable[[], Vendor]) -> Vendor:
    return make_vendor()
