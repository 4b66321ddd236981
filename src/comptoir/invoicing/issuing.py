"""Writing invoices: a batch of many companies by COPY, in one transaction that PostgreSQL checks as a whole."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from django.db import connection

from comptoir.kit.copying import copy_rows, take_ids
from comptoir.ledger.operations import Entry, PostingLine, accounts, post, tax_accounts
from comptoir.taxes.calculation import borne
from comptoir.taxes.queries import jurisdiction_names
from comptoir.tenancy.queries import CompanyRow, VendorRow

from .calculation.invoices import InvoiceDue, due_date
from .models import InvoiceBatch, InvoiceKind
from .numbering import held_series

INVOICE_COLUMNS = (
    "id",
    "batch_id",
    "vendor_id",
    "company_id",
    "kind",
    "location_id",
    "issue_date",
    "due_date",
    "currency",
    "language",
    "bill_to",
    "purchase_order",
    "net_minor",
    "tax_minor",
    "total_minor",
)
LINE_COLUMNS = (
    "invoice_id",
    "position",
    "subscription_id",
    "charge_id",
    "location_id",
    "location_label",
    "description",
    "starts_on",
    "ends_on",
    "full_days",
    "unit_minor",
    "discount_minor",
    "amount_minor",
    "tax_positions",
    "tax_parts",
    "unit",
    "vat_category",
)
TAX_COLUMNS = (
    "invoice_id",
    "position",
    "jurisdiction_code",
    "name",
    "category",
    "rate",
    "taxable_minor",
    "tax_minor",
)

# What stands against the receivable, without taxes. Billed in advance, it is deferred until the days of service come.
CONTRA = {InvoiceKind.SERVICE: "deferred_revenue", InvoiceKind.OPENING: "opening_balance"}


class Draft(NamedTuple):
    """One invoice that a company is about to get. ``terms_days`` counts from when its first period starts."""

    company: CompanyRow
    due: InvoiceDue
    terms_days: int
    purchase_order: str = ""
    kind: InvoiceKind = InvoiceKind.SERVICE


class _Numbered(NamedTuple):
    """A draft with the id that its rows get, and its sums in minor units."""

    id: int
    draft: Draft
    net_minor: int
    tax_minor: int

    @property
    def total_minor(self) -> int:
        return self.net_minor + self.tax_minor


def issue(*, vendor: VendorRow, drafts: Sequence[Draft], issue_date: date, run_id: int | None = None) -> list[int]:
    """Issue an invoice per draft, posted on the issue date, and return their ids. All are of one kind.

    Must run in one transaction, in which the caller holds the companies' subscriptions. Whatever PostgreSQL has
    against a draft it says here. Numbers are taken last, under the series' lock: parallel workers wait only there.
    """
    batch = InvoiceBatch.objects.create(vendor_id=vendor.id, run_id=run_id, seller=seller_data(vendor))
    invoices = list(_take_ids(drafts))
    _write_invoices(invoices, vendor=vendor, batch_id=batch.id, issue_date=issue_date)
    _write_taxes(invoices)
    _write_lines(invoices)
    _post(invoices, vendor=vendor, issue_date=issue_date, reason=f"bill_run:{run_id}" if run_id else "opening")
    check_now()
    _number(batch_id=batch.id, vendor=vendor, kind=drafts[0].kind)
    return [invoice.id for invoice in invoices]


def check_now() -> None:
    """Let PostgreSQL check what this transaction has written so far, but for numbers, which come last."""
    checks = (
        "invoicing_check_batch_at_commit, ledger_check_batch_at_commit, invoicing_receivable_of_batch_at_commit,"
        " invoicing_credit_of_batch_at_commit"
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS {checks} IMMEDIATE")
        cursor.execute(f"SET CONSTRAINTS {checks} DEFERRED")


def check_all_now() -> None:
    """Let PostgreSQL say now, while one company's trouble can still be undone alone, what it would say at commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def bill_to(company: CompanyRow) -> Mapping[str, object]:
    """Return whom an invoice is made out to, as it is copied onto it."""
    ids = company.ids.as_data()
    return {
        "name": company.name,
        "number": company.number,
        "address_lines": list(company.address_lines),
        **({"ids": ids} if ids else {}),
    }


def seller_data(vendor: VendorRow) -> Mapping[str, object]:
    """Return who sells, as it is copied beside invoices and credit notes."""
    return {
        "legal_name": vendor.legal_name,
        "address_lines": list(vendor.address_lines),
        "ids": vendor.ids.as_data(),
        "late_penalty": None if vendor.late_penalty is None else str(vendor.late_penalty),
    }


def _take_ids(drafts: Sequence[Draft]) -> Iterator[_Numbered]:
    invoice_ids = take_ids(table="invoicing_invoice", count=len(drafts))
    for invoice_id, draft in zip(invoice_ids, drafts, strict=True):
        yield _Numbered(invoice_id, draft, draft.due.net_minor, draft.due.tax_minor)


