"""Writing invoices: a batch of many companies by COPY, in one transaction that PostgreSQL checks as a whole."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from comptoir.kit.copying import copy_rows, take_ids
from comptoir.ledger.operations import Entry, PostingLine, accounts, post
from comptoir.tenancy.queries import CompanyRow, VendorRow

from .calculation.invoices import LineDue, due_date
from .models import InvoiceBatch, NumberSeries


@dataclass(frozen=True, slots=True)
class Draft:
    """What a company is about to be invoiced."""

    company: CompanyRow
    lines: Sequence[LineDue]

    @property
    def total_minor(self) -> int:
        """What the lines add up to."""
        return sum(line.amount_minor for line in self.lines)


@dataclass(frozen=True, slots=True)
class _Numbered:
    """A draft with the ids that its rows get."""

    id: int
    public_id: UUID
    draft: Draft
    line_ids: Sequence[int]


def issue(*, vendor: VendorRow, drafts: Sequence[Draft], issue_date: date, run_id: int) -> list[int]:
    """Issue an invoice per draft, posted on the issue date, and return their ids.

    Must run in one transaction, in which the caller holds the companies' subscriptions. Numbers are taken last, under
    the series' lock, so that parallel workers wait for each other only there.
    """
    batch = InvoiceBatch.objects.create(vendor_id=vendor.id, run_id=run_id)
    invoices = list(_take_ids(drafts))
    _write_invoices(invoices, vendor=vendor, batch_id=batch.id, issue_date=issue_date)
    _write_lines(invoices)
    _post(invoices, vendor=vendor, issue_date=issue_date, run_id=run_id)
    _write_numbers(invoices, vendor=vendor)
    return [invoice.id for invoice in invoices]


def _take_ids(drafts: Sequence[Draft]) -> Iterator[_Numbered]:
    invoice_ids = take_ids(table="invoicing_invoice", count=len(drafts))
    line_ids = iter(take_ids(table="invoicing_invoiceline", count=sum(len(draft.lines) for draft in drafts)))
    for invoice_id, draft in zip(invoice_ids, drafts, strict=True):
        own = [next(line_ids) for _line in draft.lines]
        yield _Numbered(id=invoice_id, public_id=uuid4(), draft=draft, line_ids=own)


def _write_invoices(invoices: Sequence[_Numbered], *, vendor: VendorRow, batch_id: int, issue_date: date) -> None:
    copy_rows(
        table="invoicing_invoice",
        columns=[
            "id",
            "public_id",
            "batch_id",
            "vendor_id",
            "company_id",
            "issue_date",
            "due_date",
            "currency",
            "language",
            "bill_to",
            "total_minor",
        ],
        rows=(
            (
                invoice.id,
                invoice.public_id,
                batch_id,
                vendor.id,
                invoice.draft.company.id,
                issue_date,
                due_date(lines=invoice.draft.lines, issue_date=issue_date, terms_days=vendor.terms_days),
                vendor.currency,
                invoice.draft.company.language,
                json.dumps(bill_to(invoice.draft.company)),
                invoice.draft.total_minor,
            )
            for invoice in invoices
        ),
    )
    copy_rows(
        table="invoicing_invoicebalance",
        columns=["invoice_id", "open_minor", "settled_at"],
        rows=(
            (invoice.id, invoice.draft.total_minor, None if invoice.draft.total_minor else "now")
            for invoice in invoices
        ),
    )


def bill_to(company: CompanyRow) -> Mapping[str, object]:
    """Return whom an invoice is made out to, as it is copied onto it."""
    return {"name": company.name, "number": company.number, "address_lines": list(company.address_lines)}


def _write_lines(invoices: Sequence[_Numbered]) -> None:
    copy_rows(
        table="invoicing_invoiceline",
        columns=[
            "id",
            "invoice_id",
            "position",
            "subscription_id",
            "location_id",
            "location_label",
            "description",
            "starts_on",
            "ends_on",
            "unit_minor",
            "amount_minor",
        ],
        rows=(
            (
                line_id,
                invoice.id,
                position,
                line.subscription_id,
                line.location_id,
                line.location_label,
                line.description,
                line.days.starts_on,
                line.days.ends_on,
                line.unit_minor,
                line.amount_minor,
            )
            for invoice in invoices
            for position, (line_id, line) in enumerate(zip(invoice.line_ids, invoice.draft.lines, strict=True), 1)
        ),
    )
    copy_rows(
        table="invoicing_coverage",
        columns=["subscription_id", "line_id", "starts_on", "ends_on"],
        rows=(
            (line.subscription_id, line_id, line.days.starts_on, line.days.ends_on)
            for invoice in invoices
            for line_id, line in zip(invoice.line_ids, invoice.draft.lines, strict=True)
        ),
    )


def _post(invoices: Iterable[_Numbered], *, vendor: VendorRow, issue_date: date, run_id: int) -> None:
    """Post what is owed: billed in advance, it is deferred until the days of service come."""
    account = accounts(vendor_id=vendor.id, currency=vendor.currency)
    post(
        vendor_id=vendor.id,
        posted_on=issue_date,
        reason=f"bill_run:{run_id}",
        entries=[
            Entry(
                company_id=invoice.draft.company.id,
                description="invoice issued",
                postings=(
                    PostingLine(account["receivable"], invoice.draft.total_minor, document_id=invoice.id),
                    PostingLine(account["deferred_revenue"], -invoice.draft.total_minor),
                ),
            )
            for invoice in invoices
            if invoice.draft.total_minor
        ],
    )


def _write_numbers(invoices: Sequence[_Numbered], *, vendor: VendorRow) -> None:
    NumberSeries.objects.get_or_create(vendor_id=vendor.id, defaults={"prefix": vendor.slug[:3].upper()})
    series = NumberSeries.objects.select_for_update().get(vendor_id=vendor.id)
    copy_rows(
        table="invoicing_invoicenumber",
        columns=["invoice_id", "series_id", "number"],
        rows=((invoice.id, series.id, series.next_number + offset) for offset, invoice in enumerate(invoices)),
    )
