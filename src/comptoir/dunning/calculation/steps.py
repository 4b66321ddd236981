"""Which step an open invoice has come to: the ladder of reminders, climbed one step at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

StepKind = Literal["due_soon", "reminder", "firm_reminder", "final_notice", "suspension", "hand_over"]
STEP_KINDS: tuple[StepKind, ...] = get_args(StepKind)
# What is written to a company once an invoice is overdue, from mild to firm.
REMINDERS: tuple[StepKind, ...] = ("reminder", "firm_reminder", "final_notice")


@dataclass(frozen=True, slots=True)
class StepTerms:
    """When a step is due: ``days`` after the due date, below zero before it."""

    kind: StepKind
    days: int


def ladder(steps: Sequence[StepTerms]) -> tuple[StepTerms, ...]:
    """Return the steps in the order in which they are climbed."""
    return tuple(sorted(steps, key=lambda step: STEP_KINDS.index(step.kind)))


def next_step(
    *, due_on: date, told: Mapping[StepKind, date], steps: Sequence[StepTerms], today: date
) -> StepKind | None:
    """Return what is to be written today about an invoice that is open, or None.

    ``told`` are the steps that were written already, and on which day. No step is left out, and between two of them lie
    as many days as the policy puts there: who was left in peace for a month is reminded mildly before firmly.
    """
    if today < due_on:
        return _before(due_on=due_on, told=told, steps=steps, today=today)
    last: StepTerms | None = None
    for step in ladder(steps):
        if step.kind not in REMINDERS:
            continue
        if step.kind not in told:
            return step.kind if today >= _earliest(step, last=last, due_on=due_on, told=told) else None
        last = step
    return None


def planned_days(*, due_on: date, told: Mapping[StepKind, date], steps: Sequence[StepTerms]) -> dict[StepKind, date]:
    """Return on which day each step that was not written yet comes, if nothing is paid and nothing pauses it."""
    days = dict(told)
    coming: dict[StepKind, date] = {}
    last: StepTerms | None = None
    for step in ladder(steps):
        if step.kind == "due_soon":
            if step.kind not in told:
                coming[step.kind] = due_on + timedelta(days=step.days)
            continue
        if step.kind not in days:
            days[step.kind] = coming[step.kind] = _earliest(step, last=last, due_on=due_on, told=days)
        last = step
    return coming


def _before(*, due_on: date, told: Mapping[StepKind, date], steps: Sequence[StepTerms], today: date) -> StepKind | None:
    soon = next((step for step in steps if step.kind == "due_soon"), None)
    if soon is None or soon.kind in told or today < due_on + timedelta(days=soon.days):
        return None
    return soon.kind


def _earliest(step: StepTerms, *, last: StepTerms | None, due_on: date, told: Mapping[StepKind, date]) -> date:
    by_due_date = due_on + timedelta(days=step.days)
    if last is None:
        return by_due_date
    return max(by_due_date, told[last.kind] + timedelta(days=step.days - last.days))
