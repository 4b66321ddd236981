"""Who would get what in the next days, if nobody paid: by a policy as it is, or as it would be."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from comptoir.tenancy.queries import VendorRow, companies_by_ids

from .calculation.standing import overdue, owed_minor
from .calculation.steps import STEP_KINDS, StepKind
from .facts import FURTHEST_AHEAD, CompanyFacts, companies_that_owe, in_slices
from .handing_over import among_handed_over
from .policies import PolicyRow

DAYS_AHEAD = 30
MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class ForeseenRow:
    """That a company comes to a step on a day."""

    on: date
    kind: StepKind
    company_public_id: UUID
    company_name: str


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The next thirty days: how many companies come to each step, and the first of them by day and name."""

    counts: tuple[tuple[StepKind, int], ...]
    rows: tuple[ForeseenRow, ...]
    total: int


def foresee(policy: PolicyRow, *, vendor: VendorRow, today: date) -> Foreseen:
    """Return who would come to which step of a policy in the next thirty days, of what is issued and open today.

    Each company once a day, by the hardest step that it comes to.
    """
    found: dict[tuple[int, date], StepKind] = {}
    owing = companies_that_owe(vendor_id=vendor.id, due_by=today + FURTHEST_AHEAD)
    listed = among_handed_over(owing)
    for facts in in_slices(owing, vendor=vendor, on=today):
        if facts.policy.id == policy.id:
            found.update(_steps_of(replace(facts, policy=policy), handed_over=listed, today=today))
    names = companies_by_ids({company_id for company_id, _day in found})
    rows = sorted(
        (
            ForeseenRow(day, kind, names[company_id].public_id, names[company_id].name)
            for (company_id, day), kind in found.items()
        ),
        key=_order,
    )
    tally = Counter(row.kind for row in rows)
    return Foreseen(
        counts=tuple((kind, tally[kind]) for kind in STEP_KINDS if tally[kind]),
        rows=tuple(rows[:MOST_ROWS]),
        total=len(rows),
    )


def _steps_of(facts: CompanyFacts, *, handed_over: set[int], today: date) -> dict[tuple[int, date], StepKind]:
    if facts.is_too_little:
        return {}
    until = max((pause.until for pause in facts.pauses if pause.until), default=today)
    found: dict[tuple[int, date], StepKind] = {}
    for row in facts.facts.invoices:
        if row.is_being_paid:
            continue
        for kind, planned in facts.ahead(row, handed_over=handed_over).items():
            day = max(planned, until)
            if kind == "due_soon" and (planned < today or facts.is_told_anyway):
                continue
            if day > today + timedelta(days=DAYS_AHEAD) or (kind != "due_soon" and not _owes(facts, on=day)):
                continue
            key = (facts.company_id, day)
            found[key] = max(kind, found.get(key, kind), key=STEP_KINDS.index)
    return found


def _owes(facts: CompanyFacts, *, on: date) -> bool:
    """Whether, if nobody paid, the company owes more by then than the policy lets pass, its credit used."""
    late = overdue(facts.facts, terms=facts.policy.terms, today=on)
    return owed_minor(late, facts=facts.facts, terms=facts.policy.terms) > 0


def _order(row: ForeseenRow) -> tuple[Any, ...]:
    return row.on, STEP_KINDS.index(row.kind), row.company_name
