"""What others may know of changes of owner. Each reads as much as the open door shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from comptoir.kit.lookups import Uuids
from comptoir.kit.together import Question

from .errors import TransferNotFound
from .models import OPEN, NewCompany, Side, Status, Transfer, TransferStore

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class TransferRow:
    """A change of owner. A company that is not known yet has no id, and the name that it was given."""

    id: int
    public_id: UUID
    vendor_id: int
    status: str
    takes_effect_on: date
    started_side: str
    started_by: str
    started_at: datetime
    store_count: int
    asked_stores: str
    seller_id: int | None
    seller_name: str
    seller_email: str
    seller_accepted_at: datetime | None
    seller_accepted_by: str
    buyer_id: int | None
    buyer_name: str
    buyer_number: str
    buyer_email: str
    buyer_language: str
    buyer_accepted_at: datetime | None
    buyer_accepted_by: str
    invitation: UUID | None
    invitation_expires_at: datetime | None
    approved_at: datetime | None
    approved_by: str
    prices: str
    declined_by: str
    withdrawn_side: str
    withdrawn_by: str
    reason: str
    done_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it may still be withdrawn."""
        return self.status in OPEN

    def side_of(self, company_id: int) -> str:
        """Return which side a company is on: seller or buyer."""
        return Side.SELLER if company_id == self.seller_id else Side.BUYER

    def waits_for(self, side: str) -> bool:
        """Return whether one side has still to accept."""
        accepted_at = self.seller_accepted_at if side == Side.SELLER else self.buyer_accepted_at
        return self.status == Status.STARTED and accepted_at is None


@dataclass(frozen=True, slots=True)
class NewCompanyRow:
    """A buyer who is no customer yet; ``number`` is empty until the team gives one."""

    name: str
    person: str
    language: str
    address_lines: tuple[str, ...]
    number: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of changes of owner, from 1, the latest first, and how many there are in all."""

    rows: tuple[TransferRow, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are; one even of nothing."""
        return max(-(-self.total // PER_PAGE), 1)


def transfer(public_id: UUID) -> TransferRow:
    """Return a change of owner. Raises TransferNotFound where the open door shows no such one."""
    return row_of(_one(Transfer.objects.filter(public_id=public_id)))


def of_company(company_id: int) -> list[TransferRow]:
    """Return the changes of owner that a company is in, the latest first."""
    found = Transfer.objects.filter(Q(seller_id=company_id) | Q(buyer_id=company_id))
    return [row_of(each) for each in found.order_by("-id")]


def of_vendor(vendor_id: int, *, status: str = "", page: int = 1) -> Listed:
    """Return a vendor's changes of owner: those of one status, or all that are open where none is named."""
    wanted = [status] if status in Status.values else list(OPEN)
    found = Transfer.objects.filter(vendor_id=vendor_id, status__in=wanted)
    rows = found.order_by("-id")[(page - 1) * PER_PAGE : page * PER_PAGE]
    return Listed(rows=tuple(map(row_of, rows)), total=found.count(), page=page)


def stores_of(transfer_id: int) -> list[str]:
    """Return what the stores of a change of owner are called, by number."""
    rows = TransferStore.objects.filter(transfer_id=transfer_id).order_by("label")
    return list(rows.values_list("label", flat=True))


def location_ids(transfer_id: int) -> list[int]:
    """Return the ids of the stores of a change of owner."""
    rows = TransferStore.objects.filter(transfer_id=transfer_id).order_by("location_id")
    return list(rows.values_list("location_id", flat=True))


def _named(public_ids: Uuids) -> "QuerySet[Transfer, tuple[UUID, str, str]]":
    return Transfer.objects.filter(public_id__any=public_ids).values_list("public_id", "seller_name", "buyer_name")


# Seller and buyer of those of the changes of owner that the open door shows, by public id.
named_transfers: Question[dict[UUID, tuple[str, str]]] = Question(
    _named, lambda rows: {public_id: (seller, buyer) for public_id, seller, buyer in rows}
)


def in_open_transfer(location_ids: Sequence[int]) -> set[int]:
    """Return those of the stores for which a change of owner is open, as far as the open door shows it."""
    rows = TransferStore.objects.filter(location_id__in=location_ids, closed_at=None)
    return set(rows.values_list("location_id", flat=True))


def new_company(transfer_id: int) -> NewCompanyRow | None:
    """Return the buyer who is no customer yet, or None if the buyer is one, or has not accepted."""
    found = NewCompany.objects.filter(transfer_id=transfer_id).first()
    if found is None:
        return None
    return NewCompanyRow(found.name, found.person, found.language, tuple(found.address_lines), found.number)


def held(public_id: UUID) -> Transfer:
    """Return a change of owner, held until the transaction ends. Raises TransferNotFound."""
    return _one(Transfer.objects.select_for_update().filter(public_id=public_id))


def not_found() -> TransferNotFound:
    """Return the error for what is not there, or for others, to be raised."""
    return TransferNotFound(_("There is no such change of owner; the list shows those there are."))


def row_of(found: Transfer) -> TransferRow:
    """Return a change of owner as plain data."""
    return TransferRow(**{name: getattr(found, name) for name in TransferRow.__dataclass_fields__})


def _one(found: "QuerySet[Transfer]") -> Transfer:
    first = found.first()
    if first is None:
        raise not_found()
    return first
