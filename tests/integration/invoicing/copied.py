"""An invoice as COPY brings it, around the bill run: right, or wrong in one thing."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import zip_longest
from typing import Any

from django.db import connection, transaction

from comptoir.invoicing.models import Coverage, NumberSeries
from comptoir.kit.copying import copy_rows
from comptoir.ledger.operations import Entry, PostingLine, accounts, post

from .conftest import Books

NOVEMBER = ("2020-11-01", "2020-12-01")


def copied_invoice(
    books: Books,
    *,
    lines: Sequence[tuple[object, ...]],
    net_minor: int = 4_900,
    taxes: Sequence[tuple[int, int]] = (),
    bears: Sequence[tuple[str, str]] = (),
    charge_id: int | None = None,
    posted_in: str = "USD",
    **instead: object,
) -> int:
    """COPY an invoice of the first company for November, with these lines, posted as it should be; return its id.

    ``taxes`` are of so many per cent on an amount; each line ``bears`` the parts at these positions of them. A line of
    no subscription is of the charge. It is posted in the accounts of a currency. ``instead`` are values of the
    invoice's columns that are not so.
    """
    tax_minor = sum(percent * taxable_minor // 100 for percent, taxable_minor in taxes)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO invoicing_invoicebatch (vendor_id) VALUES (%s) RETURNING id", [books.vendor_id])
        (batch_id,) = cursor.fetchone() or (0,)
        cursor.execute("SELECT min(company_id), nextval('invoicing_invoice_id_seq') FROM invoicing_invoice")
        company_id, invoice_id = cursor.fetchone() or (0, 0)
    invoice: dict[str, Any] = {
        "id": invoice_id,
        "public_id": f"00000000-0000-0000-0000-{invoice_id:012}",
        "batch_id": batch_id,
        "vendor_id": books.vendor_id,
        "company_id": company_id,
        "issue_date": "2020-10-16",
        "due_date": "2020-11-01",
        "currency": "USD",
        "language": "en",
        "bill_to": "{}",
        "net_minor": net_minor,
        "tax_minor": tax_minor,
        "total_minor": net_minor + tax_minor,
        **instead,
    }
    copy_rows(table="invoicing_invoice", columns=list(invoice), rows=[tuple(invoice.values())])
    copy_rows(
        table="invoicing_invoicetax",
        columns=["invoice_id", "position", "jurisdiction_code", "name", "category", "rate", "taxable_minor",
                 "tax_minor"],
        rows=[(invoice_id, position, "US-IL", "tax", "software", percent / 100, taxable, percent * taxable // 100)
              for position, (percent, taxable) in enumerate(taxes, 1)],
    )  # fmt: skip
    copy_rows(
        table="invoicing_invoiceline",
        columns=["invoice_id", "position", "subscription_id", "starts_on", "ends_on", "amount_minor", "unit_minor",
                 "full_days", "charge_id", "location_label", "description", "tax_positions", "tax_parts"],
        rows=[(invoice_id, position, *line, 4_900 if line[-1] else 0, *((30, None) if line[0] else (None, charge_id)),
               "", "copied", *borne)
              for position, (line, borne) in enumerate(zip_longest(lines, bears, fillvalue=("{}", "{}")), 1)],
    )  # fmt: skip
    account = accounts(vendor_id=books.vendor_id, currency=posted_in)
    total_minor = net_minor + tax_minor
    sides = [PostingLine(account["receivable"], total_minor, invoice_id), PostingLine(account["bank"], -total_minor)]
    post(
        vendor_id=books.vendor_id,
        posted_on=date(2020, 10, 16),
        reason="copied",
        entries=[Entry(invoice["company_id"], "copied", sides)],
    )
    return invoice_id


def copied_number(invoice_id: int, *, of: Mapping[str, object], leap: int = 0) -> None:
    """COPY the invoice's number: the next of the series that is so, or ``leap`` numbers later."""
    series = NumberSeries.objects.get(**of)
    copy_rows(
        table="invoicing_invoicenumber",
        columns=["invoice_id", "series_id", "number"],
        rows=[(invoice_id, series.id, series.next_number + leap)],
    )


def of_the_first_company() -> int:
    found = Coverage.objects.order_by("invoice_id", "position").values_list("subscription_id", flat=True)
    return found[0]


def of_the_second_company() -> int:
    found = Coverage.objects.order_by("-invoice_id", "position").values_list("subscription_id", flat=True)
    return found[0]


@transaction.atomic
def copied(books: Books, *lines: tuple[object, ...], **other: Any) -> None:
    """COPY an invoice with its number, and commit."""
    copied_number(copied_invoice(books, lines=lines, **other), of=issued_by(books))


def issued_by(books: Books) -> dict[str, object]:
    """Return what the vendor's series of invoices is known by."""
    return {"vendor_id": books.vendor_id, "kind": "invoice"}
