"""Writing to each other: opening a conversation, answering, noting, assigning, closing."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from comptoir.kit.account_numbers import find_account_numbers
from comptoir.kit.events import emit
from comptoir.kit.safe_words import refuse_account_numbers
from comptoir.tenancy.audit import Actor, record
from comptoir.tenancy.queries import VendorRow

from .errors import FileRefused, MessageRefused
from .files import MOST_FILES, NewFile, media_type_of
from .models import AnswerPromise, Attachment, Kind, Message, ReadMark, Side, Thread, Topic
from .promise import Promise, answer_by
from .queries import not_found, promise_of
from .sealing import seal

LONGEST_SUBJECT, LONGEST_TEXT = 120, 10_000


def open_thread(
    *,
    vendor: VendorRow,
    company_id: int,
    topic: str,
    subject: str,
    text: str,
    actor: Actor,
    now: datetime,
    urgent: bool = False,
    about: str = "",
    attached: Sequence[NewFile] = (),
) -> UUID:
    """Begin a conversation with its first message, by a customer or by one of the team; return its public id.

    ``about`` is what it is attached to, “invoice:<public id>”. What a customer writes is promised an answer, sooner
    when ``urgent``. Raises MessageRefused, AccountNumberFound, FileRefused, before anything is kept.
    """
    if topic not in Topic.values:
        raise MessageRefused(_("Choose what it is about."))
    written = _checked(subject, longest=LONGEST_SUBJECT)
    thread_id = uuid4()
    thread = Thread.objects.create(
        public_id=thread_id,
        vendor_id=vendor.id,
        company_id=company_id,
        topic=topic,
        about=about,
        urgent=urgent or topic == Topic.OTHER_URGENT,
        sealed_subject=seal(written.encode(), of=f"thread:{thread_id}"),
        opened_by_id=_person(actor),
        opened_at=now,
        last_at=now,
    )
    _add(thread, vendor=vendor, kind=Kind.MESSAGE, text=text, files=attached, actor=actor, now=now)
    return thread_id


def write_message(
    *,
    thread_public_id: UUID,
    vendor: VendorRow,
    text: str,
    actor: Actor,
    now: datetime,
    attached: Sequence[NewFile] = (),
) -> None:
    """Add a message to a conversation. A customer's opens a closed one again; the team's answer keeps its promise.

    Raises ThreadNotFound, and what ``open_thread`` raises.
    """
    thread = _locked(thread_public_id)
    _add(thread, vendor=vendor, kind=Kind.MESSAGE, text=text, files=attached, actor=actor, now=now)


def write_note(*, thread_public_id: UUID, vendor: VendorRow, text: str, actor: Actor, now: datetime) -> None:
    """Add a note that the team alone reads. Raises ThreadNotFound, MessageRefused, AccountNumberFound."""
    _add(_locked(thread_public_id), vendor=vendor, kind=Kind.NOTE, text=text, files=(), actor=actor, now=now)


def assign_thread(*, thread_public_id: UUID, to_user_id: int | None, to_label: str, actor: Actor) -> None:
    """Give a conversation to one of the team, or to nobody. Raises ThreadNotFound."""
    thread = _locked(thread_public_id)
    if thread.assigned_to_id == to_user_id:
        return
    thread.assigned_to_id = to_user_id
    thread.save(update_fields=["assigned_to_id"])
    _record(thread, actor=actor, action="message assigned", after={"to": to_label})


def close_thread(*, thread_public_id: UUID, actor: Actor, now: datetime) -> None:
    """Close a conversation, if it is open; whoever writes on opens it again. Raises ThreadNotFound."""
    thread = _locked(thread_public_id)
    if thread.closed_at:
        return
    thread.closed_at, thread.answer_due_at = now, None
    thread.save(update_fields=["closed_at", "answer_due_at"])
    _record(thread, actor=actor, action="message closed")
    _tell("message_closed", thread, data={})


def mark_read(*, thread_id: int, user_id: int, through_message_id: int) -> None:
    """Put down that a person has read a conversation up to a message; it never goes back."""
    mark, made = ReadMark.objects.get_or_create(
        thread_id=thread_id, user_id=user_id, defaults={"through_message_id": through_message_id}
    )
    if not made and mark.through_message_id < through_message_id:
        mark.through_message_id = through_message_id
        mark.save(update_fields=["through_message_id"])


def set_promise(*, vendor_id: int, promise: Promise, actor: Actor) -> None:
    """Say when a vendor's team works and how soon it answers; from the next message on."""
    before = promise_of(vendor_id)
    values = {
        "weekdays": promise.weekdays,
        "opens_at": promise.opens_at,
        "closes_at": promise.closes_at,
        "hours": promise.hours,
        "urgent_hours": promise.urgent_hours,
    }
    if not AnswerPromise.objects.filter(vendor_id=vendor_id).update(**values):
        AnswerPromise.objects.create(vendor_id=vendor_id, **values)
    record(
        actor=actor,
        action="answer time set",
        subject=f"vendor:{vendor_id}",
        vendor_id=vendor_id,
        before={"hours": before.hours, "urgent_hours": before.urgent_hours, "weekdays": before.weekdays},
        after={"hours": promise.hours, "urgent_hours": promise.urgent_hours, "weekdays": promise.weekdays},
    )


