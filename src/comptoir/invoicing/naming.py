"""What invoices and credit notes are called, for lists of what was done."""

from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from comptoir.kit.lookups import Ids, Uuids
from comptoir.kit.together import Question

from .models import CreditNote, Invoice
from .numbering import written_number


class NamedPaper(NamedTuple):
    """A document's number, and the invoice that it is, or corrects."""

    number: str
    invoice_public_id: UUID


def _invoices(public_ids: Uuids) -> "QuerySet[Invoice, tuple[Any, ...]]":
    found = Invoice.objects.filter(public_id__any=public_ids)
    return found.values_list("public_id", "numbered__series__prefix", "numbered__number")


def _credit_notes(ids: Ids) -> "QuerySet[CreditNote, tuple[Any, ...]]":
    found = CreditNote.objects.filter(id__any=ids)
    return found.values_list("id", "numbered__series__prefix", "numbered__number", "invoice__public_id")


# Each of those that the open door shows: invoices by public id, credit notes by id.
named_invoices = Question(
    _invoices,
    lambda rows: {
        public_id: NamedPaper(written_number(prefix=prefix, number=number), public_id)
        for public_id, prefix, number in rows
    },
)
named_credit_notes = Question(
    _credit_notes,
    lambda rows: {
        note_id: NamedPaper(written_number(prefix=prefix, number=number), invoice)
        for note_id, prefix, number, invoice in rows
    },
)
