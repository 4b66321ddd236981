"""Mail that asks an address whether bills are to go there, and tells the old one how to stop it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from comptoir.customers.email_changes import change_to_tell, mark_told, token_of
from comptoir.customers.recipients import recipient_to_ask
from comptoir.customers.recipients import token_of as recipient_token
from comptoir.kit.dates import format_date
from comptoir.tenancy.queries import company, vendor

from . import links
from .composing import write


def tell_both(public_id: UUID, *, now: datetime) -> None:
    """Write to both addresses of a change, once; from then on the new one may agree.

    A change that was stopped meanwhile is told to nobody.
    """
    change = change_to_tell(public_id)
    if change is None:
        return
    buyer = company(change.company_id)
    seller = vendor(buyer.vendor_id)
    facts = {
        "company": buyer.name,
        "new_email": change.new_email,
        "expires_on": format_date(day=change.expires_at.date(), language=buyer.language),
    }
    with transaction.atomic():
        for name, to, purpose in (
            ("email_change_confirm", change.new_email, "confirm"),
            ("email_change_stop", change.old_email, "stop"),
        ):
            if to:
                write(
                    name=name,
                    key=f"{name}:{public_id}",
                    vendor=seller,
                    company_id=buyer.id,
                    language=buyer.language,
                    to=to,
                    facts={**facts, "url": links.email_change_url(token_of(public_id, purpose=purpose))},  # type: ignore[arg-type]
                    opens_a_door=True,
                )
        mark_told(public_id, now=now)


def ask_recipient(public_id: UUID) -> None:
    """Ask an address whether it wants a company's bills, too; nobody, where that was taken back."""
    asked = recipient_to_ask(public_id)
    if asked is None:
        return
    buyer = company(asked.company_id)
    with transaction.atomic():
        write(
            name="recipient_asked",
            key=f"recipient_asked:{public_id}",
            vendor=vendor(buyer.vendor_id),
            company_id=buyer.id,
            language=buyer.language,
            to=asked.email,
            facts={
                "company": buyer.name,
                "expires_on": format_date(day=asked.expires_at.date(), language=buyer.language),
                "url": links.recipient_url(recipient_token(public_id, purpose="agree")),
            },
            opens_a_door=True,
        )
