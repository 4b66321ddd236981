"""From what the domain knows to the plain data that documents are set from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

from django.utils.translation import gettext_lazy as _

from comptoir.documents.data import (
    AutopayNote,
    Brand,
    CheckSlip,
    InvoiceDocument,
    Line,
    Logo,
    LogoMediaType,
    PaidInvoice,
    Party,
    ReceiptDocument,
    TaxCategory,
    TaxLine,
)
from comptoir.invoicing.credit_queries import CreditNoteDetail
from comptoir.invoicing.issuing import seller_data
from comptoir.invoicing.preview import InvoicePreview
from comptoir.invoicing.queries import InvoiceDetail, InvoiceRow, LineRow, TaxRow
from comptoir.kit.countries import EUROPEAN_UNION
from comptoir.kit.money import percent
from comptoir.payments.queries import PaymentRow
from comptoir.subscriptions.calculation.proration import prorate_days
from comptoir.tenancy.legal_ids import LegalIds, from_data
from comptoir.tenancy.queries import CompanyRow, VendorRow, vendor_logo

from .legal import late_payment_notes, paper_of, printed_ids

SHARE_OF_A_PERIOD = Decimal("0.000001")
# Why no tax falls on a line, by its category (UNTDID 5305); reverse charge must be named on the invoice.
NOT_TAXED = {
    "AE": _("Reverse charge: the customer owes the tax"),
    "E": _("Exempt from tax"),
    "O": _("No tax is collected here"),
    "Z": _("Zero rate"),
}


def brand(vendor: VendorRow) -> Brand:
    """Return the vendor as its papers show it today."""
    return Brand(
        name=vendor.name,
        legal_name=vendor.legal_name,
        address=vendor.address_lines,
        colour=vendor.colour,
        logo=_logo(vendor),
        email=vendor.email,
        phone=vendor.phone,
        tax_ids=printed_ids(vendor.ids),
        ids=vendor.ids,
        paper=paper_of(vendor.ids),
    )


def party(company: CompanyRow) -> Party:
    """Return a company as papers address it today."""
    return Party(name=company.name, address=company.address_lines, number=company.number)


def invoice_paper(
    *, invoice: InvoiceDetail, seller: Mapping[str, Any], vendor: VendorRow, payment: AutopayNote | CheckSlip | None
) -> InvoiceDocument:
    """Return an issued invoice as a document, with how it is going to be paid.

    ``seller`` is who sold when it was issued; the vendor's look is today's. Must run in the invoice's language.
    """
    row = invoice.row
    sold_by = _as_sold(vendor, seller)
    return InvoiceDocument(
        kind="invoice",
        number=row.number,
        issued_on=row.issue_date,
        due_on=row.due_date,
        brand=sold_by,
        bill_to=_as_billed(invoice.bill_to, seller=sold_by.ids),
        lines=_lines(invoice.lines),
        subtotal_minor=sum(line.amount_minor for line in invoice.lines),
        taxes=_taxes(invoice.taxes, invoice.lines, language=invoice.language),
        purchase_order=row.purchase_order or None,
        total_minor=row.total_minor,
        currency=row.currency,
        language=invoice.language,
        payment=payment,
        notes=late_payment_notes(seller, language=invoice.language),
    )


def credit_note_paper(*, note: CreditNoteDetail, vendor: VendorRow) -> InvoiceDocument:
    """Return a credit note as a document that names the invoice which it corrects.

    Must run in the note's language.
    """
    row = note.row
    sold_by = _as_sold(vendor, note.seller)
    return InvoiceDocument(
        kind="credit_note",
        number=row.number,
        issued_on=row.issue_date,
        due_on=None,
        brand=sold_by,
        bill_to=_as_billed(note.bill_to, seller=sold_by.ids),
        lines=_lines(note.lines),
        subtotal_minor=sum(line.amount_minor for line in note.lines),
        taxes=_taxes(note.taxes, note.lines, language=note.language),
        total_minor=row.total_minor,
        currency=row.currency,
        language=note.language,
        corrects=row.invoice_number,
    )


def sample_paper(*, preview: InvoicePreview, vendor: VendorRow) -> InvoiceDocument:
    """Return an invoice that was never issued, marked as a sample.

    Must run in its language.
    """
    return InvoiceDocument(
        kind="sample",
        number=None,
        issued_on=preview.issue_date,
        due_on=preview.due_date,
        brand=brand(vendor),
        bill_to=_as_billed(preview.bill_to, seller=vendor.ids),
        lines=_lines(preview.lines),
        subtotal_minor=preview.net_minor,
        taxes=_taxes(preview.taxes, preview.lines, language=preview.language),
        purchase_order=preview.purchase_order or None,
        total_minor=preview.total_minor,
        currency=preview.currency,
        language=preview.language,
        notes=late_payment_notes(seller_data(vendor), language=preview.language),
    )


def receipt_paper(
    *, payment: PaymentRow, invoices: Mapping[int, InvoiceRow], company: CompanyRow, vendor: VendorRow
) -> ReceiptDocument:
    """Return the receipt of a payment that has succeeded."""
    if payment.succeeded_on is None:
        raise ValueError(f"The payment {payment.confirmation} has not succeeded; there is no receipt for it.")
    return ReceiptDocument(
        brand=brand(vendor),
        bill_to=party(company),
        confirmation_number=payment.confirmation,
        paid_on=payment.succeeded_on,
        method_label=payment.method_label,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        invoices=tuple(
            PaidInvoice(number=invoices[invoice_id].number, amount_minor=amount_minor)
            for invoice_id, amount_minor in payment.items
        ),
        language=company.language,
    )


def _logo(vendor: VendorRow) -> Logo | None:
    found = vendor_logo(vendor.id) if vendor.has_logo else None
    return Logo(data=found[0], media_type=cast("LogoMediaType", found[1])) if found else None


def _as_sold(vendor: VendorRow, seller: Mapping[str, Any]) -> Brand:
    """The vendor's look, with who it was when it sold; what was issued before that was kept shows who it is."""
    now = brand(vendor)
    if not seller:
        return now
    ids = from_data(seller["ids"])
    return replace(
        now,
        legal_name=seller["legal_name"],
        address=tuple(seller["address_lines"]),
        tax_ids=printed_ids(ids),
        ids=ids,
    )


