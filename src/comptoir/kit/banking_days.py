"""The days on which American banks work: weekdays that the Federal Reserve does not keep as holidays."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6
JUNETEENTH_SINCE = 2022
ONE_DAY = timedelta(days=1)


def is_banking_day(day: date) -> bool:
    """This function will say whether banks settle debits on ``day``."""
    return day.weekday() < SATURDAY and day not in _holidays(day.year)


def banking_day_from(day: date) -> date:
    """This function will return ``day`` itself if banks work on it, else the next day on which they do."""
    while not is_banking_day(day):
        day += ONE_DAY
    return day


@lru_cache(maxsize=32)
def _holidays(year: int) -> frozenset[date]:
    fixed = [date(year, 1, 1), date(year, 7, 4), date(year, 11, 11), date(year, 12, 25)]
    if year >= JUNETEENTH_SINCE:
        fixed.append(date(year, 6, 19))
    # One that falls on a Sunday is kept on Monday; on a Saturday, not at all.
    kept = [day + ONE_DAY if day.weekday() == SUNDAY else day for day in fixed]
    floating = [
        _nth_weekday(year, 1, nth=3, weekday=MONDAY),
        _nth_weekday(year, 2, nth=3, weekday=MONDAY),
        _nth_weekday(year, 6, nth=1, weekday=MONDAY) - timedelta(days=7),
        _nth_weekday(year, 9, nth=1, weekday=MONDAY),
        _nth_weekday(year, 10, nth=2, weekday=MONDAY),
        _nth_weekday(year, 11, nth=4, weekday=THURSDAY),
    ]
    return frozenset(kept + floating)


def _nth_weekday(year: int, month: int, *, nth: int, weekday: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
