"""What plans cost, and from when."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from comptoir.kit.lookups import Ids
from comptoir.kit.together import Question

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
    return {
        plan_id: PlanTerms(name=name, cadence=cadence, tax_category=tax_category, prices=prices.get(plan_id, ()))
        for plan_id, name, cadence, tax_category in _sold(ids=Ids(wanted)).read()
    }


def prices_of(plan_ids: Iterable[int]) -> Mapping[int, Sequence[PricePoint]]:
    """Return the prices of each plan, oldest first; a plan without any has none."""
    prices: dict[int, list[PricePoint]] = defaultdict(list)
    for plan_id, valid_from, amount_minor in _priced(ids=Ids(set(plan_ids))).read():
        prices[plan_id].append(PricePoint(valid_from=valid_from, amount_minor=amount_minor))
    return prices


def _plans(ids: Ids) -> "QuerySet[Plan, tuple[int, str, str, str]]":
    return Plan.objects.filter(id__any=ids).values_list("id", "name", "cadence", "product__tax_category")


def _prices(ids: Ids) -> "QuerySet[Price, tuple[int, date, int]]":
    found = Price.objects.filter(plan_id__any=ids).order_by("plan_id", "valid_from")
    return found.values_list("plan_id", "valid_from", "amount_minor")


_sold = Question(_plans, lambda rows: rows)
_priced = Question(_prices, lambda rows: rows)


def price_on(prices: Sequence[PricePoint], day: date) -> int | None:
    """Return the price, in minor units, of a period that starts on ``day``; None before the first price."""
    valid = [price.amount_minor for price in prices if price.valid_from <= day]
    return valid[-1] if valid else None
