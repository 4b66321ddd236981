"""A payment follows what the processor says is so now, whatever its news said, in whichever order or how often.

The processor is asked outside of a transaction; what it answers is applied in one, and only ever forward.
"""

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from comptoir.invoicing.operations import MoneyIn, release
from comptoir.kit.events import emit
from comptoir.tenancy.audit import record, system
from comptoir.tenancy.queries import business_today
from comptoir.tenancy.queries import vendor as vendor_row
from comptoir.work.operations import open_work

from .beginning import amounts_of, call_off
from .disputes.following import dispute_code, note_dispute
from .entry_classes import entry_class
from .gateways import Gateway, Intent, Session
from .models import Payment, PaymentMethod, PaymentStatus
from .operations import gateway_of
from .paying import A_CALL_TAKES_AT_MOST, refuse_anothers, session_of
from .postings import post_arrival, post_return
from .queries import method_label
from .refunds.sending import settled_status
from .retrying import plan_retry
from .return_codes import Rule, rule_for
from .return_fees import charge_return_fee
from .saving import end_authorisations
from .verifying import await_verification, end_verification

log = logging.getLogger(__name__)

UNDER_WAY = (PaymentStatus.CREATED, PaymentStatus.ACTION_REQUIRED, PaymentStatus.PROCESSING)
ARRIVED = (PaymentStatus.SUCCEEDED, PaymentStatus.DISPUTED, PaymentStatus.REFUNDED)
LONGEST_VISIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Truth:
    """What the processor knows of a payment: its hosted page, if it has one, and its intent, if there is one yet."""

    page: Session | None
    intent: Intent | None


def look_at_payment(*, payment_id: int, now: datetime) -> None:
    """Ask the processor how a payment stands, and make it so here; a page left open for an hour is closed there first.

    Calls the processor: must not run in a transaction. Raises GatewayUnclear, GatewayRefused.
    """
    payment = Payment.objects.select_related("company__gatewaycustomer").get(id=payment_id)
    gateway = gateway_of(payment.company.vendor_id)
    truth = ask(payment, gateway)
    if truth.page and truth.page.status == "open" and now - payment.created_at > LONGEST_VISIT:
        gateway.expire_session(truth.page.id)
        truth = ask(payment, gateway)
    with transaction.atomic():
        apply(payment_id=payment_id, truth=truth, now=now)


def ask(payment: Payment, gateway: Gateway) -> Truth:
    """Return what the processor knows of a payment, also where no answer of it ever reached us.

    Raises GatewayRefused where it is another payment that the processor knows under that name.
    """
    if payment.method_id is None:
        page = session_of(payment, gateway)
        intent = gateway.intent(page.intent_id) if page and page.intent_id else None
        return Truth(page=page, intent=intent)
    if payment.intent_id:
        intent = gateway.intent(payment.intent_id)
        refuse_anothers(intent.reference, payment)
        return Truth(page=None, intent=intent)
    customer = payment.company.gatewaycustomer
    found = gateway.find_intent(customer_id=customer.customer_id, reference=str(payment.public_id))
    return Truth(page=None, intent=found)


def apply(*, payment_id: int, truth: Truth, now: datetime) -> None:
    """Move a payment on to what is true. Must run in a transaction; what is so already is not done again."""
    payment = Payment.objects.select_for_update().get(id=payment_id)
    _note_names(payment, truth)
    if payment.status in UNDER_WAY:
        _follow_page(payment, truth, now=now)
    if payment.status in UNDER_WAY and truth.intent:
        _follow_intent(payment, truth.intent, page=truth.page, now=now)
    if payment.status in ARRIVED and truth.intent:
        _follow_dispute(payment, truth.intent, now=now)
    if truth.intent and truth.intent.status != "action_required":
        end_verification(now=now, payment=payment)
    ended = payment.status in (PaymentStatus.CANCELED, PaymentStatus.FAILED)
    if ended and truth.intent and truth.intent.status == "succeeded":
        log.error("payment %s is %s here, but the processor took it", payment.public_id, payment.status)


def fail(payment: Payment, *, code: str, now: datetime) -> None:
    """End a locked payment that the bank or processor refused: nothing was taken, its invoices are open again."""
    release(amounts_of(payment))
    _refuse(payment, PaymentStatus.FAILED, code=code, now=now)
    _heed(payment, code=code, now=now)
    _tell(payment, "payment_failed", reason=code)


def cancel(payment: Payment, *, why: str, now: datetime) -> None:
    """Call a locked payment off and tell its payer why, as one of ``return_codes.CALLED_OFF``."""
    call_off(payment, why=why, now=now)
    _tell(payment, "payment_canceled", reason=why)


def _note_names(payment: Payment, truth: Truth) -> None:
    """Write down what the processor calls the payment, and what it was paid with."""
    changed = []
    if truth.page and payment.session_id is None:
        payment.session_id = truth.page.id
        changed.append("session_id")
    if truth.intent and payment.intent_id is None:
        payment.intent_id = truth.intent.id
        changed.append("intent_id")
    if truth.intent and truth.intent.method and not payment.method_label:
        saved = truth.intent.method
        payment.method_label = method_label(PaymentMethod(brand=saved.brand, last4=saved.last4))
        payment.entry_class = entry_class(kind=saved.kind, holder_type=saved.holder_type)
        changed += ["method_label", "entry_class"]
    if truth.intent and truth.intent.bank_reference and not payment.bank_reference:
        payment.bank_reference = truth.intent.bank_reference
        changed.append("bank_reference")
    if changed:
        payment.save(update_fields=changed)


