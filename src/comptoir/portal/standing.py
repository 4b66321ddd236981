"""What a company's open invoices come to, in the words that customers read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from comptoir.invoicing.queries import InvoiceRow
from comptoir.payments.banking_days import next_banking_day


@dataclass(frozen=True, slots=True)
class Owed:
    """What is open: in minor units, how much is already on its way, and when the oldest of the rest is due.

    ``due_on``, and ``collected_on`` when autopay would take it, are None when all of it is on its way.
    """

    currency: str
    open_minor: int
    in_flight_minor: int
    due_on: date | None
    collected_on: date | None
    is_overdue: bool
    invoices: tuple[InvoiceRow, ...]

    @property
    def payable_minor(self) -> int:
        """What nobody has begun to pay."""
        return self.open_minor - self.in_flight_minor


def owed(invoices: Sequence[InvoiceRow], *, today: date) -> Owed | None:
    """Return what is open on the invoices, or None if nothing is."""
    still_open = tuple(invoice for invoice in invoices if invoice.open_minor)
    if not still_open:
        return None
    due_on = min((invoice.due_date for invoice in still_open if invoice.payable_minor), default=None)
    return Owed(
        currency=still_open[0].currency,
        open_minor=sum(invoice.open_minor for invoice in still_open),
        in_flight_minor=sum(invoice.in_flight_minor for invoice in still_open),
        due_on=due_on,
        collected_on=next_banking_day(max(due_on, today)) if due_on else None,
        is_overdue=due_on is not None and due_on < today,
        invoices=still_open,
    )


def shown_status(invoice: InvoiceRow, *, today: date) -> str:
    """Return the state that a customer is shown: paid, processing, overdue, partly_paid or open."""
    if invoice.status != "open":
        return invoice.status
    if invoice.due_date < today:
        return "overdue"
    return "partly_paid" if invoice.open_minor < invoice.total_minor else "open"
