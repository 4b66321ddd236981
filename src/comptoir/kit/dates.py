"""Dates as people write them."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date as babel_format_date

from comptoir.kit.money import locale_of


def format_date(*, day: date, language: str) -> str:
    """This function will write a day unambiguously in the language: "Oct 1, 2020", "1 oct. 2020"."""
    return babel_format_date(day, format="medium", locale=locale_of(language))
