"""People who come in to products: for which companies they may, what they bring along, and how it ends."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from comptoir.customers.models import Member, Ownership
from comptoir.kit.events import emit
from comptoir.tenancy import doors
from comptoir.tenancy.models import Vendor
from comptoir.tenancy.queries import business_date_of

from .models import AccessToken, Application, Grant, RefreshToken, SignOn, Standing, State
from .reasons import way_back, words_of


@dataclass(frozen=True, slots=True)
class Client:
    """A product as a client of the single sign-on."""

    id: int
    client_id: str
    vendor_id: int
    vendor_slug: str
    vendor_name: str
    product_id: int
    product_name: str


@dataclass(frozen=True, slots=True)
class Place:
    """A company for which a person may come in to a product, unless its standing refuses it."""

    company_id: int
    public_id: UUID
    number: str
    name: str
    role: str
    state: str
    reason: str
    facts: Mapping[str, Any] = field(hash=False)
    since: datetime | None

    @property
    def is_closed(self) -> bool:
        """Whether the product refuses the company."""
        return self.state == State.SUSPENDED

    @property
    def why(self) -> str:
        """Why its standing is what it is, in a sentence of the active language; empty where it has always been good."""
        return words_of(reason=self.reason, facts=self.facts) if self.reason else ""

    @property
    def way_back(self) -> str:
        """When access returns, in the active language; empty where paying would not help."""
        return way_back(reason=self.reason, facts=self.facts)


def client(client_id: str) -> Client:
    """Return the client that a request names, narrowing the open door to its vendor; it must be there."""
    found = Application.objects.filter(client_id=client_id)
    doors.narrow(vendor_id=found.values_list("vendor_id", flat=True).get())
    row = found.values_list(
        "id", "client_id", "vendor_id", "vendor__slug", "vendor__name", "product_id", "product__name"
    ).get()
    return Client(*row)


def places(*, user_id: int, vendor_id: int, product_id: int) -> list[Place]:
    """Return the vendor's companies that a person acts for, by name, with their standing with a product."""
    members = Member.objects.filter(user_id=user_id, ended_at=None, company__vendor_id=vendor_id)
    rows = members.order_by("company__name", "company_id").values_list(
        "company_id", "company__public_id", "company__number", "company__name", "role"
    )
    standings = {
        company_id: rest
        for company_id, *rest in Standing.objects.filter(
            product_id=product_id, company_id__in=[row[0] for row in rows]
        ).values_list("company_id", "state", "reason", "facts", "since")
    }
    return [Place(*row, *standings.get(row[0], (State.GOOD.value, "", {}, None))) for row in rows]


def is_admitted(sign_on: SignOn) -> bool:
    """Return whether a sign-on may go on: not ended or disabled, by an active member, of a company not suspended."""
    if sign_on.ended_at is not None or sign_on.application.disabled_at is not None:
        return False
    suspended = Standing.objects.filter(
        company_id=OuterRef("company_id"), product_id=sign_on.application.product_id, state=State.SUSPENDED
    )
    return (
        Member.objects.filter(
            user_id=sign_on.user_id, user__is_active=True, company_id=sign_on.company_id, ended_at=None
        )
        .exclude(Exists(suspended))
        .exists()
    )


def claims_of(sign_on: SignOn, *, now: datetime) -> dict[str, Any]:
    """Return what a product learns of a person who came in: who, for which company, its stores, role and standing."""
    person, product_id = sign_on.user, sign_on.application.product_id
    own = places(user_id=sign_on.user_id, vendor_id=sign_on.application.vendor_id, product_id=product_id)
    here = next(place for place in own if place.company_id == sign_on.company_id)
    vendor = Vendor.objects.only("business_date", "time_zone").get(id=sign_on.application.vendor_id)
    today = business_date_of(business_date=vendor.business_date, time_zone=vendor.time_zone, now=now)
    owned = Ownership.objects.filter(company_id=here.company_id, period__contains=today)
    return {
        "sid": str(sign_on.public_id),
        "email": person.email,
        "email_verified": True,
        "name": person.name or person.email,
        "locale": person.language,
        "company": str(here.public_id),
        "company_name": here.name,
        "company_number": here.number,
        "companies": [str(place.public_id) for place in own],
        "stores": list(owned.order_by("location__number").values_list("location__number", flat=True)),
        "roles": [here.role],
        "standing": here.state,
    }


def hash_of_code(code: str) -> str:
    """Return what an authorisation code is remembered by."""
    return hashlib.sha256(code.encode()).hexdigest()


def locked(found: "QuerySet[SignOn]") -> SignOn | None:
    """Return the sign-on that is found, locked until the transaction ends; whoever ends it locks it first, too."""
    return found.select_related("application").select_for_update(of=("self",)).first()


def end_in_browser(browser: UUID, *, why: str) -> None:
    """End all that was come in to from one login to Comptoir. Needs the door, and narrows it to each vendor in turn."""
    _end_of_each_vendor(SignOn.objects.filter(browser=browser), why=why)


def end_elsewhere(*, user_id: int, browser: UUID | None, why: str) -> None:
    """End all that a person came in to but from ``browser``. Needs the door, and narrows it to each vendor in turn."""
    here = [browser] if browser else []
    _end_of_each_vendor(SignOn.objects.filter(user_id=user_id).exclude(browser__in=here), why=why)


def end_begun_before(moment: datetime) -> None:
    """End what somebody came in to before ``moment`` and never left: a product may refresh its tokens for ever."""
    found = SignOn.objects.filter(started_at__lt=moment)
    for vendor_id in set(found.filter(ended_at=None).values_list("application__vendor_id", flat=True)):
        end_sign_ons(found.filter(application__vendor_id=vendor_id), why="too long ago")


def _end_of_each_vendor(found: "QuerySet[SignOn]", *, why: str) -> None:
    for vendor_id in set(found.filter(ended_at=None).values_list("application__vendor_id", flat=True)):
        doors.narrow(vendor_id=vendor_id)
        end_sign_ons(found.filter(application__vendor_id=vendor_id), why=why)


@transaction.atomic
def end_sign_ons(found: "QuerySet[SignOn]", *, why: str) -> int:
    """End the sign-ons of one vendor that are open yet: their tokens, and by an event their sessions at the product."""
    rows = list(
        found.filter(ended_at=None).select_related("application").order_by("id").select_for_update(of=("self",))
    )
    if not rows:
        return 0
    ids, now = [row.id for row in rows], timezone.now()
    Grant.objects.filter(sign_on__in=ids).delete()
    RefreshToken.objects.filter(sign_on__in=ids, revoked=None).update(revoked=now, updated=now)
    AccessToken.objects.filter(sign_on__in=ids).delete()
    SignOn.objects.filter(id__in=ids).update(ended_at=now, ended_why=why)
    vendor_id = rows[0].application.vendor_id
    emit(name="sign_ons_ended", topic=f"sign_ons:{vendor_id}", vendor_id=vendor_id, data={"sign_ons": ids})
    return len(rows)
