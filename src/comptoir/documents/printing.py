"""Papers put together for the printer: what was asked for, and the files made of it, each once."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Func, IntegerField, Q, QuerySet
from django.utils.translation import gettext as _

from comptoir.kit.events import emit
from comptoir.tenancy.audit import Actor, record

from .errors import DocumentNotReady, NothingToPrint
from .models import PrintBatch, PrintPart
from .queries import StoredPdf, stored_references

SHEETS_PER_PART = 200  # what the worker holds in memory, and a tray of paper


@dataclass(frozen=True, slots=True)
class Sheet:
    """What goes into one envelope: for whom, and the references of the papers, in order."""

    number: str
    name: str
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch, and how far it is; ``made`` are the positions of its parts that are there, out of ``parts``."""

    id: int
    vendor_id: int
    title: str
    requested_by: str
    requested_on: date
    envelopes: int
    made: tuple[int, ...]

    @property
    def parts(self) -> int:
        """How many files it has when it is done."""
        return -(-self.envelopes // SHEETS_PER_PART)

    @property
    def under_way(self) -> bool:
        """Whether the worker has something to do for it."""
        return len(self.made) < self.parts


def request_printing(*, vendor_id: int, title: str, sheets: Sequence[Sheet], today: date, actor: Actor) -> int:
    """Have the papers put together that are there, and return the batch's id. Must run in a transaction.

    A paper that was not made yet is left out. Raises NothingToPrint if none was.
    """
    there = stored_references(chain.from_iterable(sheet.references for sheet in sheets))
    kept = [
        [sheet.number, sheet.name, own]
        for sheet in sheets
        if (own := [ref for ref in sheet.references if ref in there])
    ]
    if not kept:
        raise NothingToPrint(_("There is nothing to print: no such paper has been made yet."))
    batch = PrintBatch.objects.create(
        vendor_id=vendor_id, title=title, sheets=kept, requested_by=actor.label, requested_on=today
    )
    subject = f"print_batch:{batch.id}"
    record(
        actor=actor, action="printing requested", subject=subject, vendor_id=vendor_id, after={"envelopes": len(kept)}
    )
    emit(name="print_batch_requested", topic=subject, vendor_id=vendor_id, data={"batch": batch.id})
    return batch.id


def print_batches(vendor_id: int, *, limit: int = 20) -> list[BatchRow]:
    """Return a vendor's latest batches, newest first."""
    return [_row(batch) for batch in _batches().filter(vendor_id=vendor_id).order_by("-id")[:limit]]


def batch_row(batch_id: int) -> BatchRow:
    """Return one batch; it must be there."""
    return _row(_batches().get(id=batch_id))


def sheets_of(*, batch_id: int, position: int) -> list[Sheet]:
    """Return what goes into a part of a batch."""
    sheets: list[tuple[str, str, list[str]]] = PrintBatch.objects.values_list("sheets", flat=True).get(id=batch_id)
    mine = sheets[(position - 1) * SHEETS_PER_PART : position * SHEETS_PER_PART]
    return [Sheet(number, name, tuple(references)) for number, name, references in mine]


def part_is_there(*, batch_id: int, position: int) -> bool:
    """Return whether a part was made."""
    return PrintPart.objects.filter(batch_id=batch_id, position=position).exists()


def keep_part(*, batch_id: int, position: int, filename: str, content: bytes) -> None:
    """Keep a part, unless it was made before."""
    PrintPart.objects.get_or_create(
        batch_id=batch_id,
        position=position,
        defaults={"filename": filename, "sha256": hashlib.sha256(content).hexdigest(), "content": content},
    )


def part_pdf(*, batch_id: int, position: int) -> StoredPdf:
    """Return a part, if the caller may see it. Raises DocumentNotReady."""
    found = PrintPart.objects.filter(batch_id=batch_id, position=position).first()
    if found is None:
        raise DocumentNotReady(_("This PDF is being made. Please try again in a minute."))
    return StoredPdf(filename=found.filename, content=bytes(found.content), sha256=found.sha256)


def _batches() -> QuerySet[PrintBatch]:
    """Batches with how many envelopes they have and which parts, in one query that reads neither sheets nor PDFs."""
    return PrintBatch.objects.defer("sheets").annotate(
        envelopes=Func("sheets", function="jsonb_array_length", output_field=IntegerField()),
        made=ArrayAgg("parts__position", filter=Q(parts__isnull=False), order_by="parts__position", default=[]),
    )


def _row(batch: PrintBatch) -> BatchRow:
    return BatchRow(
        id=batch.id,
        vendor_id=batch.vendor_id,
        title=batch.title,
        requested_by=batch.requested_by,
        requested_on=batch.requested_on,
        envelopes=batch.envelopes,  # type: ignore[attr-defined]
        made=tuple(batch.made),  # type: ignore[attr-defined]
    )
