"""Presenting a refused debit again: by the reason that the bank gave, on a day that was told, never by hope.

Bank debits: only where the money was missing, at most twice, for the same amount, within 180 days of the first attempt
(Nacha Operating Rules, subsection 2.12.4). Cards: never where the card is gone, else at most 15 times in 30 days.
PostgreSQL refuses what breaks these, whoever writes.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from comptoir.invoicing.errors import NotPayable
from comptoir.invoicing.queries import invoices_by_ids
from comptoir.subscriptions.calculation.periods import add_months
from comptoir.tenancy.audit import record, system

from .banking_days import is_banking_day, next_banking_day
from .beginning import amounts_of, begin
from .gateways.least import least_minor
from .models import DroppedWhy, MethodKind, Payment, PaymentOrigin, PaymentStatus, PlannedRetry
from .policies import Policy, policy_of
from .return_codes import may_be_presented_again
from .return_fees import named_fee
from .wanted import has_to_wait, is_called_off, why_not_debited, why_unwanted

RE_PRESENTED_WITHIN = timedelta(days=180)
MIDDLE_OF_MONTH, LAST_OF_MONTH = 15, 31


def plan_retry(payment: Payment, *, code: str) -> date | None:
    """Put down when a locked payment that was just refused or returned is presented again, if its reason allows it.

    Must run in the transaction in which it ended; ``payment.refused_on`` is set. Returns the business date, or None.
    """
    of_bank_account = payment.kind == MethodKind.BANK_ACCOUNT
    if payment.origin != PaymentOrigin.AUTOPAY or not may_be_presented_again(code, of_bank_account=of_bank_account):
        return None
    if why_not_debited(payment):
        return None
    day = next_attempt(_attempts(payment), policy=policy_of(payment.company.vendor_id))
    if day is not None:
        PlannedRetry.objects.create(after=payment, planned_on=day)
    return day


def next_attempt(attempts: list[Payment], *, policy: Policy) -> date | None:
    """Return the business date of the attempt after ``attempts``, the oldest first, the last of which was refused.

    None where the network or the vendor allows no more.
    """
    first, last = attempts[0], attempts[-1]
    refused_on = last.refused_on or last.initiated_on
    if last.kind == MethodKind.CARD:
        if last.status == PaymentStatus.RETURNED:
            return None
        days = (first.initiated_on + timedelta(days=days) for days in policy.card_retry_days)
        return next((day for day in days if day > max(refused_on, last.initiated_on)), None)
    if len(attempts) > policy.debit_retries:
        return None
    day = refused_on + timedelta(days=policy.debit_retry_days)
    day = next_banking_day(next_payday(day) if policy.debit_retry_on_payday else day)
    return day if day <= first.initiated_on + RE_PRESENTED_WITHIN else None


def next_payday(day: date) -> date:
    """Return the first usual payday on or after ``day``: the 15th, or the month's last day."""
    anchor_day = MIDDLE_OF_MONTH if day.day <= MIDDLE_OF_MONTH else LAST_OF_MONTH
    return add_months(day, months=0, anchor_day=anchor_day)


def due_retries(*, vendor_id: int, on: date) -> Iterator[PlannedRetry]:
    """Give a vendor's attempts that are planned for ``on`` or were not made yet; of bank accounts on banking days."""
    waiting = PlannedRetry.objects.filter(
        after__company__vendor_id=vendor_id, planned_on__lte=on, made=None, dropped_at=None
    )
    for retry in waiting.select_related("after").order_by("id"):
        if retry.after.kind == MethodKind.CARD or is_banking_day(on):
            yield retry


def begin_retry(*, retry_id: int, on: date, now: datetime) -> Payment | None:
    """Write down the payment that presents a refused one again, or why there will be none. Must run in a transaction.

    What is on its way by another payment is waited for, and so is a dispute of one from the same method.
    """
    retry = PlannedRetry.objects.select_for_update().get(id=retry_id)
    if retry.made_id is not None or retry.dropped_at is not None:
        return None
    refused = Payment.objects.select_related("company", "method").get(id=retry.after_id)
    original = refused.re_presents or refused
    why_not = _why_not(refused, original=original, on=on)
    if why_not is not None:
        drop(retry, why=why_not, now=now)
        return None
    if has_to_wait(refused):
        return None
    amounts = _amounts(refused)
    if not amounts:
        return None
    if sum(amounts.values()) < least_minor(refused.currency):
        drop(retry, why=DroppedWhy.TOO_SMALL, now=now)
        return None
    try:
        with transaction.atomic():
            payment = begin(
                company_id=refused.company_id,
                origin=PaymentOrigin.AUTOPAY,
                kind=refused.kind,
                method=refused.method,
                currency=refused.currency,
                amounts=amounts,
                today=on,
                now=now,
                re_presents=original,
                return_fee_minor=named_fee(refused.method),
            )
    except NotPayable:
        return None
    retry.made = payment
    retry.save(update_fields=["made"])
    record(
        actor=system("autopay"),
        action="payment_presented_again",
        subject=f"payment:{payment.public_id}",
        vendor_id=refused.company.vendor_id,
        company_id=refused.company_id,
        after={"confirmation": payment.confirmation, "first": original.confirmation},
        reason=refused.failure_code,
    )
    return payment


def drop(retry: PlannedRetry, *, why: DroppedWhy, now: datetime) -> None:
    """Put down that a locked plan will not be carried out, and why."""
    retry.dropped_at, retry.dropped_why = now, why
    retry.save(update_fields=["dropped_at", "dropped_why"])


def retry_day(payment_public_id: UUID) -> date | None:
    """Return when a refused payment is presented again, or None if it is not, or was already."""
    waiting = PlannedRetry.objects.filter(after__public_id=payment_public_id, made=None, dropped_at=None)
    return waiting.values_list("planned_on", flat=True).first()


def _why_not(refused: Payment, *, original: Payment, on: date) -> DroppedWhy | None:
    if is_called_off(refused):
        return DroppedWhy.CALLED_OFF
    if why_unwanted(refused):
        return DroppedWhy.NO_CONSENT
    open_minor = {row.id: row.open_minor for row in invoices_by_ids(amounts_of(refused)).values()}
    if not _is_open(refused, open_minor=open_minor):
        return DroppedWhy.PAID
    if refused.kind == MethodKind.BANK_ACCOUNT and on > original.initiated_on + RE_PRESENTED_WITHIN:
        return DroppedWhy.TOO_LATE
    return None


def _is_open(refused: Payment, *, open_minor: dict[int, int]) -> bool:
    """Return whether enough is open to present a payment again: all of a bank debit, whose amount may not differ."""
    wanted = amounts_of(refused)
    if refused.kind == MethodKind.BANK_ACCOUNT:
        return all(open_minor[invoice_id] >= amount for invoice_id, amount in wanted.items())
    return any(open_minor.values())


def _amounts(refused: Payment) -> dict[int, int]:
    wanted = amounts_of(refused)
    if refused.kind == MethodKind.BANK_ACCOUNT:
        return wanted
    payable = {row.id: row.payable_minor for row in invoices_by_ids(wanted).values()}
    return {
        invoice_id: min(amount, payable[invoice_id]) for invoice_id, amount in wanted.items() if payable[invoice_id]
    }


def _attempts(payment: Payment) -> list[Payment]:
    """The first attempt and all that presented it again, without those that were called off, the oldest first."""
    original_id = payment.re_presents_id or payment.id
    made = Payment.objects.filter(Q(id=original_id) | Q(re_presents_id=original_id)).exclude(
        status=PaymentStatus.CANCELED
    )
    return list(made.order_by("id"))
