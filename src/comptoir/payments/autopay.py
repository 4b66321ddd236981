"""Automatic payment: what is due is debited from the method that its company agreed to, once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.db import transaction
from django.db.models import F

from comptoir.invoicing.errors import NotPayable
from comptoir.invoicing.queries import InvoiceRow, due_for_autopay
from comptoir.tenancy.audit import record, system

from .beginning import begin
from .gateways import Charge, Gateway, GatewayNotReady, GatewayRefused, GatewayUnclear, Intent
from .models import Payment, PaymentMethod, PaymentOrigin, PaymentStatus
from .operations import gateway_of
from .planning import Plan, plans
from .readiness import processor_is_not_ready, processor_is_ready
from .return_fees import named_fee
from .truth import Truth, apply, ask, cancel, fail
from .wanted import why_not_debited

# Whoever pays once agrees to a day or the next banking day: the longest that banks are closed is four days.
OF_THAT_DAY = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Collection:
    """What a company is to be debited on a day: the open amounts of its due invoices of one currency."""

    company_id: int
    method: PaymentMethod
    currency: str
    invoices: tuple[InvoiceRow, ...]


def collections(*, vendor_id: int, on: date) -> Iterator[Collection]:
    """Give what is to be debited for a vendor on a business date, by ``planning``: bank accounts when banks settle.

    An invoice is begun with once from a method: what follows a refusal or return is ``retrying``'s.
    """
    due = due_for_autopay(vendor_id=vendor_id, on=on)
    wanted = [plan for plan in plans(due, today=on) if plan.state == "planned" and plan.on == on]
    for (company_id, currency), own in groupby(sorted(wanted, key=_payer), key=_payer):
        together = list(own)
        yield Collection(
            company_id=company_id,
            method=together[0].method,
            currency=currency,
            invoices=tuple(plan.invoice for plan in together),
        )


def _payer(plan: Plan) -> tuple[int, str]:
    return plan.invoice.company_id, plan.invoice.currency


def begin_collection(collection: Collection, *, vendor_id: int, on: date, now: datetime) -> Payment | None:
    """Write down the payment of what is due; None if someone was faster. Must run in a transaction."""
    try:
        with transaction.atomic():
            payment = begin(
                company_id=collection.company_id,
                origin=PaymentOrigin.AUTOPAY,
                kind=collection.method.kind,
                method=collection.method,
                currency=collection.currency,
                amounts={invoice.id: invoice.payable_minor for invoice in collection.invoices},
                today=on,
                now=now,
                return_fee_minor=named_fee(collection.method),
            )
    except NotPayable:
        return None
    record(
        actor=system("autopay"),
        action="payment_begun",
        subject=f"payment:{payment.public_id}",
        vendor_id=vendor_id,
        company_id=collection.company_id,
        after={"confirmation": payment.confirmation, "amount_minor": payment.amount_minor},
    )
    return payment


def submit(*, payment_public_id: UUID, now: datetime) -> None:
    """Have the processor debit a payment's saved method, once, wherever it was interrupted before.

    What is about to be asked is committed first; found so, the processor is asked what it did before anything else.
    Where it takes nothing from us, the payment waits, and the team is told. Must not run in a transaction. Raises
    GatewayUnclear, to be tried again.
    """
    with transaction.atomic():
        payment = Payment.objects.select_for_update().get(public_id=payment_public_id)
        if payment.status != PaymentStatus.CREATED or payment.method is None:
            return
        asked_before = payment.submitting_at is not None
        if not asked_before and (why := why_not_debited(payment) or _too_late(payment, now=now)):
            cancel(payment, why=why, now=now)
            return
        payment.submitting_at = payment.submitting_at or now
        payment.save(update_fields=["submitting_at"])
    payment = Payment.objects.select_related("company__gatewaycustomer", "method").get(id=payment.id)
    try:
        gateway = gateway_of(payment.company.vendor_id)
        known = ask(payment, gateway).intent if asked_before else None
        intent = known or _charge_once(payment, gateway, now=now)
    except GatewayNotReady:
        with transaction.atomic():
            processor_is_not_ready(payment.company.vendor_id, now=now)
        raise
    if intent is not None:
        with transaction.atomic():
            apply(payment_id=payment.id, truth=Truth(page=None, intent=intent), now=now)
            if payment.spent_keys:
                processor_is_ready(payment.company.vendor_id, now=now)


def _too_late(payment: Payment, *, now: datetime) -> str:
    """Say whether a payment's payer agreed to a day that has long passed, while the processor took nothing."""
    is_of_a_day = payment.origin != PaymentOrigin.AUTOPAY
    return "too_late" if is_of_a_day and now - payment.created_at > OF_THAT_DAY else ""


def _charge_once(payment: Payment, gateway: Gateway, *, now: datetime) -> Intent | None:
    """Ask the processor to debit what it was not asked for, or did not do; None where that was refused for good."""
    begun = Payment.objects.filter(id=payment.id)
    try:
        return gateway.charge(_charge(payment))
    except GatewayRefused as refusal:
        with transaction.atomic():
            refused = begun.select_for_update().get()
            if refused.status == PaymentStatus.CREATED:  # else its news was heard of meanwhile
                fail(refused, code=refusal.code or "refused", now=now)
        return None
    except GatewayNotReady:
        # Nothing was done: it may be called off again until it is. The answer may be kept under the key that was used.
        begun.filter(status=PaymentStatus.CREATED).update(submitting_at=None, spent_keys=F("spent_keys") + 1)
        raise
    except GatewayUnclear as unclear:
        if unclear.key_is_spent:
            # The next try asks what was done, and only if that is nothing, asks for it under another key.
            begun.update(spent_keys=F("spent_keys") + 1)
        raise


def _charge(payment: Payment) -> Charge:
    assert payment.method is not None  # noqa: S101  submit has seen to it
    return Charge(
        reference=str(payment.public_id),
        customer_id=payment.company.gatewaycustomer.customer_id,
        method_id=payment.method.gateway_id,
        kind=payment.kind,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        confirmation=payment.confirmation,
        spent_keys=payment.spent_keys,
    )
