"""Sending what was allowed, once, and following it until it arrived or came back.

Its money leaves our books, and that is committed, before anybody is asked to send it. Whoever finds that done, after a
kill or a doubtful answer, asks the processor what it did before anything is tried again.
"""

from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Sum

from comptoir.invoicing.company_credit import keep_failed_refund, refund_credit, use_credit
from comptoir.invoicing.errors import CreditRefused
from comptoir.invoicing.operations import MoneyIn, applied_of_payment, take_back
from comptoir.kit.events import emit
from comptoir.tenancy.audit import Actor, record, system
from comptoir.tenancy.queries import business_today
from comptoir.tenancy.queries import vendor as vendor_row
from comptoir.work.operations import open_work

from ..gateways import Gateway, GatewayRefused, GatewayUnclear, RefundOrder
from ..gateways import Refund as ToldRefund
from ..models import Payment, PaymentStatus, Refund, RefundReason, RefundStatus, RequestStatus
from ..operations import gateway_of

# Our own words for why a refund was canceled or failed; what is not here is the processor's.
NOT_COVERED, NOT_THERE, NOT_WRITTEN = "not_covered", "payment_not_there", "check_not_written"


def send(*, refund_id: int, now: datetime) -> None:
    """Send a refund that was allowed, once, wherever it was interrupted before; a check is left to a person to write.

    Must not run in a transaction. Raises GatewayUnclear, to be tried again.
    """
    with transaction.atomic():
        refund = Refund.objects.select_for_update(of=("self",)).select_related("asked").get(id=refund_id)
        asked_before = refund.status == RefundStatus.PROCESSING
        if refund.status == RefundStatus.CREATED and refund.asked.status == RequestStatus.APPROVED:
            take_from_books(refund, now=now)
        if refund.status != RefundStatus.PROCESSING or refund.payment_id is None or refund.gateway_id is not None:
            return
    payment = Payment.objects.select_related("company").get(id=refund.payment_id)
    gateway = gateway_of(payment.company.vendor_id)
    told = _find(refund, payment, gateway) if asked_before else None
    if told is None:
        try:
            told = gateway.refund(_order(refund, payment))
        except GatewayRefused as refusal:
            with transaction.atomic():
                refused = Refund.objects.select_for_update().get(id=refund.id)
                if refused.status == RefundStatus.PROCESSING:  # else another worker was told so, too
                    fail(refused, code=refusal.code or "refused", now=now)
            return
        except GatewayUnclear as unclear:
            if unclear.key_is_spent:
                # The next try asks what was done, and only if that is nothing, asks for it under another key.
                Refund.objects.filter(id=refund.id).update(spent_keys=F("spent_keys") + 1)
            raise
    with transaction.atomic():
        apply(refund_id=refund.id, told=told, now=now)


def look_at_refund(*, refund_id: int, now: datetime) -> None:
    """Ask the processor how a refund stands, and make it so here.

    Calls the processor: must not run in a transaction. Raises GatewayUnclear, GatewayRefused.
    """
    refund = Refund.objects.select_related("payment", "company").get(id=refund_id)
    if refund.payment is None or refund.status not in (RefundStatus.PROCESSING, RefundStatus.SUCCEEDED):
        return
    gateway = gateway_of(refund.company.vendor_id)
    if refund.gateway_id:
        told: ToldRefund | None = gateway.refund_as_it_stands(refund.gateway_id)
    else:
        told = _find(refund, refund.payment, gateway)
    if told is not None:
        with transaction.atomic():
            apply(refund_id=refund_id, told=told, now=now)


def apply(*, refund_id: int, told: ToldRefund, now: datetime) -> None:
    """Move a refund on to what is true. Must run in a transaction; what is so already is not done again."""
    refund = Refund.objects.select_for_update().get(id=refund_id)
    if refund.status not in (RefundStatus.PROCESSING, RefundStatus.SUCCEEDED):
        return
    if refund.gateway_id is None:
        refund.gateway_id = told.id
        refund.save(update_fields=["gateway_id"])
        if told.status != "failed":
            tell(refund, "refund_made")
    if told.status == "failed":
        fail(refund, code=told.failure_code or "unknown", now=now)
    elif told.status == "succeeded" and refund.status == RefundStatus.PROCESSING:
        refund.status, refund.succeeded_on = RefundStatus.SUCCEEDED, _today(refund, now)
        refund.save(update_fields=["status", "succeeded_on"])
        _settle_payment(refund)


def fail(refund: Refund, *, code: str, now: datetime, actor: Actor | None = None) -> None:
    """Take a locked refund back that could not be sent: what left our books is the company's credit again.

    Where invoices were opened for it, the credit pays what is open, the earliest due first. The team is to find another
    way. Must run in a transaction.
    """
    on = _today(refund, now)
    keep_failed_refund(
        refund_public_id=refund.public_id,
        payment_public_id=refund.payment.public_id if refund.payment else None,
        company_id=refund.company_id,
        vendor_id=refund.company.vendor_id,
        currency=refund.currency,
        amount_minor=refund.amount_minor,
        posted_on=on,
        money_in=_leaves_from(refund),
    )
    if refund.items.exists():
        vendor = vendor_row(refund.company.vendor_id)
        use_credit(vendor=vendor, company_ids=[refund.company_id], posted_on=on, now=now)
    refund.status, refund.ended_on, refund.failure_code = RefundStatus.FAILED, on, code
    refund.save(update_fields=["status", "ended_on", "failure_code"])
    _settle_payment(refund)
    _put_on_list(refund, kind="refund_failed", now=now)
    tell(refund, "refund_failed", reason=code, actor=actor)


