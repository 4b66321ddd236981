"""Thousands of automatic debits while processor, network and webhooks break, beside the processor's own books."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from comptoir.config.books import check_books
from comptoir.config.business_day import run_business_day
from comptoir.identity.models import User
from comptoir.kit.clocks import wall_now
from comptoir.kit.events import pending
from comptoir.payments.consent import autopay_terms
from comptoir.payments.gateways import GatewayUnclear, PageRequest, SavedMethod
from comptoir.payments.models import Authorisation, GatewayCustomer, PaymentMethod
from comptoir.payments.operations import advance_gateway_clock, gateway_of, open_gateway_account, register_webhook
from comptoir.payments.policies import Policy
from comptoir.tenancy.models import Company
from comptoir.tenancy.operations import set_business_date
from comptoir.tenancy.queries import vendor as vendor_row

from .bill_run import THROUGH, bill, load
from .processes import SANDBOX_KEY, sandbox, web, workers
from .requests import free_port
from .scratch import scratch_database
from .settled import ATTEMPTS, compare

FAULT_SHARE = 0.05
FAULTS = ("rate_limit", "error", "time_out", "drop", "delay", "reorder", "duplicate")
# Of each hundred accounts most pay; some have no money, are closed, send it back days later, or were not asked.
SHARES = (92, 3, 2, 2, 1)
ACCOUNTS = tuple(number for number, share in zip(ATTEMPTS, SHARES, strict=True) for _each in range(share))
# Mixes them: in few companies there are some of each, too.
STRIDE = 37
# Until the last debit that was presented again has settled, and come back.
LIVES_DAYS = 32
SECONDS_A_DAY_MAY_TAKE = 7_200.0
VISITORS, WORKERS = 4, 2


def run(*, payments: int) -> dict[str, float | int]:
    """Debit ``payments`` companies on one day, faults of every kind at 5 %; return what the processor's books show.

    Raises RuntimeError when a day does not come to rest, or where our own books do not hold.
    """
    with TemporaryDirectory() as place, scratch_database() as url, _processor(Path(place)) as books:
        vendor_id = load(companies=payments, billed_from=THROUGH)
        account_id = open_gateway_account(vendor_id=vendor_id)
        banks = _save_methods(vendor_id)
        bill(vendor_id=vendor_id, through=THROUGH, workers=2)
        with _everything(url):
            _live(vendor_id, until=THROUGH - timedelta(days=1))
            _switch(account_id, seed=7, **dict.fromkeys(FAULTS, FAULT_SHARE))
            started = time.perf_counter()
            _live(vendor_id, until=THROUGH)
            seconds = time.perf_counter() - started
            _live(vendor_id, until=THROUGH + timedelta(days=LIVES_DAYS))
            _switch(account_id)
            _live(vendor_id, until=THROUGH + timedelta(days=LIVES_DAYS + 2))
        if breaches := check_books():
            raise RuntimeError(f"the books do not hold: {breaches}")
        found = compare(books=books, account_id=account_id, vendor_id=vendor_id, banks=banks)
    return {
        "payments": payments,
        "fault_share": FAULT_SHARE,
        "doubled": found.doubled,
        "forgotten": found.forgotten,
        "unexplained_minor": found.unexplained_minor,
        "per_second": round(payments / seconds, 1),
        "attempts": found.attempts,
        "came_back_minor": found.came_back_minor,
    }


@contextmanager
def _processor(place: Path) -> Iterator[Path]:
    """Run the stand-in, reached from here as from every process; yield the file of its own books."""
    with sandbox(place) as port:
        settings.STRIPE_API_KEY, settings.STRIPE_API_BASE = SANDBOX_KEY, f"http://127.0.0.1:{port}"
        yield place / "sandbox" / "sandbox.sqlite3"


@contextmanager
def _everything(url: str) -> Iterator[None]:
    """Serve the pages to the processor's news, and let workers work."""
    port = free_port()
    own = {
        "STRIPE_API_KEY": settings.STRIPE_API_KEY,
        "STRIPE_API_BASE": settings.STRIPE_API_BASE,
        "STRIPE_WEBHOOK_SECRET": register_webhook(f"http://127.0.0.1:{port}/webhooks/stripe"),
    }
    with web(url, settings=own, port=port), workers(url, count=WORKERS, settings=own):
        yield


