"""What a refund will do, shown before it is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from comptoir.invoicing.queries import InvoiceRow, invoices_by_ids

from ..queries import payment_label
from ..second_word import Asker, say_of
from .planning import Part, plan_of_credit, plan_of_payment, refundable


@dataclass(frozen=True, slots=True)
class Way:
    """What goes back on one way, in minor units: to a method, or by a check where ``label`` is empty."""

    label: str
    amount_minor: int
    from_credit_minor: int
    reopened: tuple[tuple[InvoiceRow, int], ...]


@dataclass(frozen=True, slots=True)
class Review:
    """On which ways an amount goes back, and whether somebody else has to allow it."""

    amount_minor: int
    currency: str
    ways: tuple[Way, ...]
    needs_another: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """What may go back of a payment, in minor units: in all, from credit, and off which invoices."""

    left_minor: int
    credit_minor: int
    paid: tuple[tuple[InvoiceRow, int], ...]
    why_not: str


def choice_of_payment(payment_public_id: UUID, *, asker: Asker) -> Choice:
    """Return what may go back of a payment. Raises PaymentNotFound."""
    found = refundable(payment_public_id, today=asker.today)
    rows = invoices_by_ids(found.applied)
    return Choice(
        left_minor=found.left_minor,
        credit_minor=found.credit_minor,
        paid=tuple((rows[invoice_id], minor) for invoice_id, minor in found.applied.items()),
        why_not=found.why_not,
    )


def review_of_payment(payment_public_id: UUID, *, amount_minor: int, invoices: Sequence[UUID], asker: Asker) -> Review:
    """Return what refunding a payment will do. Raises PaymentNotFound, RefundRefused."""
    payment, part = plan_of_payment(payment_public_id, amount_minor=amount_minor, invoices=invoices, today=asker.today)
    return _review([part], currency=payment.currency, asker=asker)


def review_of_credit(company_id: int, *, currency: str, amount_minor: int, asker: Asker) -> Review:
    """Return what refunding a company's credit will do. Raises RefundRefused."""
    parts = plan_of_credit(company_id, currency=currency, amount_minor=amount_minor, today=asker.today)
    return _review(parts, currency=currency, asker=asker)


def _review(parts: Sequence[Part], *, currency: str, asker: Asker) -> Review:
    rows = invoices_by_ids(invoice_id for part in parts for invoice_id, _minor in part.items)
    amount_minor = sum(part.amount_minor for part in parts)
    return Review(
        amount_minor=amount_minor,
        currency=currency,
        ways=tuple(
            Way(
                label=payment_label(part.payment) if part.payment else "",
                amount_minor=part.amount_minor,
                from_credit_minor=part.from_credit_minor,
                reopened=tuple((rows[invoice_id], minor) for invoice_id, minor in part.items),
            )
            for part in parts
        ),
        needs_another=not say_of(asker).covers(amount_minor),
    )