def settled_status(payment: Payment) -> PaymentStatus:
    """Return the state of a payment that arrived and is not disputed: refunded once all of it has gone back."""
    back = payment.refunds.filter(status=RefundStatus.SUCCEEDED).aggregate(back=Sum("amount_minor"))["back"]
    return PaymentStatus.REFUNDED if back == payment.amount_minor else PaymentStatus.SUCCEEDED


def tell(refund: Refund, name: str, *, reason: str = "", actor: Actor | None = None) -> None:
    """Put what happened to a refund on record, of its payment too, and tell who listens. Must run in a transaction."""
    _record(refund, name, reason=reason, actor=actor)
    emit(
        name=name,
        topic=f"refund:{refund.public_id}",
        vendor_id=refund.company.vendor_id,
        company_id=refund.company_id,
        data={"refund": str(refund.public_id)},
    )


def _record(refund: Refund, action: str, *, reason: str, actor: Actor | None = None) -> None:
    subjects = [f"refund:{refund.public_id}"]
    if refund.payment is not None:
        subjects.append(f"payment:{refund.payment.public_id}")
    for subject in subjects:
        record(
            actor=actor or system("refunds"),
            action=action,
            subject=subject,
            vendor_id=refund.company.vendor_id,
            company_id=refund.company_id,
            after={"confirmation": refund.confirmation, "amount_minor": refund.amount_minor},
            reason=reason,
        )


def _put_on_list(refund: Refund, *, kind: str, now: datetime) -> None:
    open_work(
        vendor_id=refund.company.vendor_id,
        company_id=refund.company_id,
        kind=kind,
        subject=f"refund:{refund.public_id}",
        now=now,
    )


def take_from_books(refund: Refund, *, now: datetime) -> None:
    """Post what leaves by a locked refund that was allowed, or cancel it where the money is not there any more."""
    on = _today(refund, now)
    code = _why_not(refund)
    if not code:
        try:
            with transaction.atomic():
                _post(refund, on=on, now=now)
        except CreditRefused:
            code = NOT_COVERED
    if code:
        _cancel(refund, code=code, on=on, now=now)
        return
    refund.status, refund.posted_at, refund.posted_on = RefundStatus.PROCESSING, now, on
    refund.save(update_fields=["status", "posted_at", "posted_on"])
    if refund.payment_id is None:
        _put_on_list(refund, kind="refund_check", now=now)


def _why_not(refund: Refund) -> str:
    """Why a refund cannot be sent any more, or nothing. Its payment is locked."""
    if refund.payment_id is None:
        return ""
    payment = Payment.objects.select_for_update().get(id=refund.payment_id)
    if payment.status != PaymentStatus.SUCCEEDED:
        return NOT_THERE
    applied = applied_of_payment(payment.public_id)
    short = any(item.amount_minor > applied.get(item.invoice_id, 0) for item in refund.items.all())
    return NOT_COVERED if short else ""


def _post(refund: Refund, *, on: date, now: datetime) -> None:
    """Take a refund off its invoices, and the rest out of the company's credit. Raises CreditRefused."""
    amounts = dict(refund.items.values_list("invoice_id", "amount_minor"))
    if amounts and refund.payment:
        take_back(
            payment_public_id=refund.payment.public_id,
            company_id=refund.company_id,
            amounts=amounts,
            posted_on=on,
            now=now,
            money_in=_leaves_from(refund),
            refund_public_id=refund.public_id,
        )
    if refund.from_credit_minor:
        refund_credit(
            refund_public_id=refund.public_id,
            company_id=refund.company_id,
            vendor_id=refund.company.vendor_id,
            currency=refund.currency,
            amount_minor=refund.from_credit_minor,
            posted_on=on,
            money_in=_leaves_from(refund),
        )


def _cancel(refund: Refund, *, code: str, on: date, now: datetime) -> None:
    """End a locked refund before anything was posted: the team is told that it was not sent, and why."""
    refund.status, refund.ended_on, refund.failure_code = RefundStatus.CANCELED, on, code
    refund.save(update_fields=["status", "ended_on", "failure_code"])
    _put_on_list(refund, kind="refund_failed", now=now)
    _record(refund, "refund_canceled", reason=code)


def _settle_payment(refund: Refund) -> None:
    """Have the payment say whether all of it has gone back; a disputed or returned one stays so."""
    if refund.payment_id is None:
        return
    payment = Payment.objects.select_for_update().get(id=refund.payment_id)
    status = settled_status(payment)
    if payment.status in (PaymentStatus.SUCCEEDED, PaymentStatus.REFUNDED) and payment.status != status:
        payment.status = status
        payment.save(update_fields=["status"])


def _find(refund: Refund, payment: Payment, gateway: Gateway) -> ToldRefund | None:
    return gateway.find_refund(intent_id=payment.intent_id or "", reference=str(refund.public_id))


def _order(refund: Refund, payment: Payment) -> RefundOrder:
    return RefundOrder(
        reference=str(refund.public_id),
        intent_id=payment.intent_id or "",
        amount_minor=refund.amount_minor,
        paid_twice=refund.asked.reason == RefundReason.DUPLICATE,
        spent_keys=refund.spent_keys,
    )


def _leaves_from(refund: Refund) -> MoneyIn:
    return "bank" if refund.payment_id is None else "processor_clearing"


def _today(refund: Refund, now: datetime) -> date:
    return business_today(vendor_row(refund.company.vendor_id), now=now)
