"""The billing team gives back and gives up: within the own limit at once, above it when someone else allows it."""

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection
from django.utils.html import strip_tags

from comptoir.identity.models import User
from comptoir.invoicing.models import ApprovalLimit, Correction, CreditNote, Invoice, InvoiceBalance
from comptoir.mailer.models import Message
from comptoir.tenancy import doors
from comptoir.tenancy.models import Vendor
from tests import running
from tests.factories import issue_invoices, make_company, make_plan, make_subscription, make_vendor
from tests.web import WebClient

Staff = Callable[[str], User]


@pytest.fixture
def invoice(vendor: Vendor) -> Invoice:
    """An invoice of 300.00 for Arches."""
    company = make_company(vendor=vendor, name="Arches", billing_email="books@arches.example")
    make_subscription(company=company, plan=make_plan(vendor=vendor, price_minor=30_000, name="Office"))
    (issued,) = issue_invoices(vendor=vendor)
    running.work()
    return issued


def address(invoice: Invoice, *parts: str) -> str:
    return "/".join([f"/console/northwind/invoices/{invoice.public_id}", *parts, ""])


def text(web: WebClient, path: str) -> str:
    answer = web.get(path)
    assert answer.status_code == 200, path
    return " ".join(strip_tags(answer.content.decode()).split())


def credit(web: WebClient, invoice: Invoice, amount: str) -> str:
    """Ask for a credit on the first line, let the worker do what is allowed, and return the invoice's page."""
    typed = {"reason": "goodwill", "line_1": amount, "explanation": "the till was down"}
    answer = web.post(address(invoice, "credit"), typed, follow=True)
    running.work()
    return answer.content.decode()


def open_minor(invoice: Invoice) -> int:
    return InvoiceBalance.objects.get(invoice=invoice).open_minor


def test_a_clerk_gives_a_small_credit_at_once_and_the_customer_gets_the_note(
    web: WebClient, staff: Staff, invoice: Invoice
) -> None:
    web.force_login(staff("clerk"))
    assert "Up to $300.00" in text(web, address(invoice, "credit"))

    credit(web, invoice, "40.00")

    assert open_minor(invoice) == 26_000
    page = text(web, address(invoice))
    for seen in ("NOR-CN-000001", "the till was down", "$260.00", "Done"):
        assert seen in page
    note = CreditNote.objects.get()
    assert web.get(f"/console/northwind/credit-notes/{note.public_id}/pdf/").content.startswith(b"%PDF")
    mail = Message.objects.latest("id")
    assert (mail.to, mail.subject) == ("books@arches.example", "Credit note NOR-CN-000001: $40.00")
    assert "$40.00 is taken off what is open on the invoice." in mail.text
    assert "credited to your account" not in mail.text


def test_what_waits_is_allowed_by_somebody_else_also_where_the_own_limit_rises(
    web: WebClient, staff: Staff, vendor: Vendor, invoice: Invoice
) -> None:
    clerk, manager = staff("clerk"), staff("manager")
    web.force_login(clerk)
    credit(web, invoice, "150")
    asked = Correction.objects.get()
    ApprovalLimit.objects.create(vendor=vendor, role="clerk", limit_minor=50_000)
    assert "Allow it" not in text(web, "/console/northwind/corrections/")
    approve = f"/console/northwind/corrections/{asked.id}/approve/"
    refused = web.post(approve)
    assert refused.status_code == 409
    assert "You asked for this yourself" in refused.content.decode()
    for told in (
        "UPDATE invoicing_correction SET status = 'approved', approved_by = 'x', approved_role = 'clerk'",
        "INSERT INTO invoicing_correction (vendor_id, invoice_id, kind, lines, amount_minor, reason, explanation,"
        " status, requested_by, requested_by_user_id, approved_by, approved_role, outcome) SELECT vendor_id,"
        f" invoice_id, kind, lines, amount_minor, reason, explanation, 'requested', 'M', {manager.id}, '', '', '' FROM"
        " invoicing_correction",
    ):
        with (
            pytest.raises(DatabaseError, match=r"somebody else allows|in the own name"),
            doors.staff(user_id=clerk.id, vendor_id=vendor.id),
            connection.cursor() as cursor,
        ):
            cursor.execute(told)
    web.force_login(manager)
    assert "Allow it" in text(web, "/console/northwind/corrections/")
    web.post(approve)
    running.work()
    asked.refresh_from_db()
    assert (asked.status, open_minor(invoice)) == ("done", 15_000)


