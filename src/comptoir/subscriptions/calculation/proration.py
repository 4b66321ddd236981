"""What part of a period's price a number of its days costs. Pure."""

from comptoir.kit.periods import Period


def prorate(*, price_minor: int, days: Period, full: Period) -> int:
    """Return what ``days`` cost, in minor units, out of the ``full`` period that ``price_minor`` pays for.

    Price × days used ÷ days of the full period, exact until the one rounding, half up.
    """
    return prorate_days(price_minor=price_minor, days=days.days, full_days=full.days)


def prorate_days(*, price_minor: int, days: int, full_days: int) -> int:
    """Return what ``days`` cost, in minor units, out of the ``full_days`` that ``price_minor`` pays for."""
    if price_minor < 0:
        raise ValueError(f"a price is not negative: {price_minor}")
    return (2 * price_minor * days + full_days) // (2 * full_days)
