"""What others may know of subscriptions: reads in bulk, for many companies at once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import F, Q, QuerySet

from comptoir.kit.lookups import Ids
from comptoir.kit.together import Question

from .calculation.discounts import DiscountTerms
from .calculation.due import SubscriptionDue
from .models import BillingPreferences, ChargeWithdrawal, Discount, OneOffCharge, Subscription


class SubscriptionRow(NamedTuple):
    """A subscription with what it is for; the place is the store's, empty for the company's own.

    ``billed_through`` is the first day not yet billed, ``ends_on`` the first without service. A tuple, and not a
    dataclass, since a bill run makes hundreds of thousands.
    """

    id: int
    company_id: int
    location_id: int | None
    location_label: str
    country: str
    state: str
    county: str
    city: str
    plan_id: int
    plan_name: str
    tax_category: str
    cadence: str
    anchor_day: int
    agreed_price_minor: int | None
    starts_on: date
    ends_on: date | None
    minimum_term_ends_on: date | None
    billed_from: date
    billed_through: date

    @property
    def is_over(self) -> bool:
        """Whether all days of service are billed, so that no period will ever fall due."""
        return self.ends_on is not None and self.billed_through >= self.ends_on


class DiscountRow(NamedTuple):
    """A discount, by the name that ends it."""

    id: int
    subscription_id: int
    terms: DiscountTerms


class ChargeRow(NamedTuple):
    """A one-off charge with what it is for; the place is the store's, empty for the company's own."""

    id: int
    company_id: int
    location_id: int | None
    location_label: str
    country: str
    state: str
    county: str
    city: str
    product_name: str
    tax_category: str
    description: str
    amount_minor: int
    charge_on: date
    is_withdrawn: bool


class NamedSubscription(NamedTuple):
    """A subscription by its plan, and its store, which is empty for the company's own."""

    plan: str
    store: str


class PreferencesRow(NamedTuple):
    """How a company is billed. ``terms_days`` None is the vendor's, ``align_to_day`` None each subscription's own."""

    invoice_per_store: bool = False
    purchase_order: str = ""
    terms_days: int | None = None
    align_to_day: int | None = None


PLAIN = PreferencesRow()

COLUMNS = """
    SELECT s.id, s.company_id, s.location_id, coalesce(l.number || ' ' || l.name, ''), coalesce(l.country, ''),
           coalesce(l.state, ''), coalesce(l.county, ''), coalesce(l.city, ''), s.plan_id, p.name, o.tax_category,
           p.cadence, s.anchor_day, s.agreed_price_minor, s.starts_on, s.ends_on, s.minimum_term_ends_on,
           s.billed_from, s.billed_through
    FROM subscriptions_subscription s
    JOIN catalog_plan p ON p.id = s.plan_id
    JOIN catalog_product o ON o.id = p.product_id
    LEFT JOIN customers_location l ON l.id = s.location_id
"""
# Billed here beyond the end of service. What the old system billed beyond it is the old system's to give back.
OVERBILLED = "s.billed_through > s.ends_on AND s.billed_through > s.billed_from"


PERIODS_DUE = """
    FROM subscriptions_subscription s JOIN tenancy_company c ON c.id = s.company_id
    WHERE s.vendor_id = %s AND s.billed_through <= %s AND c.billed_since IS NOT NULL
      AND (s.ends_on IS NULL OR s.billed_through < s.ends_on)
"""


def companies_with_periods_due(*, vendor_id: int, through: date) -> list[int]:
    """Return the companies billed here that have a period starting on or before ``through`` that is not billed yet."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT s.company_id {PERIODS_DUE} ORDER BY s.company_id", [vendor_id, through])
        return [row[0] for row in cursor.fetchall()]


def any_period_or_credit_due(*, vendor_id: int, through: date) -> bool:
    """Return whether a period of any company is due up to ``through``, or a credit for service that ended."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT EXISTS (SELECT 1 {PERIODS_DUE}) OR EXISTS (
                SELECT 1 FROM subscriptions_subscription s WHERE s.vendor_id = %s AND {OVERBILLED})
            """,
            [vendor_id, through, vendor_id],
        )
        (found,) = cursor.fetchone() or (False,)
        return bool(found)


def with_periods_due(*, company_ids: Sequence[int], through: date, hold: bool = False) -> list[SubscriptionDue]:
    """Return the companies' subscriptions that have a period starting on or before ``through``, by company and id.

    With ``hold``, those are held in that order until the transaction ends, as they stand when the hold is granted.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT id, company_id, location_id, plan_id, anchor_day, agreed_price_minor, billed_through, ends_on
            FROM subscriptions_subscription
            WHERE company_id = ANY(%s) AND billed_through <= %s AND (ends_on IS NULL OR billed_through < ends_on)
            ORDER BY company_id, id {"FOR NO KEY UPDATE" if hold else ""}
            """,
            [Ids(company_ids).literal, through],
        )
        return list(map(SubscriptionDue._make, cursor.fetchall()))


def overbilled_companies(*, vendor_id: int) -> list[int]:
    """Return the companies of a vendor that are owed a credit: service ended before what is billed here does."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT s.company_id FROM subscriptions_subscription s WHERE s.vendor_id = %s AND {OVERBILLED}",
            [vendor_id],
        )
        return [row[0] for row in cursor.fetchall()]


def overbilled(*, company_ids: Sequence[int]) -> list[SubscriptionRow]:
    """Return the companies' subscriptions that are billed here beyond their end: what is owed a credit, by company."""
    return _select(
        f"WHERE s.company_id = ANY(%s) AND {OVERBILLED} ORDER BY s.company_id, s.id",
        [Ids(company_ids).literal],
    )


