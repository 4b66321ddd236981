"""The rules of issued invoices, attacked around the ORM."""

import pytest
from django.db import IntegrityError, connection, transaction

from .conftest import Books


def attack(statement: str) -> None:
    """Run SQL as the database's owner, and commit."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE invoicing_invoice SET total_minor = 1",
        "DELETE FROM invoicing_invoice",
        "TRUNCATE invoicing_invoice CASCADE",
        "UPDATE invoicing_invoiceline SET amount_minor = 1",
        "DELETE FROM invoicing_coverage",
        "UPDATE invoicing_invoicenumber SET number = number + 10",
        "DELETE FROM invoicing_invoicebalance",
        "UPDATE invoicing_invoicebatch SET closed = false",
        "UPDATE invoicing_numberseries SET next_number = 100",
        "UPDATE ledger_posting SET amount_minor = 1",
        "DELETE FROM ledger_journalentry",
        "TRUNCATE ledger_posting",
        "UPDATE ledger_journalbatch SET posted_on = '2020-01-01'",
        "UPDATE ledger_journalentry SET description = 'x'",
        "UPDATE invoicing_billrunitem SET planned_minor = 1",
        "UPDATE invoicing_billrunitem SET company_id = company_id + 1",
        "UPDATE invoicing_billrunitem SET credit_minor = 1",
        "UPDATE invoicing_numberseries SET id = id + 1000",
        "UPDATE invoicing_billrun SET id = id + 1000",
        "UPDATE ledger_ledgeraccount SET id = id + 1000",
        "INSERT INTO ledger_ledgeraccount (vendor_id, code, part, currency)"
        " SELECT id, 'tax_payable', 'US-IL', currency FROM tenancy_vendor;"
        "UPDATE ledger_ledgeraccount SET part = 'US-NY' WHERE code = 'tax_payable'",
        "DELETE FROM tenancy_company",
        "UPDATE tenancy_company SET billed_since = NULL",
        "UPDATE tenancy_company SET billed_since = '2020-12-01'",
    ],
)
def test_what_is_issued_and_posted_never_changes(issued: Books, statement: str) -> None:
    with pytest.raises(IntegrityError, match=r"does not change|tenancy_company is kept"):
        attack(statement)


def test_what_belongs_to_it_is_not_deleted(issued: Books) -> None:
    for table in (
        "invoicing_invoiceline",
        "invoicing_invoicenumber",
        "invoicing_invoicebatch",
        "invoicing_numberseries",
        "invoicing_billrun",
        "invoicing_billrunpart",
        "invoicing_billrunitem",
        "ledger_ledgeraccount",
        "ledger_journalbatch",
        "ledger_posting",
    ):
        with pytest.raises(IntegrityError, match=f"DELETE of {table} is refused"):
            attack(f"DELETE FROM {table}")


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        (
            "INSERT INTO invoicing_invoiceline (invoice_id, position, subscription_id, location_label, description,"
            " starts_on, ends_on, full_days, unit_minor, amount_minor, tax_positions, tax_parts)"
            " SELECT id, 9, 1, '', 'late', '2020-11-01', '2020-12-01', 30, 1, 1, '{}', '{}' FROM invoicing_invoice",
            "the invoice is issued",
        ),
        (
            "INSERT INTO ledger_journalentry (batch_id, description) SELECT id, 'late' FROM ledger_journalbatch",
            "journal batch is closed",
        ),
        (
            "INSERT INTO ledger_posting (entry_id, position, account_id, company_id, amount_minor)"
            " SELECT entry_id, position + 10, account_id, company_id, 5 FROM ledger_posting",
            "journal batch is closed",
        ),
        (
            "INSERT INTO invoicing_coverage (invoice_id, position, subscription_id, starts_on, ends_on, live_until)"
            " SELECT invoice_id, 9, subscription_id, '2020-11-01', '2020-12-01', '2020-12-01'"
            " FROM invoicing_invoiceline",
            "coverage is written by its line",
        ),
        (
            "UPDATE invoicing_invoicebalance SET open_minor = 0, settled_at = now()",
            "is not what is open",
        ),
        ("UPDATE invoicing_invoicebalance SET in_flight_minor = open_minor + 1", "payable_is_not_negative"),
        ("UPDATE invoicing_invoicebalance SET in_flight_minor = -1", "payable_is_not_negative"),
        ("UPDATE invoicing_invoicebalance SET settled_at = now()", "settled_invoice_has_its_time"),
        ("UPDATE subscriptions_subscription SET billed_through = '2020-12-01'", "moved by coverage alone"),
        (
            "UPDATE subscriptions_subscription SET billed_from = '2020-12-01', billed_through = '2020-12-01'",
            "moved by coverage alone",
        ),
    ],
)
def test_nothing_is_added_to_what_is_closed(issued: Books, statement: str, refusal: str) -> None:
    with pytest.raises(IntegrityError, match=refusal):
        attack(statement)


def post(books: Books, *amounts: int, document: str = "NULL") -> None:
    """Write a journal entry by hand, one posting per amount, all to deferred revenue."""
    values = ", ".join(
        f"((SELECT max(id) FROM ledger_journalentry), {position}, (SELECT id FROM ledger_ledgeraccount WHERE code = "
        f"'deferred_revenue'), (SELECT min(id) FROM tenancy_company), {document}, {amount})"
        for position, amount in enumerate(amounts, 1)
    )
    attack(
        f"INSERT INTO ledger_journalbatch (vendor_id, posted_on, reason) VALUES ({books.vendor_id}, '2020-10-01', 'x');"
        "INSERT INTO ledger_journalentry (batch_id, description) SELECT max(id), 'x' FROM ledger_journalbatch;"
        f"INSERT INTO ledger_posting (entry_id, position, account_id, company_id, document_id, amount_minor)"
        f" VALUES {values}"
    )


def test_an_entry_must_balance(issued: Books) -> None:
    with pytest.raises(IntegrityError, match="does not balance"):
        post(issued, 100, -99)


def test_an_entry_has_two_postings_at_least(issued: Books) -> None:
    with pytest.raises(IntegrityError, match="posting_is_not_zero"):
        post(issued, 0)
    with pytest.raises(IntegrityError, match="does not balance"):
        attack(
            "INSERT INTO ledger_journalbatch (vendor_id, posted_on, reason)"
            f" VALUES ({issued.vendor_id}, '2020-10-01', 'x');"
            "INSERT INTO ledger_journalentry (batch_id, description) SELECT max(id), 'x' FROM ledger_journalbatch"
        )


def test_only_the_receivable_names_a_document(issued: Books) -> None:
    with pytest.raises(IntegrityError, match="does not balance, or"):
        post(issued, 100, -100, document="(SELECT min(id) FROM invoicing_invoice)")


def test_a_balanced_entry_is_taken(issued: Books) -> None:
    post(issued, 100, -100)


BARE_INVOICE = """
    INSERT INTO invoicing_invoicebatch (vendor_id) VALUES ({vendor_id});
    INSERT INTO invoicing_invoice (public_id, batch_id, vendor_id, company_id, issue_date, due_date, currency, language,
        bill_to, net_minor, tax_minor, total_minor)
    SELECT gen_random_uuid(), max(b.id), max(b.vendor_id), min(c.id), '2020-10-01', '2020-10-01', 'USD', 'en', '{{}}',
        100, 0, 100 FROM invoicing_invoicebatch b, tenancy_company c;
