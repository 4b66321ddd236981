"""The days on which US banks settle: weekdays that the Federal Reserve does not keep as holidays.

A holiday on a Sunday is kept on Monday, one on a Saturday not at all; that is where general calendars differ.
"""

from datetime import date, timedelta
from functools import lru_cache

MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6
JUNETEENTH_SINCE = 2022


def is_banking_day(day: date) -> bool:
    """Return whether US banks settle on ``day``."""
    return day.weekday() < SATURDAY and day not in _holidays(day.year)


def next_banking_day(day: date) -> date:
    """Return ``day`` if US banks settle on it, else the first day after it on which they do."""
    while not is_banking_day(day):
        day += timedelta(days=1)
    return day


@lru_cache(maxsize=16)
def _holidays(year: int) -> frozenset[date]:
    of_a_date = [date(year, 1, 1), date(year, 7, 4), date(year, 11, 11), date(year, 12, 25)]
    if year >= JUNETEENTH_SINCE:
        of_a_date.append(date(year, 6, 19))
    kept = [day + timedelta(days=1) if day.weekday() == SUNDAY else day for day in of_a_date]
    martin_luther_king = _nth(3, MONDAY, year=year, month=1)
    washington = _nth(3, MONDAY, year=year, month=2)
    memorial = _nth(1, MONDAY, year=year, month=6) - timedelta(days=7)
    labor = _nth(1, MONDAY, year=year, month=9)
    columbus = _nth(2, MONDAY, year=year, month=10)
    thanksgiving = _nth(4, THURSDAY, year=year, month=11)
    return frozenset([*kept, martin_luther_king, washington, memorial, labor, columbus, thanksgiving])


def _nth(count: int, weekday: int, *, year: int, month: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))
