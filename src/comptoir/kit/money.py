"""Money: integer minor units and a currency code, never a float."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import format_currency, format_percent, get_currency_precision


@lru_cache(maxsize=8192)
def format_money(*, amount_minor: int, currency: str, language: str) -> str:
    """Write an amount the way the language writes it: "$1,234.50", "1 234,50 €".

    `amount_minor` is in the currency's minor units (cents; yen for JPY, which has none).
    """
    amount = Decimal(amount_minor).scaleb(-get_currency_precision(currency))
    return format_currency(amount, currency, locale=locale_of(language))


def percent(share: Decimal, *, language: str) -> str:
    """Write a share the way the language writes it, with all its places: "8.25%", "8,25 %"."""
    return format_percent(share.normalize(), locale=locale_of(language), decimal_quantization=False)


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """Return the formatting rules of a Django language code ("fr", "es-mx")."""
    return Locale.parse(language, sep="-")
