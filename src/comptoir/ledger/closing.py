"""Closing the books: no posting on a day through which they are closed, whoever writes."""

from datetime import date, timedelta

from django.db.models import Max
from django.utils.translation import gettext as _

from comptoir.tenancy.audit import Actor, record

from .errors import BooksClosed
from .models import BookClosing


def closed_through(vendor_id: int) -> date | None:
    """Return the last day that is closed in a vendor's books, or None."""
    found: date | None = BookClosing.objects.filter(vendor_id=vendor_id).aggregate(day=Max("closed_through"))["day"]
    return found


def first_open_day(*, vendor_id: int, day: date) -> date:
    """Return ``day``, or where the books are closed through it, the day after the last closed one."""
    closed = closed_through(vendor_id)
    return day if closed is None or day > closed else closed + timedelta(days=1)


def close_books(*, vendor_id: int, through: date, today: date, reason: str, actor: Actor) -> None:
    """Close a vendor's books through a day before ``today``, for ever. Must run in a transaction.

    Waits for what is being posted. Raises BooksClosed for a day that is closed already or not over yet.
    """
    if not reason.strip():
        raise BooksClosed(_("Say why; it stays on record."))
    if through >= today:
        raise BooksClosed(_("The books are closed through a day that is over: yesterday at the latest."))
    before = closed_through(vendor_id)
    if before is not None and through <= before:
        raise BooksClosed(_("The books are closed through that day already, and are never opened again."))
    BookClosing.objects.create(
        vendor_id=vendor_id, closed_through=through, closed_by=actor.label, reason=reason.strip()
    )
    record(
        actor=actor,
        action="books closed",
        subject=f"vendor:{vendor_id}",
        vendor_id=vendor_id,
        before={"closed_through": str(before)} if before else None,
        after={"closed_through": str(through)},
        reason=reason,
    )
