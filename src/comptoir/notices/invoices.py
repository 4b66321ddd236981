"""Sending invoices: the PDF is made and kept, and mailed to whoever gets the company's bills."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from comptoir.customers.queries import billing_email
from comptoir.documents import operations as documents
from comptoir.documents.data import AutopayNote, CheckSlip
from comptoir.documents.queries import stored_references
from comptoir.documents.rendering import render
from comptoir.invoicing.queries import InvoiceDetail, InvoiceRow
from comptoir.invoicing.queries import invoice as invoice_detail
from comptoir.kit.dates import format_date
from comptoir.kit.money import format_money
from comptoir.mailer.operations import File
from comptoir.payments.banking_days import next_banking_day
from comptoir.payments.queries import PaysBy, autopay_plan, pays_by
from comptoir.payments.scan_line import ScanLine, write_scan_line
from comptoir.tenancy.queries import CompanyRow, VendorRow, company, vendor

from . import links
from .composing import write
from .documents import invoice_reference
from .papers import invoice_paper

BANK_ACCOUNT = "us_bank_account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """How an invoice is going to be paid, and what its paper says about that."""

    pays_by: PaysBy
    note: AutopayNote | CheckSlip | None


def send_invoice(invoice: InvoiceRow) -> None:
    """This function will make an invoice's PDF, keep it and mail it, once.

    A company without any address gets no mail; its PDF is there all the same. Opens a transaction of its own.
    """
    reference = invoice_reference(invoice.public_id)
    if stored_references([reference]):
        return  # kept and mailed in one transaction, so it was mailed, too
    detail = invoice_detail(invoice.public_id)
    buyer, seller = company(invoice.company_id), vendor(detail.vendor_id)
    settlement = settlement_of(invoice=invoice, buyer=buyer, vendor=seller)
    content = render(invoice_paper(invoice=detail, vendor=seller, payment=settlement.note))
    with transaction.atomic():
        paper = documents.store(
            vendor_id=seller.id,
            company_id=buyer.id,
            reference=reference,
            filename=_filename(detail),
            content=content,
        )
        to = billing_email(buyer.id)
        if to:
            write(
                name="invoice",
                key=reference,
                vendor=seller,
                company_id=buyer.id,
                language=detail.language,
                to=to,
                facts=_facts(invoice=detail, buyer=buyer, settlement=settlement),
                attachments=[File(filename=paper.filename, content=paper.content)],
            )


def settlement_of(*, invoice: InvoiceRow, buyer: CompanyRow, vendor: VendorRow) -> Settlement:
    """This function will say how an invoice is going to be paid as things stand."""
    way = pays_by(invoice.company_id)
    plan = autopay_plan(invoice.company_id)
    if not invoice.total_minor:
        return Settlement(pays_by=way, note=None)
    if plan:
        note = AutopayNote(method_label=plan.method_label, pays_on=_collected_on(invoice, kind=plan.kind))
        return Settlement(pays_by="autopay", note=note)
    if way == "check":
        return Settlement(
            pays_by="check",
            note=check_slip(invoice=invoice, amount_minor=invoice.total_minor, buyer=buyer, vendor=vendor),
        )
    return Settlement(pays_by="manual", note=None)


def _collected_on(invoice: InvoiceRow, *, kind: str) -> date:
    day = max(invoice.due_date, invoice.issue_date)
    return next_banking_day(day) if kind == BANK_ACCOUNT else day


def check_slip(*, invoice: InvoiceRow, amount_minor: int, buyer: CompanyRow, vendor: VendorRow) -> CheckSlip:
    """This function will return what is sent along with a check of ``amount_minor`` for an invoice."""
    return CheckSlip(
        scan_line=write_scan_line(
            ScanLine(
                vendor_number=vendor.id,
                company_number=invoice.company_id,
                invoice_number=invoice.id,
                amount_minor=amount_minor,
            )
        ),
        payable_to=vendor.legal_name,
        remit_address=vendor.address_lines,
        pay_url=links.invoice_url(company_public_id=buyer.public_id, invoice_public_id=invoice.public_id),
        portal_url=links.start_url(),
    )


def _facts(*, invoice: InvoiceDetail, buyer: CompanyRow, settlement: Settlement) -> dict[str, Any]:
    row, language = invoice.row, invoice.language

    def written(day: date) -> str:
        return format_date(day=day, language=language)

    note = settlement.note
    return {
        "company": buyer.name,
        "number": row.number,
        "amount": format_money(amount_minor=row.total_minor, currency=row.currency, language=language),
        "nothing_due": row.total_minor == 0,
        "due_on": written(row.due_date),
        "pays_by": settlement.pays_by,
        "collected_on": written(note.pays_on) if isinstance(note, AutopayNote) else "",
        "method": note.method_label if isinstance(note, AutopayNote) else "",
        "slip": note if isinstance(note, CheckSlip) else None,
        "autopay_url": links.methods_url(company_public_id=buyer.public_id),
        "url": links.invoice_url(company_public_id=buyer.public_id, invoice_public_id=row.public_id),
    }


def _filename(invoice: InvoiceDetail) -> str:
    with translation.override(invoice.language):
        return _("Invoice {number}.pdf").format(number=invoice.row.number)
