"""What others may know of a vendor's customers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Concat
from django.utils.translation import gettext as _

from comptoir.kit.lookups import Ids
from comptoir.kit.together import Question
from comptoir.tenancy.models import Company, Vendor
from comptoir.tenancy.queries import CompanyRow, VendorRow, company_row, vendor_row

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
    """A company that a person acts for, the vendor that bills it, and the role: owner, billing_manager or viewer."""

    company: CompanyRow
    vendor: VendorRow
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
    brand: str
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


COMPANY = ("id", "public_id", "vendor_id", "number", "name", "language", "address_lines", "billed_since")
VENDOR = (
    "id", "slug", "name", "legal_name", "currency", "time_zone", "language", "address_lines", "email", "phone",
    "colour", "logo_media_type", "invoice_lead_days", "terms_days", "business_date", "sender_name",
)  # fmt: skip


def _own(user_id: int) -> "QuerySet[Member, tuple[Any, ...]]":
    found = Member.objects.filter(user_id=user_id, ended_at=None).order_by("company__name", "company_id")
    return found.values_list(
        "role", *(f"company__{name}" for name in COMPANY), *(f"company__vendor__{name}" for name in VENDOR)
    )


def _membership(row: tuple[Any, ...]) -> Membership:
    role, *rest = row
    company = dict(zip(COMPANY, rest, strict=False))
    vendor = dict(zip(VENDOR, rest[len(COMPANY) :], strict=True))
    return Membership(company=company_row(Company(**company)), vendor=vendor_row(Vendor(**vendor)), role=role)


# The companies that a person acts for, by name; asked through ``doors.ask_portal(…, user_id=…)``.
memberships = Question(_own, lambda rows: [_membership(row) for row in rows])


def members(company_id: int) -> list[MemberRow]:
    """Return who acts for a company, by address."""
    rows = (
        Member.objects.filter(company_id=company_id, ended_at=None)
        .order_by("user__email")
        .values_list("user_id", "user__email", "user__name", "role", "joined_at")
    )
    return [MemberRow(*row) for row in rows]


def _everybody(company_id: int) -> "QuerySet[Member, tuple[int, str]]":
    return Member.objects.filter(company_id=company_id).values_list("user_id", "user__email")


def _owned_once(company_id: int) -> "QuerySet[Location, tuple[UUID, str, str]]":
    found = Location.objects.filter(ownerships__company_id=company_id).distinct()
    return found.values_list("public_id", "number", "name")


# The labels of the stores that a company owns or owned, by number and by public id.
named_stores = Question(
    _owned_once,
    lambda rows: {key: f"{number} {name}" for public_id, number, name in rows for key in (number, str(public_id))},
)
# The addresses of all who act or acted for a company, by user id.
named_people = Question(_everybody, lambda rows: {user_id: str(email) for user_id, email in rows})


def stores(company_id: int, *, on: date) -> list[StoreRow]:
    """Return the stores that a company owns on a day, by number, each with the owner's latest word."""
    answers = {
        verification.location_id: verification
        for verification in StoreVerification.objects.filter(company_id=company_id)
    }
    owned = Ownership.objects.filter(company_id=company_id, period__contains=on).select_related("location")
    return [_store_row(own, answers.get(own.location_id)) for own in owned.order_by("location__number")]


def stores_from(company_id: int, *, on: date) -> dict[int, str]:
    """Return the labels of the stores that a company owns on a day or will own later, by id, in order of number."""
    lasts = Q(ownerships__period__endswith=None) | Q(ownerships__period__endswith__gt=on)
    owned = Location.objects.filter(lasts, ownerships__company_id=company_id).distinct().order_by("number", "id")
    return {store_id: f"{number} {name}" for store_id, number, name in owned.values_list("id", "number", "name")}


def stores_to_hand_over(company_id: int, *, on: date) -> dict[UUID, StoreRow]:
    """Return the stores that a company could pass on at the start of a day, by public id.

    It owned them the day before, and nothing ends its ownership.
    """
    owned = Ownership.objects.filter(company_id=company_id, period__startswith__lt=on, period__endswith=None)
    rows = owned.select_related("location").order_by("location__number")
    return {own.location.public_id: _store_row(own, None) for own in rows}


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
    return _addresses(ids=Ids(location_ids)).read()


def _addressed(ids: Ids) -> "QuerySet[Location, tuple[Any, ...]]":
    rows = Location.objects.filter(id__any=ids).annotate(
        label=Concat("number", Value(" "), "name", output_field=TextField())
    )
    return rows.values_list("id", "label", "country", "state", "county", "city")


_addresses = Question(
    _addressed, lambda rows: {location_id: StoreAddress._make(address) for location_id, *address in rows}
)


def first_stores(company_ids: Iterable[int], *, on: date) -> dict[int, int]:
    """Return the store with the lowest number that each company owns on a day.

    Of one that owns none, it is a store that it will own, else one that it owned; companies that never do are missing.
    """
    owned_now, yet_to_own = Q(period__contains=on), Q(period__startswith__gt=on)
    owned = (
        Ownership.objects.filter(company_id__any=Ids(company_ids))
        .order_by("company_id", Case(When(owned_now, then=0), When(yet_to_own, then=1), default=2), "location__number")
        .distinct("company_id")
    )
    return dict(owned.values_list("company_id", "location_id"))


def contacts(company_id: int) -> list[ContactRow]:
    """Return a company's contacts, billing first."""
    rows = Contact.objects.filter(company_id=company_id).order_by("role").values_list("role", "name", "email")
    return [ContactRow(*row) for row in rows]


def _ever_owned(company_id: int) -> "QuerySet[Location, tuple[int, UUID, str, str]]":
    found = Location.objects.filter(ownerships__company_id=company_id).distinct().order_by("number", "id")
    return found.values_list("id", "public_id", "number", "name")


# The stores that a company owns or owned, by number: id, public id, and the label of its invoices.
ever_owned = Question(
    _ever_owned,
    lambda rows: [(store_id, public_id, f"{number} {name}") for store_id, public_id, number, name in rows],
)


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


def _words_on_stores(company_id: int, on: date) -> "QuerySet[Ownership, tuple[bool]]":
    word = StoreVerification.objects.filter(company_id=company_id, location_id=OuterRef("location_id"))
    owned = Ownership.objects.filter(company_id=company_id, period__contains=on).annotate(has_word=Exists(word))
    return owned.values_list("has_word")


# How many stores a company owns on a day, and for how many of them it has given its word.
store_progress = Question(_words_on_stores, lambda rows: (len(rows), sum(has_word for (has_word,) in rows)))


def store_counts(company_ids: Iterable[int], *, on: date) -> dict[int, int]:
    """Return how many stores each company owns on a day; companies without stores are missing."""
    owned = Ownership.objects.filter(company_id__in=list(company_ids), period__contains=on)
    return dict(owned.values_list("company_id").annotate(stores=Count("id")))


def answered_store_counts(company_ids: Iterable[int], *, on: date) -> dict[int, int]:
    """Return for how many of the stores that it owns on a day each company has given its word."""
    answered = StoreVerification.objects.filter(
        company_id__in=list(company_ids),
        location__ownerships__period__contains=on,
        location__ownerships__company_id=F("company_id"),
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
        brand=own.location.brand,
        address=own.location.address,
        city=own.location.city,
        state=own.location.state,
        postal_code=own.location.postal_code,
        answer=verification.answer if verification else None,
        answered_at=verification.answered_at if verification else None,
    )
