"""Which debits are to be told beforehand, and the evidence that they were."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Literal

from comptoir.invoicing.queries import InvoiceRow, due_for_autopay

from .models import DebitNotice
from .planning import NOTICE_DAYS
from .upcoming import Upcoming, upcoming_of

# Two days more than must be, so that a worker that stood still for a day still tells in time.
TOLD_BEFORE = NOTICE_DAYS + timedelta(days=2)
LATELY = timedelta(days=3)


def to_announce(*, vendor_id: int, on: date) -> list[Upcoming]:
    """Return what a vendor's customers are told of on a business date, beyond the invoice's own mail.

    These are the debits within twelve days that differ from the last one and were not told of by a mail of their own,
    nor by any in the last three days; and the invoices within twelve days that wait for an approval.
    """
    rows = [
        row
        for row in upcoming_of(due_for_autopay(vendor_id=vendor_id, on=on + TOLD_BEFORE), today=on)
        if row.state == "needs_approval"
        or (row.varies_from_minor is not None and row.on and row.on <= on + TOLD_BEFORE)
    ]
    told = _told(row.invoice for row in rows)
    return [row for row in rows if row.state == "needs_approval" or not _is_told(row, told, on=on)]


def note_told(
    *, row: Upcoming, kind: Literal["invoice", "varying"], sent_to: str, sent_on: date, sent_at: datetime
) -> None:
    """Keep the evidence that a planned debit's amount and day were told to an address. Once told, nothing is added.

    Must run in the transaction that puts the mail down.
    """
    assert row.on is not None  # noqa: S101  only what is planned for a day is told
    DebitNotice.objects.bulk_create(
        [
            DebitNotice(
                company_id=row.invoice.company_id,
                invoice_id=row.invoice.id,
                kind=kind,
                amount_minor=row.invoice.payable_minor,
                debit_on=row.on,
                sent_to=sent_to,
                sent_on=sent_on,
                sent_at=sent_at,
            )
        ],
        ignore_conflicts=True,
    )


def _told(invoices: Iterable[InvoiceRow]) -> Sequence[DebitNotice]:
    return list(DebitNotice.objects.filter(invoice_id__in=[invoice.id for invoice in invoices]))


def _is_told(row: Upcoming, told: Sequence[DebitNotice], *, on: date) -> bool:
    return any(
        notice.invoice_id == row.invoice.id
        and notice.amount_minor == row.invoice.payable_minor
        and (notice.kind == "varying" or notice.sent_on > on - LATELY)
        for notice in told
    )
