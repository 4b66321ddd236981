"""What is charged once is billed once: again after a void, never after it was withdrawn, whoever writes."""

import threading
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from comptoir.config.books import check_books
from comptoir.invoicing.corrections import carry_out, request_credit, request_void
from comptoir.invoicing.models import CreditReason, Invoice, InvoiceLine
from comptoir.subscriptions.errors import TermsRefused
from comptoir.subscriptions.models import ChargeWithdrawal, OneOffCharge
from comptoir.subscriptions.terms import NewCharge, charge_once, withdraw_charge
from comptoir.tenancy.models import Company, Vendor
from tests.databases import Database
from tests.factories import NOW, TESTS, issue_invoices, make_company, make_plan, make_vendor

OCTOBER, NOVEMBER = date(2020, 10, 1), date(2020, 11, 1)
ALLOWED = {"explanation": "the wrong company", "actor": TESTS, "role": "admin"}


@pytest.fixture
def vendor(fresh_database: Database) -> Vendor:
    return make_vendor(slug="northwind")


@pytest.fixture
def arches(vendor: Vendor) -> Company:
    """A company that is charged 200.00 for a training day."""
    company = make_company(vendor=vendor, name="Arches")
    charge = NewCharge(make_plan(vendor=vendor).product_id, None, "Training", 20_000, OCTOBER)
    charge_once(company_id=company.id, charge=charge, actor=TESTS)
    return company


def void(bill: Invoice) -> None:
    with transaction.atomic():
        asked = request_void(invoice_id=bill.id, **ALLOWED)  # type: ignore[arg-type]
    carry_out(correction_id=asked.id, now=NOW)


def withdraw(charge: OneOffCharge) -> None:
    with transaction.atomic():
        withdraw_charge(company_id=charge.company_id, charge_id=charge.id, reason="never held", actor=TESTS)


def test_a_voided_charge_is_billed_again_until_it_is_withdrawn(vendor: Vendor, arches: Company) -> None:
    (bill,) = issue_invoices(vendor=vendor)
    with pytest.raises(TermsRefused, match="billed or withdrawn already"):
        withdraw(OneOffCharge.objects.get())
    void(bill)
    (again,) = issue_invoices(vendor=vendor)
    assert (again.net_minor, InvoiceLine.objects.get(invoice=again).charge.repeats) == (  # type: ignore[union-attr]
        20_000,
        InvoiceLine.objects.get(invoice=bill).charge,
    )
    void(again)
    withdraw(OneOffCharge.objects.latest("id"))
    assert issue_invoices(vendor=vendor, through=NOVEMBER) == []
    assert check_books() == []


def test_what_was_given_back_in_full_before_the_void_is_not_billed_again(vendor: Vendor, arches: Company) -> None:
    product = OneOffCharge.objects.get().product_id
    charge_once(company_id=arches.id, charge=NewCharge(product, None, "Cabling", 5_000, OCTOBER), actor=TESTS)
    (bill,) = issue_invoices(vendor=vendor)
    training = InvoiceLine.objects.get(invoice=bill, description="Training")
    with transaction.atomic():
        asked = request_credit(
            invoice_id=bill.id,
            amounts={training.position: 20_000},
            reason=CreditReason.GOODWILL,
            **ALLOWED,  # type: ignore[arg-type]
        )
    carry_out(correction_id=asked.id, now=NOW)
    void(bill)
    (again,) = issue_invoices(vendor=vendor)
    assert again.net_minor == 5_000


def test_the_database_bills_no_withdrawn_charge_and_repeats_none_that_stands(vendor: Vendor, arches: Company) -> None:
    charge = OneOffCharge.objects.get()
    copied = "company_id, product_id, description, amount_minor, charge_on"
    again = f"INSERT INTO subscriptions_oneoffcharge ({copied}, repeats_id) SELECT {copied}, id"
    for sql in (
        f"{again} FROM subscriptions_oneoffcharge",
        "DELETE FROM subscriptions_chargewithdrawal",
        "UPDATE subscriptions_chargewithdrawal SET reason = 'x'",
    ):
        withdraw_in_it = "chargewithdrawal SET" in sql or "DELETE" in sql
        with pytest.raises(DatabaseError), transaction.atomic():
            if withdraw_in_it:
                withdraw(charge)
            with connection.cursor() as cursor:
                cursor.execute(sql)
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    withdraw(charge)
    assert issue_invoices(vendor=vendor) == []
    charge_once(company_id=arches.id, charge=NewCharge(charge.product_id, None, "Cabling", 5_000, OCTOBER), actor=TESTS)
    (bill,) = issue_invoices(vendor=vendor)
    with pytest.raises(DatabaseError, match="is withdrawn"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO invoicing_invoiceline (invoice_id, position, charge_id, location_label, description,"
            " unit_minor, discount_minor, amount_minor, tax_positions, tax_parts)"
            f" VALUES ({bill.id}, 9, {charge.id}, '', 'Training', 20000, 0, 20000, '{{}}', '{{}}')"
        )
    with pytest.raises(DatabaseError, match="it is credited, not withdrawn"), transaction.atomic():
        ChargeWithdrawal.objects.create(charge=OneOffCharge.objects.latest("id"), reason="x")


def test_one_session_withdraws_while_another_bills(fresh_database: Database, vendor: Vendor, arches: Company) -> None:
    """The bill run waits for whoever withdraws, and then bills nothing."""
    charge, issued = OneOffCharge.objects.get(), threading.Event()

    def bill() -> None:
        with fresh_database.as_owner():
            issue_invoices(vendor=vendor)
        issued.set()

    with transaction.atomic():
        withdraw_charge(company_id=arches.id, charge_id=charge.id, reason="never held", actor=TESTS)
        session = threading.Thread(target=bill)
        session.start()
        assert not issued.wait(1), "the bill run waits"
    session.join()
    assert not Invoice.objects.exists()
