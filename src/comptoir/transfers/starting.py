"""Starting a change of owner: by the seller, by a buyer who asks, or by the team for both. Each in a transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NoReturn
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comptoir.customers.queries import StoreRow, stores_to_hand_over
from comptoir.inbox.files import NewFile
from comptoir.kit.dates import format_date
from comptoir.ledger.closing import closed_through
from comptoir.subscriptions.handing_over import billed_elsewhere
from comptoir.subscriptions.queries import taken_at
from comptoir.tenancy.audit import Actor
from comptoir.tenancy.queries import CompanyRow

from .documents import attach, keep_note
from .errors import TransferNotOpen, TransferRefused
from .links import fresh_invitation, refuse_address_of_seller, refuse_many_invitations
from .models import Side, Status, Transfer, TransferStore
from .queries import held, in_open_transfer
from .telling import tell

FURTHEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class OtherSide:
    """The side that is to accept, as whoever starts it knows it: an address, a name, perhaps a customer number."""

    email: str
    name: str
    number: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Papers:
    """What comes with a start: words for the team, and papers of the sale."""

    note: str = ""
    files: Sequence[NewFile] = ()


def start_sale(
    *,
    seller: CompanyRow,
    store_ids: Sequence[UUID],
    on: date,
    buyer: OtherSide,
    papers: Papers,
    actor: Actor,
    today: date,
    now: datetime,
) -> UUID:
    """Let a seller pass stores on from a day on, and return the change's public id. The buyer is invited by e-mail.

    Nothing is kept of what is refused. Raises TransferRefused, with the field; FileRefused.
    """
    _refuse_past(on, today=today)
    refuse_address_of_seller(seller.id, email=buyer.email)
    if buyer.number and buyer.number.strip() == seller.number:
        raise TransferRefused(_("This is your own customer number; give the buyer's, or none."), field="number")
    refuse_many_invitations(seller.id, now=now)
    rows = _stores(seller, store_ids, on=on)
    made = Transfer(
        status=Status.STARTED,
        started_side=Side.SELLER,
        seller_id=seller.id,
        seller_name=seller.name,
        seller_accepted_at=now,
        seller_accepted_by=actor.label,
        **_named_buyer(buyer),
        **fresh_invitation(now),
    )
    return _begin(made, of=seller, rows=rows, on=on, papers=papers, actor=actor, now=now)


def ask_for_stores(
    *,
    buyer: CompanyRow,
    stores: str,
    seller: OtherSide,
    on: date,
    papers: Papers,
    actor: Actor,
    today: date,
    now: datetime,
) -> UUID:
    """Let a buyer ask, in words, for stores that it takes over, and return the change's public id.

    Whose the stores are is not said to whoever asks: the team names the seller, who is then asked to accept. Raises
    TransferRefused, with the field; FileRefused.
    """
    _refuse_past(on, today=today)
    made = Transfer(
        status=Status.ASKED,
        started_side=Side.BUYER,
        asked_stores=stores.strip(),
        seller_name=seller.name,
        seller_email=seller.email.lower(),
        buyer_id=buyer.id,
        buyer_name=buyer.name,
        buyer_language=buyer.language,
        buyer_accepted_at=now,
        buyer_accepted_by=actor.label,
    )
    return _begin(made, of=buyer, rows=(), on=on, papers=papers, actor=actor, now=now)


def start_for_both(
    *,
    seller: CompanyRow,
    store_ids: Sequence[UUID],
    on: date,
    buyer: CompanyRow | OtherSide,
    papers: Papers,
    actor: Actor,
    today: date,
    now: datetime,
) -> UUID:
    """Let the team start what both sides are to accept, and return its public id; the day may have passed.

    A ``buyer`` who is a company accepts where it is logged in, another by an invitation. Raises TransferRefused.
    """
    _refuse_far(on, today=today)
    _refuse_closed(seller.vendor_id, on=on)
    if isinstance(buyer, CompanyRow) and buyer.id == seller.id:
        raise TransferRefused(_("The buyer is the seller; name the other company."), field="buyer_number")
    rows = _stores(seller, store_ids, on=on)
    made = Transfer(status=Status.STARTED, started_side=Side.TEAM, seller_id=seller.id, seller_name=seller.name)
    if isinstance(buyer, CompanyRow):
        refuse_unless_billed_here(buyer, on=on, field="buyer_number")
        made.buyer_id, made.buyer_name, made.buyer_language = buyer.id, buyer.name, buyer.language
    else:
        refuse_address_of_seller(seller.id, email=buyer.email)
        for name, value in {**_named_buyer(buyer), **fresh_invitation(now)}.items():
            setattr(made, name, value)
    return _begin(made, of=seller, rows=rows, on=on, papers=papers, actor=actor, now=now)


def place(*, public_id: UUID, seller: CompanyRow, store_ids: Sequence[UUID], actor: Actor) -> None:
    """Name the seller and the stores that a buyer asked for; the seller is then asked to accept.

    Raises TransferNotOpen once that is done, TransferRefused with the field.
    """
    found = held(public_id)
    if found.status != Status.ASKED:
        raise TransferNotOpen(_("The seller and the stores are named already; the page shows how it stands."))
    if seller.id == found.buyer_id:
        raise TransferRefused(_("The buyer is the seller; name the other company."), field="seller_number")
    rows = _stores(seller, store_ids, on=found.takes_effect_on)
    found.status, found.seller_id, found.store_count = Status.STARTED, seller.id, len(rows)
    found.save(update_fields=["status", "seller_id", "store_count"])
    _put_stores(found, rows)
    tell(found, news="placed", actor=actor)


def refuse_unless_billed_here(company: CompanyRow, *, on: date, field: str = "") -> None:
    """Raise TransferRefused where a company is still billed by the old system on a day."""
    if company.billed_since is None or on < company.billed_since:
        raise TransferRefused(
            _("%(company)s is not billed here on that day; move it here first, or choose a later day.")
            % {"company": company.name},
            field=field,
        )


def refuse_billed_before(*, seller_id: int, location_ids: Sequence[int], on: date) -> None:
    """Raise TransferRefused where the old system has billed days from ``on`` on: they would be billed twice."""
    taken = taken_at(company_id=seller_id, location_ids=location_ids, on=on)
    billed = billed_elsewhere(taken, on=on)
    if billed is not None:
        raise TransferRefused(
            _("The old system has billed these stores until %(day)s; choose that day or a later one.")
            % {"day": _written(billed)},
            field="on",
        )


def _stores(seller: CompanyRow, store_ids: Sequence[UUID], *, on: date) -> list[StoreRow]:
    """Return the stores that are to pass, each of them free to. Raises TransferRefused."""
    if not store_ids:
        raise TransferRefused(_("Choose at least one store."), field="stores")
    refuse_unless_billed_here(seller, on=on, field="on")
    owned = stores_to_hand_over(seller.id, on=on)
    if not set(store_ids) <= owned.keys():
        raise TransferRefused(
            _("One of these stores is not the seller's before that day; choose others, or a later day."),
            field="stores",
        )
    rows = [owned[public_id] for public_id in dict.fromkeys(store_ids)]
    taken = in_open_transfer([row.id for row in rows])
    if taken:
        _refuse_second(next(row for row in rows if row.id in taken))
    refuse_billed_before(seller_id=seller.id, location_ids=[row.id for row in rows], on=on)
    return rows


def _begin(
    made: Transfer,
    *,
    of: CompanyRow,
    rows: Sequence[StoreRow],
    on: date,
    papers: Papers,
    actor: Actor,
    now: datetime,
) -> UUID:
    made.public_id, made.vendor_id, made.takes_effect_on = uuid4(), of.vendor_id, on
    made.started_by, made.started_at, made.store_count = actor.label, now, len(rows)
    made.save(force_insert=True)
    _put_stores(made, rows)
    company_id = None if actor.kind == "staff" else of.id
    keep_note(made, company_id=company_id, words=papers.note)
    attach(made, company_id=company_id, files=papers.files, actor=actor, now=now)
    tell(made, news=str(made.status), actor=actor, company_id=company_id)
    return made.public_id


def _put_stores(made: Transfer, rows: Sequence[StoreRow]) -> None:
    try:
        with transaction.atomic():
            for row in rows:
                TransferStore.objects.create(transfer=made, location_id=row.id, label=f"{row.number} {row.name}")
    except IntegrityError as error:
        if "one_open_transfer_per_store" not in str(error):
            raise
        _refuse_second(row, error)


def _refuse_second(row: StoreRow, error: Exception | None = None) -> NoReturn:
    raise TransferRefused(
        _("A change of owner is open already for %(store)s; withdraw that one first.")
        % {"store": f"{row.number} {row.name}"},
        field="stores",
    ) from error


def _named_buyer(buyer: OtherSide) -> dict[str, str]:
    return {
        "buyer_name": buyer.name,
        "buyer_number": buyer.number,
        "buyer_email": buyer.email.lower(),
        "buyer_language": buyer.language,
    }


def _refuse_past(on: date, *, today: date) -> None:
    if on < today:
        raise TransferRefused(
            _("This day has passed; choose today or a later day. For a sale before today, write to the team."),
            field="on",
        )
    _refuse_far(on, today=today)


def _refuse_far(on: date, *, today: date) -> None:
    if on > today + FURTHEST:
        raise TransferRefused(_("Choose a day within a year from now."), field="on")


def _refuse_closed(vendor_id: int, *, on: date) -> None:
    closed = closed_through(vendor_id)
    if closed is not None and on <= closed:
        raise TransferRefused(
            _("The books are closed through %(day)s; choose a later day.") % {"day": _written(closed)}, field="on"
        )


def _written(day: date) -> str:
    return format_date(day=day, language=get_language() or "en")
