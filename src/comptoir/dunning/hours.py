"""When companies' stores are open: as somebody entered it, else as is usual in their state."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from datetime import time as time_of_day
from uuid import UUID
from zoneinfo import available_timezones

from django.db import connection, transaction
from django.utils.translation import gettext as _

from comptoir.customers.models import Location
from comptoir.tenancy.audit import Actor, record
from comptoir.tenancy.queries import VendorRow

from .calculation.hours import Hours, usual_hours
from .errors import DunningRefused
from .models import StoreHours


@dataclass(frozen=True, slots=True)
class StoreHoursRow:
    """A store with its hours, and whether somebody entered them."""

    public_id: UUID
    label: str
    hours: Hours
    is_entered: bool


def business_instant(vendor: VendorRow, *, on: date, now: datetime) -> datetime:
    """Return the instant that counts for a vendor: now; or noon of the day at which its test clock stands."""
    if not vendor.is_sandbox:
        return now
    return datetime.combine(on, time_of_day(12), tzinfo=now.tzinfo)


def hours_of(company_ids: Iterable[int], *, vendor: VendorRow, on: date) -> dict[int, frozenset[Hours]]:
    """Return the different hours of the stores that each company owns on a day.

    A company without stores is taken to keep usual hours where its vendor is.
    """
    ids = list(company_ids)
    found: dict[int, set[Hours]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT own.company_id, l.state, h.zone, h.opens, h.closes FROM customers_ownership own
            JOIN customers_location l ON l.id = own.location_id
            LEFT JOIN dunning_storehours h ON h.location_id = l.id
            WHERE own.company_id = ANY(%s) AND own.period @> %s::date
            """,
            [ids, on],
        )
        for company_id, state, zone, opens, closes in cursor.fetchall():
            usual = usual_hours(state=state, zone=vendor.time_zone)
            found[company_id].add(Hours(zone, opens, closes) if zone else usual)
    nowhere = frozenset({Hours(vendor.time_zone)})
    return {company_id: frozenset(found[company_id]) or nowhere for company_id in ids}


def stores_with_hours(company_id: int, *, vendor: VendorRow, on: date) -> list[StoreHoursRow]:
    """Return the stores that a company owns on a day, with their hours, by number."""
    rows = Location.objects.filter(ownerships__company_id=company_id, ownerships__period__contains=on)
    return [
        StoreHoursRow(
            store.public_id,
            str(store),
            Hours(store.storehours.zone, store.storehours.opens, store.storehours.closes)
            if hasattr(store, "storehours")
            else usual_hours(state=store.state, zone=vendor.time_zone),
            hasattr(store, "storehours"),
        )
        for store in rows.select_related("storehours").order_by("number")
    ]


@transaction.atomic
def set_hours(
    *, vendor_id: int, company_id: int, store: UUID, zone: str, opens: time, closes: time, actor: Actor
) -> None:
    """Enter when a store is open, by its own clock. Raises DunningRefused for a time zone that there is not."""
    if zone not in available_timezones():
        raise DunningRefused(_("There is no such time zone; write it like America/Chicago."))
    location = Location.objects.get(vendor_id=vendor_id, public_id=store)
    StoreHours.objects.update_or_create(location=location, defaults={"zone": zone, "opens": opens, "closes": closes})
    record(
        actor=actor,
        action="store hours set",
        subject=f"store:{location.public_id}",
        vendor_id=vendor_id,
        company_id=company_id,
        after={"zone": zone, "opens": opens.isoformat("minutes"), "closes": closes.isoformat("minutes")},
    )
