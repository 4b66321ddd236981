"""Checks by set are made at commit. Told to speak before there is anything to speak of, they leave no way around."""

import pytest
from django.db import IntegrityError, connection, transaction

from comptoir.invoicing.models import CompanyCredit, CreditMovement, Invoice, NumberSeries
from comptoir.kit.copying import copy_rows
from comptoir.ledger.operations import Entry, PostingLine, accounts, post

from .conftest import ISSUED, Books
from .copied import NOVEMBER, copied_invoice, copied_number, of_the_first_company


def told_early(check: str) -> None:
    """Have one check made at each statement from now on, in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS {check}_at_commit IMMEDIATE")


def moved(books: Books, code: str, amount_minor: int, *, document_id: int | None = None) -> int:
    """Post an amount from an account of the first company's to the bank, and return the entry's id."""
    account = accounts(vendor_id=books.vendor_id, currency="USD")
    sides = [PostingLine(account["bank"], amount_minor), PostingLine(account[code], -amount_minor, document_id)]
    company_id = Invoice.objects.earliest("id").company_id
    (entry_id,) = post(
        vendor_id=books.vendor_id, posted_on=ISSUED, reason="by hand", entries=[Entry(company_id, "by hand", sides)]
    )
    return entry_id


def test_no_receivable_is_moved_beside_what_is_open(issued: Books) -> None:
    with pytest.raises(IntegrityError, match="the journal batch is closed"), transaction.atomic():
        told_early("invoicing_receivable_of_batch")
        moved(issued, "receivable", 100, document_id=Invoice.objects.earliest("id").id)


def test_no_credit_is_moved_without_saying_so(issued: Books) -> None:
    with pytest.raises(IntegrityError, match="the journal batch is closed"), transaction.atomic():
        told_early("invoicing_credit_of_batch")
        moved(issued, "customer_credit", 100)


def test_no_more_credit_is_moved_than_was_said(issued: Books) -> None:
    bill, account = Invoice.objects.earliest("id"), accounts(vendor_id=issued.vendor_id, currency="USD")
    with pytest.raises(IntegrityError, match="the journal batch is closed"), transaction.atomic():
        told_early("invoicing_movement_is_posted")
        entry_id = moved(issued, "customer_credit", 100)
        credit = CompanyCredit.objects.create(company_id=bill.company_id, currency="USD")
        CreditMovement.objects.create(credit=credit, entry_id=entry_id, amount_minor=100)
        copy_rows(
            table="ledger_posting",
            columns=["entry_id", "position", "account_id", "company_id", "amount_minor"],
            rows=[
                (entry_id, 3, account["bank"], bill.company_id, 50),
                (entry_id, 4, account["customer_credit"], bill.company_id, -50),
            ],
        )


def test_no_invoice_is_issued_without_its_number(issued: Books) -> None:
    with pytest.raises(IntegrityError, match="the invoice batch is closed"), transaction.atomic():
        told_early("invoicing_batch_is_numbered")
        copied_invoice(issued, lines=[(of_the_first_company(), *NOVEMBER, 4_900)])


def test_no_invoice_of_the_old_system_is_brought_twice(issued: Books) -> None:
    series = NumberSeries.objects.create(vendor_id=issued.vendor_id, kind="opening", prefix="OLD")

    def bring() -> None:
        brought = copied_invoice(issued, lines=[(None, None, None, 4_900)], kind="opening")
        copied_number(brought, of={"id": series.id})

    with transaction.atomic():
        bring()
    with pytest.raises(IntegrityError, match="was brought here before"), transaction.atomic():
        bring()
    with pytest.raises(IntegrityError, match="the invoice batch is closed"), transaction.atomic():
        told_early("invoicing_opening_once")
        bring()