def _write_invoices(invoices: Sequence[_Numbered], *, vendor: VendorRow, batch_id: int, issue_date: date) -> None:
    copy_rows(
        table="invoicing_invoice",
        columns=INVOICE_COLUMNS,
        rows=(
            (
                invoice.id,
                batch_id,
                vendor.id,
                draft.company.id,
                draft.kind.value,
                draft.due.location_id,
                _day(issue_date),
                _day(due_date(lines=draft.due.lines, issue_date=issue_date, terms_days=draft.terms_days)),
                vendor.currency,
                draft.company.language,
                json.dumps(bill_to(draft.company)),
                draft.purchase_order,
                invoice.net_minor,
                invoice.tax_minor,
                invoice.total_minor,
            )
            for invoice in invoices
            for draft in (invoice.draft,)
        ),
    )


def _write_taxes(invoices: Sequence[_Numbered]) -> None:
    taxed = [invoice for invoice in invoices if invoice.draft.due.taxes]
    if not taxed:
        return
    rates = {total.applicable for invoice in taxed for total in invoice.draft.due.taxes}
    names = jurisdiction_names(rate.jurisdiction_id for rate in rates)
    columns = {
        rate: (rate.jurisdiction_code, names[rate.jurisdiction_id], rate.category, str(rate.rate)) for rate in rates
    }
    copy_rows(
        table="invoicing_invoicetax",
        columns=TAX_COLUMNS,
        rows=(
            (invoice.id, position, *columns[total.applicable], total.taxable_minor, total.tax_minor)
            for invoice in taxed
            for position, total in enumerate(invoice.draft.due.taxes, 1)
        ),
    )


def _write_lines(invoices: Sequence[_Numbered]) -> None:
    copy_rows(
        table="invoicing_invoiceline",
        columns=LINE_COLUMNS,
        rows=(row for invoice in invoices for row in _line_rows(invoice)),
    )


def _line_rows(invoice: _Numbered) -> Iterator[tuple[object, ...]]:
    due = invoice.draft.due
    shares = borne(amounts=[line.amount_minor for line in due.lines], totals=due.taxes)
    for position, (line, (tax_positions, tax_parts)) in enumerate(zip(due.lines, shares, strict=True), 1):
        days = line.days
        yield (
            invoice.id,
            position,
            line.subscription_id,
            line.charge_id,
            line.location_id,
            line.location_label,
            line.description,
            _day(days.starts_on) if days else None,
            _day(days.ends_on) if days else None,
            line.full_days,
            line.unit_minor,
            line.discount_minor,
            line.amount_minor,
            _positions(tax_positions),
            _array(tax_parts),
            line.unit,
            line.vat_category,
        )


@lru_cache(maxsize=4_096)
def _day(day: date) -> str:
    """Write a day as COPY reads it. Of different days there are few, and the driver writes each anew."""
    return day.isoformat()


def _array(numbers: tuple[int, ...]) -> str:
    """Write an array as COPY reads it; the driver takes ten times as long."""
    return _array_of(len(numbers)) % numbers


@lru_cache(maxsize=256)
def _array_of(length: int) -> str:
    return f"{{{','.join(['%d'] * length)}}}"


# Of the positions of a line's taxes there are few.
_positions = lru_cache(maxsize=256)(_array)


def _post(invoices: Sequence[_Numbered], *, vendor: VendorRow, issue_date: date, reason: str) -> None:
    """Post what is owed; tax is owed at once."""
    account = accounts(vendor_id=vendor.id, currency=vendor.currency)
    owed_to = tax_accounts(
        vendor_id=vendor.id,
        currency=vendor.currency,
        jurisdiction_codes={
            total.applicable.jurisdiction_code for invoice in invoices for total in invoice.draft.due.taxes
        },
    )
    post(
        vendor_id=vendor.id,
        posted_on=issue_date,
        reason=reason,
        entries=[
            Entry(
                company_id=invoice.draft.company.id,
                description="invoice issued",
                postings=_postings(
                    invoice,
                    receivable=account["receivable"],
                    contra=account[CONTRA[invoice.draft.kind]],
                    owed_to=owed_to,
                ),
            )
            for invoice in invoices
            if invoice.total_minor
        ],
    )


def _postings(invoice: _Numbered, *, receivable: int, contra: int, owed_to: Mapping[str, int]) -> list[PostingLine]:
    return [
        PostingLine(receivable, invoice.total_minor, invoice.id),
        PostingLine(contra, -invoice.net_minor),
        *(
            PostingLine(owed_to[total.applicable.jurisdiction_code], -total.tax_minor)
            for total in invoice.draft.due.taxes
            if total.tax_minor
        ),
    ]


def _number(*, batch_id: int, vendor: VendorRow, kind: InvoiceKind) -> None:
    series_id = held_series(vendor=vendor, kind="opening" if kind is InvoiceKind.OPENING else "invoice")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO invoicing_invoicenumber (invoice_id, series_id, number)
            SELECT i.id, s.id, s.next_number + row_number() OVER (ORDER BY i.id) - 1
            FROM invoicing_invoice i JOIN invoicing_numberseries s ON s.id = %s WHERE i.batch_id = %s
            """,
            [series_id, batch_id],
        )
