"""Automatic payment: what is due is debited from the method that its company agreed to, once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from django.db import transaction

from comptoir.invoicing.errors import NotPayable
from comptoir.invoicing.queries import InvoiceRow, due_for_autopay
from comptoir.tenancy.audit import record, system

from .banking_days import is_banking_day
from .beginning import begin, call_off
from .gateways import Charge, GatewayRefused
from .models import (
    Authorisation,
    MethodKind,
    Payment,
    PaymentItem,
    PaymentMethod,
    PaymentOrigin,
    PaymentStatus,
)
from .operations import gateway_of
from .truth import Truth, apply, ask, fail


@dataclass(frozen=True, slots=True)
class Collection:
    """What a company is to be debited on a day: the open amounts of its due invoices of one currency."""

    company_id: int
    method: PaymentMethod
    currency: str
    invoices: tuple[InvoiceRow, ...]


def collections(*, vendor_id: int, on: date) -> Iterator[Collection]:
    """Give what is to be debited for a vendor on a business date: bank accounts only when banks settle.

    An invoice is debited once from a method: after a refusal or return, the company is asked, not the bank again.
    """
    due = due_for_autopay(vendor_id=vendor_id, on=on)
    methods = _methods_to_debit({invoice.company_id for invoice in due})
    tried = _tried([invoice.id for invoice in due])
    for (company_id, currency), own in groupby(sorted(due, key=_payer), key=_payer):
        method = methods.get(company_id)
        if method is None or (method.kind == MethodKind.BANK_ACCOUNT and not is_banking_day(on)):
            continue
        invoices = tuple(invoice for invoice in own if (invoice.id, method.id) not in tried)
        if invoices:
            yield Collection(company_id=company_id, method=method, currency=currency, invoices=invoices)


def _payer(invoice: InvoiceRow) -> tuple[int, str]:
    return invoice.company_id, invoice.currency


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
    Must not run in a transaction. Raises GatewayUnclear, to be tried again.
    """
    with transaction.atomic():
        payment = Payment.objects.select_for_update().get(public_id=payment_public_id)
        if payment.status != PaymentStatus.CREATED or payment.method is None:
            return
        asked_before = payment.submitting_at is not None
        if not asked_before and not _still_wanted(payment):
            call_off(payment, now=now)
            return
        payment.submitting_at = payment.submitting_at or now
        payment.save(update_fields=["submitting_at"])
    payment = Payment.objects.select_related("company__gatewaycustomer", "method").get(id=payment.id)
    gateway = gateway_of(payment.company.vendor_id)
    truth = ask(payment, gateway) if asked_before else Truth(page=None, intent=None)
    if truth.intent is None:
        try:
            truth = Truth(page=None, intent=gateway.charge(_charge(payment)))
        except GatewayRefused as refusal:
            with transaction.atomic():
                fail(Payment.objects.select_for_update().get(id=payment.id), code=refusal.code or "refused", now=now)
            return
    with transaction.atomic():
        apply(payment_id=payment.id, truth=truth, now=now)


def _methods_to_debit(company_ids: set[int]) -> dict[int, PaymentMethod]:
    active = Authorisation.objects.filter(
        company_id__in=company_ids,
        active_since__isnull=False,
        ended_at=None,
        method__removed_at=None,
        method__unusable_reason="",
    ).select_related("method")
    return {consent.company_id: consent.method for consent in active if consent.method}


def _tried(invoice_ids: list[int]) -> set[tuple[int, int | None]]:
    """Which invoices were debited by autopay already, and from which method, in vain."""
    in_vain = PaymentItem.objects.filter(
        invoice_id__in=invoice_ids,
        payment__origin=PaymentOrigin.AUTOPAY,
        payment__status__in=[PaymentStatus.FAILED, PaymentStatus.RETURNED],
    )
    return set(in_vain.values_list("invoice_id", "payment__method_id"))


def _still_wanted(payment: Payment) -> bool:
    """Whether the method may still be debited: the customer can call autopay off until it is submitted."""
    method = payment.method
    if method is None or method.removed_at or method.unusable_reason:
        return False
    if payment.origin != PaymentOrigin.AUTOPAY:
        return True
    return Authorisation.objects.filter(method_id=method.id, active_since__isnull=False, ended_at=None).exists()


def _charge(payment: Payment) -> Charge:
    assert payment.method is not None  # noqa: S101  submit has seen to it
    return Charge(
        reference=str(payment.public_id),
        customer_id=payment.company.gatewaycustomer.customer_id,
        method_id=payment.method.gateway_id,
        kind=payment.kind,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        description=payment.confirmation,
    )
