"""A vendor with its account at the sandbox, a company with two invoices, and news over real HTTP."""

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import pytest
import stripe
from django.conf import settings as django_settings
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse
from pytest_django import DjangoDbBlocker, Settings

from comptoir.config.books import check_books
from comptoir.identity.models import User
from comptoir.invoicing.models import Invoice, InvoiceBalance
from comptoir.kit.clocks import wall_now
from comptoir.kit.models import Event
from comptoir.payments import operations
from comptoir.payments.agreeing import words_of_debit
from comptoir.payments.consent import Agreed, Consent, autopay_terms
from comptoir.payments.models import GatewayAccount, GatewayCustomer, Payment, PaymentMethod
from comptoir.payments.payer import Pages, Payer
from comptoir.payments.paying import Order, pay_with_saved_method
from comptoir.payments.policies import policy_of
from comptoir.payments.queries import method_label
from comptoir.payments.saving import start_saving
from comptoir.payments.tasks import submit_due_autopay
from comptoir.tenancy.audit import Actor
from comptoir.tenancy.models import Company, Vendor
from comptoir.tenancy.operations import set_business_date
from comptoir.tenancy.queries import company as company_row
from comptoir.tenancy.queries import vendor as vendor_row
from tests.databases import Database
from tests.factories import (
    TODAY,
    issue_invoices,
    make_company,
    make_member,
    make_plan,
    make_subscription,
    make_user,
    make_vendor,
)
from tests.integration.stripe_sandbox.conftest import Answer, Sandbox, filled
from tests.running import sandbox, wait_for_news, work
from tests.web import WebClient

__all__ = ["sandbox"]

# What tells two stories beside each other: what of it does not agree is to be said.
for telling in ("story", "money_in", "money_out"):
    pytest.register_assert_rewrite(f"tests.integration.payments.{telling}")

NEWS_TO_OTHERS = ("payment_succeeded", "payment_failed", "payment_returned", "payment_canceled")
WORKS = "000123456789"
NO_MONEY = "000222222227"
CLOSED = "000111111113"
COMES_BACK_LATER = "000444444440"
NOT_AUTHORISED_LATER = "000555555559"
CARD = "4242424242424242"
DECLINES_LATER = "4000000000000341"


@dataclass
class Mailbox:
    """Where the sandbox sends its news: kept as it came, and handed to the endpoint at once unless held back."""

    web: WebClient
    held_back: bool = False
    letters: list[tuple[bytes, str]] = field(default_factory=list)

    def hand_over(self, letter: tuple[bytes, str]) -> int:
        """Post a letter to the endpoint as the processor does; return the status."""
        body, signature = letter
        answer = self.web.post(
            "/webhooks/stripe", body, content_type="application/json", headers={"Stripe-Signature": signature}
        )
        return int(answer.status_code)

    def receive(self, letter: tuple[bytes, str]) -> int:
        """Take what the sandbox sends."""
        self.letters.append(letter)
        return 200 if self.held_back else self.hand_over(letter)


