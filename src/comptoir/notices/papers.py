"""From what the domain knows to the plain data that documents are set from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django.utils.translation import gettext as _

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
    TaxLine,
)
from comptoir.invoicing.credit_queries import CreditNoteDetail
from comptoir.invoicing.preview import InvoicePreview
from comptoir.invoicing.queries import InvoiceDetail, InvoiceRow, LineRow, TaxRow
from comptoir.kit.money import percent
from comptoir.payments.queries import PaymentRow
from comptoir.tenancy.queries import CompanyRow, VendorRow, vendor_logo


def brand(vendor: VendorRow) -> Brand:
    """This function will return the vendor as its papers show it."""
    return Brand(
        name=vendor.name,
        legal_name=vendor.legal_name,
        address=vendor.address_lines,
        colour=vendor.colour,
        logo=_logo(vendor),
        email=vendor.email,
        phone=vendor.phone,
    )


def party(company: CompanyRow) -> Party:
    """This function will return a company as papers address it today."""
    return Party(name=company.name, address=company.address_lines, number=company.number)


def invoice_paper(
    *, invoice: InvoiceDetail, vendor: VendorRow, payment: AutopayNote | CheckSlip | None
) -> InvoiceDocument:
    """This function will return an issued invoice as a document, with how it is going to be paid."""
    row = invoice.row
    return InvoiceDocument(
        kind="invoice",
        number=row.number,
        issued_on=row.issue_date,
        due_on=row.due_date,
        brand=brand(vendor),
        bill_to=_as_billed(invoice.bill_to),
        lines=_lines(invoice.lines),
        subtotal_minor=sum(line.amount_minor for line in invoice.lines),
        taxes=_taxes(invoice.taxes, language=invoice.language),
        purchase_order=row.purchase_order or None,
        total_minor=row.total_minor,
        currency=row.currency,
        language=invoice.language,
        payment=payment,
    )


def credit_note_paper(*, note: CreditNoteDetail, vendor: VendorRow) -> InvoiceDocument:
    """This function will return a credit note as a document that names the invoice which it corrects.

    Must run in the note's language.
    """
    row = note.row
    return InvoiceDocument(
        kind="credit_note",
        number=row.number,
        issued_on=row.issue_date,
        due_on=None,
        brand=brand(vendor),
        bill_to=_as_billed(note.bill_to),
        lines=_lines(note.lines),
        subtotal_minor=sum(line.amount_minor for line in note.lines),
        taxes=_taxes(note.taxes, language=note.language),
        total_minor=row.total_minor,
        currency=row.currency,
        language=note.language,
        notes=(_("This credit note corrects invoice {number}.").format(number=row.invoice_number),),
    )


def sample_paper(*, preview: InvoicePreview, vendor: VendorRow) -> InvoiceDocument:
    """This function will return an invoice that was never issued, marked as a sample."""
    return InvoiceDocument(
        kind="sample",
        number=None,
        issued_on=preview.issue_date,
        due_on=preview.due_date,
        brand=brand(vendor),
        bill_to=_as_billed(preview.bill_to),
        lines=_lines(preview.lines),
        subtotal_minor=preview.net_minor,
        taxes=_taxes(preview.taxes, language=preview.language),
        purchase_order=preview.purchase_order or None,
        total_minor=preview.total_minor,
        currency=preview.currency,
        language=preview.language,
    )


def receipt_paper(
    *, payment: PaymentRow, invoices: Mapping[int, InvoiceRow], company: CompanyRow, vendor: VendorRow
) -> ReceiptDocument:
    """This function will return the receipt of a payment that has succeeded."""
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


def _as_billed(bill_to: Mapping[str, Any]) -> Party:
    return Party(name=bill_to["name"], address=tuple(bill_to["address_lines"]), number=bill_to.get("number"))


def _lines(rows: Iterable[LineRow]) -> tuple[Line, ...]:
    return tuple(
        Line(
            description=row.description,
            location=row.location_label or None,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            unit_minor=row.unit_minor - row.discount_minor,
            amount_minor=row.amount_minor,
        )
        for row in rows
    )


def _taxes(rows: Iterable[TaxRow], *, language: str) -> tuple[TaxLine, ...]:
    return tuple(
        TaxLine(label=f"{row.name} {percent(row.rate, language=language)}", amount_minor=row.tax_minor) for row in rows
    )
