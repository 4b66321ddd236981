"""What programs ask: which products each store may use now, from its subscriptions and its owner's standing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from .models import State

# A store's products are what its owner takes there, and for the whole company.
ACCESS = """
SELECT l.number, l.public_id, c.public_id, p.code, s.state, s.since, s.reason, s.warned_until
FROM tenancy_vendor v
JOIN customers_location l ON l.vendor_id = v.id AND {asked}
LEFT JOIN LATERAL (SELECT coalesce(v.business_date, (%(now)s AT TIME ZONE v.time_zone)::date) AS day) today ON true
LEFT JOIN customers_ownership o ON o.location_id = l.id AND o.period @> today.day
LEFT JOIN tenancy_company c ON c.id = o.company_id
LEFT JOIN subscriptions_subscription sub ON sub.company_id = c.id
    AND (sub.location_id = l.id OR sub.location_id IS NULL)
    AND sub.starts_on <= today.day AND (sub.ends_on IS NULL OR sub.ends_on > today.day)
LEFT JOIN catalog_plan plan ON plan.id = sub.plan_id
LEFT JOIN catalog_product p ON p.id = plan.product_id
LEFT JOIN access_standing s ON s.company_id = c.id AND s.product_id = p.id
WHERE v.id = %(vendor)s
ORDER BY l.number, p.code
"""
BY_NAME = ACCESS.format(asked="(l.number = ANY(%(numbers)s) OR l.public_id = ANY(%(ids)s::uuid[]))")
BY_PAGE = ACCESS.format(
    asked="""l.id IN (
        SELECT id FROM customers_location WHERE vendor_id = %(vendor)s AND number > %(after)s
        ORDER BY number LIMIT %(most)s
    )"""
)
BY_ID = ACCESS.format(asked="l.id = ANY(%(locations)s)")
# Where something begins or ends by itself, as days come: nobody does anything then.
FALLING_DUE = """
WITH days AS (SELECT daterange(%(since)s, %(on)s, '(]') AS these), changing AS (
    SELECT company_id, location_id FROM subscriptions_subscription, days
    WHERE vendor_id = %(vendor)s AND (starts_on <@ these OR ends_on <@ these)
)
SELECT location_id FROM changing WHERE location_id IS NOT NULL
UNION
SELECT o.location_id FROM changing JOIN customers_ownership o USING (company_id)
WHERE changing.location_id IS NULL AND o.period @> %(on)s
UNION
SELECT o.location_id FROM days, customers_ownership o JOIN tenancy_company c ON c.id = o.company_id
WHERE c.vendor_id = %(vendor)s AND (lower(o.period) <@ these OR upper(o.period) <@ these)
ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class ProductAccess:
    """Whether a store may use a product: the standing, since when and why where it is not simply good."""

    product: str
    access: bool
    standing: str
    since: datetime | None
    reason: str
    warned_until: date | None


@dataclass(frozen=True, slots=True)
class StoreAccess:
    """The products that a store is subscribed to; none where nobody owns it."""

    number: str
    id: UUID
    company: UUID | None
    products: tuple[ProductAccess, ...]


def access_of_stores(stores: Sequence[str], *, vendor_id: int, now: datetime) -> list[StoreAccess]:
    """Return what each of a vendor's stores may use, by number; one that is not known is left out.

    A store is asked for by the vendor's number or by its public id.
    """
    numbers = [store for store in stores if "\0" not in store]  # PostgreSQL has no such text
    ids = [store for store in stores if _is_id(store)]
    return _found(BY_NAME, {"vendor": vendor_id, "numbers": numbers, "ids": ids, "now": now})


def access_of_all(*, vendor_id: int, after: str, most: int, now: datetime) -> list[StoreAccess]:
    """Return what a vendor's stores may use, by number, from the first after one; at most so many."""
    return _found(BY_PAGE, {"vendor": vendor_id, "after": after.replace("\0", ""), "most": most, "now": now})


def access_at(location_ids: Collection[int], *, vendor_id: int, now: datetime) -> list[StoreAccess]:
    """Return what a vendor's stores may use, by number."""
    return _found(BY_ID, {"vendor": vendor_id, "locations": list(location_ids), "now": now})


def stores_falling_due(*, vendor_id: int, since: date, on: date) -> list[int]:
    """Return the stores at which something is taken or owned from, or until, a day after ``since`` and by ``on``."""
    with connection.cursor() as cursor:
        cursor.execute(FALLING_DUE, {"vendor": vendor_id, "since": since, "on": on})
        return [location_id for (location_id,) in cursor.fetchall()]


def _found(query: str, asked: Mapping[str, Any]) -> list[StoreAccess]:
    with connection.cursor() as cursor:
        cursor.execute(query, asked)
        rows = cursor.fetchall()
    found: dict[UUID, tuple[str, UUID | None, dict[str, ProductAccess]]] = {}
    for number, store_id, company, code, *standing in rows:
        _number, _company, products = found.setdefault(store_id, (number, company, {}))
        if code is not None:
            products[code] = _product(code, *standing)
    return [
        StoreAccess(number=number, id=store_id, company=company, products=tuple(products.values()))
        for store_id, (number, company, products) in found.items()
    ]


def _product(
    code: str, state: str | None, since: datetime | None, reason: str | None, warned_until: date | None
) -> ProductAccess:
    return ProductAccess(
        product=code,
        access=state != State.SUSPENDED,
        standing=state or State.GOOD.value,
        since=since,
        reason=reason or "",
        warned_until=warned_until,
    )


def _is_id(store: str) -> bool:
    try:
        UUID(store)
    except ValueError:
        return False
    return True
