"""What part of a period's price a number of its days costs. Pure."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from comptoir.kit.periods import Period


def prorate(*, price_minor: int, used: Period, full: Period) -> int:
    """Return the price, in minor units, of the days ``used`` out of the ``full`` period that ``price_minor`` pays for.

    Price × days used ÷ days of the full period, exact until the one rounding, half up.
    """
    exact = Fraction(price_minor * used.days, full.days)
    return int((Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal(1), rounding=ROUND_HALF_UP))
