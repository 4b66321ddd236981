"""What the billing team's templates need beside the components of ``look``."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision
from django import template

from comptoir.console.payment_words import STATUS_WORDS

register = template.Library()


@register.filter
def word(code: str, words: Mapping[str, Any]) -> Any:
    """Return the word for a code, nothing for no code."""
    return words[code] if code else ""


@register.filter
def payment_word(status: str) -> str:
    """Return what the team calls the state of a payment."""
    return str(STATUS_WORDS[status])


@register.filter
def typed(amount_minor: int, currency: str) -> str:
    """Return an amount the way that forms take it: 12.50."""
    return str(Decimal(amount_minor).scaleb(-get_currency_precision(currency)))
