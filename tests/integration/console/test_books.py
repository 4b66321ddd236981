"""The accountant reads the books at any day, follows a number to its postings, takes them along, and closes them."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import transaction
from django.utils.html import strip_tags

from comptoir.identity.models import User
from comptoir.invoicing.models import Invoice
from comptoir.kit.models import Event
from comptoir.ledger.models import BookClosing, LedgerAccount
from comptoir.payments.gateways.books import Movement, Payout
from comptoir.payments.models import Difference, ReconciledDay
from comptoir.payments.reconciling.fetching import Fetched, keep
from comptoir.tenancy.models import Vendor
from comptoir.tenancy.queries import vendor as vendor_row
from tests.factories import NOW, issue_invoices, make_company, make_plan, make_subscription, make_vendor
from tests.web import WebClient

Staff = Callable[[str], User]


@pytest.fixture
def invoice(vendor: Vendor) -> Invoice:
    """An invoice of 300.00, issued on September 16 and due on October 1, 2020."""
    company = make_company(vendor=vendor, name="=Arches", number="1001")
    make_subscription(company=company, plan=make_plan(vendor=vendor, price_minor=30_000))
    (issued,) = issue_invoices(vendor=vendor)
    return issued


def text(web: WebClient, path: str) -> str:
    answer = web.get(f"/console/northwind/books/{path}")
    assert answer.status_code == 200, path
    return " ".join(strip_tags(answer.content.decode()).split())


def test_every_number_leads_to_its_postings_and_leaves_as_csv(
    web: WebClient, staff: Staff, vendor: Vendor, invoice: Invoice
) -> None:
    web.force_login(staff("auditor"))
    assert "Nothing was posted by then" in text(web, "?on=2020-09-15")
    assert "Deferred revenue $300.00Receivable $300.00 Total$300.00$300.00" in text(web, "?on=2020-09-16")
    account = LedgerAccount.objects.get(vendor=vendor, code="receivable")
    page = text(web, f"{account.id}/?on=2020-10-31")
    for seen in ("2020-09", "NOR-000001", "=Arches", "invoice issued"):
        assert seen in page
    assert "=Arches1001 $300.00 $300.00" in text(web, "ageing/?on=2020-10-15")
    csv = web.get("/console/northwind/books/ageing/?on=2020-10-15&as=csv").content.decode()
    assert csv.splitlines()[1] == "1001,'=Arches,USD,0.00,300.00,0.00,0.00,0.00,300.00"
    balance = web.get("/console/northwind/books/?on=2020-10-15&as=csv").content.decode().splitlines()
    assert balance[1:] == ["deferred_revenue,,USD,0.00,300.00", "receivable,,USD,300.00,0.00"]
    months = web.get(f"/console/northwind/books/{account.id}/?on=2020-10-15&as=csv").content.decode().splitlines()
    assert months[-1] == "2020-10,-300.00,0.00,0.00,-300.00"
    assert "Enter a valid date" in text(web, "?on=nonsense")


def test_a_manager_closes_the_books_and_a_clerk_does_not(
    web: WebClient, staff: Staff, vendor: Vendor, invoice: Invoice
) -> None:
    typed = {"through": "2020-08-31", "reason": "August is over"}
    web.force_login(staff("clerk"))
    assert web.post("/console/northwind/books/close/", typed).status_code == 403
    web.force_login(staff("manager"))
    assert "Not closed through any day yet" in text(web, "")
    web.post("/console/northwind/books/close/", typed)
    assert BookClosing.objects.get().closed_through == date(2020, 8, 31)
    assert "Closed through Aug 31, 2020" in text(web, "")
    again = web.post("/console/northwind/books/close/", typed).content.decode()
    assert "closed through that day already, and are never opened again" in again


def test_no_other_vendors_account_opens(web: WebClient, staff: Staff, invoice: Invoice) -> None:
    harbor = make_vendor(slug="harbor")
    make_subscription(company=make_company(vendor=harbor), plan=make_plan(vendor=harbor))
    issue_invoices(vendor=harbor)
    web.force_login(staff("manager"))
    foreign = LedgerAccount.objects.filter(vendor=harbor)[0]
    assert web.get(f"/console/northwind/books/{foreign.id}/").status_code == 404


def test_what_differs_from_the_processors_books_is_settled_with_a_note(
    web: WebClient, staff: Staff, vendor: Vendor, invoice: Invoice, work: Callable[[], bool]
) -> None:
    web.force_login(staff("manager"))
    assert "Nothing was compared yet" in text(web, "processor/")
    books_of_the_processor(vendor)
    page = text(web, "processor/")
    for seen in ("Sep 16, 2020 $100.00 $3.20 $96.80", "What a payment moved", "$100.00 $98.00", "Needs a person"):
        assert seen in page, seen
    day = text(web, "processor/days/2020-09-16/")
    assert "Left unexplained$0.00" in day
    assert "$100.00 $3.20 $96.80 txn_1" in day
    payout = text(web, "processor/payouts/po_1/")
    assert "What it pays out adds up to it, to the cent." in payout
    assert "Total$100.00$3.20$96.80" in payout
    assert web.get("/console/northwind/books/processor/days/2020-09-17/").status_code == 404
    assert web.get("/console/northwind/books/processor/days/nonsense/").status_code == 404

    found = Difference.objects.get()
    path = f"/console/northwind/books/processor/differences/{found.public_id}/"
    assert "ours $100.00, theirs $98.00" in " ".join(strip_tags(web.get(path).content.decode()).split())
    assert b"This field is required" in web.post(path, {"why": ""}).content
    assert web.post(path, {"why": "Their clerk’s error; put right there."}).status_code == 302
    assert "put right there" in text(web, "processor/")
    assert web.post("/console/northwind/books/processor/again/").status_code == 302
    assert Event.objects.filter(name="reconciliation_requested", data={"on": "2020-09-16"}).exists()
    web.force_login(staff("clerk"))
    assert web.post(path, {"why": "x"}).status_code == 403


def books_of_the_processor(vendor: Vendor) -> None:
    """A payment of 100.00, 3.20 kept of it, the rest on its way; one figure is told otherwise than ours."""
    movement = Movement(
        id="txn_1",
        kind="payment",
        amount_minor=10_000,
        fee_minor=320,
        currency="USD",
        moved_at=NOW,
        intent_id="",
        source_id="",
    )
    payout = Payout(
        id="po_1",
        amount_minor=9_680,
        currency="USD",
        status="on_its_way",
        sent_at=NOW,
        arrives_on=date(2020, 9, 17),
        is_itemised=True,
    )
    with transaction.atomic():
        fetched = Fetched(movements=(movement,), payouts=(payout,), paid_out={"po_1": ("txn_1",)})
        keep(fetched, vendor=vendor_row(vendor.id))
    figures = {"back": 0, "fees": 320, "paid_out": -9_680, "clearing": 9_880, "balance": 0, "on_its_way": 9_680}
    ReconciledDay.objects.create(
        vendor=vendor,
        day=date(2020, 9, 16),
        currency="USD",
        came_minor=10_000,
        differing_minor=200,
        payments=1,
        compared_at=NOW,
        **{f"{name}_minor": minor for name, minor in figures.items()},
    )
    Difference.objects.create(
        vendor=vendor,
        kind="money",
        subject="pi_1",
        currency="USD",
        ours="10000",
        theirs="9800",
        found_on=date(2020, 9, 16),
    )
