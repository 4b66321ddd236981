"""What others may know of a vendor's customers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, F, QuerySet, TextField, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext as _

from comptoir.kit.lookups import Ids

from .errors import DifferenceNotFound
from .models import (
    Contact,
    ContactRole,
    DifferenceKind,
    Location,
    Member,
    Ownership,
    StoreDifference,
    StoreVerification,
)


@dataclass(frozen=True, slots=True)
class Membership:
    """A company that a person acts for, and the role: owner, billing_manager or viewer."""

    company_id: int
    company_public_id: UUID
    company_name: str
    vendor_id: int
    vendor_slug: str
    vendor_name: str
    role: str


@dataclass(frozen=True, slots=True)
class MemberRow:
    """Someone who acts for a company."""

    user_id: int
    email: str
    name: str
    role: str
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class StoreRow:
    """A store that a company owns. ``answer`` is the owner's word on it, None if not yet given."""

    id: int
    public_id: UUID
    number: str
    name: str
    address: str
    city: str
    state: str
    postal_code: str
    answer: str | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """How a company's list of stores differs from ours, with both values; ``store`` is empty where one is missing."""

    public_id: UUID
    company_public_id: UUID
    company_name: str
    store: str
    kind: str
    ours: Mapping[str, str]
    theirs: Mapping[str, str]
    said_by: str
    said_at: datetime


class StoreAddress(NamedTuple):
    """A store's label on invoices and where it is; a tuple, since bill runs make many."""

    label: str
    country: str
    state: str
    county: str
    city: str


@dataclass(frozen=True, slots=True)
class ContactRow:
    """An address of a company, by role: owner, billing."""

    role: str
    name: str
    email: str


def memberships(user_id: int) -> list[Membership]:
    """Return the companies that a person acts for, by name; needs ``doors.portal(user_id=…)``."""
    rows = (
        Member.objects.filter(user_id=user_id, ended_at=None)
        .order_by("company__name", "company_id")
        .values_list(
            "company_id",
            "company__public_id",
            "company__name",
            "company__vendor_id",
            "company__vendor__slug",
            "company__vendor__name",
            "role",
        )
    )
    return [Membership(*row) for row in rows]


def members(company_id: int) -> list[MemberRow]:
    """Return who acts for a company, by address."""
    rows = (
        Member.objects.filter(company_id=company_id, ended_at=None)
        .order_by("user__email")
        .values_list("user_id", "user__email", "user__name", "role", "joined_at")
    )
    return [MemberRow(*row) for row in rows]


def stores(company_id: int, *, on: date) -> list[StoreRow]:
    """Return the stores that a company owns on a day, by number, each with the owner's latest word."""
    answers = {
        verification.location_id: verification
        for verification in StoreVerification.objects.filter(company_id=company_id)
    }
    owned = Ownership.objects.filter(company_id=company_id, period__contains=on).select_related("location")
    return [_store_row(own, answers.get(own.location_id)) for own in owned.order_by("location__number")]


def open_differences(vendor_id: int, *, limit: int = 200) -> list[DifferenceRow]:
    """Return what owners say of their stores that the team has not settled, the oldest first."""
    found = StoreDifference.objects.filter(vendor_id=vendor_id, settled_at=None)
    return [_difference_row(each) for each in _with_names(found).order_by("said_at")[:limit]]


def difference(public_id: UUID) -> DifferenceRow:
    """Return an open difference. Raises DifferenceNotFound."""
    found = _with_names(StoreDifference.objects.filter(public_id=public_id, settled_at=None)).first()
    if found is None:
        raise DifferenceNotFound(_("Somebody has settled this already; the list shows what is open."))
    return _difference_row(found)


def missed_stores(company_id: int) -> list[str]:
    """Return the names of the stores that a company misses on our list, as long as the team looks into it."""
    found = StoreDifference.objects.filter(company_id=company_id, kind=DifferenceKind.MISSING, settled_at=None)
    return [theirs["name"] for theirs in found.order_by("id").values_list("theirs", flat=True)]