def _save_methods(vendor_id: int) -> dict[str, str]:
    """Save a bank account of every company on the processor's page, with consent; return the accounts by customer."""
    vendor = vendor_row(vendor_id)
    gateway = gateway_of(vendor_id)
    companies = list(Company.objects.filter(vendor_id=vendor_id).order_by("id"))
    owner = User.objects.create(email="owner@bench.example", name="Owner")

    def save(numbered: tuple[int, Company]) -> tuple[Company, str, str, SavedMethod]:
        index, company = numbered
        number = ACCOUNTS[index * STRIDE % len(ACCOUNTS)]
        customer = gateway.create_customer(reference=str(company.public_id), name=company.name, number=company.number)
        page = gateway.open_setup_page(
            PageRequest(
                reference=str(uuid4()),
                customer_id=customer,
                kind="us_bank_account",
                currency=vendor.currency,
                language="en",
                success_url="https://portal.example/done",
                cancel_url="https://portal.example/back",
            )
        )
        _fill(page.url, number)
        saved = gateway.session(page.id).method
        if saved is None:
            raise RuntimeError(f"the processor did not save the account of company {company.number}")
        return company, customer, number, saved

    with ThreadPoolExecutor(VISITORS) as visitors:
        done = list(visitors.map(save, enumerate(companies)))
    now = wall_now()
    terms = autopay_terms(kind="us_bank_account", company_name="Bench", vendor=vendor, policy=Policy())
    with transaction.atomic():
        GatewayCustomer.objects.bulk_create(
            GatewayCustomer(company=company, customer_id=customer) for company, customer, _number, _saved in done
        )
        methods = PaymentMethod.objects.bulk_create(
            PaymentMethod(
                company=company,
                gateway_id=saved.id,
                kind=saved.kind,
                brand=saved.brand,
                last4=saved.last4,
                holder_type=saved.holder_type,
                saved_at=now,
                is_default=True,
            )
            for company, _customer, _number, saved in done
        )
        Authorisation.objects.bulk_create(
            Authorisation(
                company_id=method.company_id,
                method=method,
                text=terms.text,
                text_version=terms.version,
                text_sha256=terms.sha256,
                given_by=owner,
                given_by_label=owner.name,
                given_at=now,
                active_since=now,
            )
            for method in methods
        )
    return {customer: number for _company, customer, number, _saved in done}


def _fill(url: str, number: str) -> None:
    """Type a bank account on the processor's page."""
    form = {"method": "us_bank_account", "account_number": number, "routing_number": "110000000"}
    form |= {"holder_name": "Ada Owner", "holder_type": "company", "account_type": "checking"}
    _post(url, urlencode(form), kind="application/x-www-form-urlencoded")


def _switch(account_id: str, **shares: float) -> None:
    """Switch faults of the account on, the others off."""
    _post(
        f"{settings.STRIPE_API_BASE}/sandbox/accounts/{account_id}/faults", json.dumps(shares), kind="application/json"
    )


def _post(url: str, body: str, *, kind: str) -> None:
    parts = urlsplit(url)
    asked = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    try:
        asked.request("POST", parts.path, body=body, headers={"Content-Type": kind})
        status = asked.getresponse().status
    finally:
        asked.close()
    if status >= 400:
        raise RuntimeError(f"{parts.path} was answered {status}")


def _live(vendor_id: int, *, until: date) -> None:
    """Live day by day as ``config.business_day`` does, however long a day's work takes."""
    while (today := vendor_row(vendor_id).business_date) is not None and today < until:
        tomorrow = today + timedelta(days=1)
        with transaction.atomic():
            set_business_date(vendor_id=vendor_id, day=tomorrow)
        noon = datetime.combine(tomorrow, time_of_day(12), tzinfo=UTC)
        _wait(lambda noon=noon: _all_is_told(vendor_id, now=noon))  # type: ignore[misc]
        _wait(_is_quiet)
        run_business_day(vendor_id=vendor_id, day=tomorrow)
        _wait(_is_quiet)


def _wait(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS_A_DAY_MAY_TAKE
    while not done():
        if time.monotonic() > deadline:
            raise RuntimeError("the day does not come to rest")
        time.sleep(0.1)


def _all_is_told(vendor_id: int, *, now: datetime) -> bool:
    """Move the processor's clock, or ask again, until all of its news was taken."""
    try:
        advance_gateway_clock(vendor_id=vendor_id, now=now)
    except GatewayUnclear:
        return False
    return True


def _is_quiet() -> bool:
    """Whether no event waits, and no job but those that come by the clock, also none that is to be tried again."""
    return (
        not pending()
        and not ProcrastinateJob.objects.filter(
            status__in=["todo", "doing"], task_name__startswith="payments."
        ).exists()
    )
