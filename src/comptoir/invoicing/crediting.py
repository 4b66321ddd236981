"""Issuing credit notes: what is given back of an invoice, taken off what is open on it, the rest kept as credit."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from comptoir.kit.events import emit
from comptoir.kit.lookups import Ids
from comptoir.ledger.operations import Entry, PostingLine, accounts, post, tax_accounts
from comptoir.taxes.calculation import reverse
from comptoir.tenancy.audit import Actor, record
from comptoir.tenancy.queries import VendorRow

from .company_credit import credit_of
from .errors import CreditRefused
from .issuing import CONTRA, seller_data
from .models import (
    Allocation,
    Coverage,
    CreditMovement,
    CreditNote,
    CreditNoteLine,
    CreditNoteNumber,
    CreditReason,
    Invoice,
    InvoiceBalance,
    InvoiceKind,
    InvoiceLine,
    InvoiceTax,
    NumberSeries,
    SeriesKind,
)
from .numbering import held_series


@dataclass(frozen=True, slots=True)
class CreditLine:
    """What to give back of the invoice line at position ``corrects``: minor units without taxes, and days if any."""

    corrects: int
    amount_minor: int
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class _Given:
    """A line to credit with its part of the taxes, in the order of the corrected line's positions."""

    line: CreditLine
    tax_positions: Sequence[int]
    tax_parts: Sequence[int]


def issue_credit_note(
    *,
    vendor: VendorRow,
    invoice_id: int,
    lines: Sequence[CreditLine],
    reason: CreditReason,
    explanation: str,
    issue_date: date,
    actor: Actor,
    now: datetime,
    run_id: int | None = None,
) -> CreditNote:
    """Issue a credit note over ``lines`` of one invoice, and return it; days are given back from the latest on.

    Each line gives back its part of its own taxes. The total pays what is open and not on its way; what is left is the
    company's credit. Must run in a transaction. Raises CreditRefused when more would be given back than was billed.
    """
    balance = InvoiceBalance.objects.select_for_update().get(invoice_id=invoice_id)
    invoice = Invoice.objects.get(id=invoice_id)
    if issue_date < invoice.issue_date:
        raise CreditRefused(_("A credit note is not dated before the invoice that it corrects."))
    given = _with_taxes({invoice_id: lines})[invoice_id]
    net_minor = sum(one.line.amount_minor for one in given)
    tax_minor = sum(sum(one.tax_parts) for one in given)
    note = CreditNote.objects.create(
        vendor_id=vendor.id,
        company_id=invoice.company_id,
        invoice=invoice,
        run_id=run_id,
        reason=reason,
        explanation=explanation,
        issue_date=issue_date,
        bill_to=invoice.bill_to,
        seller=seller_data(vendor),
        language=invoice.language,
        currency=invoice.currency,
        net_minor=net_minor,
        tax_minor=tax_minor,
        total_minor=net_minor + tax_minor,
        issued_by=actor.label,
    )
    _write_lines(note, given)
    _give_days_back(invoice_id=invoice_id, lines=lines)
    if note.total_minor:
        _settle(note, given, kind=InvoiceKind(invoice.kind), balance=balance, now=now)
    _number(note, vendor=vendor)
    record(
        actor=actor,
        action="credit note issued",
        subject=f"credit_note:{note.id}",
        vendor_id=vendor.id,
        company_id=note.company_id,
        after={"invoice": invoice_id, "total_minor": note.total_minor, "reason": reason.value},
        reason=explanation,
    )
    emit(
        name="credit_note_issued",
        topic=f"invoice:{invoice_id}",
        vendor_id=vendor.id,
        company_id=note.company_id,
        data={"credit_note": str(note.public_id)},
    )
    return note


def credit_totals(by_invoice: Mapping[int, Sequence[CreditLine]]) -> Mapping[int, int]:
    """Return what credit notes over these lines would come to, in minor units with taxes, by invoice."""
    given = _with_taxes(by_invoice)
    return {
        invoice_id: sum(one.line.amount_minor + sum(one.tax_parts) for one in lines)
        for invoice_id, lines in given.items()
    }


def credited(invoice_ids: Iterable[int]) -> Mapping[tuple[int, int], int]:
    """Return what credit notes gave back of lines, in minor units without taxes, by invoice and position."""
    found: dict[tuple[int, int], int] = defaultdict(int)
    rows = CreditNoteLine.objects.filter(invoice_id__any=Ids(invoice_ids))
    for invoice_id, position, amount_minor in rows.values_list("invoice_id", "corrects", "amount_minor"):
        found[invoice_id, position] += amount_minor
    return found


def remaining_lines(invoice_id: int) -> list[CreditLine]:
    """Return what can still be given back of each line of an invoice: all that was not credited, with its days."""
    before = credited([invoice_id])
    live = {row.position: row for row in Coverage.objects.filter(invoice_id=invoice_id)}
    found = []
    for line in InvoiceLine.objects.filter(invoice_id=invoice_id).order_by("position"):
        covered = live.get(line.position)
        has_days = covered is not None and covered.live_until > covered.starts_on
        left = line.amount_minor - before.get((invoice_id, line.position), 0)
        if left or has_days:
            found.append(
                CreditLine(
                    corrects=line.position,
                    amount_minor=left,
                    starts_on=covered.starts_on if covered and has_days else None,
                    ends_on=covered.live_until if covered and has_days else None,
                )
            )
    return found


