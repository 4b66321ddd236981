"""News of money that goes back: sent, or come back to us."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from comptoir.invoicing.queries import invoices_by_ids
from comptoir.kit.dates import format_date
from comptoir.kit.money import format_money
from comptoir.payments.queries import payment as payment_row
from comptoir.payments.refunds.queries import RefundRow
from comptoir.payments.refunds.queries import refund as refund_row
from comptoir.payments.refunds.words import reason_word
from comptoir.tenancy.queries import CompanyRow, company

from . import links
from .composing import write_to_company


def send_refund_made(refund_public_id: UUID) -> None:
    """Tell a company, once, that money was sent back: where to, why, and what that opens again."""
    refund = refund_row(refund_public_id)
    buyer = company(refund.company_id)
    with translation.override(buyer.language):
        facts = _facts(refund, buyer=buyer)
    with transaction.atomic():
        write_to_company(name="refund_made", key=f"refund_made:{refund.public_id}", buyer=buyer, facts=facts)


def send_refund_failed(refund_public_id: UUID) -> None:
    """Tell a company, once, that a refund came back to us and is its credit again.

    Nothing is told of one that it never heard of: refused at once, or a check that was not written.
    """
    refund = refund_row(refund_public_id)
    if refund.was_sent:
        buyer = company(refund.company_id)
        facts = {
            "company": buyer.name,
            "amount": _money(refund.amount_minor, refund, buyer=buyer),
            "confirmation": refund.confirmation,
            "home_url": links.home_url(company_public_id=buyer.public_id),
        }
        with transaction.atomic():
            write_to_company(name="refund_failed", key=f"refund_failed:{refund.public_id}", buyer=buyer, facts=facts)


def _facts(refund: RefundRow, *, buyer: CompanyRow) -> dict[str, Any]:
    """In the buyer's language, which is active."""
    amount = _money(refund.amount_minor, refund, buyer=buyer)
    rows = invoices_by_ids(invoice_id for invoice_id, _minor in refund.items)
    paid = payment_row(refund.payment_public_id) if refund.payment_public_id else None
    if paid is None:
        how = _("We wrote check {number} over {amount} for {company}.").format(
            number=refund.check_number, amount=amount, company=buyer.name
        )
        when = _("It is on its way to the address on your invoices.")
    else:
        how = _("We sent {amount} for {company} back to {method}.").format(
            amount=amount, company=buyer.name, method=paid.method_label or _("your payment method")
        )
        when = (
            _("Your bank shows it within a few banking days.")
            if paid.kind == "us_bank_account"
            else _("Your card’s statement shows it within five to ten days.")
        )
    return {
        "how": how,
        "when": when,
        "amount": amount,
        "reason": reason_word(refund.reason),
        "payment": refund.payment_confirmation,
        "credit": _money(refund.from_credit_minor, refund, buyer=buyer) if refund.from_credit_minor else "",
        "confirmation": refund.confirmation,
        "invoices": [
            {
                "number": rows[invoice_id].number,
                "amount": _money(minor, refund, buyer=buyer),
                "due_on": format_date(day=rows[invoice_id].due_date, language=buyer.language),
                "url": links.invoice_url(
                    company_public_id=buyer.public_id, invoice_public_id=rows[invoice_id].public_id
                ),
            }
            for invoice_id, minor in refund.items
        ],
    }


def _money(amount_minor: int, refund: RefundRow, *, buyer: CompanyRow) -> str:
    return format_money(amount_minor=amount_minor, currency=refund.currency, language=buyer.language)
