"""From the words of a file to dates and amounts, strictly: what is not surely understood is unreadable."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from babel.numbers import get_currency_precision
from django.utils.translation import gettext as _

PLAUSIBLE_YEARS = range(1900, 2101)
MOST_DIGITS = 15


class Unreadable(ValueError):
    """A cell that does not say what its column should; the message is the reason, a translated sentence."""


@lru_cache(maxsize=4096)
def parse_date(*, text: str, pattern: str) -> date:
    """Read a date written by `pattern` (strptime's letters).

    Raises Unreadable for another way of writing, a day that does not exist, a year that cannot be meant.
    """
    try:
        day = datetime.strptime(text, pattern).date()  # noqa: DTZ007 (a date of the calendar has no zone)
    except ValueError:
        raise Unreadable(_("This is not a date written as %(pattern)s.") % {"pattern": pattern}) from None
    if day.year not in PLAUSIBLE_YEARS:
        raise Unreadable(_("The year %(year)d cannot be meant.") % {"year": day.year})
    return day


@dataclass(frozen=True, slots=True)
class AmountFormat:
    """How a file writes amounts of one currency: "1,234.50", "1.234,50", "$12.00"."""

    currency: str
    decimal_point: str = "."
    thousands: str = ""
    symbol: str = ""
    _pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        grouped = rf"\d{{1,3}}(?:{re.escape(self.thousands)}\d{{3}})+|" if self.thousands else ""
        pattern = rf"(-?)({grouped}\d+)(?:{re.escape(self.decimal_point)}(\d+))?"
        object.__setattr__(self, "_pattern", re.compile(pattern, re.ASCII))

    def decimal(self, text: str) -> Decimal:
        """Return the amount in the currency's unit, exact. Raises Unreadable."""
        bare = text.replace(self.symbol, "", 1).strip() if self.symbol else text
        match = self._pattern.fullmatch(bare)
        if match is None:
            example = f"{self.symbol}1{self.thousands}234{self.decimal_point}50"
            raise Unreadable(_("This is not an amount written like %(example)s.") % {"example": example})
        sign, whole, fraction = match.groups(default="")
        digits = whole.replace(self.thousands, "") if self.thousands else whole
        if len(digits) + len(fraction) > MOST_DIGITS:
            raise Unreadable(_("An amount of more than %(count)d digits cannot be meant.") % {"count": MOST_DIGITS})
        return Decimal(f"{sign}{digits}.{fraction or '0'}")

    def minor(self, text: str) -> int:
        """Return minor units. Raises Unreadable, also for a part of a minor unit."""
        amount = self.decimal(text).scaleb(get_currency_precision(self.currency))
        if amount != amount.to_integral_value():
            raise Unreadable(_("This has more decimals than the currency %(currency)s.") % {"currency": self.currency})
        return int(amount)