def test_a_large_credit_waits_for_a_manager(web: WebClient, staff: Staff, invoice: Invoice) -> None:
    clerk, manager = staff("clerk"), staff("manager")
    web.force_login(clerk)
    credit(web, invoice, "150")
    assert open_minor(invoice) == 30_000
    assert "Waits for someone with a higher limit" in text(web, address(invoice))
    asked = Correction.objects.get()
    approve = f"/console/northwind/corrections/{asked.id}/approve/"
    assert "Allow it" not in text(web, "/console/northwind/corrections/")
    assert web.post(approve).status_code == 409, "what a clerk may not allow is refused, whatever is sent"

    web.force_login(manager)
    assert "Allow it" in text(web, "/console/northwind/corrections/")
    web.post(approve)
    running.work()

    assert open_minor(invoice) == 15_000
    assert "Nothing waits" in text(web, "/console/northwind/corrections/")


def test_a_manager_turns_down_and_says_why(web: WebClient, staff: Staff, invoice: Invoice) -> None:
    web.force_login(staff("clerk"))
    credit(web, invoice, "150")
    web.force_login(staff("manager"))
    web.post(f"/console/northwind/corrections/{Correction.objects.get().id}/refuse/", {"why": "the till was up"})
    assert "Refused the till was up" in text(web, address(invoice))
    assert open_minor(invoice) == 30_000


def test_an_invoice_is_voided_or_written_off(web: WebClient, staff: Staff, invoice: Invoice) -> None:
    web.force_login(staff("manager"))
    web.post(address(invoice, "write-off"), {"explanation": "bankrupt"})
    running.work()
    assert open_minor(invoice) == 0
    assert "Write off what is open" not in text(web, address(invoice)).split("Corrections")[1]

    web.post(address(invoice, "void"), {"explanation": "issued to the wrong company"})
    running.work()

    assert "The company's credit" not in text(web, address(invoice))
    assert CreditNote.objects.get().total_minor == 30_000


def test_an_admin_sets_the_limits_and_nobody_else(web: WebClient, staff: Staff, invoice: Invoice) -> None:
    admin, manager = staff("admin"), staff("manager")
    path = "/console/northwind/corrections/limits/clerk/"
    web.force_login(manager)
    assert web.post(path, {"limit": "1"}).status_code == 403
    web.force_login(admin)
    assert 'value="100.00"' in web.get(path).content.decode()
    web.post(path, {"limit": "200"})
    assert ApprovalLimit.objects.get().limit_minor == 20_000
    web.force_login(staff("clerk"))
    credit(web, invoice, "150")
    assert open_minor(invoice) == 15_000


def test_too_much_or_nothing_is_said_on_the_form(web: WebClient, staff: Staff, invoice: Invoice) -> None:
    web.force_login(staff("clerk"))
    assert "has less left than that to give back" in credit(web, invoice, "300.01")
    nothing = credit(web, invoice, "")
    assert "an amount for one line at least" in nothing
    assert 'value="the till was down"' in nothing
    assert not Correction.objects.exists()


def test_an_auditor_looks_and_no_other_vendors_invoice_opens(web: WebClient, staff: Staff, invoice: Invoice) -> None:
    harbor = make_vendor(slug="harbor")
    make_subscription(company=make_company(vendor=harbor), plan=make_plan(vendor=harbor))
    (foreign,) = issue_invoices(vendor=harbor)
    web.force_login(staff("auditor"))
    assert "Give a credit" not in text(web, address(invoice))
    assert web.get(address(invoice, "credit")).status_code == 403
    web.force_login(staff("manager"))
    assert web.get(address(foreign)).status_code == 404
    assert web.get(address(foreign, "void")).status_code == 404