def of_company(company_id: int) -> list[SubscriptionRow]:
    """Return all subscriptions of a company, by store, plan and id."""
    return _select("WHERE s.company_id = %s ORDER BY 4, p.name, s.id", [company_id])


def _going_on(company_id: int) -> "QuerySet[Subscription, tuple[date]]":
    found = Subscription.objects.filter(Q(ends_on=None) | Q(ends_on__gt=F("billed_through")), company_id=company_id)
    return found.values_list("billed_through")


# From which day on a company's services are to be billed next; None where nothing is left to bill.
next_to_bill: Question[date | None] = Question(
    _going_on, lambda rows: min((billed_through for (billed_through,) in rows), default=None)
)


def taken_at(*, company_id: int, location_ids: Iterable[int], on: date) -> list[SubscriptionRow]:
    """Return what a company takes at stores on a day or will take there later, by store, plan and id."""
    return _select(
        "WHERE s.company_id = %s AND s.location_id = ANY(%s)"
        " AND (s.ends_on IS NULL OR (s.ends_on > %s AND s.ends_on > s.starts_on)) ORDER BY 4, p.name, s.id",
        [company_id, list(location_ids), on],
    )


def discounts_of(subscription_ids: Iterable[int]) -> Mapping[int, Sequence[DiscountRow]]:
    """Return the discounts of each subscription, oldest first; one without any is missing."""
    found: dict[int, list[DiscountRow]] = defaultdict(list)
    rows = Discount.objects.filter(subscription_id__any=Ids(subscription_ids)).order_by("subscription_id", "starts_on")
    for discount_id, subscription_id, basis_points, amount_minor, starts_on, ends_on in rows.values_list(
        "id", "subscription_id", "basis_points", "amount_minor", "starts_on", "ends_on"
    ):
        terms = DiscountTerms(basis_points, amount_minor, starts_on, ends_on)
        found[subscription_id].append(DiscountRow(discount_id, subscription_id, terms))
    return dict(found)


def charges(*, company_ids: Iterable[int], through: date, hold: bool = False) -> list[ChargeRow]:
    """Return the one-off charges of companies up to and including ``through``, billed or not, by company and day.

    With ``hold``, those are held until the transaction ends, and none can be withdrawn meanwhile.
    """
    found = (
        OneOffCharge.objects.filter(company_id__any=Ids(company_ids), charge_on__lte=through)
        .order_by("company_id", "charge_on", "id")
        .select_related("location", "product")
    )
    rows = list(found.select_for_update(of=("self",)) if hold else found)
    # Asked for when the hold is granted: whoever withdrew one had held it before.
    withdrawn = set(ChargeWithdrawal.objects.filter(charge__in=rows).values_list("charge_id", flat=True))
    return [_charge_row(row, is_withdrawn=row.id in withdrawn) for row in rows]


def preferences_of(company_ids: Iterable[int]) -> Mapping[int, PreferencesRow]:
    """Return how companies want to be billed; one that never said is missing, and is billed as PLAIN says."""
    rows = BillingPreferences.objects.filter(company_id__any=Ids(company_ids))
    return {
        company_id: PreferencesRow(per_store, purchase_order, terms_days, align_to_day)
        for company_id, per_store, purchase_order, terms_days, align_to_day in rows.values_list(
            "pk", "invoice_per_store", "purchase_order", "terms_days", "align_to_day"
        )
    }


def lock(*, company_ids: Sequence[int]) -> None:
    """Hold the companies' subscriptions, in the order of their ids, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM subscriptions_subscription WHERE company_id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
            [Ids(company_ids).literal],
        )


def _select(condition: str, parameters: list[Any]) -> list[SubscriptionRow]:
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS + condition, parameters)
        return list(map(SubscriptionRow._make, cursor.fetchall()))


def _charge_row(row: OneOffCharge, *, is_withdrawn: bool) -> ChargeRow:
    store = row.location
    return ChargeRow(
        id=row.id,
        company_id=row.company_id,
        location_id=row.location_id,
        location_label=str(store or ""),
        country=store.country if store else "",
        state=store.state if store else "",
        county=store.county if store else "",
        city=store.city if store else "",
        product_name=row.product.name,
        tax_category=row.product.tax_category,
        description=row.description,
        amount_minor=row.amount_minor,
        charge_on=row.charge_on,
        is_withdrawn=is_withdrawn,
    )


def _named(ids: Ids) -> "QuerySet[Subscription, tuple[Any, ...]]":
    found = Subscription.objects.filter(id__any=ids)
    return found.values_list("id", "plan__name", "location__number", "location__name")


# What those of the subscriptions are called that the open door shows, by id.
named_subscriptions = Question(
    _named,
    lambda rows: {
        row_id: NamedSubscription(plan, f"{number} {name}" if number else "") for row_id, plan, number, name in rows
    },
)


def products_taken(company_id: int, *, on: date) -> dict[int, str]:
    """Return the names of the products that a company takes on a day, by id, in the order of the names."""
    return taken_products(company_id=company_id, on=on).read()


def _taken(company_id: int, on: date) -> "QuerySet[Subscription, tuple[int, str]]":
    lasting = Q(ends_on=None) | Q(ends_on__gt=on)
    found = Subscription.objects.filter(lasting, company_id=company_id, starts_on__lte=on)
    return found.order_by("plan__product__name").values_list("plan__product_id", "plan__product__name").distinct()


# What ``products_taken`` returns.
taken_products: Question[dict[int, str]] = Question(
    _taken, lambda rows: {product_id: str(name) for product_id, name in rows}
)
