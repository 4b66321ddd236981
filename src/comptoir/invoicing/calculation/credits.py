"""What is given back of days that were billed. Pure."""

from dataclasses import dataclass
from datetime import date

from comptoir.subscriptions.calculation.proration import prorate_days


@dataclass(frozen=True, slots=True)
class DaysBilled:
    """The days ``[starts_on, live_until)`` that a line still pays for, of a period of ``full_days`` at a price."""

    starts_on: date
    live_until: date
    full_days: int
    price_minor: int


def unused(*, billed: DaysBilled, keep_until: date) -> int:
    """Return what the days from ``keep_until`` on cost, in minor units.

    It is what the line's days cost less what those that are kept cost, so that the parts add up to the cent.
    """
    if not billed.starts_on <= keep_until <= billed.live_until:
        raise ValueError(f"{keep_until} is not among the days {billed.starts_on} to {billed.live_until}")
    whole, kept = (
        prorate_days(price_minor=billed.price_minor, days=(until - billed.starts_on).days, full_days=billed.full_days)
        for until in (billed.live_until, keep_until)
    )
    return whole - kept