@pytest.fixture
def mailbox(
    web: WebClient, sandbox: Sandbox, settings: Settings, django_db_blocker: DjangoDbBlocker
) -> Iterator[Mailbox]:
    """The webhook endpoint, registered at the sandbox."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = box.receive((body, self.headers["Stripe-Signature"]))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    settings.STRIPE_API_KEY = "sk_test_story"
    settings.STRIPE_API_BASE = sandbox.url
    box = Mailbox(web=web)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    settings.STRIPE_WEBHOOK_SECRET = operations.register_webhook(f"http://127.0.0.1:{server.server_port}/")
    yield box
    for endpoint in sandbox.client.v1.webhook_endpoints.list().data:
        sandbox.client.v1.webhook_endpoints.delete(endpoint.id)
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class LossyProxy:
    """Stands before the sandbox; loses the answers to requests on ``loses``, after they were carried out.

    Reading ``refuses`` is answered with a plain no; posting to ``denies`` with the error ``denial``. ``seen`` is what
    was asked: verb, path, headers.
    """

    url: str
    loses: str = ""
    lost: int = 0
    refuses: str = ""
    denies: str = ""
    denial: dict[str, str] = field(default_factory=dict)
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)


@pytest.fixture
def proxy(sandbox: Sandbox) -> Iterator[LossyProxy]:
    """A network that may lose an answer."""

    class Handler(BaseHTTPRequestHandler):
        def _forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            known.seen.append((self.command, self.path, dict(self.headers)))
            if self.command == "POST" and known.denies and known.denies in self.path:
                self._answer(400, json.dumps({"error": known.denial}).encode())
                return
            asked = HTTPConnection("127.0.0.1", sandbox.port, timeout=30)
            asked.request(self.command, self.path, body=body, headers=dict(self.headers))
            answer = asked.getresponse()
            content = answer.read()
            asked.close()
            if self.command == "POST" and known.loses and known.loses in self.path:
                known.lost += 1
                self.close_connection = True
                return
            status = answer.status
            if self.command == "GET" and known.refuses and known.refuses in self.path:
                status, content = 403, b'{"error": {"type": "invalid_request_error", "message": "Not with this key."}}'
            self._answer(status, content)

        def _answer(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _forward  # noqa: N815  the server's names

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known = LossyProxy(url=f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield known
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class Shop:
    """Northwind; Arches, with invoices of 148.00 due on 1 October and 1 November; and Anna, who owns Arches."""

    sandbox: Sandbox
    mailbox: Mailbox
    web: WebClient
    vendor: Vendor
    company: Company
    anna: User
    invoices: list[Invoice]

    @property
    def account(self) -> str:
        return GatewayAccount.objects.get(vendor=self.vendor).account_id

    @property
    def options(self) -> stripe.RequestOptions:
        return {"stripe_account": self.account}

    @property
    def payer(self) -> Payer:
        vendor = vendor_row(self.vendor.id)
        return Payer(
            user_id=self.anna.id,
            actor=Actor(kind="customer", label="Anna", user_id=self.anna.id),
            company=company_row(self.company.id),
            vendor=vendor,
            language="en",
            today=vendor.business_date or TODAY,
            now=wall_now(),
        )

    @property
    def pages(self) -> Pages:
        return Pages(done=lambda of: f"https://portal.example/done/{of}", back=lambda of: "https://portal.example/back")

    def consent(self, *, kind: str = "us_bank_account") -> Consent:
        policy = policy_of(self.vendor.id)
        terms = autopay_terms(kind=kind, company_name=self.company.name, vendor=self.payer.vendor, policy=policy)
        return Consent(terms=terms, ip_address="192.0.2.7", user_agent="a browser")

    def agreed(self, order: Order, *, method: PaymentMethod | None = None) -> Order:
        """The order of whoever has read the words by which a bank is debited once for it."""
        words = words_of_debit(
            self.payer,
            kind=method.kind if method else "us_bank_account",
            amount_minor=order.amount_minor,
            currency="USD",
            method_label=method_label(method) if method else "",
        )
        assert words is not None
        return replace(order, agreed=Agreed(sha256=words.sha256, ip_address="192.0.2.7", user_agent="a browser"))

    def fill(self, url: str, number: str) -> Answer:
        """Type a test number on the hosted page, as a visitor does."""
        return self.sandbox.post_form(url, **filled(number))

    def save(self, number: str, *, autopay: bool = True) -> PaymentMethod:
        """Save a method on the hosted page, with or without consent to autopay; the worker has done its part."""
        kind = "card" if len(number) == 16 else "us_bank_account"
        consent = self.consent(kind=kind) if autopay else None
        url = start_saving(payer=self.payer, kind=kind, consent=consent, pages=self.pages)
        assert self.fill(url, number).status == 303
        self.settle()
        return PaymentMethod.objects.filter(company=self.company).latest("id")

    def pay_with(self, method: PaymentMethod, invoice: Invoice, *, amount_minor: int) -> None:
        """Pay something of an invoice by hand with a saved method; the worker has done its part."""
        order = self.agreed(Order(invoices=[invoice.public_id], amount_minor=amount_minor), method=method)
        pay_with_saved_method(payer=self.payer, order=order, method_public_id=method.public_id, reference=uuid4())
        self.settle()

    def live_until(self, day: date) -> None:
        """Move the vendor's clock and its account's at the processor, and let the worker do what follows."""
        self.move_clocks(day)
        self.settle()

    def move_clocks(self, day: date) -> None:
        """Move the vendor's clock and its account's at the processor; the worker has not woken up yet."""
        with transaction.atomic():
            set_business_date(vendor_id=self.vendor.id, day=day)
        operations.advance_gateway_clock(vendor_id=self.vendor.id, now=datetime.combine(day, time(12), tzinfo=UTC))

    def autopay(self, day: date) -> None:
        """Live until a day, and run its automatic payments."""
        self.live_until(day)
        submit_due_autopay(vendor_id=self.vendor.id, on=day)
        self.settle()

    def settle(self) -> None:
        """Do what the worker does, and wait for the news that this makes, until there is nothing left."""
        busy = True
        while busy:
            if not self.mailbox.held_back:
                wait_for_news(self.sandbox, self.account)
            busy = work()

    def payment(self) -> Payment:
        """The company's latest payment."""
        return Payment.objects.filter(company=self.company).latest("id")

    def balances(self) -> list[tuple[int, int]]:
        """Open and in flight, of each invoice."""
        rows = InvoiceBalance.objects.filter(invoice__company=self.company).order_by("invoice_id")
        return list(rows.values_list("open_minor", "in_flight_minor"))

    def told(self) -> list[str]:
        """What others were told of payments, in order."""
        return list(Event.objects.filter(name__in=NEWS_TO_OTHERS).order_by("id").values_list("name", flat=True))

    def charges(self) -> list[stripe.Charge]:
        """Every charge that the processor made of the company."""
        customer = GatewayCustomer.objects.get(company=self.company).customer_id
        return self.sandbox.client.v1.charges.list({"customer": customer, "limit": 100}, self.options).data

    def page(self, name: str, **arguments: object) -> str:
        return reverse(f"portal:{name}", kwargs={"company": self.company.public_id, **arguments})


