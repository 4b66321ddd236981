"""What the billing team's list is told: mail that did not arrive, and customers who wait for an answer."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from comptoir.inbox.queries import thread_row
from comptoir.kit.events import Happened
from comptoir.tenancy.audit import system
from comptoir.work.operations import close_work, open_work


def mail_waits(event: Happened, *, kind: str, now: datetime) -> None:
    """Put mail that came back, failed, or may or may not have gone out, on the team's list."""
    assert event.vendor_id is not None  # noqa: S101  all mail that is looked after is a vendor's
    open_work(vendor_id=event.vendor_id, company_id=event.company_id, kind=kind, subject=event.topic, now=now)


def mail_settled(event: Happened, *, kinds: tuple[str, ...], now: datetime) -> None:
    """Take mail that somebody decided on off the team's list."""
    assert event.vendor_id is not None  # noqa: S101  as above
    for kind in kinds:
        close_work(vendor_id=event.vendor_id, kind=kind, subject=event.topic, actor=system(event.data["by"]), now=now)


def follow_thread(thread_public_id: UUID, *, now: datetime) -> None:
    """Have a conversation on the team's list for as long as the team owes an answer."""
    thread = thread_row(thread_public_id)
    subject = f"thread:{thread.public_id}"
    if thread.answer_due_at is None:
        close_work(vendor_id=thread.vendor_id, kind="message", subject=subject, actor=system("messages"), now=now)
    else:
        open_work(
            vendor_id=thread.vendor_id,
            company_id=thread.company_id,
            kind="message",
            subject=subject,
            now=now,
            urgent=thread.urgent,
            due_at=thread.answer_due_at,
        )