def check_files(files: Sequence[NewFile]) -> list[str]:
    """Return the media types of files that may be sent together. Raises FileRefused."""
    if len(files) > MOST_FILES:
        raise FileRefused(
            _("A message takes %(most)s files; send the others with a second message.") % {"most": MOST_FILES}
        )
    for file in files:
        if find_account_numbers(file.name):
            raise FileRefused(_("There is a card or bank account number in the name of a file; give it another name."))
    return [media_type_of(file) for file in files]


def _locked(public_id: UUID) -> Thread:
    thread = Thread.objects.select_for_update().filter(public_id=public_id).first()
    if thread is None:
        raise not_found()
    return thread


def _add(
    thread: Thread, *, vendor: VendorRow, kind: str, text: str, files: Sequence[NewFile], actor: Actor, now: datetime
) -> None:
    words = _checked(text, longest=LONGEST_TEXT)
    types = check_files(files)
    message_id = uuid4()
    message = Message.objects.create(
        public_id=message_id,
        thread=thread,
        side=actor.kind,
        kind=kind,
        author_id=_person(actor),
        author_label=actor.label,
        sealed_text=seal(words.encode(), of=f"message:{message_id}"),
        files=len(files),
        written_at=now,
    )
    for file, media_type in zip(files, types, strict=True):
        file_id = uuid4()
        Attachment.objects.create(
            public_id=file_id,
            message=message,
            media_type=media_type,
            size_bytes=len(file.content),
            sealed_name=seal(file.name.encode(), of=f"file-name:{file_id}"),
            sealed_content=seal(file.content, of=f"file:{file_id}"),
        )
    mark_read(thread_id=thread.id, user_id=message.author_id, through_message_id=message.id)
    _record(thread, actor=actor, action="note written" if kind == Kind.NOTE else "message written")
    if kind == Kind.MESSAGE:
        _go_on(thread, vendor=vendor, side=message.side, now=now)
        _tell("message_written", thread, data={"message": str(message_id), "side": message.side})


def _go_on(thread: Thread, *, vendor: VendorRow, side: str, now: datetime) -> None:
    """Say who waits for whom after a message."""
    thread.last_at, thread.closed_at = now, None
    if side == Side.STAFF:
        thread.answer_due_at = None
    elif thread.answer_due_at is None:  # whoever writes twice keeps the earlier promise
        thread.answer_due_at = answer_by(
            promise=promise_of(vendor.id), urgent=thread.urgent, now=now, time_zone=vendor.time_zone
        )
    thread.save(update_fields=["last_at", "closed_at", "answer_due_at"])


def _person(actor: Actor) -> int:
    if actor.user_id is None:
        raise ValueError(f"{actor.label} is no person, and messages are written by people")
    return actor.user_id


def _checked(text: str, *, longest: int) -> str:
    """Return what was written, as it is kept."""
    words = text.replace("\r\n", "\n").strip()
    if not words:
        raise MessageRefused(_("Write something first."))
    if len(words) > longest:
        raise MessageRefused(
            _("This has %(length)s characters; %(longest)s fit.") % {"length": len(words), "longest": longest}
        )
    refuse_account_numbers(words)
    return words


def _record(thread: Thread, *, actor: Actor, action: str, after: dict[str, str] | None = None) -> None:
    record(
        actor=actor,
        action=action,
        subject=f"thread:{thread.public_id}",
        vendor_id=thread.vendor_id,
        company_id=thread.company_id,
        after=after,
    )


def _tell(name: str, thread: Thread, *, data: dict[str, str]) -> None:
    """Emit what happened to a conversation, with all that a listener needs, and nothing that is sealed."""
    emit(
        name=name,
        topic=f"thread:{thread.public_id}",
        vendor_id=thread.vendor_id,
        company_id=thread.company_id,
        data={"thread": str(thread.public_id), **data},
    )
