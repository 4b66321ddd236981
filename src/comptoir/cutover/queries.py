"""What the console may know of imports, and of what the old system said."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.translation import gettext as _

from comptoir.kit.together import Question
from comptoir.kit.toml_section import ProfileInvalid
from comptoir.subscriptions.calculation.periods import add_months

from .errors import ImportNotFound
from .legacy.profile import load_profile
from .legacy.records import Finding
from .legacy.shipped import PROFILES
from .models import ImportUndo, LegacyCompany, LegacyImport, Move, PaidBy, UndoStatus


@dataclass(frozen=True, slots=True)
class ImportRow:
    """An import and what came of it. ``counts`` is empty until it is done; ``reason`` says why one was refused.

    ``findings`` are looked up for one import alone: a list of imports has none.
    """

    id: int
    kind: str
    is_trial: bool
    filename: str
    profile_name: str
    status: str
    requested_by: str
    requested_at: datetime
    finished_at: datetime | None
    counts: dict[str, Any]
    reason: str
    findings: tuple[Finding, ...]
    signed_by: str
    signed_at: datetime | None
    undo: "UndoRow | None"
    progress: "ProgressRow | None"

    @property
    def is_finished(self) -> bool:
        """Whether the worker is through with it."""
        return self.finished_at is not None

    @property
    def is_undone(self) -> bool:
        """Whether what it brought was taken away again, or is about to be."""
        return self.undo is not None and self.undo.status != UndoStatus.REFUSED

    @property
    def is_settled(self) -> bool:
        """Whether the worker has nothing more to do for it."""
        return self.is_finished and (self.undo is None or self.undo.status != UndoStatus.REQUESTED)


@dataclass(frozen=True, slots=True)
class ProgressRow:
    """How far an import has come: what it does, and how much of it is done; a total of 0 is not known."""

    step: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class UndoRow:
    """How the latest undoing of an import stands; ``refusal`` says what was in the way, ``gone`` counts what went."""

    status: str
    requested_by: str
    requested_at: datetime
    reason: str
    refusal: str
    gone: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class LegacyFacts:
    """What the old system said of a company when it was last imported; amounts in minor units."""

    paid_by: str
    paid_by_words: str
    phone: str
    balance_minor: int
    last_invoice_number: str
    last_invoice_minor: int | None
    import_id: int


def imports(vendor_id: int, *, limit: int = 50) -> list[ImportRow]:
    """Return a vendor's imports, newest first."""
    return [_import_row(row) for row in _imports(vendor_id).order_by("-id")[:limit]]


def import_row(*, vendor_id: int, import_id: int) -> ImportRow:
    """Return one import with its findings. Raises ImportNotFound."""
    found = _imports(vendor_id).annotate(findings=F("report__findings")).filter(id=import_id).first()
    if found is None:
        raise ImportNotFound(_("There is no such import; the list of imports shows those there are."))
    return _import_row(found)


def known_profile(*, vendor_id: int, vendor_slug: str) -> tuple[str, str] | None:
    """Return name and text of the profile last used for a vendor, else of the one that Comptoir brings for it."""
    last = LegacyImport.objects.filter(vendor_id=vendor_id).order_by("-id").values_list("profile_name", "profile")
    found: tuple[str, str] | None = last.first()
    return found or _shipped_profile(vendor_slug)


def legacy_facts(company_id: int) -> LegacyFacts | None:
    """Return what the old system said of a company, or None for one that was never imported."""
    found = LegacyCompany.objects.filter(company_id=company_id).first()
    if found is None:
        return None
    return LegacyFacts(
        paid_by=found.paid_by,
        paid_by_words=found.paid_by_words,
        phone=found.phone,
        balance_minor=found.balance_minor,
        last_invoice_number=found.last_invoice_number,
        last_invoice_minor=found.last_invoice_minor,
        import_id=found.imported_by_id,
    )


def month_charged_twice(company_id: int, *, on: date) -> date | None:
    """Return the first day of the month for which both systems may take payment, while it is not over on ``on``.

    That is the first month billed here, of a company that the old system debited by itself: it may be told too late.
    """
    return still_twice(debited_before(company_id=company_id).read(), on=on)


def still_twice(month: date | None, *, on: date) -> date | None:
    """Return a first month billed here as long as it is not over on a day."""
    return month if month and on < add_months(month, months=1, anchor_day=1) else None


def _debited_before(company_id: int) -> "QuerySet[Move, tuple[date]]":
    automatic = LegacyCompany.objects.filter(company_id=OuterRef("company_id"), paid_by__in=[PaidBy.ACH, PaidBy.CARD])
    moved = Move.objects.filter(
        Exists(automatic), company_id=company_id, company__billed_since__isnull=False, taken_back_at=None
    )
    return moved.values_list("wave__first_invoice_month")


# The first month billed here, of a company that the old system debited by itself; and whether nobody of a moved
# company has opened its portal yet.
debited_before: Question[date | None] = Question(_debited_before, lambda rows: rows[0][0] if rows else None)
never_opened = Question(
    lambda company_id: Move.objects.filter(
        company_id=company_id, portal_opened_at=None, taken_back_at=None
    ).values_list("id"),
    lambda rows: bool(rows),
)


def _shipped_profile(vendor_slug: str) -> tuple[str, str] | None:
    for path in sorted(PROFILES.glob("*.toml")):
        try:
            if load_profile(path).vendor.slug == vendor_slug:
                return path.name, path.read_text(encoding="utf-8")
        except ProfileInvalid:  # somebody's own, half written
            continue
    return None


def _imports(vendor_id: int) -> "QuerySet[LegacyImport]":
    found = (
        LegacyImport.objects.filter(vendor_id=vendor_id)
        .select_related("sign_off", "progress")
        .prefetch_related("undos")
    )
    found = found.annotate(counts=F("report__counts"), reason=F("report__reason"))
    return found.defer("content", "profile", "report")


def _import_row(row: LegacyImport) -> ImportRow:
    return ImportRow(
        id=row.id,
        kind=row.kind,
        is_trial=row.is_trial,
        filename=row.filename,
        profile_name=row.profile_name,
        status=row.status,
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        finished_at=row.finished_at,
        counts=row.counts or {},  # type: ignore[attr-defined]  # annotated by _imports
        reason=row.reason or "",  # type: ignore[attr-defined]
        findings=tuple(Finding(**finding) for finding in getattr(row, "findings", None) or ()),
        signed_by=row.sign_off.signed_by_name if hasattr(row, "sign_off") else "",
        signed_at=row.sign_off.signed_at if hasattr(row, "sign_off") else None,
        undo=_undo_row(max(row.undos.all(), key=attrgetter("id"), default=None)),
        progress=_progress_row(row),
    )


def _progress_row(row: LegacyImport) -> ProgressRow | None:
    if not hasattr(row, "progress"):
        return None
    return ProgressRow(step=row.progress.step, done=row.progress.done, total=row.progress.total)


def _undo_row(undo: ImportUndo | None) -> UndoRow | None:
    if undo is None:
        return None
    report = undo.report or {}
    return UndoRow(
        status=undo.status,
        requested_by=undo.requested_by_name,
        requested_at=undo.requested_at,
        reason=undo.reason,
        refusal=report.get("reason", ""),
        gone=report.get("gone", {}),
    )
