"""What others may know of invoices."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from django.db.models import (
    F,
    QuerySet,
)
from django.utils.translation import gettext as _

from comptoir.kit.lookups import Ids, Uuids
from comptoir.kit.together import Question, ask_together

from .calculation.vat import PIECE
from .errors import InvoiceNotFound
from .models import (
    Allocation,
    Invoice,
    InvoiceLine,
    InvoiceTax,
)
from .numbering import written_number

# What an InvoiceRow is made of, in its order; the number comes in two parts.
COLUMNS = (
    "id",
    "public_id",
    "prefix",
    "numbered__number",
    "company_id",
    "issue_date",
    "due_date",
    "currency",
    "total_minor",
    "balance__open_minor",
    "balance__in_flight_minor",
    "purchase_order",
)

Status = Literal["open", "processing", "paid"]
Source = Literal["payment", "refund", "credit_note", "credit", "write_off"]


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """An issued invoice and what is open on it, in minor units of its currency."""

    id: int
    public_id: UUID
    number: str
    company_id: int
    issue_date: date
    due_date: date
    currency: str
    total_minor: int
    open_minor: int
    in_flight_minor: int
    purchase_order: str = ""

    @property
    def payable_minor(self) -> int:
        """What is open and not already on its way."""
        return self.open_minor - self.in_flight_minor

    @property
    def status(self) -> Status:
        """Paid when nothing is open; processing when all that is open is on its way; else open."""
        if self.open_minor == 0:
            return "paid"
        return "processing" if self.payable_minor == 0 else "open"


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line: what for, which days ``[starts_on, ends_on)``, the full period's price, less what, and the amount.

    A charge has no days. Amounts are minor units without taxes. ``tax_rate`` is the sum of the rates that the line
    bears; ``calculation.vat`` says how ``unit`` and ``vat_category`` are written.
    """

    position: int
    location_label: str
    description: str
    starts_on: date | None
    ends_on: date | None
    unit_minor: int
    discount_minor: int
    amount_minor: int
    full_days: int | None = None
    unit: str = PIECE
    vat_category: str = ""
    tax_rate: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class TaxRow:
    """What one jurisdiction takes from an invoice: 0.0625 for 6.25 % of what is taxable, in minor units."""

    name: str
    rate: Decimal
    taxable_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True)
class AllocationRow:
    """What was applied to an invoice: by a payment (below zero where it came back or was refunded), or otherwise."""

    source: Source
    payment_public_id: UUID | None
    credit_note_public_id: UUID | None
    amount_minor: int
    allocated_at: datetime


@dataclass(frozen=True, slots=True)
class InvoiceDetail:
    """An invoice with all that is on it."""

    row: InvoiceRow
    vendor_id: int
    language: str
    bill_to: Mapping[str, object]
    lines: tuple[LineRow, ...]
    taxes: tuple[TaxRow, ...]
    allocations: tuple[AllocationRow, ...]

    @property
    def is_lessened(self) -> bool:
        """Whether a part of it was credited or waived, which nobody pays."""
        return any(applied.source in ("credit_note", "write_off") for applied in self.allocations)


def invoices(*, company_id: int, open_only: bool = False, limit: int = 200, offset: int = 0) -> list[InvoiceRow]:
    """Return a company's invoices, newest first; with ``open_only`` those not paid in full, the oldest due first."""
    if open_only:
        return open_invoices(company_id=company_id).read()[offset : offset + limit]
    found = with_balance().filter(company_id=company_id).order_by("-issue_date", "-id")
    return invoice_rows(found[offset : offset + limit])


def invoices_by_ids(invoice_ids: Iterable[int]) -> dict[int, InvoiceRow]:
    """Return those of the invoices that the caller may see, by id."""
    return invoices_named(ids=Ids(invoice_ids)).read()


def invoices_by_public_ids(public_ids: Iterable[UUID]) -> list[InvoiceRow]:
    """Return those of the invoices that the caller may see, the oldest due first."""
    found = with_balance().filter(public_id__in=list(public_ids)).order_by("due_date", "id")
    return [invoice_row(invoice) for invoice in found]


def invoices_issued(*, vendor_id: int, since: date, through: date) -> list[tuple[UUID, int]]:
    """Return which invoices a vendor issued from ``since`` through ``through``, and to which companies, by id."""
    found = Invoice.objects.filter(vendor_id=vendor_id, issue_date__range=(since, through)).order_by("id")
    return list(found.values_list("public_id", "company_id"))


def invoice(public_id: UUID) -> InvoiceDetail:
    """Return one invoice with its lines and what was applied to it. Raises InvoiceNotFound."""
    named = Uuids([public_id])
    heads, lines, taxes = _heads(public_ids=named), lines_of(public_ids=named), taxes_of(public_ids=named)
    applied = _applied(public_ids=named)
    ask_together(heads, lines, taxes, applied)
    if not heads.read():
        raise InvoiceNotFound(_("There is no such invoice here; the list of invoices shows those of your company."))
    ((vendor_id, language, bill_to, *row),) = heads.read()
    rates = {position: tax.rate for position, tax in taxes.read().items()}
    return InvoiceDetail(
        row=plain_row(tuple(row)),
        vendor_id=vendor_id,
        language=language,
        bill_to=bill_to,
        lines=tuple(_line(line, rates=rates) for line in lines.read()),
        taxes=tuple(taxes.read().values()),
        allocations=tuple(applied.read()),
    )


def seller_of(invoice_id: int) -> Mapping[str, Any]:
    """Return who sold, as it was copied when an invoice was issued; empty for one issued before that was kept."""
    sold_by: Mapping[str, Any] = Invoice.objects.values_list("batch__seller", flat=True).get(id=invoice_id)
    return sold_by


