"""The owner's word on each store, and what of it the team has to settle."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from comptoir.kit.events import emit
from comptoir.tenancy.audit import Actor, record

from .errors import DifferenceNotFound, StoreNotFound, UnknownAnswer
from .models import DifferenceKind, Location, Outcome, Ownership, StoreAnswer, StoreDifference, StoreVerification


@dataclass(frozen=True, slots=True)
class Place:
    """Where a store is, as its owner says."""

    address: str
    city: str
    state: str
    postal_code: str


@dataclass(frozen=True, slots=True)
class Word:
    """Who gives a word on the stores of which company, and when."""

    company_id: int
    vendor_id: int
    user_id: int
    actor: Actor
    today: date
    now: datetime


def answer_store(
    word: Word, *, location_public_id: UUID, answer: str, closed_on: date | None = None, place: Place | None = None
) -> None:
    """Put down the owner's word on a store that the company owns today.

    ``right`` takes back what was said before; ``not_ours``, ``closed`` (with its day) and ``address_differs`` (with the
    address) wait for the team, with what our list says. The same again changes nothing. Raises StoreNotFound,
    UnknownAnswer.
    """
    if (
        answer not in StoreAnswer.values
        or (answer == StoreAnswer.CLOSED and closed_on is None)
        or (answer == StoreAnswer.ADDRESS_DIFFERS and place is None)
    ):
        raise UnknownAnswer(_("Say whether the store is yours, is not, has closed, or is somewhere else."))
    location = _own_store(word, location_public_id)
    theirs: dict[str, Any] = {"closed_on": closed_on.isoformat()} if closed_on else asdict(place) if place else {}
    before = StoreVerification.objects.filter(company_id=word.company_id, location=location).first()
    latest = StoreDifference.objects.filter(company_id=word.company_id, location=location).order_by("-id").first()
    same = answer == StoreAnswer.RIGHT or latest is None or latest.theirs == theirs
    if before is not None and before.answer == answer and same:
        return
    if latest is not None and latest.settled_at is None:
        _settle(latest, outcome=Outcome.TAKEN_BACK, by=word.actor.label, note="", now=word.now)
    StoreVerification.objects.update_or_create(
        company_id=word.company_id,
        location=location,
        defaults={"answer": answer, "answered_by_id": word.user_id, "answered_at": word.now},
    )
    if answer != StoreAnswer.RIGHT:
        _differ(word, kind=answer, location=location, ours=_ours(location), theirs=theirs)
    record(
        actor=word.actor,
        action="store answered",
        subject=f"store:{location.number}",
        vendor_id=word.vendor_id,
        company_id=word.company_id,
        before={"answer": before.answer} if before else None,
        after={"answer": answer, **theirs},
    )


def miss_store(word: Word, *, name: str, number: str, place: Place) -> None:
    """Put down that a store of the company's is not on our list, for the team to look into."""
    theirs = {"name": name, "number": number, **asdict(place)}
    _differ(word, kind=DifferenceKind.MISSING, location=None, ours={}, theirs=theirs)
    record(
        actor=word.actor,
        action="store missed",
        subject=f"company:{word.company_id}",
        vendor_id=word.vendor_id,
        company_id=word.company_id,
        after=theirs,
    )


def settle_difference(*, public_id: UUID, put_right: bool, note: str, actor: Actor, now: datetime) -> None:
    """Settle what an owner said, for the team: our list is put right, or stays as it is, with the reason.

    An address that is put right is the store's from now on. What has to happen otherwise (a store closed, sold, opened)
    is done on the company's services page. Raises DifferenceNotFound.
    """
    found = StoreDifference.objects.select_for_update().filter(public_id=public_id, settled_at=None).first()
    if found is None:
        raise DifferenceNotFound(_("Somebody has settled this already; the list shows what is open."))
    if put_right and found.location and found.kind == DifferenceKind.ADDRESS_DIFFERS:
        Location.objects.filter(id=found.location.id).update(**found.theirs)
    _settle(found, outcome=Outcome.PUT_RIGHT if put_right else Outcome.LEFT, by=actor.label, note=note, now=now)
    record(
        actor=actor,
        action="store difference settled",
        subject=f"store:{found.location.number}" if found.location else f"company:{found.company_id}",
        vendor_id=found.vendor_id,
        company_id=found.company_id,
        before=found.ours,
        after={"outcome": found.outcome, **found.theirs},
        reason=note,
    )


def _own_store(word: Word, public_id: UUID) -> Location:
    own = (
        Ownership.objects.filter(company_id=word.company_id, location__public_id=public_id, period__contains=word.today)
        .select_related("location")
        .first()
    )
    if own is None:
        raise StoreNotFound(_("This store is not on your list any more; reload the page to see the list as it is."))
    return own.location


def _differ(word: Word, *, kind: str, location: Location | None, ours: dict[str, str], theirs: dict[str, Any]) -> None:
    StoreDifference.objects.create(
        vendor_id=word.vendor_id,
        company_id=word.company_id,
        location=location,
        kind=kind,
        ours=ours,
        theirs=theirs,
        said_by_id=word.user_id,
        said_at=word.now,
    )
    _tell(vendor_id=word.vendor_id, company_id=word.company_id)


def _ours(location: Location) -> dict[str, str]:
    return asdict(
        Place(address=location.address, city=location.city, state=location.state, postal_code=location.postal_code)
    )


def _settle(found: StoreDifference, *, outcome: str, by: str, note: str, now: datetime) -> None:
    found.settled_at, found.outcome, found.settled_by, found.note = now, outcome, by, note
    found.save(update_fields=["settled_at", "outcome", "settled_by", "note"])
    _tell(vendor_id=found.vendor_id, company_id=found.company_id)


def _tell(*, vendor_id: int, company_id: int) -> None:
    emit(name="store_differences_changed", topic=f"stores:{company_id}", vendor_id=vendor_id, company_id=company_id)