def _with_taxes(by_invoice: Mapping[int, Sequence[CreditLine]]) -> Mapping[int, Sequence[_Given]]:
    corrected = {
        (line.invoice_id, line.position): line for line in InvoiceLine.objects.filter(invoice_id__any=Ids(by_invoice))
    }
    before = credited(by_invoice)
    return {
        invoice_id: [
            _given(line, corrected.get((invoice_id, line.corrects)), before.get((invoice_id, line.corrects), 0))
            for line in lines
        ]
        for invoice_id, lines in by_invoice.items()
    }


def _given(line: CreditLine, billed: InvoiceLine | None, before_minor: int) -> _Given:
    if billed is None or line.amount_minor < 0 or before_minor + line.amount_minor > billed.amount_minor:
        raise CreditRefused(
            _("No more can be given back of line %(line)s than was billed and not credited yet.")
            % {"line": line.corrects}
        )
    parts = reverse(
        line_minor=billed.amount_minor,
        parts=billed.tax_parts,
        before_minor=before_minor,
        credit_minor=line.amount_minor,
    )
    return _Given(line=line, tax_positions=billed.tax_positions, tax_parts=parts)


def _write_lines(note: CreditNote, given: Sequence[_Given]) -> None:
    CreditNoteLine.objects.bulk_create(
        CreditNoteLine(
            credit_note=note,
            position=position,
            invoice_id=note.invoice_id,
            corrects=one.line.corrects,
            starts_on=one.line.starts_on,
            ends_on=one.line.ends_on,
            amount_minor=one.line.amount_minor,
            tax_parts=list(one.tax_parts),
        )
        for position, one in enumerate(given, 1)
    )


def _give_days_back(*, invoice_id: int, lines: Sequence[CreditLine]) -> None:
    """Shrink coverage, the latest first; PostgreSQL moves billed-through back, and refuses what is not the latest."""
    with_days = [line for line in lines if line.starts_on is not None]
    for line in sorted(with_days, key=lambda one: (one.starts_on, one.corrects), reverse=True):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE invoicing_coverage SET live_until = %s WHERE invoice_id = %s AND position = %s",
                    [line.starts_on, invoice_id, line.corrects],
                )
        except IntegrityError as error:
            raise CreditRefused(
                _("Later days of line %(line)s are billed on another invoice; give those back first.")
                % {"line": line.corrects}
            ) from error


def _settle(
    note: CreditNote, given: Sequence[_Given], *, kind: InvoiceKind, balance: InvoiceBalance, now: datetime
) -> None:
    """Post the note: back from where its invoice put it, to what is open on that, the rest to the company's credit."""
    applied = min(note.total_minor, balance.open_minor - balance.in_flight_minor)
    kept = note.total_minor - applied
    account = accounts(vendor_id=note.vendor_id, currency=note.currency)
    postings = [PostingLine(account[CONTRA[kind]], note.net_minor)] if note.net_minor else []
    postings += _tax_postings(note, given)
    if applied:
        postings.append(PostingLine(account["receivable"], -applied, note.invoice_id))
        balance.open_minor -= applied
        balance.settled_at = None if balance.open_minor else now
        balance.save(update_fields=["open_minor", "settled_at"])
    if kept:
        postings.append(PostingLine(account["customer_credit"], -kept))
    (entry_id,) = post(
        vendor_id=note.vendor_id,
        posted_on=note.issue_date,
        reason=f"credit_note:{note.id}",
        entries=[Entry(company_id=note.company_id, description="credit note issued", postings=postings)],
    )
    if applied:
        Allocation.objects.create(
            invoice_id=note.invoice_id, credit_note=note, entry_id=entry_id, amount_minor=applied, allocated_at=now
        )
    if kept:
        credit = credit_of(company_id=note.company_id, currency=note.currency)
        CreditMovement.objects.create(credit=credit, entry_id=entry_id, credit_note=note, amount_minor=kept)


def _tax_postings(note: CreditNote, given: Sequence[_Given]) -> list[PostingLine]:
    codes = dict(InvoiceTax.objects.filter(invoice_id=note.invoice_id).values_list("position", "jurisdiction_code"))
    back: dict[str, int] = defaultdict(int)
    for one in given:
        for position, part in zip(one.tax_positions, one.tax_parts, strict=True):
            back[codes[position]] += part
    owed_to = tax_accounts(vendor_id=note.vendor_id, currency=note.currency, jurisdiction_codes=set(back))
    return [PostingLine(owed_to[code], minor) for code, minor in sorted(back.items()) if minor]


def _number(note: CreditNote, *, vendor: VendorRow) -> None:
    series = NumberSeries.objects.get(id=held_series(vendor=vendor, kind=SeriesKind.CREDIT_NOTE))
    CreditNoteNumber.objects.create(credit_note=note, series=series, number=series.next_number)
