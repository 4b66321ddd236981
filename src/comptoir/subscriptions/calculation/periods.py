"""When billing periods begin, and which of them are due. Pure: dates in, dates out."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from comptoir.kit.periods import Period

MONTHS = {"monthly": 1, "quarterly": 3, "annual": 12}


@dataclass(frozen=True, slots=True)
class PeriodDue:
    """The days to bill, and the full period whose price they are part of."""

    days: Period
    full: Period


def add_months(day: date, *, months: int, anchor_day: int) -> date:
    """Return the anchor day of the month that lies ``months`` after ``day``'s.

    An anchor day that the month lacks falls back to its last day, and returns in the next month that has it.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(anchor_day, monthrange(year, month + 1)[1]))


def next_anchor(*, after: date, anchor_day: int) -> date:
    """Return the first anchor day that comes after the day ``after``."""
    this_month = add_months(after, months=0, anchor_day=anchor_day)
    return this_month if this_month > after else add_months(after, months=1, anchor_day=anchor_day)


@lru_cache(maxsize=4096)
def next_period(*, starts_on: date, cadence: str, anchor_day: int) -> PeriodDue:
    """Return the period to bill that starts on ``starts_on``.

    From an anchor day it is a full one. From any other day it is the stub up to the next anchor day, priced as part
    of the full period that ends there.
    """
    months = MONTHS[cadence]
    if add_months(starts_on, months=0, anchor_day=anchor_day) == starts_on:
        full = Period(starts_on, add_months(starts_on, months=months, anchor_day=anchor_day))
        return PeriodDue(days=full, full=full)
    ends_on = next_anchor(after=starts_on, anchor_day=anchor_day)
    full = Period(add_months(ends_on, months=-months, anchor_day=anchor_day), ends_on)
    return PeriodDue(days=Period(starts_on, ends_on), full=full)


def periods_due(
    *, billed_through: date, through: date, ends_on: date | None, cadence: str, anchor_day: int
) -> Iterator[PeriodDue]:
    """Yield the periods that start on or before ``through`` and are not billed yet, cut off where service ends.

    ``billed_through`` is the first day not yet billed; ``ends_on`` the first day without service.
    """
    starts_on = billed_through
    while starts_on <= through and (ends_on is None or starts_on < ends_on):
        due = next_period(starts_on=starts_on, cadence=cadence, anchor_day=anchor_day)
        if ends_on is not None and due.days.ends_on > ends_on:
            due = PeriodDue(days=Period(starts_on, ends_on), full=due.full)
        yield due
        starts_on = due.days.ends_on
