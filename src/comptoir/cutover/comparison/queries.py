"""What the console may know of comparisons: the runs, the list to work off, and one company's two invoices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Abs
from django.utils.translation import gettext as _

from comptoir.invoicing.problems import in_words
from comptoir.kit.periods import Period

from ..errors import ComparisonNotFound
from .models import Comparison, ComparisonNote, ComparisonRun, ComparisonSignature, LegacyInvoice
from .rules import Pair

COMPANIES_PER_PAGE = 50
# What is to be done comes first: open has no explanation, outdated needs to be compared again. Who has moved is not
# compared any more, whatever is imported for the record.
STATES = ("open", "outdated", "signed", "explained", "matched", "alone")


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run over a vendor's companies: ``compared`` of ``companies`` so far; ``tolerance_minor`` per company."""

    id: int
    tolerance_minor: int
    requested_by: str
    requested_at: datetime
    companies: int
    compared: int
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """A company in the list; amounts in minor units, taxes included. ``state`` is one of STATES."""

    company_public_id: UUID
    number: str
    name: str
    state: str
    old_minor: int | None
    new_minor: int
    difference_minor: int
    unexplained_minor: int
    reasons: tuple[str, ...]
    notes: int


@dataclass(frozen=True, slots=True)
class ComparisonPage:
    """One page of the list; ``page`` counts from 1. ``counts`` are of all states, whatever the list is narrowed to."""

    rows: Sequence[ComparisonRow]
    counts: Mapping[str, int]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class NoteRow:
    """What somebody found out."""

    text: str
    written_by: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class SignatureRow:
    """Who signed, and why; whether for what the invoices say at present, and whether it was taken back."""

    reason: str
    signed_by: str
    signed_at: datetime
    withdrawn_by: str
    withdrawn_at: datetime | None
    counts: bool


@dataclass(frozen=True, slots=True)
class ComparedCompany:
    """A company's two invoices side by side, with what people made of them."""

    row: ComparisonRow
    old_number: str
    old_issued_on: date | None
    pairs: Sequence[Pair]
    problem: str
    fingerprint: str
    compared_at: datetime
    notes: Sequence[NoteRow]
    signatures: Sequence[SignatureRow]


@dataclass(frozen=True, slots=True)
class OldInvoiceRow:
    """An invoice of the old system, as a company's pages list it; amounts in minor units."""

    id: int
    number: str
    issued_on: date
    total_minor: int


def latest_run(vendor_id: int) -> RunRow | None:
    """Return a vendor's latest run, or None."""
    found = ComparisonRun.objects.filter(vendor_id=vendor_id).order_by("-id").first()
    if found is None:
        return None
    return RunRow(
        id=found.id,
        tolerance_minor=found.tolerance_minor,
        requested_by=found.requested_by,
        requested_at=found.requested_at,
        companies=found.companies,
        compared=found.compared,
        finished_at=found.finished_at,
    )


def comparisons(*, vendor_id: int, state: str, text: str, reason: str, page: int) -> ComparisonPage:
    """Return one page of a vendor's comparisons, the largest unexplained differences first.

    Narrowed to a ``state`` of STATES, to companies whose number or name has ``text``, and to those with a line that
    differs for ``reason``; empty ones do not matter. A page beyond the last is the last.
    """
    found = _with_state(Comparison.objects.filter(company__vendor_id=vendor_id))
    if text:
        found = found.filter(Q(company__number__istartswith=text) | Q(company__name__icontains=text))
    if reason:
        found = found.filter(lines__contains=[{"reasons": [reason]}])
    counted = found.order_by().values_list("state").annotate(count=Count("id"))  # type: ignore[misc]
    counts = dict(counted)
    if state in STATES:
        found = found.filter(state=state)  # type: ignore[misc]  # annotated by _with_state
    total = counts.get(state, 0) if state in STATES else sum(counts.values())
    pages = max(ceil(total / COMPANIES_PER_PAGE), 1)
    page = min(page, pages)
    ordered = found.select_related("company").order_by(
        F("unexplained_minor").desc(), Abs("difference_minor").desc(), "company__name", "id"
    )
    rows = list(ordered[(page - 1) * COMPANIES_PER_PAGE : page * COMPANIES_PER_PAGE])
    written = ComparisonNote.objects.filter(company_id__in=[row.company_id for row in rows])
    notes = dict(written.values_list("company_id").annotate(count=Count("id")))
    return ComparisonPage(
        rows=[_row(row, notes=notes.get(row.company_id, 0)) for row in rows],
        counts=counts,
        total=total,
        page=page,
        pages=pages,
    )


