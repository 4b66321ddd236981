"""On which ways money can go back, and what each takes from a company's credit and off its invoices.

The rule: credit first. What the company's credit does not cover is taken off invoices that the payment pays, which are
open again. Credit goes back by the payments that brought money, the newest first; what cannot, as a check.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext as _

from comptoir.invoicing.credit_queries import credit_of_company
from comptoir.invoicing.operations import applied_of_payment
from comptoir.invoicing.queries import invoices_by_ids

from ..errors import PaymentNotFound, RefundRefused
from ..models import MethodKind, Payment, PaymentOrigin, PaymentStatus, Refund, RefundStatus

# The network and Stripe take refunds of bank debits for this long; those of cards while the card lives.
BANK_DEBITS_GO_BACK_WITHIN = timedelta(days=180)
ALIVE = (RefundStatus.CREATED, RefundStatus.PROCESSING, RefundStatus.SUCCEEDED)


@dataclass(frozen=True, slots=True)
class Part:
    """What goes back on one way: by a payment, or by a check where ``payment`` is None; minor units.

    ``items`` are taken off invoices (by id), the rest is taken from credit.
    """

    payment: Payment | None
    amount_minor: int
    items: tuple[tuple[int, int], ...] = ()

    @property
    def from_credit_minor(self) -> int:
        """What the company's credit pays of it."""
        return self.amount_minor - sum(minor for _invoice, minor in self.items)


@dataclass(frozen=True, slots=True)
class Refundable:
    """What may go back of a payment, in minor units, and from where: credit, and the invoices that it pays (by id)."""

    left_minor: int
    credit_minor: int
    applied: dict[int, int]
    why_not: str


def refundable(payment_public_id: UUID, *, today: date) -> Refundable:
    """Return what may go back of a payment; ``why_not`` says in words why nothing may. Raises PaymentNotFound."""
    return _refundable(_payment(payment_public_id), today=today)


def _refundable(payment: Payment, *, today: date) -> Refundable:
    left = left_of([payment])[payment.id]
    return Refundable(
        left_minor=left,
        credit_minor=spare_credit(payment.company_id, currency=payment.currency),
        applied=applied_of_payment(payment.public_id),
        why_not=_why_not(payment, left_minor=left, today=today),
    )


def plan_of_payment(
    payment_public_id: UUID, *, amount_minor: int, invoices: Sequence[UUID], today: date
) -> tuple[Payment, Part]:
    """Return how part of a payment goes back: from credit first, then off ``invoices``, the latest applied first.

    Raises PaymentNotFound, RefundRefused.
    """
    payment = _payment(payment_public_id)
    found = _refundable(payment, today=today)
    if found.why_not:
        raise RefundRefused(found.why_not)
    if not 0 < amount_minor <= found.left_minor:
        raise RefundRefused(_("Less is left of this payment than that; look at what went back before."))
    chosen = {row.id for row in invoices_by_ids(found.applied).values() if row.public_id in set(invoices)}
    left, items = amount_minor - min(amount_minor, found.credit_minor), []
    for invoice_id, applied_minor in reversed(found.applied.items()):
        part = min(left, applied_minor) if invoice_id in chosen else 0
        if part:
            items.append((invoice_id, part))
            left -= part
    if left:
        raise RefundRefused(
            _(
                "The company’s credit and the invoices chosen do not cover this amount. Choose invoices that this "
                "payment pays, which will be open again, or give a credit note on them first."
            )
        )
    return payment, Part(payment=payment, amount_minor=amount_minor, items=tuple(items))


def plan_of_credit(company_id: int, *, currency: str, amount_minor: int, today: date) -> list[Part]:
    """Return on which ways a company's credit goes back: by payments, the newest first, the rest by a check.

    A payment by which a refund failed before, as where its card is gone, is passed over: it would fail again. Raises
    RefundRefused where the company has less credit than that.
    """
    if not 0 < amount_minor <= spare_credit(company_id, currency=currency):
        raise RefundRefused(_("The company has less credit than that; look at what waits to go back already."))
    arrived = Payment.objects.filter(company_id=company_id, currency=currency, status=PaymentStatus.SUCCEEDED)
    failed = Refund.objects.filter(company_id=company_id, payment__isnull=False, status=RefundStatus.FAILED)
    carries = arrived.exclude(origin=PaymentOrigin.CHECK).exclude(id__in=failed.values("payment_id"))
    paid = list(carries.order_by("-succeeded_on", "-id"))
    lefts = left_of(paid)
    parts, left = [], amount_minor
    for payment in paid:
        part = 0 if _why_not(payment, left_minor=lefts[payment.id], today=today) else min(left, lefts[payment.id])
        if part:
            parts.append(Part(payment=payment, amount_minor=part))
            left -= part
    return [*parts, Part(payment=None, amount_minor=left)] if left else parts


def left_of(payments: Sequence[Payment]) -> dict[int, int]:
    """Return what has not gone back of each payment, and is not about to, in minor units by its id."""
    gone = dict(
        Refund.objects.filter(payment__in=payments, status__in=ALIVE)
        .values_list("payment_id")
        .annotate(Sum("amount_minor"))
    )
    return {payment.id: payment.amount_minor - gone.get(payment.id, 0) for payment in payments}


def spare_credit(company_id: int, *, currency: str) -> int:
    """Return a company's credit, less what waits to go back of it, in minor units."""
    waiting = Refund.objects.filter(status=RefundStatus.CREATED, company_id=company_id, currency=currency)
    promised = waiting.aggregate(promised=Sum("from_credit_minor"))["promised"] or 0
    return max(credit_of_company(company_id).get(currency, 0) - int(promised), 0)


def _payment(public_id: UUID) -> Payment:
    found = Payment.objects.filter(public_id=public_id).first()
    if found is None:
        raise PaymentNotFound(_("There is no such payment here; the list of payments shows those that are."))
    return found


def _why_not(payment: Payment, *, left_minor: int, today: date) -> str:
    if payment.origin == PaymentOrigin.CHECK:
        return _("A check cannot be sent back: give back the company’s credit, by a check of yours.")
    if payment.status == PaymentStatus.DISPUTED:
        return _("The payment is disputed: its bank holds the money. Answer the dispute first.")
    if payment.status not in (PaymentStatus.SUCCEEDED, PaymentStatus.REFUNDED):
        return _("Only a payment that has arrived can go back.")
    if not left_minor:
        return _("All of this payment has gone back, or is about to.")
    arrived_on = payment.succeeded_on or today
    if payment.kind == MethodKind.BANK_ACCOUNT and today > arrived_on + BANK_DEBITS_GO_BACK_WITHIN:
        return _("A bank debit can go back within 180 days; give back the company’s credit, by a check.")
    return ""