"""
NUMBER_IT = """
    INSERT INTO invoicing_invoicenumber (invoice_id, series_id, number)
    SELECT max(i.id), max(s.id), max(s.next_number) + {leap} FROM invoicing_numberseries s, invoicing_invoice i;
"""


def test_an_invoice_without_its_number_is_refused(issued: Books) -> None:
    with pytest.raises(IntegrityError, match="lacks its number"):
        attack(BARE_INVOICE.format(vendor_id=issued.vendor_id))


def test_an_invoice_without_its_posting_is_refused(issued: Books) -> None:
    with pytest.raises(IntegrityError, match="lacks its posting"):
        attack(BARE_INVOICE.format(vendor_id=issued.vendor_id) + NUMBER_IT.format(leap=0))


def test_a_number_must_follow_its_series(issued: Books) -> None:
    with pytest.raises(IntegrityError, match="without a gap"):
        attack(BARE_INVOICE.format(vendor_id=issued.vendor_id) + NUMBER_IT.format(leap=1))


def test_service_must_have_begun_here_unbilled(issued: Books) -> None:
    with pytest.raises(IntegrityError, match="moved by coverage alone"):
        attack(
            "INSERT INTO subscriptions_subscription (vendor_id, company_id, plan_id, legacy_key, anchor_day, starts_on,"
            " billed_from, billed_through) SELECT vendor_id, company_id, plan_id, '', 1, starts_on,"
            " billed_from, billed_through FROM subscriptions_subscription LIMIT 1"
        )
