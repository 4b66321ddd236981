"""An invoice over nothing, all of it waived by a discount, can be voided as any other; only what is zero may be so."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from comptoir.config.books import check_books
from comptoir.invoicing.corrections import carry_out, request_void
from comptoir.invoicing.errors import CreditRefused
from comptoir.invoicing.models import Correction, CreditNote, Invoice, InvoiceBalance
from comptoir.subscriptions.models import Discount, Subscription
from comptoir.tenancy.models import Vendor
from tests.databases import Database
from tests.factories import NOW, TESTS, issue_invoices, make_company, make_plan, make_subscription, make_vendor

OCTOBER = date(2020, 10, 1)
WHY = {"explanation": "wrong company", "actor": TESTS, "role": "clerk"}


@pytest.fixture
def vendor(fresh_database: Database) -> Vendor:
    """A vendor with a company that is given its one service for nothing."""
    made = make_vendor(slug="northwind")
    taken = make_subscription(company=make_company(vendor=made), plan=make_plan(vendor=made))
    Discount.objects.create(subscription=taken, kind="percent", basis_points=10_000, starts_on=OCTOBER)
    return made


def void(bill: Invoice) -> Correction:
    with transaction.atomic():
        asked = request_void(invoice_id=bill.id, **WHY)  # type: ignore[arg-type]
    carry_out(correction_id=asked.id, now=NOW)
    asked.refresh_from_db()
    return asked


def test_an_invoice_over_nothing_is_voided_and_its_days_are_billed_anew(vendor: Vendor) -> None:
    (bill,) = issue_invoices(vendor=vendor)
    assert bill.total_minor == 0

    asked = void(bill)

    assert (asked.status, asked.outcome, asked.amount_minor) == ("done", "", 0)
    note = CreditNote.objects.get()
    assert (note.total_minor, note.lines.get().starts_on) == (0, OCTOBER)
    assert InvoiceBalance.objects.get(invoice=bill).open_minor == 0
    assert Subscription.objects.get().billed_through == OCTOBER
    with pytest.raises(CreditRefused, match="Nothing is left"):
        void(bill)
    (again,) = issue_invoices(vendor=vendor)
    assert (again.total_minor, again.lines.get().starts_on) == (0, OCTOBER)
    assert check_books() == []


def test_the_database_takes_no_other_correction_over_nothing(vendor: Vendor) -> None:
    (bill,) = issue_invoices(vendor=vendor)
    for kind, amount_minor in (("credit", 0), ("write_off", 0), ("void", -1)):
        with pytest.raises(IntegrityError, match="correction_says_how_much_and_why"), transaction.atomic():
            Correction.objects.create(
                vendor=vendor,
                invoice=bill,
                kind=kind,
                amount_minor=amount_minor,
                reason="void",
                explanation="why",
                status="requested",
                requested_by="me",
            )
