"""The accountant reads the books at any day, follows a number to its postings, takes them along, and closes them."""

from collections.abc import Callable
from datetime import date

import pytest
from django.utils.html import strip_tags

from comptoir.identity.models import User
from comptoir.invoicing.models import Invoice
from comptoir.ledger.models import BookClosing, LedgerAccount
from comptoir.tenancy.models import Vendor
from tests.factories import issue_invoices, make_company, make_plan, make_subscription, make_vendor
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
