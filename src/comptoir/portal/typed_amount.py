"""An amount as people type it, in the language of the page."""

import re
from decimal import Decimal

from babel.numbers import NumberFormatError, get_currency_precision, parse_decimal
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comptoir.kit.errors import ComptoirError
from comptoir.kit.money import locale_of

LONGEST = 15


class NotAnAmount(ComptoirError):
    """What was typed is no amount above zero."""


def read_amount(typed: str, *, currency: str) -> int:
    """Return what was typed, such as 148.00 or 1,234.50 (in French 1 234,50), in minor units.

    Raises NotAnAmount, for zero and less, too.
    """
    digits = re.sub(r"[\s$€]", "", typed)
    if not re.fullmatch(r"-?[\d.,’']+", digits):
        raise NotAnAmount(_("Write the amount in digits, such as 148.00."))
    amount = _parsed(digits, language=get_language() or "en")
    if amount is None:
        amount = _parsed(digits, language="en")
    if amount is None:
        raise NotAnAmount(_("Write the amount in digits, such as 148.00."))
    minor = amount.scaleb(get_currency_precision(currency))
    if minor != minor.to_integral_value() or minor >= 10**LONGEST:
        raise NotAnAmount(_("Write the amount in digits, such as 148.00."))
    if minor <= 0:
        raise NotAnAmount(_("An amount of zero cannot be paid. Give an amount above zero."))
    return int(minor)


def _parsed(digits: str, *, language: str) -> Decimal | None:
    try:
        amount = parse_decimal(digits, locale=locale_of(language), strict=True)
    except NumberFormatError:
        return None
    return amount if amount.is_finite() else None
