"""Opening, taking and closing work. Each must run in the transaction of what causes it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from comptoir.tenancy.audit import Actor, record

from .errors import WorkNotOpen
from .models import WorkItem


def open_work(
    *,
    vendor_id: int,
    kind: str,
    subject: str,
    now: datetime,
    company_id: int | None = None,
    urgent: bool = False,
    due_at: datetime | None = None,
) -> None:
    """Put on the vendor's list that a person has to look at ``subject`` (``type:public id``).

    While such an item is open, asking again changes nothing. ``due_at`` is when an answer was promised.
    """
    WorkItem.objects.bulk_create(
        [
            WorkItem(
                vendor_id=vendor_id,
                company_id=company_id,
                kind=kind,
                subject=subject,
                is_urgent=urgent,
                due_at=due_at,
                opened_at=now,
            )
        ],
        ignore_conflicts=True,
    )


def close_work(*, vendor_id: int, kind: str, subject: str, actor: Actor, now: datetime) -> bool:
    """Take ``subject`` off the list: it was settled where it is, or settled itself. Return whether it waited there."""
    return _close(WorkItem.objects.filter(vendor_id=vendor_id, kind=kind, subject=subject), actor=actor, now=now) > 0


def close_item(*, vendor_id: int, item_id: int, actor: Actor, now: datetime, note: str) -> None:
    """Take an item off the list by a person's word, which stays on record. Raises WorkNotOpen."""
    if not _close(WorkItem.objects.filter(vendor_id=vendor_id, id=item_id), actor=actor, now=now, note=note):
        raise WorkNotOpen(_("This is not on the list any more; somebody has settled it. Look at the list again."))
    _record(vendor_id, item_id, action="work closed", actor=actor, reason=note)


def assign_work(*, vendor_id: int, item_id: int, user_id: int | None, label: str, actor: Actor) -> None:
    """Give an open item to one of the team (``label`` is the name shown), or None to nobody. Raises WorkNotOpen."""
    waiting = WorkItem.objects.filter(vendor_id=vendor_id, id=item_id, closed_at=None)
    if not waiting.update(assigned_user_id=user_id, assigned_label=label if user_id else ""):
        raise WorkNotOpen(_("This is not on the list any more; somebody has settled it. Look at the list again."))
    _record(vendor_id, item_id, action="work assigned", actor=actor, after={"to": label if user_id else ""})


def _close(items: QuerySet[WorkItem], *, actor: Actor, now: datetime, note: str = "") -> int:
    return items.filter(closed_at=None).update(closed_at=now, closed_by=actor.label, closing_note=note)


def _record(
    vendor_id: int, item_id: int, *, action: str, actor: Actor, after: Mapping[str, Any] | None = None, reason: str = ""
) -> None:
    company_id = WorkItem.objects.values_list("company_id", flat=True).get(id=item_id)
    record(
        actor=actor,
        action=action,
        subject=f"work:{item_id}",
        vendor_id=vendor_id,
        company_id=company_id,
        after=after,
        reason=reason,
    )
