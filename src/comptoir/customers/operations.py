"""What changes about a vendor's customers."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from comptoir.kit.events import emit
from comptoir.tenancy.audit import Actor, record

from .errors import LastOwner, MemberNotFound, StoreNotFound, StoreRefused
from .models import Location, Member, MemberRole, Ownership
from .places import in_codes
from .telling import tell_stores_changed
from .verifying import take_back


@dataclass(frozen=True, slots=True)
class NewStore:
    """A store as it is put down; its taxes are found by country, state, county and city."""

    number: str
    name: str
    address: str
    city: str
    state: str
    postal_code: str
    country: str = "US"
    county: str = ""
    brand: str = ""


@transaction.atomic
def open_store(*, company_id: int, vendor_id: int, store: NewStore, opens_on: date, actor: Actor) -> int:
    """Put down a store that a company owns from a day on, and return its id. Raises StoreRefused."""
    if not (store.number and store.name and store.state and store.country):
        raise StoreRefused(_("A store has a number, a name, a state and a country; its taxes follow from where it is."))
    codes = in_codes(state=store.state, country=store.country)
    try:
        with transaction.atomic():
            made = Location.objects.create(vendor_id=vendor_id, **asdict(store) | codes)
    except IntegrityError as error:
        raise StoreRefused(
            _("The vendor has a store with the number %(number)s already; choose another number.")
            % {"number": store.number}
        ) from error
    Ownership.objects.create(company_id=company_id, location=made, period=(opens_on, None))
    record(
        actor=actor,
        action="store opened",
        subject=f"store:{store.number}",
        vendor_id=vendor_id,
        company_id=company_id,
        after={"opens_on": str(opens_on), "name": store.name},
    )
    tell_stores_changed(vendor_id=vendor_id, company_id=company_id, location_ids=[made.id], on=opens_on)
    return made.id


def hand_over_stores(
    *,
    vendor_id: int,
    location_ids: Collection[int],
    from_company_id: int,
    to_company_id: int,
    on: date,
    actor: Actor,
    now: datetime,
) -> None:
    """End a company's ownership of stores where another's begins: ``on`` is the first day of the new owner.

    What the former owner said of them falls, as far as the team has not settled it. Must run in a transaction. Raises
    StoreNotFound for a store that the company does not own for good by then.
    """
    held = Ownership.objects.select_for_update().filter(
        company_id=from_company_id, location_id__in=location_ids, period__startswith__lt=on, period__endswith=None
    )
    owned = list(held.order_by("location_id"))
    if len(owned) < len(location_ids):
        raise StoreNotFound(
            _("The seller does not own all of these stores any more; look at its stores, and name those it owns.")
        )
    for own in owned:
        own.period = DateRange(own.period.lower, on)
        own.save(update_fields=["period"])
    Ownership.objects.bulk_create(
        Ownership(company_id=to_company_id, location_id=own.location_id, period=DateRange(on, None)) for own in owned
    )
    take_back(company_id=from_company_id, location_ids=location_ids, by=actor.label, now=now)
    for company_id, action in ((from_company_id, "stores passed on"), (to_company_id, "stores taken over")):
        record(
            actor=actor,
            action=action,
            subject=f"company:{company_id}",
            vendor_id=vendor_id,
            company_id=company_id,
            after={"on": str(on), "stores": len(owned)},
        )
    tell_stores_changed(vendor_id=vendor_id, company_id=to_company_id, location_ids=location_ids, on=on)


def add_owner(*, company_id: int, vendor_id: int, user_id: int, actor: Actor) -> None:
    """Let a person act for a company as its owner; one who acts for it already keeps the role they have."""
    _member, made = Member.objects.get_or_create(
        company_id=company_id, user_id=user_id, ended_at=None, defaults={"role": MemberRole.OWNER}
    )
    if made:
        record(
            actor=actor,
            action="member added",
            subject=f"user:{user_id}",
            vendor_id=vendor_id,
            company_id=company_id,
            after={"role": MemberRole.OWNER},
        )


def end_member(*, company_id: int, vendor_id: int, user_id: int, actor: Actor, now: datetime) -> None:
    """End a person's role in a company, at once. Raises MemberNotFound, LastOwner."""
    present = Member.objects.filter(company_id=company_id, ended_at=None)
    # Two owners who end each other's role at the same moment would leave none.
    roles = dict(present.select_for_update().values_list("user_id", "role"))
    if user_id not in roles:
        raise MemberNotFound(_("This person does not act for the company any more; reload the list."))
    if roles[user_id] == MemberRole.OWNER and list(roles.values()).count(MemberRole.OWNER) == 1:
        raise LastOwner(_("This is the company's only owner; somebody has to be able to act for it."))
    present.filter(user_id=user_id).update(ended_at=now)
    record(
        actor=actor,
        action="member ended",
        subject=f"user:{user_id}",
        vendor_id=vendor_id,
        company_id=company_id,
        before={"role": roles[user_id]},
    )
    emit(
        name="member_ended",
        topic=f"member:{company_id}",
        vendor_id=vendor_id,
        company_id=company_id,
        data={"company": company_id, "user": user_id},
    )
