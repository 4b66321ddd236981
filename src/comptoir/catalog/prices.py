"""What plans cost, and from when."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from .models import Plan, Price


@dataclass(frozen=True, slots=True)
class PricePoint:
    """What a plan costs per full period, in minor units, for periods that start from ``valid_from`` on."""

    valid_from: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """What a plan is sold as: its name on invoices, cadence, what it is to a tax office, and its prices."""

    name: str
    cadence: str
    tax_category: str
    prices: Sequence[PricePoint]


def terms_of(plan_ids: Iterable[int]) -> Mapping[int, PlanTerms]:
    """Return what plans are sold as, by id."""
    wanted = set(plan_ids)
    prices = prices_of(wanted)
    plans = Plan.objects.filter(id__in=wanted).values_list("id", "name", "cadence", "product__tax_category")
    return {
        plan_id: PlanTerms(name=name, cadence=cadence, tax_category=tax_category, prices=prices.get(plan_id, ()))
        for plan_id, name, cadence, tax_category in plans
    }


def prices_of(plan_ids: Iterable[int]) -> Mapping[int, Sequence[PricePoint]]:
    """Return the prices of each plan, oldest first; a plan without any has none."""
    prices: dict[int, list[PricePoint]] = defaultdict(list)
    found = Price.objects.filter(plan_id__in=set(plan_ids)).order_by("plan_id", "valid_from")
    for plan_id, valid_from, amount_minor in found.values_list("plan_id", "valid_from", "amount_minor"):
        prices[plan_id].append(PricePoint(valid_from=valid_from, amount_minor=amount_minor))
    return prices


def price_on(prices: Sequence[PricePoint], day: date) -> int | None:
    """Return the price, in minor units, of a period that starts on ``day``; None before the first price."""
    valid = [price.amount_minor for price in prices if price.valid_from <= day]
    return valid[-1] if valid else None
