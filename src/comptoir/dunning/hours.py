"""When companies' stores are open: as somebody entered it, else as is usual where they are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from datetime import time as time_of_day
from uuid import UUID
from zoneinfo import available_timezones

from django.db import connection, transaction
from django.utils.translation import gettext as _

from comptoir.customers.models import Location
from comptoir.tenancy.audit import Actor, record
from comptoir.tenancy.queries import VendorRow

from .calculation.hours import Day, Hours, usual_hours, week_of
from .errors import DunningRefused
from .models import StoreDay, StoreHours


@dataclass(frozen=True, slots=True)
class StoreHoursRow:
    """A store with its hours, by which clocks they may be, and whether somebody entered them."""

    public_id: UUID
    label: str
    hours: Hours
    zones: tuple[str, ...]
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
            SELECT own.company_id, l.id, l.country, l.state FROM customers_ownership own
            JOIN customers_location l ON l.id = own.location_id
            WHERE own.company_id = ANY(%s) AND own.period @> %s::date
            """,
            [ids, on],
        )
        rows = cursor.fetchall()
    entered = _entered({location_id for _company_id, location_id, *_place in rows})
    for company_id, location_id, country, state in rows:
        found[company_id].update(_hours(entered.get(location_id), country=country, state=state, vendor=vendor))
    nowhere = frozenset({Hours(vendor.time_zone)})
    return {company_id: frozenset(found[company_id]) or nowhere for company_id in ids}


def stores_with_hours(company_id: int, *, vendor: VendorRow, on: date) -> list[StoreHoursRow]:
    """Return the stores that a company owns on a day, with their hours, by number."""
    stores = Location.objects.filter(ownerships__company_id=company_id, ownerships__period__contains=on)
    entered = _entered(store.id for store in stores)
    rows = []
    for store in stores.order_by("number"):
        known = _hours(entered.get(store.id), country=store.country, state=store.state, vendor=vendor)
        zones = tuple(each.zone for each in known)
        rows.append(StoreHoursRow(store.public_id, str(store), known[0], zones, store.id in entered))
    return rows


def _hours(entered: Hours | None, *, country: str, state: str, vendor: VendorRow) -> tuple[Hours, ...]:
    """Return the hours that somebody entered, else those that are usual by every clock that the store may keep."""
    return (entered,) if entered else usual_hours(country=country, state=state, zone=vendor.time_zone)


def _entered(location_ids: Iterable[int]) -> dict[int, Hours]:
    """Return the hours that somebody entered, by store."""
    rows = StoreHours.objects.filter(location_id__in=list(location_ids)).prefetch_related("days")
    return {
        row.location_id: Hours(
            row.zone,
            week_of(
                Day(row.opens, row.closes),
                other={
                    day.weekday: Day(day.opens, day.closes) if day.opens and day.closes else None
                    for day in row.days.all()
                },
            ),
        )
        for row in rows
    }


@transaction.atomic
def set_hours(
    *,
    vendor_id: int,
    company_id: int,
    store: UUID,
    zone: str,
    usual: Day,
    other: Mapping[int, Day | None],
    actor: Actor,
) -> None:
    """Enter when a store is open, by its own clock: each day as ``usual``, but for ``other`` days of the week.

    1 is Monday, 7 Sunday; None is a day on which it stays closed. Raises DunningRefused for a time zone that there is
    not.
    """
    if zone not in available_timezones():
        raise DunningRefused(_("There is no such time zone; write it like America/Chicago."))
    location = Location.objects.get(vendor_id=vendor_id, public_id=store)
    hours, _made = StoreHours.objects.update_or_create(
        location=location, defaults={"zone": zone, "opens": usual.opens, "closes": usual.closes}
    )
    hours.days.all().delete()
    StoreDay.objects.bulk_create(
        StoreDay(hours=hours, weekday=weekday, opens=day.opens if day else None, closes=day.closes if day else None)
        for weekday, day in other.items()
    )
    record(
        actor=actor,
        action="store hours set",
        subject=f"store:{location.public_id}",
        vendor_id=vendor_id,
        company_id=company_id,
        after={
            "zone": zone,
            **_said(usual),
            "other": {str(weekday): _said(day) if day else "closed" for weekday, day in other.items()},
        },
    )


def _said(day: Day) -> dict[str, str]:
    return {"opens": day.opens.isoformat("minutes"), "closes": day.closes.isoformat("minutes")}
