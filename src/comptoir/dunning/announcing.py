"""What a message says may follow if nothing is paid, and from which day on: nothing is closed before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from comptoir.notices.reminders import Follows

from .calculation.standing import Effect, closing_day
from .calculation.steps import StepKind, planned_days
from .facts import CompanyFacts, InvoiceFacts

NO_TIME = timedelta(0)
# How long a letter has at least to be printed and put into the post, a weekend between: with less it would be written
# anew each day, and never go.
TO_BE_POSTED = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class DueStep:
    """A step that an invoice has come to."""

    invoice: InvoiceFacts
    kind: StepKind


@dataclass(frozen=True, slots=True)
class Announced:
    """What follows a message: which products (by id) are closed or limited, nothing of it before ``until``.

    ``closes_from`` is the day before which the message itself lets nothing be closed.
    """

    effects: Mapping[int, Effect]
    closes_from: date
    until: date

    @property
    def follows(self) -> Follows:
        """What the words have to say of it."""
        done = set(self.effects.values())
        return "either" if len(done) > 1 else "limited" if "limit" in done else "closed"


def announced(
    facts: CompanyFacts,
    *,
    due: Sequence[DueStep],
    on: date,
    in_the_post: timedelta = NO_TIME,
    named: date | None = None,
) -> Announced | None:
    """Return what follows a message about these steps, if it is received today, or after its days in the post; None
    where nothing does.

    The day that it names is earlier than its own where an earlier final notice named an earlier one. What it has
    ``named`` itself, when it was written before, stands if it is received before that day.
    """
    if not (effects := facts.may_lose):
        return None
    received = on + in_the_post
    notice = max(timedelta(days=facts.policy.notice_days), TO_BE_POSTED if in_the_post else NO_TIME)
    own = max(min(_planned(facts, step, on=on) for step in due), received + notice)
    if named and named > received:
        own = named
    about = {step.invoice.facts.id for step in due}
    earlier = [
        closing_day(replace(row, proven_on=row.proven_on or on), terms=facts.policy.terms)
        for row in facts.facts.invoices
        if row.id not in about and not row.is_being_paid
    ]
    return Announced(effects, own, max(on, min([own, *(day for day in earlier if day)])))


def _planned(facts: CompanyFacts, step: DueStep, *, on: date) -> date:
    """The day of suspension by an invoice, which is never earlier than what was named before."""
    row = step.invoice.facts
    days = planned_days(due_on=row.due_on, told={**row.told, step.kind: on}, steps=facts.policy.ladder)
    return max(days["suspension"], row.closes_from or on)
