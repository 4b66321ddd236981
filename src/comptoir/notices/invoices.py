"""Sending invoices: the PDF is made and kept, and mailed to whoever gets the company's bills."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from comptoir.customers.papers import invoices_by
from comptoir.customers.queries import billing_email
from comptoir.documents import operations as documents
from comptoir.documents.data import AutopayNote, CheckSlip
from comptoir.documents.queries import stored_references
from comptoir.documents.rendering import render
from comptoir.invoicing.queries import InvoiceDetail, InvoiceRow, seller_of
from comptoir.invoicing.queries import invoice as invoice_detail
from comptoir.kit.dates import format_date
from comptoir.kit.money import format_money
from comptoir.mailer.operations import File
from comptoir.payments.announcing import note_told
from comptoir.payments.consent import check_fee_in_words
from comptoir.payments.policies import policy_of
from comptoir.payments.queries import PaysBy, pays_by
from comptoir.payments.scan_line import ScanLine, write_scan_line
from comptoir.payments.upcoming import Upcoming, autopay_limit, upcoming
from comptoir.tenancy.queries import CompanyRow, VendorRow, business_today, company, vendor

from . import links
from .composing import write_to_company
from .documents import invoice_reference
from .papers import invoice_paper


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """How an invoice is going to be paid, and what its paper says about that.

    ``row`` is what automatic payment does with it; it waits for its ``approval`` where it is above the limit,
    and for the ``next`` debit where it is too small for one of its own.
    """

    pays_by: PaysBy | Literal["approval", "next"]
    note: AutopayNote | CheckSlip | None
    row: Upcoming | None


def send_invoice(invoice: InvoiceRow, *, now: datetime) -> None:
    """Make an invoice's PDF, keep it and mail it, once; a debit's amount and day are told by it.

    A company without any address, or that wants paper alone, gets no mail; its PDF is there all
    the same. Opens a transaction of its own.
    """
    reference = invoice_reference(invoice.public_id)
    if stored_references([reference]):
        return  # kept and mailed in one transaction, so it was mailed, too
    detail = invoice_detail(invoice.public_id)
    buyer, seller = company(invoice.company_id), vendor(detail.vendor_id)
    today = business_today(seller, now=now)
    settlement = settlement_of(invoice=invoice, buyer=buyer, vendor=seller, today=today)
    sold_by = seller_of(invoice.id)
    with translation.override(detail.language):
        content = render(invoice_paper(invoice=detail, seller=sold_by, vendor=seller, payment=settlement.note))
    with transaction.atomic():
        paper = documents.store(
            vendor_id=seller.id,
            company_id=buyer.id,
            reference=reference,
            filename=_filename(detail),
            content=content,
        )
        by_mail = invoices_by(buyer.id) != "post"
        write_to_company(
            name="invoice",
            key=reference,
            buyer=buyer,
            facts=_facts(invoice=detail, buyer=buyer, settlement=settlement),
            attachments=[File(filename=paper.filename, content=paper.content)],
            language=detail.language,
            to_billing=by_mail,
            to_others=True,
        )
        to = billing_email(buyer.id)
        if by_mail and to and settlement.pays_by == "autopay" and settlement.row:
            note_told(row=settlement.row, kind="invoice", sent_to=to, sent_on=today, sent_at=now)


def settlement_of(*, invoice: InvoiceRow, buyer: CompanyRow, vendor: VendorRow, today: date) -> Settlement:
    """Say how an invoice is going to be paid as things stand on a business date."""
    way = pays_by(invoice.company_id)
    if not invoice.payable_minor:
        return Settlement(pays_by=way, note=None, row=None)
    for row in upcoming(invoice.company_id, today=today):
        if row.invoice.id != invoice.id:
            continue
        if row.state == "needs_approval":
            return Settlement(pays_by="approval", note=None, row=row)
        if row.state == "too_small":
            return Settlement(pays_by="next", note=None, row=row)
        if row.state == "planned" and row.on:
            note = AutopayNote(method_label=row.method_label, pays_on=row.on)
            return Settlement(pays_by="autopay", note=note, row=row)
    if way == "check":
        slip = check_slip(invoice=invoice, amount_minor=invoice.payable_minor, buyer=buyer, vendor=vendor)
        return Settlement(pays_by="check", note=slip, row=None)
    return Settlement(pays_by="manual", note=None, row=None)


def check_slip(*, invoice: InvoiceRow, amount_minor: int, buyer: CompanyRow, vendor: VendorRow) -> CheckSlip:
    """Return what is sent along with a check of ``amount_minor`` for an invoice."""
    with translation.override(buyer.language):
        note = check_fee_in_words(policy_of(vendor.id), vendor=vendor)
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
        note=note,
    )


def _facts(*, invoice: InvoiceDetail, buyer: CompanyRow, settlement: Settlement) -> dict[str, Any]:
    row, language = invoice.row, invoice.language

    def written(day: date) -> str:
        return format_date(day=day, language=language)

    def money(amount_minor: int) -> str:
        return format_money(amount_minor=amount_minor, currency=row.currency, language=language)

    note = settlement.note
    last_minor = settlement.row.varies_from_minor if settlement.row else None
    limit_minor = autopay_limit(buyer.id) if settlement.pays_by == "approval" else None
    return {
        "company": buyer.name,
        "number": row.number,
        "amount": money(row.payable_minor),
        "nothing_due": row.payable_minor == 0,
        "last": "" if last_minor is None else money(last_minor),
        "limit": "" if limit_minor is None else money(limit_minor),
        "due_on": written(row.due_date),
        "pays_by": settlement.pays_by,
        "collected_on": written(note.pays_on) if isinstance(note, AutopayNote) else "",
        "method": note.method_label if isinstance(note, AutopayNote) else "",
        "slip": note if isinstance(note, CheckSlip) else None,
        "methods_url": links.methods_url(company_public_id=buyer.public_id),
        "autopay_url": links.autopay_url(company_public_id=buyer.public_id),
        "url": links.invoice_url(company_public_id=buyer.public_id, invoice_public_id=row.public_id),
    }


def _filename(invoice: InvoiceDetail) -> str:
    with translation.override(invoice.language):
        return _("Invoice {number}.pdf").format(number=invoice.row.number)
