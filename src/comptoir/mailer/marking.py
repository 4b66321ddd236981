"""Addresses that mail came back from: marked, so that nothing more is sent there until someone looks."""

from __future__ import annotations

from datetime import datetime

from comptoir.kit.events import emit

from .models import MarkedAddress, MarkReason, Message


def is_marked(*, vendor_id: int, address: str) -> bool:
    """Say whether mail of a vendor to this address is kept back."""
    return MarkedAddress.objects.filter(vendor_id=vendor_id, address=address.lower(), cleared_at=None).exists()


def mark_address(*, message: Message, reason: MarkReason, detail: str, now: datetime) -> None:
    """Mark the address that a message went to; a marked one keeps its first reason."""
    mark, is_new = MarkedAddress.objects.get_or_create(
        vendor_id=message.vendor_id,
        address=message.to.lower(),
        cleared_at=None,
        defaults={"reason": reason, "detail": detail, "message": message, "marked_at": now},
    )
    if is_new:
        emit(
            name="mail_address_marked",
            topic=f"mail-address:{mark.id}",
            vendor_id=message.vendor_id,
            company_id=message.company_id,
            data={"address": mark.id},
        )