def compared_company(*, vendor_id: int, company_public_id: UUID) -> ComparedCompany:
    """Return a company's two invoices side by side. Raises ComparisonNotFound."""
    found = _with_state(Comparison.objects.filter(company__vendor_id=vendor_id, company__public_id=company_public_id))
    row = found.select_related("company", "old_invoice").first()
    if row is None:
        raise ComparisonNotFound(_("This company has not been compared; the list of comparisons shows those that are."))
    notes = ComparisonNote.objects.filter(company_id=row.company_id).order_by("id")
    signed = ComparisonSignature.objects.filter(company_id=row.company_id).order_by("id")
    return ComparedCompany(
        row=_row(row, notes=len(notes)),
        old_number=row.old_invoice.number if row.old_invoice else "",
        old_issued_on=row.old_invoice.issued_on if row.old_invoice else None,
        pairs=[_pair(line) for line in row.lines],
        problem=in_words(row.problem) if row.problem else "",
        fingerprint=row.fingerprint,
        compared_at=row.compared_at,
        notes=[NoteRow(note.text, note.written_by_name, note.written_at) for note in notes],
        signatures=[
            SignatureRow(
                reason=each.reason,
                signed_by=each.signed_by_name,
                signed_at=each.signed_at,
                withdrawn_by=each.withdrawn_by_name,
                withdrawn_at=each.withdrawn_at,
                counts=each.withdrawn_at is None and each.fingerprint == row.fingerprint,
            )
            for each in signed
        ],
    )


def old_invoices(company_id: int) -> list[OldInvoiceRow]:
    """Return the invoices that the old system made for a company, newest first."""
    found = LegacyInvoice.objects.filter(company_id=company_id).order_by("-issued_on", "-id")
    return [OldInvoiceRow(*row) for row in found.values_list("id", "number", "issued_on", "total_minor")]


def _with_state(found: "QuerySet[Comparison]") -> "QuerySet[Comparison]":
    signed = ComparisonSignature.objects.filter(
        company_id=OuterRef("company_id"), fingerprint=OuterRef("fingerprint"), withdrawn_at=None
    )
    return found.annotate(
        state=Case(
            When(is_current=False, company__billed_since=None, then=Value("outdated")),
            When(Exists(signed), verdict="unexplained", then=Value("signed")),
            When(verdict="unexplained", then=Value("open")),
            default=F("verdict"),
            output_field=TextField(),
        )
    )


def _row(row: Comparison, *, notes: int) -> ComparisonRow:
    reasons = dict.fromkeys(reason for line in row.lines for reason in line["reasons"] if reason != "unexplained")
    return ComparisonRow(
        company_public_id=row.company.public_id,
        number=row.company.number,
        name=row.company.name,
        state=row.state,  # type: ignore[attr-defined]  # annotated by _with_state
        old_minor=row.old_minor,
        new_minor=row.new_minor,
        difference_minor=row.difference_minor,
        unexplained_minor=row.unexplained_minor,
        reasons=tuple(reasons),
        notes=notes,
    )


def _pair(line: Mapping[str, Any]) -> Pair:
    return Pair(
        store=line["store"],
        description=line["description"],
        old_days=_days(line["old"]),
        old_minor=line["old_minor"],
        new_days=_days(line["new"]),
        new_minor=line["new_minor"],
        reasons=tuple(line["reasons"]),
        day=date.fromisoformat(line["day"]) if line["day"] else None,
        off_minor=line["off_minor"],
    )


def _days(days: Sequence[str] | None) -> Period | None:
    return Period(date.fromisoformat(days[0]), date.fromisoformat(days[1])) if days else None
