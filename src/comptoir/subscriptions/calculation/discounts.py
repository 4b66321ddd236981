"""What a discount leaves of a price. Pure."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple


class DiscountTerms(NamedTuple):
    """A percentage (in hundredths of a percent) or an amount per full period (in minor units); the other is None.

    Given to the periods that start from ``starts_on`` up to, not including, ``ends_on``; None: without end.
    """

    basis_points: int | None
    amount_minor: int | None
    starts_on: date
    ends_on: date | None


def discount_on(*, discounts: Iterable[DiscountTerms], day: date) -> DiscountTerms | None:
    """Return the discount of a period that starts on ``day``; at most one holds."""
    for terms in discounts:
        if terms.starts_on <= day and (terms.ends_on is None or day < terms.ends_on):
            return terms
    return None


def discounted(*, price_minor: int, terms: DiscountTerms | None) -> int:
    """Return what is left of a full period's price, in minor units: never below zero, a percentage rounded half up."""
    if terms is None:
        return price_minor
    if terms.amount_minor is not None:
        return max(0, price_minor - terms.amount_minor)
    kept = 10_000 - (terms.basis_points or 0)
    return (2 * price_minor * kept + 10_000) // 20_000