def words_on(shown: HttpResponse) -> str:
    """What the form of a review gives back as agreed to; nothing where it shows no such words."""
    return next(iter(re.findall(r'name="terms" value="(\w+)"', shown.content.decode())), "")


@pytest.fixture
def shop(
    fresh_database: Database, mailbox: Mailbox, sandbox: Sandbox, web: WebClient, settings: Settings
) -> Iterator[Shop]:
    """The shop, on 16 September 2020. What is told to mail and paper is only written down here."""
    settings.EVENT_LISTENERS = {
        name: [listener for listener in listeners if listener.startswith("comptoir.payments.")]
        for name, listeners in django_settings.EVENT_LISTENERS.items()
    }
    shop = open_shop(mailbox=mailbox, sandbox=sandbox, web=web)
    web.force_login(shop.anna)
    yield shop
    assert check_books() == []


def open_shop(*, mailbox: Mailbox, sandbox: Sandbox, web: WebClient) -> Shop:
    """Open the shop; one beside others has rows of its own."""
    vendor = make_vendor(name="Northwind")
    company = make_company(vendor=vendor, name="Arches Burgers LLC")
    anna = make_member(company=company, user=make_user(name="Anna"))
    for price_minor in (9_900, 4_900):
        make_subscription(company=company, plan=make_plan(vendor=vendor, price_minor=price_minor))
    invoices = issue_invoices(vendor=vendor) + issue_invoices(vendor=vendor, through=date(2020, 11, 1))
    operations.open_gateway_account(vendor_id=vendor.id)
    return Shop(sandbox=sandbox, mailbox=mailbox, web=web, vendor=vendor, company=company, anna=anna, invoices=invoices)
