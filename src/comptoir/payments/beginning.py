"""How a payment begins, and how one that will not come ends: what it is for is held on the invoices meanwhile."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID, uuid4

from comptoir.invoicing.operations import release, reserve

from .confirmation import new_confirmation
from .entry_classes import entry_class
from .models import Payment, PaymentItem, PaymentMethod, PaymentStatus
from .queries import method_label


def begin(
    *,
    company_id: int,
    origin: str,
    kind: str,
    method: PaymentMethod | None,
    currency: str,
    amounts: Mapping[int, int],
    today: date,
    now: datetime,
    on_account_minor: int = 0,
    channel: str = "",
    reference: UUID | None = None,
    re_presents: Payment | None = None,
    return_fee_minor: int = 0,
) -> Payment:
    """Write a payment down and hold its ``amounts`` (minor units by invoice id) on the invoices.

    ``on_account_minor`` is paid beyond them, and becomes the company's credit; ``channel`` is how the customer
    consented, if not on a page; ``reference`` is to be its public id, if whoever asks must not pay twice by asking
    twice; ``re_presents`` is the first attempt, where this is another one; ``return_fee_minor`` is what its payer was
    told that it costs if it comes back. Must run in a transaction; the processor is
    asked only after its commit. Raises NotPayable.
    """
    reserve(amounts)
    payment = Payment.objects.create(
        public_id=reference or uuid4(),
        company_id=company_id,
        origin=origin,
        kind=kind,
        method=method,
        method_label=method_label(method) if method else "",
        entry_class=entry_class(kind=kind, holder_type=method.holder_type if method else "", channel=channel),
        currency=currency,
        amount_minor=sum(amounts.values()) + on_account_minor,
        on_account_minor=on_account_minor,
        confirmation=new_confirmation(),
        initiated_on=today,
        created_at=now,
        re_presents=re_presents,
        return_fee_minor=return_fee_minor,
    )
    PaymentItem.objects.bulk_create(
        PaymentItem(payment=payment, invoice_id=invoice_id, amount_minor=amount_minor)
        for invoice_id, amount_minor in sorted(amounts.items())
    )
    return payment


def call_off(payment: Payment, *, now: datetime, why: str = "") -> None:
    """End a locked payment that nobody made: nothing was taken, and its invoices can be paid again.

    ``why`` is one of ``return_codes.CALLED_OFF``, or nothing where its payer just left the page.
    """
    release(amounts_of(payment))
    payment.status, payment.ended_at, payment.failure_code = PaymentStatus.CANCELED, now, why
    payment.save(update_fields=["status", "ended_at", *(["failure_code"] if why else [])])


def amounts_of(payment: Payment) -> dict[int, int]:
    """Return what a payment is meant for: minor units by invoice id."""
    return dict(PaymentItem.objects.filter(payment=payment).values_list("invoice_id", "amount_minor"))
