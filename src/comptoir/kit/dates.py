"""Dates as people write them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date as babel_format_date
from babel.dates import (
    format_interval,
    format_skeleton,
    format_time,
    get_datetime_format,
    get_day_names,
    get_timezone_name,
)

from comptoir.kit.money import locale_of


@lru_cache(maxsize=4096)
def format_date(*, day: date, language: str) -> str:
    """Write a day unambiguously in the language: "Oct 1, 2020", "1 oct. 2020"."""
    return babel_format_date(day, format="medium", locale=locale_of(language))


@lru_cache(maxsize=1024)
def format_period(*, starts_on: date, ends_on: date, language: str) -> str:
    """Write a half-open period with its last day, as people do: "Oct 1 – 31, 2020"."""
    last_day = ends_on - timedelta(days=1)
    if last_day == starts_on:
        return format_date(day=starts_on, language=language)
    return format_interval(starts_on, last_day, skeleton="yMMMd", locale=locale_of(language))


@lru_cache
def weekdays(language: str) -> dict[int, str]:
    """Return what the days of the week are called, from 1, Monday, to 7: "Monday", "Lundi"."""
    names = get_day_names("wide", context="stand-alone", locale=locale_of(language))
    return {number + 1: names[number].capitalize() for number in range(7)}


def format_month(*, month: date, language: str) -> str:
    """Write the month of a day: "October 2020", "octobre 2020", "octubre de 2020"."""
    return format_skeleton("yMMMM", month, locale=locale_of(language))


def format_instant(*, instant: datetime, time_zone: str, language: str) -> str:
    """Write an instant as a clock on the wall shows it there: "Wed, Nov 25, 2020, 3:00 PM EST"."""
    local, locale = instant.astimezone(ZoneInfo(time_zone)), locale_of(language)
    day = format_skeleton("yMMMEd", local.date(), locale=locale)
    at = format_time(local, format="short", tzinfo=local.tzinfo, locale=locale)
    zone = get_timezone_name(local, width="short", locale=locale)
    together = str(get_datetime_format("medium", locale=locale))
    return f"{together.format(at, day)} {zone}"
