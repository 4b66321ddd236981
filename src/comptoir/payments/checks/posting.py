"""What the worker does with money that came by check: into the books, to its invoices or into suspense, and back.

A check that is applied is a payment like any other: its invoices, history, receipt and returns are those of payments.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from comptoir.invoicing.errors import NotPayable
from comptoir.invoicing.operations import MoneyIn
from comptoir.kit.events import emit
from comptoir.ledger.closing import first_open_day
from comptoir.ledger.operations import Entry, PostingLine, accounts, post
from comptoir.payments.beginning import begin
from comptoir.payments.models import (
    CheckDecision,
    CheckStatus,
    DecisionKind,
    DecisionStatus,
    Deposit,
    DepositStatus,
    KnownPayer,
    Payment,
    PaymentOrigin,
    PaymentStatus,
    ReceivedCheck,
)
from comptoir.payments.postings import post_arrival, post_return
from comptoir.payments.return_codes import CHECK_CAME_BACK, CHECK_TAKEN_OFF
from comptoir.payments.return_fees import charge_check_fee, told_check_fee
from comptoir.tenancy.audit import Actor, record, system
from comptoir.tenancy.queries import vendor as vendor_row

from .confirming import agrees_now
from .matching import candidates, sure_match
from .names import fold_name

RULES = system("checks")
CHECK = "check"


def post_deposit(*, deposit_id: int, now: datetime) -> None:
    """Put a closed deposit into the books: sure matches pay their invoices, the rest waits in suspense.

    Must run in a transaction: all of it or nothing. What was posted already is left alone.
    """
    deposit = Deposit.objects.select_for_update().get(id=deposit_id)
    if deposit.status != DepositStatus.CLOSED:
        return
    day = first_open_day(vendor_id=deposit.vendor_id, day=deposit.deposited_on)
    for check in ReceivedCheck.objects.select_related("deposit").filter(deposit=deposit).order_by("id"):
        if not _pay_if_sure(check, on=day, now=now):
            _put_into_suspense(check, on=day)
    deposit.status, deposit.posted_at = DepositStatus.POSTED, now
    deposit.save(update_fields=["status", "posted_at"])
    if deposit.bank_line is not None:
        agrees_now(deposit, now=now)


def _pay_if_sure(check: ReceivedCheck, *, on: date, now: datetime) -> bool:
    """Apply a check whose match needs no person; return whether it was: not if an invoice was paid meanwhile."""
    match = sure_match(candidates(check))
    if match is None:
        return False
    check.confidence, check.reasons = match.confidence, list(match.reasons)
    try:
        with transaction.atomic():
            _pay(
                check, company_id=match.company_id, amounts=match.amounts, money_in="bank", on=on, now=now, actor=RULES
            )
    except NotPayable:
        check.confidence, check.reasons = None, []
        return False
    return True


def carry_out_decision(*, decision_id: int, now: datetime) -> None:
    """Do what a person decided of a check, or write down why it cannot be done any more. Must run in a transaction."""
    decision = CheckDecision.objects.select_for_update().get(id=decision_id)
    if decision.status != DecisionStatus.REQUESTED:
        return
    check = ReceivedCheck.objects.select_for_update(of=("self",)).select_related("deposit").get(id=decision.received_id)
    vendor = vendor_row(check.vendor_id)
    day = first_open_day(vendor_id=vendor.id, day=max(decision.decided_on, check.deposit.deposited_on))
    with override(vendor.language):
        outcome = _do(decision, check, on=day, now=now)
    decision.status = DecisionStatus.REFUSED if outcome else DecisionStatus.DONE
    decision.outcome = outcome
    decision.save(update_fields=["status", "outcome"])


def take_check_back(*, check: ReceivedCheck, on: date, now: datetime, actor: Actor, reason: str = "") -> None:
    """Post that the bank sent a check back: what it paid is open again, its company is told, and charged if so agreed.

    ``check`` is locked, and applied or waiting. Must run in a transaction.
    """
    if check.payment is not None:
        _reverse(check.payment, code=CHECK_CAME_BACK, money_in="bank", on=on, now=now)
        charge_check_fee(check.payment, on=on)
        _tell(check.payment, "payment_returned", actor=actor, reason=reason)
    else:
        _move_nobodys(check, "check returned", minor=-check.amount_minor, on=on)
    check.status, check.returned_on = CheckStatus.RETURNED, on
    check.save(update_fields=["status", "returned_on"])
    _record(check, "check returned", actor=actor, reason=reason)


def _do(decision: CheckDecision, check: ReceivedCheck, *, on: date, now: datetime) -> str:
    """Carry a decision out; return why it cannot be, or nothing. The check is locked."""
    actor = system(decision.decided_by)
    if decision.kind == DecisionKind.APPLY:
        if check.status != CheckStatus.WAITING or decision.company_id is None:
            return _("The check was not waiting any more.")
        amounts = {int(invoice_id): minor for invoice_id, minor in decision.amounts.items()}
        check.matched_by = decision.decided_by
        payer = decision.company_id
        try:
            with transaction.atomic():
                _pay(check, company_id=payer, amounts=amounts, money_in="suspense", on=on, now=now, actor=actor)
        except NotPayable as error:
            return str(error)
        _remember(check, company_id=payer, who=decision.decided_by, now=now)
        return ""
    if decision.kind == DecisionKind.UNDO:
        if check.status != CheckStatus.APPLIED or check.payment is None:
            return _("The check was not applied any more.")
        _take_off(check, check.payment, actor=actor, on=on, now=now, reason=decision.note)
        return ""
    if check.status not in (CheckStatus.APPLIED, CheckStatus.WAITING):
        return _("The check came back before.")
    take_check_back(check=check, on=on, now=now, actor=actor, reason=decision.note)
    return ""


def _pay(
    check: ReceivedCheck,
    *,
    company_id: int,
    amounts: Mapping[int, int],
    money_in: MoneyIn,
    on: date,
    now: datetime,
    actor: Actor,
) -> None:
    """Make a payment of a check: ``amounts`` to invoices, the rest the company's credit. Raises NotPayable."""
    payment = begin(
        company_id=company_id,
        origin=PaymentOrigin.CHECK,
        kind=CHECK,
        method=None,
        currency=check.deposit.currency,
        amounts=amounts,
        on_account_minor=check.amount_minor - sum(amounts.values()),
        today=check.deposit.deposited_on,
        now=now,
        return_fee_minor=told_check_fee(check.vendor_id),
    )
    payment.method_label = check.number
    payment.status, payment.succeeded_at, payment.succeeded_on = PaymentStatus.SUCCEEDED, now, on
    payment.save(update_fields=["method_label", "status", "succeeded_at", "succeeded_on"])
    post_arrival(payment, posted_on=on, now=now, money_in=money_in)
    check.status, check.payment = CheckStatus.APPLIED, payment
    check.save(update_fields=["status", "payment", "confidence", "reasons", "matched_by"])
    _tell(payment, "payment_succeeded", actor=actor)


