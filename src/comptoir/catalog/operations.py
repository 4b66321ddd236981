"""Putting plans and their first prices into a vendor's catalog."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from .models import Plan, Price, Product


@dataclass(frozen=True, slots=True)
class WantedPlan:
    """A plan that should be sold: ``price_minor`` per full period, for periods that start from ``valid_from`` on.

    ``scope`` is what it is taken for: location (a store) or company.
    """

    code: str
    name: str
    cadence: str
    scope: str
    product_code: str
    product_name: str
    price_minor: int
    valid_from: date


def ensure_plans(*, vendor_id: int, wanted: Iterable[WantedPlan]) -> dict[str, int]:
    """Return the ids of the wanted plans by code; those that are missing are made, with their product and price.

    A plan that is there keeps its name and its prices.
    """
    plans = list(wanted)
    Product.objects.bulk_create(
        {
            plan.product_code: Product(vendor_id=vendor_id, code=plan.product_code, name=plan.product_name)
            for plan in plans
        }.values(),
        ignore_conflicts=True,
    )
    products = dict(Product.objects.filter(vendor_id=vendor_id).values_list("code", "id"))
    present = dict(Plan.objects.filter(vendor_id=vendor_id).values_list("code", "id"))
    missing = [plan for plan in plans if plan.code not in present]
    made = Plan.objects.bulk_create(
        Plan(
            vendor_id=vendor_id,
            product_id=products[plan.product_code],
            code=plan.code,
            name=plan.name,
            cadence=plan.cadence,
            scope=plan.scope,
        )
        for plan in missing
    )
    Price.objects.bulk_create(
        Price(plan=row, valid_from=plan.valid_from, amount_minor=plan.price_minor)
        for row, plan in zip(made, missing, strict=True)
    )
    return present | {row.code: row.id for row in made}
