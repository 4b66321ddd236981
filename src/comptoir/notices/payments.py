"""News of payments: received, failed, come back."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from comptoir.documents import operations as documents
from comptoir.documents.rendering import render
from comptoir.invoicing.queries import InvoiceRow, invoices_by_ids
from comptoir.kit.dates import format_date
from comptoir.kit.money import format_money
from comptoir.mailer.operations import File
from comptoir.payments.queries import PaymentRow
from comptoir.payments.queries import payment as payment_row
from comptoir.payments.retrying import retry_day
from comptoir.payments.return_codes import reason_in_words
from comptoir.payments.return_fees import return_fee_of
from comptoir.tenancy.queries import CompanyRow, company, vendor

from . import links
from .composing import write_to_company
from .documents import receipt_reference
from .papers import receipt_paper
from .remedies import remedy_for


def send_receipt(payment_public_id: UUID) -> None:
    """Make the receipt of a payment that has succeeded, keep it and mail it, once."""
    payment = payment_row(payment_public_id)
    buyer = company(payment.company_id)
    seller = vendor(buyer.vendor_id)
    with translation.override(buyer.language):
        payment = payment_row(payment_public_id)  # what it was made with, in the payer's words
    invoices = _invoices(payment)
    content = render(receipt_paper(payment=payment, invoices=invoices, company=buyer, vendor=seller))
    with translation.override(buyer.language):
        filename = _("Receipt {number}.pdf").format(number=payment.confirmation)
    with transaction.atomic():
        paper = documents.store(
            vendor_id=seller.id,
            company_id=buyer.id,
            reference=receipt_reference(payment.public_id),
            filename=filename,
            content=content,
        )
        write_to_company(
            name="receipt",
            key=receipt_reference(payment.public_id),
            buyer=buyer,
            facts=_facts(payment=payment, buyer=buyer, invoices=invoices),
            attachments=[File(filename=paper.filename, content=paper.content)],
            to_others=True,
        )


Setback = Literal["payment_failed", "payment_returned", "payment_canceled"]


def send_setback(payment_public_id: UUID, *, news: Setback) -> None:
    """Tell a company, once, that a payment failed, came back or was called off: why, and what to do."""
    payment = payment_row(payment_public_id)
    buyer = company(payment.company_id)
    again = retry_day(payment_public_id)
    with translation.override(buyer.language):
        why = reason_in_words(payment.failure_code)
        remedy = _again_on(again, language=buyer.language) if again else remedy_for(payment.failure_code)
        remedy = f"{remedy} {_fee(payment, language=buyer.language)}".strip()
    facts = _facts(payment=payment, buyer=buyer, invoices=_invoices(payment)) | {
        "why": why,
        "remedy": remedy,
        "pay_url": links.home_url(company_public_id=buyer.public_id),
        "methods_url": links.methods_url(company_public_id=buyer.public_id),
    }
    with transaction.atomic():
        write_to_company(name=news, key=f"{news}:{payment.public_id}", buyer=buyer, facts=facts, to_others=True)


def _again_on(day: date, *, language: str) -> str:
    return _(
        "We try once more on {day}, for the same amount and from the same place. Please make sure that the money is "
        "there, or pay in another way before."
    ).format(day=format_date(day=day, language=language))


def _fee(payment: PaymentRow, *, language: str) -> str:
    fee_minor = return_fee_of(payment.public_id)
    if not fee_minor:
        return ""
    fee = format_money(amount_minor=fee_minor, currency=payment.currency, language=language)
    if payment.kind == "check":
        return _("For the returned check, your next invoice has a fee of {fee}, plus any tax.").format(fee=fee)
    return _("For the returned debit, your next invoice has a fee of {fee}, plus any tax.").format(fee=fee)


def _invoices(payment: PaymentRow) -> dict[int, InvoiceRow]:
    return invoices_by_ids(invoice_id for invoice_id, _amount in payment.items)


def _facts(*, payment: PaymentRow, buyer: CompanyRow, invoices: dict[int, InvoiceRow]) -> dict[str, Any]:
    language = buyer.language
    with translation.override(language):
        unnamed_method = _("your payment method")
        check = _("your check %(number)s") % {"number": payment.check_number}

    def money(amount_minor: int) -> str:
        return format_money(amount_minor=amount_minor, currency=payment.currency, language=language)

    return {
        "company": buyer.name,
        "amount": money(payment.amount_minor),
        "method": check if payment.check_number else payment.method_label or unnamed_method,
        "by_check": payment.kind == "check",
        "autopay_url": links.methods_url(company_public_id=buyer.public_id),
        "confirmation": payment.confirmation,
        "day": format_date(day=payment.succeeded_on or payment.initiated_on, language=language),
        "may_come_back": payment.kind == "us_bank_account",
        "invoices": [
            {
                "number": invoices[invoice_id].number,
                "amount": money(amount_minor),
                "due_on": format_date(day=invoices[invoice_id].due_date, language=language),
                "url": links.invoice_url(
                    company_public_id=buyer.public_id, invoice_public_id=invoices[invoice_id].public_id
                ),
            }
            for invoice_id, amount_minor in payment.items
        ],
    }
