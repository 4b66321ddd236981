"""Amounts read the way the customer's language writes them."""

import pytest

from comptoir.kit.money import format_money

NO_BREAK = "\u00a0"
NARROW = "\u202f"


@pytest.mark.parametrize(
    ("amount_minor", "currency", "language", "written"),
    [
        (123_450, "USD", "en", "$1,234.50"),
        (-123_450, "USD", "en", "-$1,234.50"),
        (5, "USD", "en", "$0.05"),
        (123_450, "EUR", "fr", f"1{NARROW}234,50{NO_BREAK}€"),
        (1_234_500, "EUR", "es", f"12.345,00{NO_BREAK}€"),
        (123_450, "USD", "es-us", "$1,234.50"),
        (1500, "JPY", "en", "¥1,500"),
        (1500, "KWD", "en", "KWD1.500"),
    ],
)
def test_an_amount_is_written_as_the_language_and_the_currency_want(
    amount_minor: int, currency: str, language: str, written: str
) -> None:
    assert format_money(amount_minor=amount_minor, currency=currency, language=language) == written


def test_the_largest_amount_the_database_can_hold_keeps_every_cent() -> None:
    written = format_money(amount_minor=2**63 - 1, currency="USD", language="en")

    assert written == "$92,233,720,368,547,758.07"
