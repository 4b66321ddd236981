"""The demo's mailbox: every mail that was sent, read from the files it was put into."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path

# What Django's file backend writes after each message of a file; what has none after it is still being written.
AFTER_EACH = b"\n" + b"-" * 79 + b"\n"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a mail."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail. ``id`` names its file and its place in it."""

    id: str
    sent_at: datetime | None
    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...]


def mails(folder: Path, *, recipient: str = "") -> list[Mail]:
    """Return the mails in a folder, the newest first; with ``recipient``, only those to an address that contains it."""
    wanted = recipient.strip().lower()
    found = [
        (file.stat().st_mtime_ns, place, mail)
        for file in _files(folder)
        for place, mail in enumerate(_mails_of(file))
        if any(wanted in address for address in mail.recipients)
    ]
    return [mail for _written, _place, mail in sorted(found, key=lambda each: each[:2], reverse=True)]


def mail(folder: Path, *, mail_id: str) -> Mail | None:
    """Return one mail, or None if there is no such mail."""
    stem = mail_id.rpartition(".")[0]
    for file in _files(folder):
        if file.stem == stem:
            return next((found for found in _mails_of(file) if found.id == mail_id), None)
    return None


def _files(folder: Path) -> list[Path]:
    return [*folder.glob("*.log"), *folder.glob("*.eml")]


def _mails_of(file: Path) -> Iterator[Mail]:
    content = file.read_bytes()
    sources = [content] if file.suffix == ".eml" else content.split(AFTER_EACH)[:-1]
    for place, source in enumerate(sources):
        yield _mail(BytesParser(policy=policy.default).parsebytes(source), mail_id=f"{file.stem}.{place}")


def _mail(message: EmailMessage, *, mail_id: str) -> Mail:
    # The headers are read as text: a header that is not quite in form is shown, not refused.
    date, to = str(message.get("Date", "")), [str(value) for value in message.get_all("To", [])]
    return Mail(
        id=mail_id,
        sent_at=parsedate_to_datetime(date) if date else None,
        sender=str(message.get("From", "")),
        recipients=tuple(address.lower() for _name, address in getaddresses(to) if address),
        subject=str(message.get("Subject", "")),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        attachments=tuple(_attachment(part, place) for place, part in enumerate(message.iter_attachments(), start=1)),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""


def _attachment(part: EmailMessage, place: int) -> Attachment:
    content = part.get_content()
    return Attachment(
        name=part.get_filename() or f"attachment-{place}",
        media_type=part.get_content_type(),
        content=content if isinstance(content, bytes) else str(content).encode(),
    )