def _follow_page(payment: Payment, truth: Truth, *, now: datetime) -> None:
    if payment.method_id is not None:
        return
    never_opened = truth.page is None and now - payment.created_at > A_CALL_TAKES_AT_MOST
    if never_opened or (truth.page and truth.page.status == "expired"):
        call_off(payment, now=now)
    elif truth.page and payment.status == PaymentStatus.CREATED:
        payment.status = PaymentStatus.ACTION_REQUIRED
        payment.save(update_fields=["status"])


def _follow_intent(payment: Payment, intent: Intent, *, page: Session | None, now: datetime) -> None:
    if intent.status == "succeeded":
        _succeed(payment, now=now)
    elif intent.status == "canceled":
        cancel(payment, why="canceled_there", now=now)
    elif intent.status == "waiting":
        # On a page that is still open, the payer may try another card.
        if intent.failure_code and (page is None or page.status != "open"):
            fail(payment, code=intent.failure_code, now=now)
    elif payment.status != PaymentStatus.PROCESSING:
        if intent.verification:
            await_verification(intent.verification, company=payment.company, now=now, payment=payment)
        payment.status = PaymentStatus(intent.status)
        payment.processing_at = now if intent.status == "processing" else None
        payment.save(update_fields=["status", "processing_at"])
        if payment.status == PaymentStatus.PROCESSING:
            _tell(payment, "payment_processing")


def _succeed(payment: Payment, *, now: datetime) -> None:
    payment.status, payment.succeeded_at, payment.succeeded_on = PaymentStatus.SUCCEEDED, now, _today(payment, now)
    payment.save(update_fields=["status", "succeeded_at", "succeeded_on"])
    post_arrival(payment, posted_on=payment.succeeded_on, now=now)
    _tell(payment, "payment_succeeded")


def _follow_dispute(payment: Payment, intent: Intent, *, now: datetime) -> None:
    """Follow a dispute: while it is open the invoices stay paid; won, nothing has changed; lost, the money is gone."""
    told = intent.dispute
    news = note_dispute(payment, told, on=_today(payment, now), now=now) if told else None
    if told is None or news is None:
        return
    if news in ("lost", "lost_at_once"):
        money_in: MoneyIn = "disputed" if news == "lost" else "processor_clearing"
        _come_back(payment, code=dispute_code(told), amount_minor=told.amount_minor, money_in=money_in, now=now)
        return
    payment.status = PaymentStatus.DISPUTED if news == "opened" else settled_status(payment)
    payment.save(update_fields=["status"])
    _tell(payment, "payment_disputed" if news == "opened" else "dispute_won", reason=told.reason)


def _come_back(payment: Payment, *, code: str, amount_minor: int, money_in: MoneyIn, now: datetime) -> None:
    _refuse(payment, PaymentStatus.RETURNED, code=code, now=now)
    post_return(payment, posted_on=_today(payment, now), now=now, amount_minor=amount_minor, money_in=money_in)
    _heed(payment, code=code, now=now)
    _tell(payment, "payment_returned", reason=code)


def _refuse(payment: Payment, status: PaymentStatus, *, code: str, now: datetime) -> None:
    payment.status, payment.ended_at, payment.failure_code = status, now, code
    payment.refused_on = _today(payment, now)
    payment.save(update_fields=["status", "ended_at", "failure_code", "refused_on"])


def _heed(payment: Payment, *, code: str, now: datetime) -> None:
    """Do to the method, and to the consent to debit it, what the code asks for; or plan to present the debit again.

    What a person has to look at is put on the team's list.
    """
    rule = rule_for(code)
    if rule is Rule.REVIEW:
        open_work(
            vendor_id=payment.company.vendor_id,
            company_id=payment.company_id,
            kind="return_to_review",
            subject=f"payment:{payment.public_id}",
            now=now,
        )
    if rule is Rule.MAY_BE_TRIED_AGAIN:
        plan_retry(payment, code=code)
        charge_return_fee(payment, code=code, on=_today(payment, now))
    if payment.method_id is None or rule in (Rule.MAY_BE_TRIED_AGAIN, Rule.ASK):
        return
    PaymentMethod.objects.filter(id=payment.method_id, removed_at=None).update(unusable_reason=code)
    if rule is Rule.VOID:
        end_authorisations(method_id=payment.method_id, reason=f"the bank says unauthorised: {code}", now=now)


def _tell(payment: Payment, name: str, *, reason: str = "") -> None:
    record(
        actor=system("payments"),
        action=name,
        subject=f"payment:{payment.public_id}",
        vendor_id=payment.company.vendor_id,
        company_id=payment.company_id,
        after={"confirmation": payment.confirmation, "status": payment.status},
        reason=reason,
    )
    emit(
        name=name,
        topic=f"payment:{payment.public_id}",
        vendor_id=payment.company.vendor_id,
        company_id=payment.company_id,
        data={"payment": str(payment.public_id)},
    )


def _today(payment: Payment, now: datetime) -> date:
    return business_today(vendor_row(payment.company.vendor_id), now=now)
