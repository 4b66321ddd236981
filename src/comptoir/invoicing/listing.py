"""A company's invoices as it looks for them: narrowed, counted and added up."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum, TextField, Value, Window
from django.db.models.functions import Cast, Concat, Greatest, Length, LPad

from comptoir.kit.together import Question

from .models import Allocation, Invoice, InvoiceLine
from .queries import COLUMNS, InvoiceRow, invoice_rows, plain_row, with_balance

STATES = ("unpaid", "overdue", "processing", "paid")
AT_ONCE = 500
PER_PAGE = 24
SUMS = ("listed", "listed_minor", "listed_open_minor")


@dataclass(frozen=True, slots=True)
class InvoiceFilter:
    """What a list of invoices is narrowed by; empty means any. Days are issue dates, both included.

    ``state`` is one of STATES. ``number`` is a part of the number as it is printed.
    """

    state: str = ""
    since: date | None = None
    through: date | None = None
    store_id: int | None = None
    number: str = ""


@dataclass(frozen=True, slots=True)
class InvoicePage:
    """A page of a list, and what the whole list comes to: how many, and in minor units how much altogether and open."""

    rows: tuple[InvoiceRow, ...]
    total: int
    total_minor: int
    open_minor: int


def search_invoices(
    *, company_id: int, wanted: InvoiceFilter, today: date, held: Collection[int], page: int
) -> InvoicePage:
    """Return those of a company's invoices that are wanted, the newest first: a page of PER_PAGE, from 1.

    ``held`` are the ids of invoices that a page of the processor's holds, which was opened to pay and may have been
    left: nobody has paid them, though their amount counts as in flight. A page behind the last one is empty.
    """
    found = _narrowed(company_id=company_id, wanted=wanted, today=today, held=held)
    return _page(list(_added_up(found)[(page - 1) * PER_PAGE : page * PER_PAGE]))


def _page(rows: Sequence[tuple[Any, ...]]) -> InvoicePage:
    total, total_minor, open_minor = rows[0][-len(SUMS) :] if rows else (0, 0, 0)
    return InvoicePage(
        rows=tuple(plain_row(row[: len(COLUMNS)]) for row in rows),
        total=total,
        total_minor=int(total_minor),
        open_minor=int(open_minor),
    )


def all_invoices(
    *, company_id: int, wanted: InvoiceFilter, today: date, held: Collection[int], after: InvoiceRow | None = None
) -> list[InvoiceRow]:
    """Return the next 500 of the invoices that are wanted, the newest first, after ``after``."""
    found = _narrowed(company_id=company_id, wanted=wanted, today=today, held=held)
    if after:
        found = found.filter(Q(issue_date__lt=after.issue_date) | Q(issue_date=after.issue_date, id__lt=after.id))
    return invoice_rows(found[:AT_ONCE])


def _added_up(found: "QuerySet[Invoice]") -> "QuerySet[Invoice, tuple[Any, ...]]":
    """Each row with what the whole list comes to."""
    listed = found.annotate(
        listed=Window(Count("id")),
        listed_minor=Window(Sum("total_minor")),
        listed_open_minor=Window(Sum("balance__open_minor")),
    )
    return listed.values_list(*COLUMNS, *SUMS)


def _latest(company_id: int) -> "QuerySet[Invoice, tuple[Any, ...]]":
    return _added_up(with_balance().filter(company_id=company_id).order_by("-issue_date", "-id"))[:PER_PAGE]


# What most people look at: the first page of a list that nothing narrows.
latest_invoices = Question(_latest, _page)


def _lessened(company_id: int) -> "QuerySet[Allocation, tuple[int]]":
    nobody_pays = Q(credit_note__isnull=False) | Q(write_off__isnull=False)
    return Allocation.objects.filter(nobody_pays, invoice__company_id=company_id).values_list("invoice_id")


# The ids of a company's invoices of which a part was credited or waived.
lessened_invoices = Question(_lessened, lambda rows: frozenset(int(invoice_id) for (invoice_id,) in rows))


def _narrowed(*, company_id: int, wanted: InvoiceFilter, today: date, held: Collection[int]) -> "QuerySet[Invoice]":
    found = with_balance().filter(company_id=company_id).order_by("-issue_date", "-id")
    if wanted.state:
        found = found.filter(_in_state(wanted.state, today=today, held=held))
    if wanted.since:
        found = found.filter(issue_date__gte=wanted.since)
    if wanted.through:
        found = found.filter(issue_date__lte=wanted.through)
    if wanted.store_id:
        of_store = InvoiceLine.objects.filter(invoice_id=OuterRef("id"), location_id=wanted.store_id)
        found = found.filter(Q(location_id=wanted.store_id) | Exists(of_store))
    if wanted.number:
        found = found.annotate(written=_written()).filter(written__icontains=wanted.number)
    return found


def _in_state(state: str, *, today: date, held: Collection[int]) -> Q:
    """The same words as a customer reads beside each invoice."""
    on_its_way = Q(balance__open_minor=F("balance__in_flight_minor")) & ~Q(id__in=list(held))
    return {
        "unpaid": Q(balance__open_minor__gt=0),
        "overdue": Q(balance__open_minor__gt=0, due_date__lt=today) & ~on_its_way,
        "processing": Q(balance__open_minor__gt=0) & on_its_way,
        "paid": Q(balance__open_minor=0),
    }[state]


def _written() -> Concat:
    """The number as ``numbering.written_number`` writes it."""
    digits = Cast("numbered__number", TextField())
    padded = LPad(digits, Greatest(Length(digits), Value(6)), Value("0"))
    return Concat(F("numbered__series__prefix"), Value("-"), padded, output_field=TextField())