def store_addresses(location_ids: Iterable[int]) -> dict[int, StoreAddress]:
    """Return where stores are, by id, as bill runs need it."""
    rows = Location.objects.filter(id__any=Ids(location_ids)).annotate(
        label=Concat("number", Value(" "), "name", output_field=TextField())
    )
    return {
        location_id: StoreAddress._make(address)
        for location_id, *address in rows.values_list("id", "label", "country", "state", "county", "city")
    }


def first_stores(company_ids: Iterable[int], *, on: date) -> dict[int, int]:
    """Return the store with the lowest number that each company owns on a day; companies without any are missing."""
    owned = (
        Ownership.objects.filter(company_id__any=Ids(company_ids), period__contains=on)
        .order_by("company_id", "location__number")
        .distinct("company_id")
    )
    return dict(owned.values_list("company_id", "location_id"))


def contacts(company_id: int) -> list[ContactRow]:
    """Return a company's contacts, billing first."""
    rows = Contact.objects.filter(company_id=company_id).order_by("role").values_list("role", "name", "email")
    return [ContactRow(*row) for row in rows]


def billing_email(company_id: int) -> str | None:
    """Return the address that a company's bills go to: the billing contact's, else the owner's, else None."""
    return billing_emails([company_id]).get(company_id)


def billing_emails(company_ids: Iterable[int]) -> dict[int, str]:
    """Return the addresses that companies' bills go to; those without any address are missing."""
    rows = Contact.objects.filter(company_id__in=list(company_ids)).order_by("role")
    found: dict[int, str] = {}
    for company_id, email in rows.values_list("company_id", "email"):
        found.setdefault(company_id, email)  # "billing" sorts before "owner"
    return found


def owner_emails(company_ids: Iterable[int]) -> dict[int, str]:
    """Return the owners' addresses; companies without one are missing."""
    rows = Contact.objects.filter(company_id__in=list(company_ids), role=ContactRole.OWNER)
    return dict(rows.values_list("company_id", "email"))


def store_counts(company_ids: Iterable[int], *, on: date) -> dict[int, int]:
    """Return how many stores each company owns on a day; companies without stores are missing."""
    owned = Ownership.objects.filter(company_id__in=list(company_ids), period__contains=on)
    return dict(owned.values_list("company_id").annotate(stores=Count("id")))


def answered_store_counts(company_ids: Iterable[int], *, on: date) -> dict[int, int]:
    """Return for how many of the stores that it owns on a day each company has given its word."""
    answered = StoreVerification.objects.filter(
        company_id__in=list(company_ids), location__ownerships__period__contains=on
    )
    return dict(answered.values_list("company_id").annotate(stores=Count("location_id", distinct=True)))


def _with_names(found: "QuerySet[StoreDifference]") -> "QuerySet[StoreDifference]":
    return found.select_related("company", "location").annotate(speaker=F("said_by__email"))


def _difference_row(found: StoreDifference) -> DifferenceRow:
    return DifferenceRow(
        public_id=found.public_id,
        company_public_id=found.company.public_id,
        company_name=found.company.name,
        store=str(found.location) if found.location else "",
        kind=found.kind,
        ours=found.ours,
        theirs=found.theirs,
        said_by=found.speaker,  # type: ignore[attr-defined]  # annotated
        said_at=found.said_at,
    )


def _store_row(own: Ownership, verification: StoreVerification | None) -> StoreRow:
    return StoreRow(
        id=own.location_id,
        public_id=own.location.public_id,
        number=own.location.number,
        name=own.location.name,
        address=own.location.address,
        city=own.location.city,
        state=own.location.state,
        postal_code=own.location.postal_code,
        answer=verification.answer if verification else None,
        answered_at=verification.answered_at if verification else None,
    )
