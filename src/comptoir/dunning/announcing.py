"""What a message says may follow if nothing is paid, and from which day on: nothing is closed before it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from .calculation.standing import closing_day
from .calculation.steps import StepKind, planned_days
from .facts import CompanyFacts, InvoiceFacts


@dataclass(frozen=True, slots=True)
class DueStep:
    """A step that an invoice has come to."""

    invoice: InvoiceFacts
    kind: StepKind


@dataclass(frozen=True, slots=True)
class Announced:
    """What follows a message: nothing is closed by it before ``closes_from``, nor by anything else before ``until``."""

    closes_from: date
    until: date


def announced(facts: CompanyFacts, *, due: Sequence[DueStep], on: date) -> Announced:
    """Return what follows a message about these steps, if it is received today.

    The day that it names is earlier than its own where an earlier final notice named an earlier one.
    """
    own = max(min(_planned(facts, step, on=on) for step in due), on + timedelta(days=facts.policy.notice_days))
    about = {step.invoice.facts.id for step in due}
    earlier = [
        closing_day(replace(row, proven_on=row.proven_on or on), terms=facts.policy.terms)
        for row in facts.facts.invoices
        if row.id not in about and not row.coming_minor
    ]
    return Announced(own, max(on, min([own, *(day for day in earlier if day)])))


def _planned(facts: CompanyFacts, step: DueStep, *, on: date) -> date:
    """The day of suspension by an invoice, which is never earlier than what was named before."""
    row = step.invoice.facts
    days = planned_days(due_on=row.due_on, told={**row.told, step.kind: on}, steps=facts.policy.ladder)
    return max(days.get("suspension", on), row.closes_from or on)