def _take_off(check: ReceivedCheck, payment: Payment, *, actor: Actor, on: date, now: datetime, reason: str) -> None:
    """Take a check off what it was applied to; it waits in suspense again."""
    _reverse(payment, code=CHECK_TAKEN_OFF, money_in="suspense", on=on, now=now)
    check.status, check.payment, check.confidence, check.reasons, check.matched_by = (
        CheckStatus.WAITING, None, None, [], "",
    )  # fmt: skip
    check.save(update_fields=["status", "payment", "confidence", "reasons", "matched_by"])
    _record(check, "check taken off", actor=actor, reason=reason, company_id=payment.company_id)


def _reverse(payment: Payment, *, code: str, money_in: MoneyIn, on: date, now: datetime) -> None:
    locked = Payment.objects.select_for_update().get(id=payment.id)
    locked.status, locked.ended_at, locked.failure_code = PaymentStatus.RETURNED, now, code
    locked.save(update_fields=["status", "ended_at", "failure_code"])
    post_return(locked, posted_on=on, now=now, money_in=money_in)


def _put_into_suspense(check: ReceivedCheck, *, on: date) -> None:
    _move_nobodys(check, "check of an unknown payer", minor=check.amount_minor, on=on)
    check.status = CheckStatus.WAITING
    check.save(update_fields=["status"])


def _move_nobodys(check: ReceivedCheck, description: str, *, minor: int, on: date) -> None:
    """Post money that nobody is known to own: into bank and suspense, or, below zero, out of both."""
    account = accounts(vendor_id=check.vendor_id, currency=check.deposit.currency)
    sides: Sequence[PostingLine] = (
        PostingLine(account["bank"], minor),
        PostingLine(account["suspense"], -minor),
    )
    post(
        vendor_id=check.vendor_id,
        posted_on=on,
        reason=f"check:{check.public_id}",
        entries=[Entry(company_id=None, description=description, postings=sides)],
    )


def _remember(check: ReceivedCheck, *, company_id: int, who: str, now: datetime) -> None:
    """Remember whose checks bear this name."""
    name = fold_name(check.payer)
    if name:
        KnownPayer.objects.get_or_create(
            vendor_id=check.vendor_id,
            name=name,
            company_id=company_id,
            defaults={"remembered_by": who, "remembered_at": now},
        )


def _tell(payment: Payment, name: str, *, actor: Actor, reason: str = "") -> None:
    record(
        actor=actor,
        action=name,
        subject=f"payment:{payment.public_id}",
        vendor_id=payment.company.vendor_id,
        company_id=payment.company_id,
        after={"confirmation": payment.confirmation, "check": payment.method_label},
        reason=reason,
    )
    emit(
        name=name,
        topic=f"payment:{payment.public_id}",
        vendor_id=payment.company.vendor_id,
        company_id=payment.company_id,
        data={"payment": str(payment.public_id)},
    )


def _record(check: ReceivedCheck, action: str, *, actor: Actor, reason: str, company_id: int | None = None) -> None:
    record(
        actor=actor,
        action=action,
        subject=f"check:{check.public_id}",
        vendor_id=check.vendor_id,
        company_id=company_id,
        reason=reason,
    )
