"""The owner's word on each store, and what of it the team has to settle."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from comptoir.kit.events import emit
from comptoir.tenancy.audit import Actor, record, record_each

from .errors import DifferenceNotFound, ReasonMissing, StoreNotFound, StoreRefused, UnknownAnswer
from .models import DifferenceKind, Location, Outcome, Ownership, StoreAnswer, StoreDifference, StoreVerification
from .places import SaidPlace, StorePlace, in_codes

CLOSES_WITHIN = timedelta(days=366)
CONFIRM = """
    WITH confirmed AS (
        INSERT INTO customers_storeverification (company_id, location_id, answer, answered_by_id, answered_at)
        SELECT company_id, location_id, %s, %s, %s FROM customers_ownership WHERE company_id = %s AND period @> %s::date
        ON CONFLICT DO NOTHING RETURNING location_id)
    SELECT store.number FROM confirmed JOIN customers_location AS store ON store.id = confirmed.location_id
    ORDER BY store.id
"""


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
    word: Word, *, location_public_id: UUID, answer: str, closed_on: date | None = None, place: SaidPlace | None = None
) -> bool:
    """Put down the owner's word on a store that the company owns today, and return whether it is a new one.

    ``right`` takes back what was said before; ``not_ours``, ``closed`` (with its day) and ``address_differs`` (with the
    address) wait for the team, with what our list says. The same again changes nothing. Raises StoreNotFound,
    StoreRefused where there is no such state or it cannot be the last day, UnknownAnswer.
    """
    if (
        answer not in StoreAnswer.values
        or (answer == StoreAnswer.CLOSED and closed_on is None)
        or (answer == StoreAnswer.ADDRESS_DIFFERS and place is None)
    ):
        raise UnknownAnswer(_("Say whether the store is yours, is not, has closed, or is somewhere else."))
    own = _own_store(word, location_public_id)
    location = own.location
    if closed_on is not None and not (own.period.lower or closed_on) <= closed_on <= word.today + CLOSES_WITHIN:
        raise StoreRefused(
            _("Its last day lies between the day on which it became yours and a year from now; look at it once more."),
            field="closed_on",
        )
    if place is not None:
        there = _on_our_list(location).moved_to(place)
        place = replace(place, state=in_codes(state=there.state, country=there.country)["state"])
    theirs: dict[str, Any] = {"closed_on": closed_on.isoformat()} if closed_on else asdict(place) if place else {}
    before = StoreVerification.objects.filter(company_id=word.company_id, location=location).first()
    latest = StoreDifference.objects.filter(company_id=word.company_id, location=location).order_by("-id").first()
    same = answer == StoreAnswer.RIGHT or latest is None or latest.theirs == theirs
    if before is not None and before.answer == answer and same:
        return False
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
    return True


def confirm_stores(word: Word) -> int:
    """Put down that the stores of which nothing was said yet are right, in one statement; return how many these were.

    They are those that the company owns today. What is said of one at the same moment stands.
    """
    with connection.cursor() as cursor:
        cursor.execute(CONFIRM, [StoreAnswer.RIGHT, word.user_id, word.now, word.company_id, word.today])
        confirmed = [f"store:{number}" for (number,) in cursor.fetchall()]
    record_each(
        confirmed,
        actor=word.actor,
        action="store answered",
        vendor_id=word.vendor_id,
        company_id=word.company_id,
        after={"answer": StoreAnswer.RIGHT},
    )
    return len(confirmed)


def miss_store(word: Word, *, name: str, number: str, place: SaidPlace) -> None:
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


def address_to_settle(public_id: UUID) -> StorePlace | None:
    """Return where a store is if its owner is right; None where an open difference is of something else.

    Raises DifferenceNotFound.
    """
    found = _open_difference(StoreDifference.objects.filter(public_id=public_id))
    if found.location is None or found.kind != DifferenceKind.ADDRESS_DIFFERS:
        return None
    return _on_our_list(found.location).moved_to(SaidPlace(**found.theirs))


def settle_difference(
    *,
    public_id: UUID,
    put_right: bool,
    note: str,
    actor: Actor,
    today: date,
    now: datetime,
    place: StorePlace | None = None,
) -> None:
    """Settle what an owner said, for the team: our list is put right, or stays as it is; the owner reads the note.

    Where the owner is right about the address, ``place`` is the store's from now on. What has to happen otherwise (a
    store closed, sold, opened) is done on the company's services page. Raises DifferenceNotFound, ReasonMissing where
    nothing is put right and no note says why, StoreRefused, StoreNotFound for the address of another's store.
    """
    found = _open_difference(StoreDifference.objects.select_for_update().filter(public_id=public_id))
    if not (put_right or note):
        raise ReasonMissing(_("Say why our list stays as it is; the company reads it beside the store."))
    before, after = found.ours, found.theirs
    if put_right and found.location and found.kind == DifferenceKind.ADDRESS_DIFFERS:
        if place is None:
            raise StoreRefused(_("Say where the store is; its taxes follow from it."))
        own = Ownership.objects.filter(location=found.location, company_id=found.company_id)
        if not own.filter(period__contains=today).exists():
            raise StoreNotFound(_("The company does not own this store any more; leave our list as it is."))
        before, after = asdict(_on_our_list(found.location)), _moved(found.location, place=place)
    _settle(found, outcome=Outcome.PUT_RIGHT if put_right else Outcome.LEFT, by=actor.label, note=note, now=now)
    record(
        actor=actor,
        action="store difference settled",
        subject=f"store:{found.location.number}" if found.location else f"company:{found.company_id}",
        vendor_id=found.vendor_id,
        company_id=found.company_id,
        before=before,
        after={"outcome": found.outcome, **after},
        reason=note,
    )


def take_back(*, company_id: int, location_ids: Collection[int], by: str, now: datetime) -> None:
    """Take back what a company said of stores that go to another, as far as the team has not settled it."""
    said = StoreDifference.objects.select_for_update().filter(
        company_id=company_id, location_id__in=location_ids, settled_at=None
    )
    for found in said.order_by("id"):
        _settle(found, outcome=Outcome.TAKEN_BACK, by=by, note="", now=now)


def _open_difference(asked: "QuerySet[StoreDifference]") -> StoreDifference:
    found = asked.filter(settled_at=None).first()
    if found is None:
        raise DifferenceNotFound(_("Somebody has settled this already; the list shows what is open."))
    return found


def _moved(location: Location, *, place: StorePlace) -> dict[str, str]:
    if not place.city:
        raise StoreRefused(_("Say where the store is; its taxes follow from it."), field="city")
    values = asdict(place) | in_codes(state=place.state, country=place.country)
    Location.objects.filter(id=location.id).update(**values)
    return values


def _own_store(word: Word, public_id: UUID) -> Ownership:
    own = (
        Ownership.objects.filter(company_id=word.company_id, location__public_id=public_id, period__contains=word.today)
        .select_related("location")
        .first()
    )
    if own is None:
        raise StoreNotFound(_("This store is not on your list any more; reload the page to see the list as it is."))
    return own


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


def _on_our_list(location: Location) -> StorePlace:
    return StorePlace(**{each.name: getattr(location, each.name) for each in fields(StorePlace)})


def _ours(location: Location) -> dict[str, str]:
    return {each.name: getattr(location, each.name) for each in fields(SaidPlace)}


def _settle(found: StoreDifference, *, outcome: str, by: str, note: str, now: datetime) -> None:
    found.settled_at, found.outcome, found.settled_by, found.note = now, outcome, by, note
    found.save(update_fields=["settled_at", "outcome", "settled_by", "note"])
    _tell(vendor_id=found.vendor_id, company_id=found.company_id)


def _tell(*, vendor_id: int, company_id: int) -> None:
    emit(name="store_differences_changed", topic=f"stores:{company_id}", vendor_id=vendor_id, company_id=company_id)
