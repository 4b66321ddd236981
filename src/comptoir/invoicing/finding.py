"""Finding what a payment may be for: by company, by number, by amount."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import F, Q

from comptoir.kit.lookups import Ids

from .models import InvoiceLine, NumberSeries
from .queries import InvoiceRow, invoice_row, invoices_by_ids, with_balance

MOST_OF_ONE_AMOUNT = 20


def payable_invoices(company_ids: Sequence[int]) -> dict[int, list[InvoiceRow]]:
    """Return what can be paid of each of the companies, the oldest due first."""
    found = with_balance().filter(
        company_id__any=Ids(company_ids), balance__open_minor__gt=F("balance__in_flight_minor")
    )
    rows: dict[int, list[InvoiceRow]] = defaultdict(list)
    for invoice in found.order_by("due_date", "id"):
        rows[invoice.company_id].append(invoice_row(invoice))
    return rows


def invoices_of_run(*, run_id: int, company_ids: Sequence[int]) -> dict[int, list[InvoiceRow]]:
    """Return what a bill run issued to each of the companies, in the order of their numbers."""
    rows: dict[int, list[InvoiceRow]] = defaultdict(list)
    for invoice in with_balance().filter(company_id__any=Ids(company_ids), batch__run_id=run_id).order_by("id"):
        rows[invoice.company_id].append(invoice_row(invoice))
    return rows


def invoices_of_charges(charge_ids: Sequence[int]) -> dict[int, InvoiceRow]:
    """Return the invoices that ask for one-off charges, by charge; those not billed yet are missing."""
    lines = InvoiceLine.objects.filter(charge_id__in=charge_ids)
    invoice_of = dict(lines.values_list("charge_id", "invoice_id"))
    rows = invoices_by_ids(invoice_of.values())
    return {charge_id: rows[invoice_id] for charge_id, invoice_id in invoice_of.items() if charge_id is not None}


def payable_of_amount(*, vendor_id: int, amount_minor: int) -> list[InvoiceRow]:
    """Return the vendor's invoices of which just ``amount_minor`` can be paid, the oldest due first; at most 20."""
    found = with_balance().filter(vendor_id=vendor_id, balance__open_minor=F("balance__in_flight_minor") + amount_minor)
    return [invoice_row(invoice) for invoice in found.order_by("due_date", "id")[:MOST_OF_ONE_AMOUNT]]


def invoices_named(*, vendor_id: int, invoice_ids: Iterable[int] = (), numbers: Iterable[str] = ()) -> list[InvoiceRow]:
    """Return the vendor's invoices by their ids or by their numbers as they are printed, paid ones too."""
    named = Q(id__in=list(invoice_ids))
    series = dict(NumberSeries.objects.filter(vendor_id=vendor_id).values_list("prefix", "id"))
    for number in numbers:
        prefix, _dash, digits = number.rpartition("-")
        if prefix in series and digits.isdecimal():
            named |= Q(numbered__series_id=series[prefix], numbered__number=int(digits))
    return [
        invoice_row(invoice) for invoice in with_balance().filter(named, vendor_id=vendor_id).order_by("due_date", "id")
    ]
