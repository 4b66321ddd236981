"""What others may know of credit notes."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from comptoir.kit.lookups import Uuids
from comptoir.kit.together import Question, ask_together

from .errors import CreditNoteNotFound
from .models import CompanyCredit, CreditNote, CreditNoteLine, InvoiceLine
from .numbering import written_number
from .queries import LineRow, TaxRow, lines_of, taxes_of


@dataclass(frozen=True, slots=True)
class CreditNoteRow:
    """A credit note; amounts in minor units, above zero. ``applied_minor`` went to its invoice, the rest is credit."""

    public_id: UUID
    number: str
    invoice_number: str
    issue_date: date
    reason: str
    currency: str
    total_minor: int
    applied_minor: int


@dataclass(frozen=True, slots=True)
class CreditNoteDetail:
    """A credit note with what it gives back: lines that name what they correct, and taxes by jurisdiction."""

    row: CreditNoteRow
    vendor_id: int
    company_id: int
    invoice_public_id: UUID
    language: str
    bill_to: Mapping[str, object]
    seller: Mapping[str, Any]
    lines: tuple[LineRow, ...]
    taxes: tuple[TaxRow, ...]


def credit_notes(company_id: int) -> list[CreditNoteRow]:
    """Return a company's credit notes, newest first."""
    return [_row(note) for note in _notes().filter(company_id=company_id).order_by("-id")]


def credit_notes_of_invoice(invoice_id: int) -> list[CreditNoteRow]:
    """Return the credit notes that correct an invoice, newest first."""
    return [_row(note) for note in _notes().filter(invoice_id=invoice_id).order_by("-id")]


def credit_note(public_id: UUID) -> CreditNoteDetail:
    """Return one credit note with its lines. Raises CreditNoteNotFound."""
    note = _notes().filter(public_id=public_id).first()
    if note is None:
        raise CreditNoteNotFound(_("There is no such credit note here; the invoice that it corrects names it."))
    named = Uuids([note.invoice.public_id])
    billed, taxes = lines_of(public_ids=named), taxes_of(public_ids=named)
    ask_together(billed, taxes)
    corrected = {line.position: line for line in billed.read()}
    lines = list(CreditNoteLine.objects.filter(credit_note=note).order_by("position"))
    rates = {position: tax.rate for position, tax in taxes.read().items()}
    return CreditNoteDetail(
        row=_row(note),
        vendor_id=note.vendor_id,
        company_id=note.company_id,
        invoice_public_id=note.invoice.public_id,
        language=note.language,
        bill_to=note.bill_to,
        seller=note.seller,
        lines=tuple(_line(line, corrected[line.corrects], rates=rates) for line in lines),
        taxes=_taxes(taxes.read(), [(corrected[line.corrects].tax_positions, line) for line in lines]),
    )


def _notes() -> QuerySet[CreditNote]:
    # Of a series a customer may read the prefix, not how far it has come.
    return CreditNote.objects.select_related("numbered", "invoice__numbered", "allocation").annotate(
        prefix=F("numbered__series__prefix"), invoice_prefix=F("invoice__numbered__series__prefix")
    )


def _named(rows: list[tuple[Any, ...]]) -> dict[int, CreditNoteRow]:
    return {
        note_id: CreditNoteRow(
            public_id,
            written_number(prefix=prefix, number=number),
            written_number(prefix=of_prefix, number=of_number),
            issued,
            reason,
            currency,
            total_minor,
            applied_minor or 0,
        )
        for (
            note_id,
            public_id,
            prefix,
            number,
            of_prefix,
            of_number,
            issued,
            reason,
            currency,
            total_minor,
            applied_minor,
        ) in rows
    }


# Those of the credit notes that the caller may see, by id.
NOTE = (
    "id", "public_id", "prefix", "numbered__number", "invoice_prefix", "invoice__numbered__number", "issue_date",
    "reason", "currency", "total_minor", "allocation__amount_minor",
)  # fmt: skip
credit_notes_named = Question(lambda ids: _notes().filter(id__any=ids).values_list(*NOTE), _named)


def _row(note: CreditNote) -> CreditNoteRow:
    return CreditNoteRow(
        public_id=note.public_id,
        number=written_number(prefix=note.prefix, number=note.numbered.number),  # type: ignore[attr-defined]
        invoice_number=written_number(
            prefix=note.invoice_prefix,  # type: ignore[attr-defined]
            number=note.invoice.numbered.number,
        ),
        issue_date=note.issue_date,
        reason=note.reason,
        currency=note.currency,
        total_minor=note.total_minor,
        applied_minor=note.allocation.amount_minor if hasattr(note, "allocation") else 0,
    )


def _line(line: CreditNoteLine, corrected: InvoiceLine, *, rates: Mapping[int, Decimal]) -> LineRow:
    return LineRow(
        position=line.corrects,
        location_label=corrected.location_label,
        description=corrected.description,
        starts_on=line.starts_on,
        ends_on=line.ends_on,
        unit_minor=corrected.unit_minor,
        discount_minor=corrected.discount_minor,
        amount_minor=line.amount_minor,
        full_days=corrected.full_days,
        unit=corrected.unit,
        vat_category=corrected.vat_category,
        tax_rate=sum((rates[position] for position in corrected.tax_positions), Decimal(0)),
    )


def _taxes(of_invoice: Mapping[int, TaxRow], lines: list[tuple[list[int], CreditNoteLine]]) -> tuple[TaxRow, ...]:
    """Add up what each tax of the invoice gives back."""
    back: dict[int, int] = defaultdict(int)
    taxable: dict[int, int] = defaultdict(int)
    for positions, line in lines:
        for position, part in zip(positions, line.tax_parts, strict=True):
            back[position] += part
            taxable[position] += line.amount_minor
    return tuple(
        TaxRow(name=tax.name, rate=tax.rate, taxable_minor=taxable[position], tax_minor=back[position])
        for position, tax in of_invoice.items()
        if back[position]
    )


def credit_of_company(company_id: int) -> dict[str, int]:
    """Return what is owed to a company: minor units by currency, where it is above zero."""
    return credit_owed(company_id=company_id).read()


def _owed(company_id: int) -> "QuerySet[CompanyCredit, tuple[str, int]]":
    found = CompanyCredit.objects.filter(company_id=company_id, balance_minor__gt=0)
    return found.values_list("currency", "balance_minor")


credit_owed: Question[dict[str, int]] = Question(_owed, lambda rows: dict(rows))
