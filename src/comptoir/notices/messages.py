"""The mail that says that there is a secure message, and nothing of what is in it."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from comptoir.customers.queries import billing_email, members
from comptoir.identity.queries import login
from comptoir.inbox.queries import thread_row, writers
from comptoir.kit.dates import format_instant
from comptoir.tenancy.queries import company, vendor

from . import links
from .composing import write


def tell_company(*, thread_public_id: UUID, message: UUID) -> None:
    """Tell those of a company who wrote in a conversation that the team has written, once.

    Where none of them acts for the company any more, or the team began it, it goes where the bills go.
    """
    thread = thread_row(thread_public_id)
    buyer, seller = company(thread.company_id), vendor(thread.vendor_id)
    wrote = writers(thread.id)
    present = [member.email for member in members(buyer.id) if member.user_id in wrote]
    with transaction.atomic():
        for to in present or filter(None, [billing_email(buyer.id)]):
            write(
                name="message_from_team",
                key=f"message:{message}:{to}",
                vendor=seller,
                company_id=buyer.id,
                language=buyer.language,
                to=to,
                facts={"url": links.message_url(company_public_id=buyer.public_id, thread_public_id=thread.public_id)},
            )


def tell_team(*, thread_public_id: UUID, message: UUID) -> None:
    """Tell whoever has a conversation in hand, else the whole team, that a customer has written."""
    thread = thread_row(thread_public_id)
    seller = vendor(thread.vendor_id)
    due = thread.answer_due_at
    facts = {
        "url": links.team_message_url(vendor_slug=seller.slug, thread_public_id=thread.public_id),
        "urgent": thread.urgent,
        "answer_by": format_instant(instant=due, time_zone=seller.time_zone, language=seller.language) if due else "",
    }
    with transaction.atomic():
        write(
            name="message_from_customer",
            key=f"message:{message}",
            vendor=seller,
            company_id=None,
            language=seller.language,
            to=login(thread.assigned_to_id).email if thread.assigned_to_id else seller.email,
            facts=facts,
        )
