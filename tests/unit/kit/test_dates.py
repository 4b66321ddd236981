"""Dates cannot be misread across languages."""

from datetime import date

import pytest

from comptoir.kit.dates import format_date


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", "Oct 1, 2020"), ("fr", "1 oct. 2020"), ("es", "1 oct 2020")],
)
def test_a_day_names_its_month(language: str, written: str) -> None:
    assert format_date(day=date(2020, 10, 1), language=language) == written
