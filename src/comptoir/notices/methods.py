"""News of payment methods: a card that expires, a bank account that waits for its owner's word."""

from __future__ import annotations

from uuid import UUID

from comptoir.kit.dates import format_date
from comptoir.payments.errors import MethodNotFound
from comptoir.payments.queries import awaited_verification, method, method_owner
from comptoir.tenancy.queries import company

from . import links
from .composing import write_to_company


def send_card_expires(method_public_id: UUID, *, reminder_id: int) -> None:
    """Tell a company, once for each reminder, that a saved card expires, and what to do."""
    try:
        card = method(method_public_id)
    except MethodNotFound:
        return  # removed meanwhile: there is nothing to remind of
    if card.last_valid_on is None:
        return
    buyer = company(method_owner(method_public_id))
    write_to_company(
        name="card_expires",
        key=f"card-expires:{reminder_id}",
        buyer=buyer,
        facts={
            "company": buyer.name,
            "method": card.label,
            "last_day": format_date(day=card.last_valid_on, language=buyer.language),
            "autopay": card.autopay,
            "url": links.methods_url(company_public_id=buyer.public_id),
        },
    )


def send_verification_awaited(verification_id: int) -> None:
    """Tell a company, once, which deposits arrive on its bank account, and where to say so."""
    company_id, waits = awaited_verification(verification_id)
    if waits is None:
        return
    buyer = company(company_id)
    write_to_company(
        name="verify_bank_account",
        key=f"verify:{verification_id}",
        buyer=buyer,
        facts={
            "company": buyer.name,
            "arrives_on": format_date(day=waits.arrives_on, language=buyer.language),
            "amounts": waits.kind == "amounts",
            "to_pay": waits.payment_public_id is not None,
            "url": links.methods_url(company_public_id=buyer.public_id)
            if waits.payment_public_id is None
            else links.payment_url(company_public_id=buyer.public_id, payment_public_id=waits.payment_public_id),
        },
    )
