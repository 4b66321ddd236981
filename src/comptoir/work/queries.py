"""What waits, for the team's list."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _

from .errors import WorkNotOpen
from .models import WorkItem


@dataclass(frozen=True, slots=True)
class WorkRow:
    """An open item. ``subject_id`` names what it is about, the face knows by ``kind`` where that is shown."""

    id: int
    kind: str
    subject_id: str
    company_public_id: UUID | None
    company_name: str
    is_urgent: bool
    due_at: datetime | None
    opened_at: datetime
    assigned_user_id: int | None
    assigned_label: str


def waiting(
    *, vendor_id: int, kind: str = "", assigned_to: int | None = None, limit: int = 50, offset: int = 0
) -> list[WorkRow]:
    """Return what waits for a vendor's team: urgent first, then what was promised soonest, then the oldest."""
    found = _open(vendor_id, kind=kind, assigned_to=assigned_to).select_related("company")
    ordered = found.order_by("-is_urgent", F("due_at").asc(nulls_last=True), "id")
    return [_row(item) for item in ordered[offset : offset + limit]]


def count_waiting(*, vendor_id: int, kind: str = "", assigned_to: int | None = None) -> int:
    """Return how many items wait."""
    return _open(vendor_id, kind=kind, assigned_to=assigned_to).count()


def kinds_waiting(vendor_id: int) -> dict[str, int]:
    """Return the kinds of which something waits, with how many."""
    counted = _open(vendor_id).values_list("kind").annotate(Count("id")).order_by("kind")
    return dict(counted)


def open_item(*, vendor_id: int, item_id: int) -> WorkRow:
    """Return an item that waits. Raises WorkNotOpen."""
    item = _open(vendor_id).select_related("company").filter(id=item_id).first()
    if item is None:
        raise WorkNotOpen(_("This is not on the list any more; somebody has settled it. Look at the list again."))
    return _row(item)


def subjects_waiting(*, vendor_id: int, kind: str) -> set[str]:
    """Return what all the open items of a kind are about, each ``type:public id``."""
    return set(_open(vendor_id, kind=kind).values_list("subject", flat=True))


def settled_by_word(*, vendor_id: int, kind: str) -> set[str]:
    """Return what a person took off the list by a word, of a kind; each ``type:public id``."""
    settled = WorkItem.objects.filter(vendor_id=vendor_id, kind=kind).exclude(closing_note="")
    return set(settled.values_list("subject", flat=True))


def was_open_since(*, kind: str, company_id: int, since: datetime) -> bool:
    """Say whether such an item about a company waits, or was settled after an instant."""
    asked = WorkItem.objects.filter(kind=kind, company_id=company_id)
    return asked.filter(Q(closed_at=None) | Q(closed_at__gte=since)).exists()


def _open(vendor_id: int, *, kind: str = "", assigned_to: int | None = None) -> QuerySet[WorkItem]:
    found = WorkItem.objects.filter(vendor_id=vendor_id, closed_at=None)
    if kind:
        found = found.filter(kind=kind)
    return found if assigned_to is None else found.filter(assigned_user_id=assigned_to)


def _row(item: WorkItem) -> WorkRow:
    return WorkRow(
        id=item.id,
        kind=item.kind,
        subject_id=item.subject.partition(":")[2],
        company_public_id=item.company.public_id if item.company else None,
        company_name=item.company.name if item.company else "",
        is_urgent=item.is_urgent,
        due_at=item.due_at,
        opened_at=item.opened_at,
        assigned_user_id=item.assigned_user_id,
        assigned_label=item.assigned_label,
    )
