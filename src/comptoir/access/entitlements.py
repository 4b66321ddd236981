"""What programs ask: which products each store may use now, from its subscriptions and its owner's standing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from .models import State

# A store is asked for by the vendor's number or by its public id. Its owner's company-wide subscriptions count for it.
ASKED = """
SELECT l.number, l.public_id, c.public_id, p.code, s.state, s.since, s.reason, s.warned_until
FROM tenancy_vendor v
JOIN customers_location l ON l.vendor_id = v.id
    AND (l.number = ANY(%(numbers)s) OR l.public_id = ANY(%(ids)s::uuid[]))
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
    """Return what each of a vendor's stores may use, by number; one that is not known is left out."""
    numbers = [store for store in stores if "\0" not in store]  # PostgreSQL has no such text
    ids = [store for store in stores if _is_id(store)]
    with connection.cursor() as cursor:
        cursor.execute(ASKED, {"vendor": vendor_id, "numbers": numbers, "ids": ids, "now": now})
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
