"""When billing periods begin. Pure: dates in, dates out."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date

from comptoir.kit.periods import Period

MONTHS = {"monthly": 1, "quarterly": 3, "annual": 12}


def add_months(day: date, *, months: int, anchor_day: int) -> date:
    """Return the anchor day of the month that lies ``months`` after ``day``'s.

    An anchor day that the month lacks falls back to its last day, and returns in the next month that has it.
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(anchor_day, monthrange(year, month + 1)[1]))


def full_period(*, around: date, cadence: str, anchor_day: int) -> Period:
    """Return the full billing period that begins on, or is under way on, the day ``around``.

    Periods of a quarter or year are counted from the month of ``around``: the first anchor on or before it begins one.
    """
    begins = add_months(around, months=0, anchor_day=anchor_day)
    if begins > around:
        begins = add_months(around, months=-1, anchor_day=anchor_day)
    return Period(begins, add_months(begins, months=MONTHS[cadence], anchor_day=anchor_day))


def next_period(*, starts_on: date, cadence: str, anchor_day: int) -> Period:
    """Return the period to bill that starts on ``starts_on``: up to the next anchor that ends a full one.

    Where ``starts_on`` is no anchor day, the period is the stub up to the next anchor day.
    """
    begins = add_months(starts_on, months=0, anchor_day=anchor_day)
    if begins == starts_on:
        return Period(starts_on, add_months(starts_on, months=MONTHS[cadence], anchor_day=anchor_day))
    if begins < starts_on:
        begins = add_months(starts_on, months=1, anchor_day=anchor_day)
    return Period(starts_on, begins)


def periods_due(
    *, billed_through: date, through: date, ends_on: date | None, cadence: str, anchor_day: int
) -> Iterator[Period]:
    """Yield the periods that start on or before ``through`` and are not billed yet, cut off where service ends."""
    starts_on = billed_through
    while starts_on <= through and (ends_on is None or starts_on < ends_on):
        period = next_period(starts_on=starts_on, cadence=cadence, anchor_day=anchor_day)
        yield period if ends_on is None or period.ends_on <= ends_on else Period(starts_on, ends_on)
        starts_on = period.ends_on
