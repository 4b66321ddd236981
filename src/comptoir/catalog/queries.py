"""What others may know of a vendor's catalog."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from comptoir.kit.lookups import Ids, Texts
from comptoir.kit.together import Question

from .errors import NotInCatalog
from .models import Plan, Product
from .prices import PricePoint, price_on, prices_of


@dataclass(frozen=True, slots=True)
class ProductRow:
    """Something sold."""

    id: int
    code: str
    name: str
    tax_category: str


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A product at a cadence, with all its prices, oldest first; ``scope`` is location (a store) or company."""

    id: int
    code: str
    name: str
    product_name: str
    cadence: str
    scope: str
    addon_of_id: int | None
    addon_of_name: str
    minimum_term_months: int | None
    prices: tuple[PricePoint, ...]

    def price_minor(self, day: date) -> int | None:
        """Return the price of a full period that starts on ``day``, in minor units; None before the first."""
        return price_on(self.prices, day)


def products(vendor_id: int) -> list[ProductRow]:
    """Return what a vendor sells, by name."""
    rows = Product.objects.filter(vendor_id=vendor_id).order_by("name", "id")
    return [ProductRow(*row) for row in rows.values_list("id", "code", "name", "tax_category")]


def _named(ids: Ids) -> "QuerySet[Product, tuple[int, str]]":
    return Product.objects.filter(id__any=ids).values_list("id", "name")


# What those of the products are called that the open door shows, by id.
named_products = Question(_named, lambda rows: {product_id: str(name) for product_id, name in rows})


def _named_plans(vendor_id: int, codes: Texts) -> "QuerySet[Plan, tuple[str, str]]":
    return Plan.objects.filter(vendor_id=vendor_id, code__any=codes).values_list("code", "name")


# What plans of a vendor are called, by code.
named_plans = Question(_named_plans, lambda rows: {str(code): str(name) for code, name in rows})


def plans(vendor_id: int) -> list[PlanRow]:
    """Return a vendor's plans, by product and name."""
    found = list(
        Plan.objects.filter(vendor_id=vendor_id)
        .select_related("product", "addon_of")
        .order_by("product__name", "name", "id")
    )
    prices = prices_of(plan.id for plan in found)
    return [
        PlanRow(
            id=plan.id,
            code=plan.code,
            name=plan.name,
            product_name=plan.product.name,
            cadence=plan.cadence,
            scope=plan.scope,
            addon_of_id=plan.addon_of_id,
            addon_of_name=plan.addon_of.name if plan.addon_of else "",
            minimum_term_months=plan.minimum_term_months,
            prices=tuple(prices.get(plan.id, ())),
        )
        for plan in found
    ]


def plan_of(*, vendor_id: int, plan_id: int) -> PlanRow:
    """Return one of a vendor's plans. Raises NotInCatalog."""
    for row in plans(vendor_id):
        if row.id == plan_id:
            return row
    raise NotInCatalog(_("There is no such plan here; the catalog shows those of this vendor."))