def due_for_autopay(*, vendor_id: int, on: date, company_ids: Collection[int] | None = None) -> list[InvoiceRow]:
    """Return the invoices of a vendor that are due by ``on`` and payable, in the order of company and due date.

    Of all its companies, or of some.
    """
    found = with_balance().filter(
        vendor_id=vendor_id, due_date__lte=on, balance__open_minor__gt=F("balance__in_flight_minor")
    )
    if company_ids is not None:
        found = found.filter(company_id__any=Ids(company_ids))
    return [invoice_row(invoice) for invoice in found.order_by("company_id", "due_date", "id")]


def with_balance() -> QuerySet[Invoice]:
    """Return the invoices that the caller may see, with all that ``invoice_row`` needs."""
    return Invoice.objects.select_related("balance", "numbered").annotate(prefix=F("numbered__series__prefix"))


def invoice_rows(found: "QuerySet[Invoice]") -> list[InvoiceRow]:
    """Return the invoices of ``with_balance`` as plain data, reading no more than that."""
    return [plain_row(row) for row in found.values_list(*COLUMNS)]


def plain_row(row: tuple[Any, ...]) -> InvoiceRow:
    """Return an invoice, read by its COLUMNS, as plain data."""
    invoice_id, public_id, prefix, number, *rest = row
    return InvoiceRow(invoice_id, public_id, written_number(prefix=prefix, number=number), *rest)


def invoice_row(found: Invoice) -> InvoiceRow:
    """Return an invoice as plain data."""
    return InvoiceRow(
        id=found.id,
        public_id=found.public_id,
        number=written_number(prefix=found.prefix, number=found.numbered.number),  # type: ignore[attr-defined]
        company_id=found.company_id,
        issue_date=found.issue_date,
        due_date=found.due_date,
        currency=found.currency,
        total_minor=found.total_minor,
        open_minor=found.balance.open_minor,
        in_flight_minor=found.balance.in_flight_minor,
        purchase_order=found.purchase_order,
    )


def _open(company_id: int) -> "QuerySet[Invoice, tuple[Any, ...]]":
    found = with_balance().filter(company_id=company_id, balance__open_minor__gt=0).order_by("due_date", "id")
    return found.values_list(*COLUMNS)


# Those of the invoices that the caller may see, by id.
invoices_named = Question(
    lambda ids: with_balance().filter(id__any=ids).values_list(*COLUMNS),
    lambda rows: {row[0]: plain_row(row) for row in rows},
)
# A company's invoices that are not paid in full, the oldest due first; and whether it was issued any.
open_invoices = Question(_open, lambda rows: [plain_row(row) for row in rows])
was_ever_billed = Question(
    lambda company_id: Invoice.objects.filter(company_id=company_id).values_list("id")[:1], lambda rows: bool(rows)
)


def _found(public_ids: Uuids) -> "QuerySet[Invoice, tuple[Any, ...]]":
    found = with_balance().filter(public_id__any=public_ids)
    return found.values_list("vendor_id", "language", "bill_to", *COLUMNS)


def _allocations(public_ids: Uuids) -> "QuerySet[Allocation, tuple[Any, ...]]":
    found = Allocation.objects.filter(invoice__public_id__any=public_ids).order_by("id")
    return found.values_list(
        "refund_public_id", "payment_public_id", "credit_note__public_id", "write_off_id", "amount_minor",
        "allocated_at",
    )  # fmt: skip


def _allocation(
    refund: UUID | None, payment: UUID | None, note: UUID | None, write_off: int | None, minor: int, at: datetime
) -> AllocationRow:
    source: Source = "credit"
    if refund is not None:
        source = "refund"
    elif payment is not None:
        source = "payment"
    elif note is not None:
        source = "credit_note"
    elif write_off is not None:
        source = "write_off"
    return AllocationRow(source, payment, note, minor, at)


# What an invoice is made of: its head, its lines in their order, and its taxes by their position in it.
LINE = (
    "position", "location_label", "description", "starts_on", "ends_on", "unit_minor", "discount_minor", "amount_minor",
    "full_days", "unit", "vat_category", "tax_positions", "tax_parts",
)  # fmt: skip
_heads = Question(_found, lambda rows: rows)
lines_of = Question(
    lambda public_ids: (
        InvoiceLine.objects.filter(invoice__public_id__any=public_ids).order_by("position").values_list(*LINE)
    ),
    lambda rows: [InvoiceLine(**dict(zip(LINE, row, strict=True))) for row in rows],
)
taxes_of: Question[dict[int, TaxRow]] = Question(
    lambda public_ids: (
        InvoiceTax.objects.filter(invoice__public_id__any=public_ids)
        .order_by("position")
        .values_list("position", "name", "rate", "taxable_minor", "tax_minor")
    ),
    lambda rows: {position: TaxRow(*rest) for position, *rest in rows},
)
_applied = Question(_allocations, lambda rows: [_allocation(*row) for row in rows])


def _line(line: InvoiceLine, *, rates: Mapping[int, Decimal]) -> LineRow:
    return LineRow(
        position=line.position,
        location_label=line.location_label,
        description=line.description,
        starts_on=line.starts_on,
        ends_on=line.ends_on,
        unit_minor=line.unit_minor,
        discount_minor=line.discount_minor,
        amount_minor=line.amount_minor,
        full_days=line.full_days,
        unit=line.unit,
        vat_category=line.vat_category,
        tax_rate=sum((rates[position] for position in line.tax_positions), Decimal(0)),
    )
