"""What others may know of mail."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db.models import Q, QuerySet

from .models import MarkedAddress, Message

MessageStatus = Literal["queued", "sending", "in_doubt", "held", "failed", "bounced", "delivered", "sent"]


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message, and what became of it. ``error`` says why one failed."""

    id: int
    key: str
    to: str
    subject: str
    created_at: datetime
    error: str
    status: MessageStatus
    company_public_id: UUID | None
    company_name: str


@dataclass(frozen=True, slots=True)
class MarkedAddressRow:
    """An address that nothing is sent to, why, and what the other side said."""

    id: int
    address: str
    reason: str
    detail: str
    marked_at: datetime
    subject: str
    company_public_id: UUID | None
    company_name: str


def messages(*, company_id: int, limit: int = 50, offset: int = 0) -> list[MessageRow]:
    """Return a company's mail, newest first."""
    found = _messages().filter(company_id=company_id)
    return [_row(message) for message in found[offset : offset + limit]]


def messages_to_decide(vendor_id: int) -> list[MessageRow]:
    """Return the messages that wait for a person, in doubt or kept back, newest first."""
    found = _messages().filter(Q(doubted_at__isnull=False) | Q(held_at__isnull=False), vendor_id=vendor_id)
    return [_row(message) for message in found]


def failed_messages(vendor_id: int, *, limit: int = 50) -> list[MessageRow]:
    """Return the latest messages that could not be sent, newest first."""
    return [_row(message) for message in _messages().filter(vendor_id=vendor_id, failed_at__isnull=False)[:limit]]


def marked_addresses(vendor_id: int) -> list[MarkedAddressRow]:
    """Return the addresses that nothing is sent to until someone clears them, newest first."""
    found = MarkedAddress.objects.filter(vendor_id=vendor_id, cleared_at=None)
    return [
        MarkedAddressRow(
            id=mark.id,
            address=mark.address,
            reason=mark.reason,
            detail=mark.detail,
            marked_at=mark.marked_at,
            subject=mark.message.subject,
            company_public_id=mark.message.company.public_id if mark.message.company else None,
            company_name=mark.message.company.name if mark.message.company else "",
        )
        for mark in found.select_related("message__company").order_by("-id")
    ]


def count_mail_to_look_at(vendor_id: int) -> int:
    """Return how many marked addresses and undecided messages wait for a person."""
    undecided = Message.objects.filter(Q(doubted_at__isnull=False) | Q(held_at__isnull=False), vendor_id=vendor_id)
    return undecided.count() + MarkedAddress.objects.filter(vendor_id=vendor_id, cleared_at=None).count()


def marked_among(*, vendor_id: int, addresses: Iterable[str]) -> set[str]:
    """Return those of the addresses, in lower case, that a vendor's mail is kept back from."""
    asked = {address.lower() for address in addresses}
    marks = MarkedAddress.objects.filter(vendor_id=vendor_id, address__in=asked, cleared_at=None)
    return set(marks.values_list("address", flat=True))


def address_of_mark(address_id: int) -> str:
    """Return the address that a mark is about, in lower case."""
    return MarkedAddress.objects.values_list("address", flat=True).get(id=address_id)


def statuses_of(keys: Iterable[str]) -> dict[str, MessageStatus]:
    """Return what became of messages, by their keys; what was never put down is missing."""
    found = Message.objects.filter(key__in=list(keys)).defer("text", "html")
    return {message.key: _status(message) for message in found}


def _messages() -> QuerySet[Message]:
    return Message.objects.select_related("company").defer("text", "html").order_by("-id")


def _row(found: Message) -> MessageRow:
    return MessageRow(
        id=found.id,
        key=found.key,
        to=found.to,
        subject=found.subject,
        created_at=found.created_at,
        error=found.error,
        status=_status(found),
        company_public_id=found.company.public_id if found.company else None,
        company_name=found.company.name if found.company else "",
    )


def _status(found: Message) -> MessageStatus:
    """Say what became of a message, the last news first; *sent* is what a mail server took and nothing is known of."""
    news: tuple[tuple[MessageStatus, datetime | None], ...] = (
        ("failed", found.failed_at),
        ("in_doubt", found.doubted_at),
        ("held", found.held_at),
        ("bounced", found.returned_at),
        ("delivered", found.delivered_at),
        ("sent", found.sent_at),
        ("sending", found.sending_at),
    )
    return next((status for status, at in news if at), "queued")
