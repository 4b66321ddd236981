"""Contacts, stores and ownership as another system knows them, taken over for many companies at once."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import uuid4

from django.db.backends.postgresql.psycopg_any import DateRange

from comptoir.kit.copying import copy_rows, take_ids
from comptoir.kit.lookups import Ids, Texts
from comptoir.kit.taking_away import take_away

from .models import Contact, Location, Ownership
from .verifying import take_back


class Store(NamedTuple):
    """A store as the other system describes it. ``owned_from`` counts where it never had an owner here."""

    number: str
    name: str
    brand: str
    address: str
    city: str
    county: str
    state: str
    postal_code: str
    country: str
    owned_from: date


def put_contacts(addresses: Mapping[int, Mapping[str, str]], *, new: Collection[int] = ()) -> None:
    """Give companies these addresses by role (company id → role → e-mail), and no others; names are kept.

    Those of ``new`` have none yet.
    """
    copy_rows(
        table="customers_contact",
        columns=["company_id", "role", "name", "email"],
        rows=((company_id, role, "", email) for company_id in new for role, email in addresses[company_id].items()),
    )
    addresses = {company_id: by_role for company_id, by_role in addresses.items() if company_id not in new}
    Contact.objects.bulk_create(
        [
            Contact(company_id=company_id, role=role, email=email)
            for company_id, by_role in addresses.items()
            for role, email in by_role.items()
        ],
        update_conflicts=True,
        unique_fields=["company", "role"],
        update_fields=["email"],
    )
    kept = Contact.objects.filter(company_id__any=Ids(addresses)).values_list("id", "company_id", "role")
    gone = [contact_id for contact_id, company_id, role in kept if role not in addresses[company_id]]
    Contact.objects.filter(id__in=gone).delete()


def end_other_stores(stores: Mapping[int, Collection[str]], *, today: date, by: str, now: datetime) -> None:
    """End companies' ownership (by company id) of all stores but these numbers ``today``, so that others may begin.

    What a company said of a store that it loses so is taken back, as far as the team has not settled it.
    """
    present = Ownership.objects.filter(company_id__any=Ids(stores), period__endswith=None).select_related("location")
    ended = [own for own in present if own.location.number not in stores[own.company_id]]
    _end(ended, today=today)
    for own in ended:
        take_back(company_id=own.company_id, location_ids=[own.location_id], by=by, now=now)


def put_stores(*, vendor_id: int, stores: Mapping[int, Sequence[Store]], today: date) -> dict[str, int]:
    """Give companies these stores (by company id) besides what they have; return the stores' ids by number.

    One that another company had before begins ``today``. The caller makes sure that no two companies claim the same
    store, and that whoever had it has ended it.
    """
    described = {store.number: store for owned in stores.values() for store in owned}
    locations = _put_locations(vendor_id=vendor_id, stores=described)
    owners = {locations[store.number]: company_id for company_id, owned in stores.items() for store in owned}
    present = Ownership.objects.filter(company_id__any=Ids(stores), period__endswith=None)
    kept = set(present.values_list("location_id", flat=True))
    new = {location_id: owner for location_id, owner in owners.items() if location_id not in kept}
    had_owner = set(Ownership.objects.filter(location_id__any=Ids(new)).values_list("location_id", flat=True))
    owned_from = {locations[number]: store.owned_from for number, store in described.items()}
    copy_rows(
        table="customers_ownership",
        columns=["location_id", "company_id", "period"],
        rows=(
            (location_id, company_id, f"[{today if location_id in had_owner else owned_from[location_id]},)")
            for location_id, company_id in new.items()
        ),
    )
    return locations


def owners_of(*, vendor_id: int, numbers: Sequence[str]) -> dict[str, int]:
    """Return which company owns each of a vendor's stores at present, by the store's number."""
    stores = Ownership.objects.filter(location__vendor_id=vendor_id, location__number__any=Texts(numbers))
    owned = stores.filter(period__endswith=None)
    return dict(owned.values_list("location__number", "company_id"))


def take_stores_and_contacts_away(company_ids: Collection[int]) -> int:
    """Delete the stores and addresses of companies that go, and return how many stores went.

    PostgreSQL lets go only of what an import brought that is being undone.
    """
    owned = Ownership.objects.filter(company_id__any=Ids(company_ids))
    location_ids = set(owned.values_list("location_id", flat=True))
    take_away(table="customers_contact", column="company_id", ids=company_ids)
    take_away(table="customers_ownership", column="company_id", ids=company_ids)
    return take_away(table="customers_location", column="id", ids=location_ids)


DESCRIBED = ("name", "brand", "address", "city", "county", "state", "postal_code", "country")


def _put_locations(*, vendor_id: int, stores: Mapping[str, Store]) -> dict[str, int]:
    found = Location.objects.filter(vendor_id=vendor_id, number__any=Texts(stores))
    present = {location.number: location for location in found}
    for number, location in present.items():
        for name in DESCRIBED:
            setattr(location, name, getattr(stores[number], name))
    Location.objects.bulk_update(present.values(), DESCRIBED, batch_size=500)
    new = [store for number, store in stores.items() if number not in present]
    ids = take_ids(table="customers_location", count=len(new))
    copy_rows(
        table="customers_location",
        columns=["id", "public_id", "vendor_id", "number", *DESCRIBED],
        rows=(
            (
                location_id,
                uuid4(),
                vendor_id,
                store.number,
                store.name,
                store.brand,
                store.address,
                store.city,
                store.county,
                store.state,
                store.postal_code,
                store.country,
            )
            for location_id, store in zip(ids, new, strict=True)
        ),
    )
    made = {store.number: location_id for location_id, store in zip(ids, new, strict=True)}
    return {number: location.id for number, location in present.items()} | made


def _end(owned: Sequence[Ownership], *, today: date) -> None:
    """End ownerships today; one that had not begun before today never was."""
    begun = [own for own in owned if own.period.lower is None or own.period.lower < today]
    for own in begun:
        own.period = DateRange(own.period.lower, today)
    Ownership.objects.bulk_update(begun, ["period"])
    Ownership.objects.filter(id__in=[own.id for own in owned if own not in begun]).delete()
