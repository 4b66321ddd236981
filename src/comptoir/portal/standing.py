"""What a company's open invoices come to, in the words that customers read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from comptoir.invoicing.queries import InvoiceRow


@dataclass(frozen=True, slots=True)
class Owed:
    """What is open: in minor units, how much is already on its way, and when the oldest of the rest is due.

    ``unfinished_minor`` of the rest is held by a page of the processor's that was opened to pay, and may have been
    left: nobody has paid it. ``due_on`` is None when all of it is on its way.
    """

    currency: str
    open_minor: int
    in_flight_minor: int
    unfinished_minor: int
    due_on: date | None
    is_overdue: bool
    invoices: tuple[InvoiceRow, ...]

    @property
    def payable_minor(self) -> int:
        """What nobody has paid."""
        return self.open_minor - self.in_flight_minor


def owed(invoices: Sequence[InvoiceRow], *, today: date, held: Mapping[int, int]) -> Owed | None:
    """Return what is open on the invoices, or None if nothing is.

    ``held`` says what hosted pages that may have been left hold, in minor units by invoice id.
    """
    still_open = tuple(invoice for invoice in invoices if invoice.open_minor)
    if not still_open:
        return None
    due_on = min((invoice.due_date for invoice in still_open if _to_pay(invoice, held)), default=None)
    return Owed(
        currency=still_open[0].currency,
        open_minor=sum(invoice.open_minor for invoice in still_open),
        in_flight_minor=sum(invoice.open_minor - _to_pay(invoice, held) for invoice in still_open),
        unfinished_minor=sum(held.get(invoice.id, 0) for invoice in still_open),
        due_on=due_on,
        is_overdue=due_on is not None and due_on < today,
        invoices=still_open,
    )


def shown_status(
    invoice: InvoiceRow, *, today: date, held: Mapping[int, int], lessened: Collection[int] = frozenset()
) -> str:
    """Return the state that a customer is shown: paid, settled, processing, overdue, partly_paid or open.

    ``lessened`` are the ids of invoices of which a part was credited or waived: with nothing open they are settled, and
    not paid.
    """
    if invoice.status == "paid":
        return "settled" if invoice.id in lessened else "paid"
    if invoice.status == "processing" and not _to_pay(invoice, held):
        return "processing"
    if invoice.due_date < today:
        return "overdue"
    return "partly_paid" if invoice.open_minor < invoice.total_minor else "open"


def _to_pay(invoice: InvoiceRow, held: Mapping[int, int]) -> int:
    return invoice.payable_minor + held.get(invoice.id, 0)
