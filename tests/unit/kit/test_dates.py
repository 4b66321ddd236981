"""Dates cannot be misread across languages."""

from datetime import date

import pytest

from comptoir.kit.dates import format_date, format_month, format_period


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", "Oct 1, 2020"), ("fr", "1 oct. 2020"), ("es", "1 oct 2020")],
)
def test_a_day_names_its_month(language: str, written: str) -> None:
    assert format_date(day=date(2020, 10, 1), language=language) == written


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "written"),
    [
        (date(2020, 10, 1), date(2020, 11, 1), "Oct 1 – 31, 2020"),
        (date(2020, 10, 1), date(2021, 1, 1), "Oct 1 – Dec 31, 2020"),
        (date(2020, 10, 1), date(2020, 10, 2), "Oct 1, 2020"),
    ],
)
def test_a_half_open_period_is_written_with_its_last_day(starts_on: date, ends_on: date, written: str) -> None:
    period = format_period(starts_on=starts_on, ends_on=ends_on, language="en")

    assert period.replace("\N{THIN SPACE}", " ") == written


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", "October 2020"), ("fr", "octobre 2020"), ("es", "octubre de 2020")],
)
def test_a_month_is_written_out(language: str, written: str) -> None:
    assert format_month(month=date(2020, 10, 1), language=language) == written
