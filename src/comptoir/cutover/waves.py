"""What the console may know of waves: their dates, and how many of their companies have moved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from .errors import WaveNotFound
from .models import HoldOut, Move, NoticeKind, Wave


@dataclass(frozen=True, slots=True)
class WaveRow:
    """A wave. ``first_invoice_month`` is the first day of the month; ``criteria`` are filters of a list of companies.

    Of its ``companies``, ``moved`` are billed here, and ``stuck`` could not be moved.
    """

    id: int
    vendor_id: int
    name: str
    first_invoice_month: date
    letter_on: date | None
    reminders: tuple[date, ...]
    deadline: date
    brings_balances: bool
    criteria: Mapping[str, str]
    sent_at: datetime | None
    sent_on: date | None
    stopped_at: datetime | None
    version: int
    companies: int
    moved: int
    stuck: int

    @property
    def is_sent(self) -> bool:
        """Whether its companies are moved, or have been."""
        return self.sent_at is not None

    @property
    def status(self) -> str:
        """Where it stands: planned, sending, stopped or sent."""
        if self.sent_at is None:
            return "planned"
        if self.stopped_at:
            return "stopped"
        return "sending" if self.moved + self.stuck < self.companies else "sent"


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A company that a wave leaves out, and who said why."""

    public_id: UUID
    number: str
    name: str
    reason: str
    by: str
    at: datetime


def waves(vendor_id: int) -> list[WaveRow]:
    """Return a vendor's waves, newest first."""
    return [_wave_row(found) for found in _waves().filter(vendor_id=vendor_id).order_by("-id")]


def wave(*, vendor_id: int, wave_id: int) -> WaveRow:
    """Return one wave. Raises WaveNotFound."""
    found = _waves().filter(vendor_id=vendor_id, id=wave_id).first()
    if found is None:
        raise WaveNotFound(_("There is no such wave; the list of waves shows those there are."))
    return _wave_row(found)


def wave_of(company_id: int) -> WaveRow | None:
    """Return the wave that a company is in, or None."""
    in_it = Move.objects.filter(company_id=company_id, taken_back_at=None)
    found = _waves().filter(id__in=in_it.values("wave_id")).first()
    return _wave_row(found) if found else None


def hold_outs(wave_id: int) -> list[HeldOut]:
    """Return whom a wave holds out, by number."""
    found = HoldOut.objects.filter(wave_id=wave_id).select_related("company").order_by("company__number")
    return [
        HeldOut(
            public_id=row.company.public_id,
            number=row.company.number,
            name=row.company.name,
            reason=row.reason,
            by=row.by,
            at=row.at,
        )
        for row in found
    ]


def _waves() -> QuerySet[Wave]:
    still = Q(moves__taken_back_at=None)
    return Wave.objects.prefetch_related("notices").annotate(
        companies=Count("moves", filter=still),
        moved=Count("moves", filter=still & Q(moves__moved_on__isnull=False)),
        stuck=Count("moves", filter=still & ~Q(moves__problem="")),
    )


def _wave_row(found: Wave) -> WaveRow:
    told = [notice.due_on for notice in found.notices.all() if notice.kind == NoticeKind.REMINDER]
    return WaveRow(
        id=found.id,
        vendor_id=found.vendor_id,
        name=found.name,
        first_invoice_month=found.first_invoice_month,
        letter_on=found.letter_on,
        reminders=tuple(sorted(told)),
        deadline=found.deadline,
        brings_balances=found.brings_balances,
        criteria=found.criteria,
        sent_at=found.sent_at,
        sent_on=found.sent_on,
        stopped_at=found.stopped_at,
        version=found.version,
        companies=found.companies,  # type: ignore[attr-defined]  # annotated by _waves
        moved=found.moved,  # type: ignore[attr-defined]
        stuck=found.stuck,  # type: ignore[attr-defined]
    )
