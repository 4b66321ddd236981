"""Files of a form that could not be taken yet: kept, sealed, so that nobody has to choose them again; for a day.

A browser sends a file once, and cannot be given it back. Each function runs in the door of the keeper.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db.models import QuerySet

from .files import NewFile
from .models import KeptFile
from .sealing import seal, unseal

KEPT_FOR = timedelta(days=1)
MOST_KEPT = 20  # of one person at one place; where there are more, the oldest go


@dataclass(frozen=True, slots=True)
class Keeper:
    """Whose files are kept: a person's, as a member of a company or else of a vendor's team."""

    user_id: int
    company_id: int | None = None
    vendor_id: int | None = None


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A kept file."""

    public_id: UUID
    name: str
    size_bytes: int


def keep(files: Iterable[NewFile], *, keeper: Keeper, now: datetime) -> list[KeptRow]:
    """Keep files, which were checked to be of a kind that may be sent, and return them as they are kept."""
    made = [_kept(file, keeper=keeper, now=now) for file in files]
    newest = _own(keeper).order_by("-id").values_list("id", flat=True)[:MOST_KEPT]
    _own(keeper).exclude(id__in=list(newest)).delete()
    return made


def kept(public_ids: Sequence[UUID], *, keeper: Keeper) -> list[KeptRow]:
    """Return those of the files that are still kept, the oldest first."""
    found = _own(keeper).filter(public_id__in=public_ids).defer("sealed_content").order_by("id")
    return [KeptRow(each.public_id, _name(each), each.size_bytes) for each in found]


def opened(public_ids: Sequence[UUID], *, keeper: Keeper) -> list[NewFile]:
    """Return kept files as they were sent, the oldest first. Raises NotToBeOpened."""
    found = _own(keeper).filter(public_id__in=public_ids).order_by("id")
    return [
        NewFile(name=_name(each), content=unseal(bytes(each.sealed_content), of=f"kept-file:{each.public_id}"))
        for each in found
    ]


def let_go(public_ids: Sequence[UUID], *, keeper: Keeper) -> None:
    """Keep these files no longer: they went along."""
    _own(keeper).filter(public_id__in=public_ids).delete()


def forget_what_is_old(*, now: datetime) -> None:
    """Delete what was kept for longer than a day, whoever's it is."""
    KeptFile.objects.filter(kept_at__lt=now - KEPT_FOR).delete()


def _kept(file: NewFile, *, keeper: Keeper, now: datetime) -> KeptRow:
    public_id = uuid4()
    KeptFile.objects.create(
        public_id=public_id,
        **asdict(keeper),
        size_bytes=len(file.content),
        sealed_name=seal(file.name.encode(), of=f"kept-file-name:{public_id}"),
        sealed_content=seal(file.content, of=f"kept-file:{public_id}"),
        kept_at=now,
    )
    return KeptRow(public_id, file.name, len(file.content))


def _own(keeper: Keeper) -> "QuerySet[KeptFile]":
    return KeptFile.objects.filter(**asdict(keeper))


def _name(found: KeptFile) -> str:
    return unseal(bytes(found.sealed_name), of=f"kept-file-name:{found.public_id}").decode()
