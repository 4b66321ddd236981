"""From what a company takes to what its next invoice says. Pure: plain rows in, plain rows out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from comptoir.kit.periods import Period
from comptoir.subscriptions.calculation.periods import periods_due
from comptoir.subscriptions.calculation.proration import prorate


class PricePoint(Protocol):
    """What a plan costs per full period, in minor units, for periods that start from ``valid_from`` on."""

    @property
    def valid_from(self) -> date: ...
    @property
    def amount_minor(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Billable:
    """A subscription, as the calculation needs it. ``prices`` are the plan's, oldest first."""

    subscription_id: int
    location_id: int | None
    location_label: str
    description: str
    cadence: str
    anchor_day: int
    billed_through: date
    ends_on: date | None
    agreed_price_minor: int | None
    prices: Sequence[PricePoint]


@dataclass(frozen=True, slots=True)
class LineDue:
    """One line to be: what it is for, the days it pays for, the full period's price and the line's own amount."""

    subscription_id: int
    location_id: int | None
    location_label: str
    description: str
    days: Period
    unit_minor: int
    amount_minor: int


class NoPrice(ValueError):
    """A plan has no price for a period that is due."""


def lines_due(*, billables: Iterable[Billable], through: date) -> list[LineDue]:
    """Return the lines for every period that starts on or before ``through`` and is not billed yet.

    Raises NoPrice when a plan has no price on the day a period starts.
    """
    return [
        line
        for billable in sorted(billables, key=lambda b: (b.location_label, b.description, b.subscription_id))
        for line in _lines_of(billable, through=through)
    ]


def due_date(*, lines: Sequence[LineDue], issue_date: date, terms_days: int) -> date:
    """Return when an invoice is due: when its earliest period starts, plus terms, and never before it was issued."""
    earliest = min(line.days.starts_on for line in lines)
    return max(issue_date, earliest + timedelta(days=terms_days))


def price_on(*, billable: Billable, day: date) -> int:
    """Return the price of a full period that starts on ``day``, in minor units. Raises NoPrice."""
    if billable.agreed_price_minor is not None:
        return billable.agreed_price_minor
    valid = [price.amount_minor for price in billable.prices if price.valid_from <= day]
    if not valid:
        raise NoPrice(f"{billable.description} has no price on {day.isoformat()}; add one to its plan.")
    return valid[-1]


def _lines_of(billable: Billable, *, through: date) -> Iterable[LineDue]:
    for due in periods_due(
        billed_through=billable.billed_through,
        through=through,
        ends_on=billable.ends_on,
        cadence=billable.cadence,
        anchor_day=billable.anchor_day,
    ):
        unit_minor = price_on(billable=billable, day=due.days.starts_on)
        yield LineDue(
            subscription_id=billable.subscription_id,
            location_id=billable.location_id,
            location_label=billable.location_label,
            description=billable.description,
            days=due.days,
            unit_minor=unit_minor,
            amount_minor=prorate(price_minor=unit_minor, days=due.days, full=due.full),
        )
