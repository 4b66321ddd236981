"""Papers of a sale and words to the team: checked and sealed as messages are, for their side and the team."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from comptoir.inbox.files import NewFile
from comptoir.inbox.operations import check_files
from comptoir.inbox.queries import FileContent
from comptoir.inbox.sealing import seal, unseal
from comptoir.kit.safe_words import refuse_account_numbers
from comptoir.tenancy.audit import Actor, record

from .errors import TransferNotOpen
from .models import OPEN, Document, Note, Transfer
from .queries import held, not_found

# What is sealed here under the same keys, and what its rows are bound to; it is sealed anew with the messages.
SEALED = (
    ("transfers_document", "sealed_name", "paper-name"),
    ("transfers_document", "sealed_content", "paper"),
    ("transfers_note", "sealed_text", "transfer-note"),
)


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A paper; ``company_id`` is whose, None the team's."""

    public_id: UUID
    company_id: int | None
    name: str
    size_bytes: int
    given_by: str
    given_at: datetime


def add_documents(
    *, public_id: UUID, company_id: int | None, files: Sequence[NewFile], actor: Actor, now: datetime
) -> None:
    """Add papers to a change of owner that is open, as a company or (None) the team.

    Raises TransferNotFound, TransferNotOpen, FileRefused.
    """
    found = held(public_id)
    if found.status not in OPEN:
        raise TransferNotOpen(_("This change of owner has ended; send papers with a message instead."))
    attach(found, company_id=company_id, files=files, actor=actor, now=now)


def attach(found: Transfer, *, company_id: int | None, files: Sequence[NewFile], actor: Actor, now: datetime) -> None:
    """Seal files and keep them with a change of owner. Must run in a transaction. Raises FileRefused."""
    for file, media_type in zip(files, check_files(files), strict=True):
        public_id = uuid4()
        Document.objects.create(
            public_id=public_id,
            transfer=found,
            company_id=company_id,
            given_by=actor.label,
            given_at=now,
            media_type=media_type,
            size_bytes=len(file.content),
            sealed_name=seal(file.name.encode(), of=f"paper-name:{public_id}"),
            sealed_content=seal(file.content, of=f"paper:{public_id}"),
        )
        record(
            actor=actor,
            action="paper of sale added",
            subject=f"transfer:{found.public_id}",
            vendor_id=found.vendor_id,
            company_id=company_id,
        )


def keep_note(found: Transfer, *, company_id: int | None, words: str) -> None:
    """Seal what whoever starts a change of owner wants the team to know, and keep it; nothing of empty words."""
    if not words.strip():
        return
    refuse_account_numbers(words)
    public_id = uuid4()
    sealed = seal(words.strip().encode(), of=f"transfer-note:{public_id}")
    Note.objects.create(public_id=public_id, transfer=found, company_id=company_id, sealed_text=sealed)


def note_of(transfer_id: int) -> str:
    """Return what whoever started it wants the team to know, as far as the open door shows it."""
    found = Note.objects.filter(transfer_id=transfer_id).first()
    return unseal(bytes(found.sealed_text), of=f"transfer-note:{found.public_id}").decode() if found else ""


def documents_of(transfer_id: int) -> list[DocumentRow]:
    """Return the papers that the open door shows, the oldest first."""
    rows = Document.objects.filter(transfer_id=transfer_id).defer("sealed_content").order_by("id")
    return [
        DocumentRow(
            public_id=each.public_id,
            company_id=each.company_id,
            name=_name(each),
            size_bytes=each.size_bytes,
            given_by=each.given_by,
            given_at=each.given_at,
        )
        for each in rows
    ]


def document_content(*, transfer_public_id: UUID, public_id: UUID) -> FileContent:
    """Return a paper, opened. Raises TransferNotFound where the open door shows no such one."""
    found = Document.objects.filter(public_id=public_id, transfer__public_id=transfer_public_id).first()
    if found is None:
        raise not_found()
    content = unseal(bytes(found.sealed_content), of=f"paper:{public_id}")
    return FileContent(name=_name(found), media_type=found.media_type, content=content)


def _name(found: Document) -> str:
    return unseal(bytes(found.sealed_name), of=f"paper-name:{found.public_id}").decode()