def _as_billed(bill_to: Mapping[str, Any], *, seller: LegalIds) -> Party:
    ids = from_data(bill_to.get("ids", {}))
    return Party(
        name=bill_to["name"],
        address=tuple(bill_to["address_lines"]),
        number=bill_to.get("number"),
        tax_ids=printed_ids(ids) if seller.country in EUROPEAN_UNION else (),
        ids=ids,
    )


def _lines(rows: Iterable[LineRow]) -> tuple[Line, ...]:
    return tuple(_line(row) for row in rows)


def _line(row: LineRow) -> Line:
    quantity, unit_minor = _quantity(row)
    return Line(
        description=row.description,
        location=row.location_label or None,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        quantity=quantity,
        unit_minor=unit_minor,
        amount_minor=row.amount_minor,
        unit=row.unit,
        tax_category=cast("TaxCategory", row.vat_category) if row.vat_category else None,
        tax_rate=row.tax_rate,
    )


def _quantity(row: LineRow) -> tuple[Decimal, int]:
    """How many full periods at which price make the amount; one at the amount where none do, as in a part credited."""
    unit_minor = row.unit_minor - row.discount_minor
    if row.starts_on and row.ends_on and row.full_days:
        days = (row.ends_on - row.starts_on).days
        if prorate_days(price_minor=unit_minor, days=days, full_days=row.full_days) == row.amount_minor:
            return (Decimal(days) / row.full_days).quantize(SHARE_OF_A_PERIOD).normalize(), unit_minor
    return (Decimal(1), unit_minor if unit_minor == row.amount_minor else row.amount_minor)


def _taxes(rows: Iterable[TaxRow], lines: Iterable[LineRow], *, language: str) -> tuple[TaxLine, ...]:
    """What was taxed, then what was not and why, by category."""
    untaxed: dict[str, int] = defaultdict(int)
    for line in lines:
        if line.vat_category in NOT_TAXED:
            untaxed[line.vat_category] += line.amount_minor
    return (
        *(
            TaxLine(
                label=f"{row.name} {percent(row.rate, language=language)}",
                amount_minor=row.tax_minor,
                taxable_minor=row.taxable_minor,
                rate=row.rate,
                category="S",
            )
            for row in rows
        ),
        *(
            TaxLine(
                label=str(NOT_TAXED[category]),
                amount_minor=0,
                taxable_minor=taxable_minor,
                rate=Decimal(0),
                category=cast("TaxCategory", category),
                exempt_because="" if category == "Z" else str(NOT_TAXED[category]),
            )
            for category, taxable_minor in sorted(untaxed.items())
        ),
    )
