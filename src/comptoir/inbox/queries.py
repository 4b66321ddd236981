"""What has been written, opened for those whom their door shows it to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from comptoir.kit.lookups import Uuids
from comptoir.kit.together import Question

from .errors import ThreadNotFound
from .models import AnswerPromise, Attachment, Kind, Message, ReadMark, Side, Thread
from .promise import USUAL, Promise
from .sealing import unseal

PER_PAGE = 50

Shown = Literal["waiting", "mine", "open", "closed"]


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """A conversation. ``unread`` is whether the other side wrote something that the asking person has not read.

    ``answer_due_at`` is when the team promised to answer, None while it owes no answer.
    """

    id: int
    public_id: UUID
    vendor_id: int
    company_id: int
    company_public_id: UUID
    company_name: str
    topic: str
    about: str
    urgent: bool
    subject: str
    opened_at: datetime
    last_at: datetime
    answer_due_at: datetime | None
    assigned_to_id: int | None
    closed_at: datetime | None
    unread: bool


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file that came with a message."""

    public_id: UUID
    name: str
    media_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class MessageRow:
    """What one person wrote: ``side`` is customer or staff; ``is_note`` for the team alone."""

    id: int
    side: str
    is_note: bool
    author: str
    text: str
    written_at: datetime
    files: tuple[FileRow, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation with all that was written in it, the oldest first."""

    row: ThreadRow
    messages: tuple[MessageRow, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of conversations, from 1, and how many there are in all."""

    rows: tuple[ThreadRow, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are; one even of nothing."""
        return max(-(-self.total // PER_PAGE), 1)


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file, opened."""

    name: str
    media_type: str
    content: bytes


def promise_of(vendor_id: int) -> Promise:
    """Return when a vendor's team works and how soon it answers; the usual, until it says otherwise."""
    found = (
        AnswerPromise.objects.filter(vendor_id=vendor_id)
        .values_list("weekdays", "opens_at", "closes_at", "hours", "urgent_hours")
        .first()
    )
    return Promise(*found) if found else USUAL


def company_threads(*, company_id: int, user_id: int, page: int = 1) -> Listed:
    """Return a company's conversations, the latest first, as one of its members reads them."""
    found = _seen_by(user_id, other_side=Side.STAFF).filter(company_id=company_id)
    return _page(found.order_by("-last_at", "-id"), page=page)


def unread_count(*, company_id: int, user_id: int) -> int:
    """Return in how many of a company's conversations the team wrote something that a person has not read."""
    return unread(company_id=company_id, user_id=user_id).read()


def _unread_threads(company_id: int, user_id: int) -> "QuerySet[Thread, tuple[int]]":
    found = Thread.objects.filter(_unread(user_id, other_side=Side.STAFF), company_id=company_id)
    return found.values_list("id")


unread = Question(_unread_threads, lambda rows: len(rows))


def _threads(public_ids: Uuids) -> "QuerySet[Thread, tuple[Any, ...]]":
    return Thread.objects.filter(public_id__any=public_ids).values_list("public_id", "sealed_subject")


# What those of the conversations are called that the open door shows, by public id.
named_threads = Question(_threads, lambda rows: {public_id: _subject(public_id, sealed) for public_id, sealed in rows})


def team_threads(*, vendor_id: int, user_id: int, shown: Shown, words: str = "", page: int = 1) -> Listed:
    """Return a vendor's conversations as one of the team reads them: urgent first, then the earliest promised.

    ``shown``: those that wait for an answer, those assigned to the person, all open ones, or the closed ones, the
    latest first. ``words``: part of a company's name or number.
    """
    found = _seen_by(user_id, other_side=Side.CUSTOMER).filter(vendor_id=vendor_id, closed_at__isnull=shown != "closed")
    if shown == "waiting":
        found = found.filter(answer_due_at__isnull=False)
    if shown == "mine":
        found = found.filter(assigned_to_id=user_id)
    if words:
        found = found.filter(Q(company__name__icontains=words) | Q(company__number__icontains=words))
    if shown == "closed":
        return _page(found.order_by("-closed_at", "-id"), page=page)
    return _page(found.order_by("-urgent", F("answer_due_at").asc(nulls_last=True), "-last_at"), page=page)


def waiting_count(vendor_id: int) -> int:
    """Return how many conversations wait for the team's answer."""
    return Thread.objects.filter(vendor_id=vendor_id, answer_due_at__isnull=False).count()


def conversation(*, public_id: UUID, user_id: int, side: str) -> Conversation:
    """Return a conversation as a person of one side reads it; notes only for whom the door shows them.

    Raises ThreadNotFound.
    """
    other = Side.CUSTOMER if side == Side.STAFF else Side.STAFF
    row = _one(_seen_by(user_id, other_side=other).filter(public_id=public_id))
    written = Message.objects.filter(thread_id=row.id).order_by("id")
    files: dict[int, list[FileRow]] = {}
    for file in Attachment.objects.filter(message__thread_id=row.id).defer("sealed_content").order_by("id"):
        files.setdefault(file.message_id, []).append(_file_row(file))
    return Conversation(row=row, messages=tuple(_message_row(each, files.get(each.id, ())) for each in written))


def thread_row(public_id: UUID) -> ThreadRow:
    """Return a conversation, for what is told of it. Raises ThreadNotFound."""
    return _one(_seen_by(0, other_side=Side.STAFF).filter(public_id=public_id))


def writers(thread_id: int) -> set[int]:
    """Return the user ids of the customers who have written in a conversation."""
    return set(Message.objects.filter(thread_id=thread_id, side=Side.CUSTOMER).values_list("author_id", flat=True))


def file_content(*, thread_public_id: UUID, public_id: UUID) -> FileContent:
    """Return a file of a conversation, opened. Raises ThreadNotFound where the asking door shows no such file."""
    found = Attachment.objects.filter(public_id=public_id, message__thread__public_id=thread_public_id).first()
    if found is None:
        raise not_found()
    content = unseal(bytes(found.sealed_content), of=f"file:{public_id}")
    return FileContent(name=_file_row(found).name, media_type=found.media_type, content=content)


def not_found() -> ThreadNotFound:
    """Return the error for what is not there, or for others, to be raised."""
    return ThreadNotFound(_("There is no such conversation; the list of messages shows those there are."))


def _seen_by(user_id: int, *, other_side: str) -> "QuerySet[Thread]":
    return Thread.objects.select_related("company").annotate(unread=_unread(user_id, other_side=other_side))


def _unread(user_id: int, *, other_side: str) -> Exists:
    """Ask whether the other side wrote something in a conversation that a person has not read."""
    through = ReadMark.objects.filter(thread=OuterRef(OuterRef("pk")), user_id=user_id).values("through_message_id")
    return Exists(
        Message.objects.filter(
            thread=OuterRef("pk"), side=other_side, kind=Kind.MESSAGE, id__gt=Coalesce(Subquery(through), Value(0))
        )
    )


def _page(found: "QuerySet[Thread]", *, page: int) -> Listed:
    rows = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    return Listed(rows=tuple(map(_thread_row, rows)), total=found.count(), page=page)


def _one(found: "QuerySet[Thread]") -> ThreadRow:
    thread = found.first()
    if thread is None:
        raise not_found()
    return _thread_row(thread)


def _thread_row(found: Thread) -> ThreadRow:
    return ThreadRow(
        id=found.id,
        public_id=found.public_id,
        vendor_id=found.vendor_id,
        company_id=found.company_id,
        company_public_id=found.company.public_id,
        company_name=found.company.name,
        topic=found.topic,
        about=found.about,
        urgent=found.urgent,
        subject=_subject(found.public_id, found.sealed_subject),
        opened_at=found.opened_at,
        last_at=found.last_at,
        answer_due_at=found.answer_due_at,
        assigned_to_id=found.assigned_to_id,
        closed_at=found.closed_at,
        unread=found.unread,  # type: ignore[attr-defined]  # annotated
    )


def _subject(public_id: UUID, sealed: bytes | memoryview) -> str:
    return unseal(bytes(sealed), of=f"thread:{public_id}").decode()


def _message_row(found: Message, files: Iterable[FileRow]) -> MessageRow:
    return MessageRow(
        id=found.id,
        side=found.side,
        is_note=found.kind == Kind.NOTE,
        author=found.author_label,
        text=unseal(bytes(found.sealed_text), of=f"message:{found.public_id}").decode(),
        written_at=found.written_at,
        files=tuple(files),
    )


def _file_row(found: Attachment) -> FileRow:
    return FileRow(
        public_id=found.public_id,
        name=unseal(bytes(found.sealed_name), of=f"file-name:{found.public_id}").decode(),
        media_type=found.media_type,
        size_bytes=found.size_bytes,
    )
