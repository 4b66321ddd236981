"""Months and minimum terms of an old system's customers, and sums as they are shown."""

from __future__ import annotations

import calendar
from datetime import date
from decimal import Decimal


def add_months(*, day: date, months: int) -> date:
    """Return the day `months` later (earlier if negative), at most the month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def minimum_term_end(*, starts_on: date, billed_through: date, months: int) -> date:
    """Return the end of a minimum term of `months` that renews itself: the first free day.

    That is the first end of a term after `billed_through`, counted from `starts_on`.
    """
    elapsed = (billed_through.year - starts_on.year) * 12 + billed_through.month - starts_on.month
    terms = max(elapsed // months, 1)
    while (ends_on := add_months(day=starts_on, months=terms * months)) <= billed_through:
        terms += 1
    return ends_on


def two_places(total: Decimal) -> str:
    """Write a sum with two places, or with more where only they make it exact."""
    text = f"{total:f}"
    whole, _point, fraction = text.partition(".")
    return f"{whole}.{fraction.rstrip('0').ljust(2, '0')}"
