"""What is put into a vendor's catalog: products, plans, prices from a date on. Nothing is ever taken out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from comptoir.tenancy.audit import Actor, record

from .errors import CatalogRefused
from .models import Cadence, Plan, Price, Product, Scope, TaxCategory


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


def add_product(*, vendor_id: int, code: str, name: str, tax_category: str, actor: Actor) -> int:
    """Add something to sell, and return its id. Raises CatalogRefused when the code is taken."""
    if tax_category not in TaxCategory.values:
        raise CatalogRefused(_("Say what the product is to a tax office: software, service, hardware or exempt."))
    try:
        with transaction.atomic():
            made = Product.objects.create(vendor_id=vendor_id, code=code, name=name, tax_category=tax_category)
    except IntegrityError as error:
        raise _taken(code) from error
    record(
        actor=actor,
        action="product added",
        subject=f"product:{code}",
        vendor_id=vendor_id,
        after={"name": name, "tax_category": tax_category},
    )
    return made.id


def add_plan(
    *,
    product_id: int,
    code: str,
    name: str,
    cadence: str,
    scope: str,
    price_minor: int,
    valid_from: date,
    actor: Actor,
    addon_of_id: int | None = None,
    minimum_term_months: int | None = None,
) -> int:
    """Sell a product at a cadence, for ``price_minor`` per full period that starts from ``valid_from`` on.

    An add-on names the plan beside which it is taken. Returns the plan's id. Raises CatalogRefused when the code is
    taken, or the other plan is one that add-ons cannot be taken beside.
    """
    if cadence not in Cadence.values or scope not in Scope.values:
        raise CatalogRefused(_("Say how often the plan is billed, and whether it is for a store or the company."))
    _not_negative(price_minor)
    product = Product.objects.get(id=product_id)
    try:
        with transaction.atomic():
            made = Plan.objects.create(
                product=product,
                vendor_id=product.vendor_id,
                code=code,
                name=name,
                cadence=cadence,
                scope=scope,
                addon_of_id=addon_of_id,
                minimum_term_months=minimum_term_months,
            )
            Price.objects.create(plan=made, valid_from=valid_from, amount_minor=price_minor)
    except IntegrityError as error:
        if Plan.objects.filter(vendor_id=product.vendor_id, code=code).exists():
            raise _taken(code) from error
        raise CatalogRefused(
            _("An add-on goes with a plan of the same vendor, for stores as it is or for companies, no add-on itself.")
        ) from error
    record(
        actor=actor,
        action="plan added",
        subject=f"plan:{code}",
        vendor_id=product.vendor_id,
        after={"name": name, "cadence": cadence, "price_minor": price_minor, "valid_from": str(valid_from)},
    )
    return made.id


def announce_price(*, plan_id: int, valid_from: date, amount_minor: int, today: date, actor: Actor) -> None:
    """Set what a plan costs per full period, in minor units, for periods that start from ``valid_from`` on.

    What is billed already keeps its price. Raises CatalogRefused for a day before ``today``, and for a day on which
    another price of the plan begins: overlapping prices would leave open which one holds.
    """
    _not_negative(amount_minor)
    if valid_from < today:
        raise CatalogRefused(_("A price begins today or later; what was sold before keeps the price it had."))
    plan = Plan.objects.get(id=plan_id)
    try:
        with transaction.atomic():
            Price.objects.create(plan=plan, valid_from=valid_from, amount_minor=amount_minor)
    except IntegrityError as error:
        raise CatalogRefused(
            _("Another price of this plan begins on that day; announce this one for another day.")
        ) from error
    record(
        actor=actor,
        action="price announced",
        subject=f"plan:{plan.code}",
        vendor_id=plan.vendor_id,
        after={"amount_minor": amount_minor, "valid_from": str(valid_from)},
    )


def _not_negative(amount_minor: int) -> None:
    if amount_minor < 0:
        raise CatalogRefused(_("A price is zero or more; to take something off, give a discount."))


def _taken(code: str) -> CatalogRefused:
    return CatalogRefused(_("The code “%(code)s” is taken already; choose another.") % {"code": code})
