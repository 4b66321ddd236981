"""The days on which the bank works: weekdays that the Federal Reserve does not keep as holidays."""

from datetime import UTC, date, datetime, timedelta


def is_banking_day(day: date) -> bool:
    """Say whether US banks settle on ``day``."""
    return day.weekday() < 5 and day not in _holidays(day.year)


def _holidays(year: int) -> set[date]:
    fixed = [date(year, 1, 1), date(year, 6, 19), date(year, 7, 4), date(year, 11, 11), date(year, 12, 25)]
    # Juneteenth is one since 2022; one that falls on a Sunday is kept on Monday, on a Saturday not at all.
    kept = {day + timedelta(days=1) if day.weekday() == 6 else day for day in fixed if (day.month != 6 or year >= 2022)}
    floating = {
        _nth_weekday(year, 1, nth=3, weekday=0),
        _nth_weekday(year, 2, nth=3, weekday=0),
        _nth_weekday(year, 6, nth=1, weekday=0) - timedelta(days=7),
        _nth_weekday(year, 9, nth=1, weekday=0),
        _nth_weekday(year, 10, nth=2, weekday=0),
        _nth_weekday(year, 11, nth=4, weekday=3),
    }
    return kept | floating


def _nth_weekday(year: int, month: int, *, nth: int, weekday: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def start_of_banking_day(instant: int, *, days_later: int) -> int:
    """Give when (UTC, seconds) the banking day begins that is ``days_later`` later."""
    day = datetime.fromtimestamp(instant, tz=UTC).date()
    left = days_later
    while left:
        day += timedelta(days=1)
        left -= is_banking_day(day)
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
