"""What the worker does for payments. Listeners only put jobs down: a job may call the processor, a listener may not."""

from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.tasks import Task

from comptoir.kit.clocks import wall_now
from comptoir.kit.events import Happened
from comptoir.kit.request_id import current_request_id, under_request_id
from comptoir.kit.urgency import AT_ONCE

from .autopay import begin_collection, collections, submit
from .disputes.answering import hand_in
from .models import (
    AnswerStatus,
    BankVerification,
    DisputeAnswer,
    Payment,
    PaymentMethod,
    PaymentStatus,
    Refund,
    RefundStatus,
    RequestStatus,
    SetupSession,
    SetupStatus,
    WebhookEvent,
)
from .news import look_at_news
from .paying import NOT_YET_WITH_THE_BANK
from .queries import gateway_account
from .readiness import processor_is_not_ready
from .reconciling.running import days_to_reconcile, reconcile
from .refunds.sending import look_at_refund, send
from .refunds.writing import fail_unwritten
from .releasing import tell_new_consent
from .retrying import begin_retry, due_retries
from .saving import detach, look_at_setup
from .truth import look_at_payment
from .trying import trying_company

AGAIN = RetryStrategy(max_attempts=8, exponential_wait=3)
LEFT_LYING = timedelta(minutes=10)
PAGES_LIVE_AT_MOST = timedelta(days=2)
# As long as the processor itself would try to tell.
NEWS_IS_NEWS = timedelta(days=3)
SETTLES_WITHIN = timedelta(days=6)


def handle_webhook(event: Happened) -> None:
    """Have a job look at what the processor's news is about, in order per object."""
    look_at.configure(lock=event.topic, priority=AT_ONCE).defer(
        event_id=event.data["event"], request_id=current_request_id()
    )


def submit_requested(event: Happened) -> None:
    """Have a job debit the saved method with which a customer pays once."""
    _submit_soon(UUID(event.data["payment"]), priority=AT_ONCE)


def forget_method(event: Happened) -> None:
    """Have a job tell the processor that a method was removed."""
    detach_method.defer(method_public_id=event.data["method"], request_id=current_request_id())


def tell_consent(event: Happened) -> None:
    """Have a job tell the processor of the consent by which a refused method may be debited again."""
    renew_consent.configure(priority=AT_ONCE).defer(
        method_public_id=event.data["method"], request_id=current_request_id()
    )


def send_approved(event: Happened) -> None:
    """Have each part of a refund that was allowed sent on its way, by a job of its own."""
    for refund_id in Refund.objects.filter(asked__public_id=event.data["request"]).values_list("id", flat=True):
        _send_soon(refund_id)


def take_back_unwritten(event: Happened) -> None:
    """Make credit again of a refund whose check a person did not write."""
    fail_unwritten(UUID(event.data["refund"]), who=event.data["who"], now=wall_now())


def processor_refuses(event: Happened) -> None:
    """Put on the team's list that a customer could open no page of the processor's."""
    assert event.vendor_id is not None  # noqa: S101  it is a vendor's customer
    processor_is_not_ready(event.vendor_id, now=wall_now())


def answer_dispute(event: Happened) -> None:
    """Have a job hand the team's answer to a dispute in."""
    _hand_in_soon(event.data["answer"])


def submit_due_autopay(*, vendor_id: int, on: date) -> None:
    """Begin the automatic payment of what is due for a vendor on a business date; done again, it finds nothing to do.

    One transaction per company: the payment, what it holds on the invoices, and the job that submits it. Where that
    fails, the others are debited all the same, and the team is told.
    """
    now = wall_now()
    for collection in collections(vendor_id=vendor_id, on=on):
        with trying_company(vendor_id=vendor_id, company_id=collection.company_id, now=now):
            payment = begin_collection(collection, vendor_id=vendor_id, on=on, now=now)
            if payment is not None:
                _submit_soon(payment.public_id)


def submit_due_retries(*, vendor_id: int, on: date) -> None:
    """Present again what was refused and is planned for a business date; done again, it finds nothing to do.

    Each by itself: where one fails, the others are presented all the same, and the team is told.
    """
    now = wall_now()
    for retry in due_retries(vendor_id=vendor_id, on=on):
        with trying_company(vendor_id=vendor_id, company_id=retry.after.company_id, now=now):
            payment = begin_retry(retry_id=retry.id, on=on, now=now)
            if payment is not None:
                _submit_soon(payment.public_id)


@app.task(name="payments.look_at", retry=AGAIN)
@under_request_id
def look_at(event_id: str) -> None:
    """Look at what the processor's news is about."""
    look_at_news(event_id=event_id, now=wall_now())


@app.task(name="payments.submit_payment", retry=AGAIN)
@under_request_id
def submit_payment(payment_public_id: str) -> None:
    """Have the processor debit a payment's saved method, once."""
    submit(payment_public_id=UUID(payment_public_id), now=wall_now())


@app.task(name="payments.send_refund", retry=AGAIN)
@under_request_id
def send_refund(refund_id: int) -> None:
    """Send a refund that was allowed, once."""
    send(refund_id=refund_id, now=wall_now())


@app.task(name="payments.hand_in_answer", retry=AGAIN)
@under_request_id
def hand_in_answer(answer_id: int) -> None:
    """Hand the team's answer to a dispute in, once."""
    hand_in(answer_id=answer_id, now=wall_now())


@app.task(name="payments.detach_method", retry=AGAIN)
@under_request_id
def detach_method(method_public_id: str) -> None:
    """Have the processor forget a removed method."""
    detach(PaymentMethod.objects.values_list("id", flat=True).get(public_id=method_public_id))


@app.task(name="payments.renew_consent", retry=AGAIN)
@under_request_id
def renew_consent(method_public_id: str) -> None:
    """Tell the processor of the consent by which a refused method may be debited again."""
    tell_new_consent(PaymentMethod.objects.values_list("id", flat=True).get(public_id=method_public_id))


@app.periodic(cron="*/10 * * * *")
@app.task(name="payments.pick_up", queueing_lock="payments.pick_up")
def pick_up(timestamp: int) -> None:
    """Take up what was left lying: a process killed between a commit and a call, news that never came or helped.

    However long the processor is away, one job waits for each thing: what is taken up already is not once more.
    """
    before = wall_now() - LEFT_LYING
    for payment in Payment.objects.filter(
        status__in=NOT_YET_WITH_THE_BANK, created_at__lt=before, verification__isnull=True
    ):
        lock = f"payment:{payment.public_id}"
        if payment.method_id is not None:
            _take_up(submit_payment, lock=lock, payment_public_id=str(payment.public_id))
        _take_up(look_again, lock=lock, payment_id=payment.id)
    for refund_id in _refunds_left_lying(before).values_list("id", flat=True):
        _take_up(send_refund, lock=f"refund:{refund_id}", refund_id=refund_id)
    for answer_id in DisputeAnswer.objects.filter(status=AnswerStatus.REQUESTED, answered_at__lt=before).values_list(
        "id", flat=True
    ):
        _take_up(hand_in_answer, lock=f"answer:{answer_id}", answer_id=answer_id)
    for event in WebhookEvent.objects.filter(
        handled_at=None, received_at__lt=before, received_at__gt=before - NEWS_IS_NEWS
    ):
        _take_up(look_at, lock=f"processor:{event.object_id}", event_id=event.event_id)
    for setup in SetupSession.objects.filter(
        status=SetupStatus.OPEN, started_at__lt=before, started_at__gt=before - PAGES_LIVE_AT_MOST
    ):
        _take_up(look_again_at_setup, lock=f"setup:{setup.id}", setup_id=setup.id)


@app.periodic(cron="23 5 * * *")
@app.task(name="payments.ask_after", queueing_lock="payments.ask_after")
def ask_after(timestamp: int) -> None:
    """Ask daily after what the bank should have settled, or the owner verified: the news of it may never have come."""
    unsettled = Q(status=PaymentStatus.PROCESSING, processing_at__lt=wall_now() - SETTLES_WITHIN)
    for payment in Payment.objects.filter(unsettled | Q(status=PaymentStatus.DISPUTED)):
        look_again.configure(lock=f"payment:{payment.public_id}").defer(payment_id=payment.id)
    for refund_id in Refund.objects.filter(
        status=RefundStatus.PROCESSING, gateway_id__isnull=False, posted_at__lt=wall_now() - SETTLES_WITHIN
    ).values_list("id", flat=True):
        look_again_at_refund.configure(lock=f"refund:{refund_id}").defer(refund_id=refund_id)
    for awaited in BankVerification.objects.filter(ended_at=None):
        if awaited.payment_id is not None:
            look_again.defer(payment_id=awaited.payment_id)
        elif awaited.setup_id is not None:
            look_again_at_setup.defer(setup_id=awaited.setup_id)


@app.task(name="payments.look_again", retry=AGAIN)
def look_again(payment_id: int) -> None:
    """Ask the processor how a payment stands."""
    look_at_payment(payment_id=payment_id, now=wall_now())


@app.task(name="payments.look_again_at_refund", retry=AGAIN)
def look_again_at_refund(refund_id: int) -> None:
    """Ask the processor how a refund stands."""
    look_at_refund(refund_id=refund_id, now=wall_now())


@app.task(name="payments.look_again_at_setup", retry=AGAIN)
def look_again_at_setup(setup_id: int) -> None:
    """Ask the processor what became of a visit to save a method."""
    session_id = SetupSession.objects.values_list("session_id", flat=True).get(id=setup_id)
    if session_id is not None:
        look_at_setup(setup_id=setup_id, session_id=session_id, now=wall_now())


def reconcile_soon(*, vendor_id: int, on: date) -> None:
    """Have a job compare a vendor's books with the processor's through the day before ``on``, unless it was done."""
    if gateway_account(vendor_id) is not None and days_to_reconcile(vendor_id=vendor_id, on=on):
        with suppress(AlreadyEnqueued):
            reconcile_days.configure(
                lock=f"reconciliation:{vendor_id}", queueing_lock=f"reconciliation:{vendor_id}:{on}"
            ).defer(vendor_id=vendor_id, on=str(on))


def reconcile_again(event: Happened) -> None:
    """Have a job compare once more, as someone of the team asked."""
    reconcile_days.configure(lock=f"reconciliation:{event.vendor_id}").defer(
        vendor_id=event.vendor_id, on=event.data["on"], request_id=current_request_id()
    )


@app.task(name="payments.reconcile_days", retry=AGAIN)
@under_request_id
def reconcile_days(vendor_id: int, on: str) -> None:
    """Compare a vendor's books with the processor's through each day before ``on`` that was not, or the last again."""
    before = date.fromisoformat(on)
    for day in days_to_reconcile(vendor_id=vendor_id, on=before) or [before - timedelta(days=1)]:
        for payment_id in reconcile(vendor_id=vendor_id, day=day, now=wall_now()):
            look_again.defer(payment_id=payment_id)


def _take_up(task: Task[..., Any, ...], *, lock: str, **arguments: Any) -> None:
    about = "-".join(str(value) for value in arguments.values())
    with suppress(AlreadyEnqueued):
        task.configure(lock=lock, queueing_lock=f"left lying:{task.name}:{about}").defer(**arguments)


def _submit_soon(payment_public_id: UUID, *, priority: int = 0) -> None:
    submit_payment.configure(lock=f"payment:{payment_public_id}", priority=priority).defer(
        payment_public_id=str(payment_public_id), request_id=current_request_id()
    )


def _send_soon(refund_id: int) -> None:
    send_refund.configure(lock=f"refund:{refund_id}").defer(refund_id=refund_id, request_id=current_request_id())


def _hand_in_soon(answer_id: int) -> None:
    hand_in_answer.configure(lock=f"answer:{answer_id}").defer(answer_id=answer_id, request_id=current_request_id())


def _refunds_left_lying(before: datetime) -> QuerySet[Refund]:
    """Refunds that were allowed and not begun, or begun with no answer of the processor's."""
    begun = Q(status=RefundStatus.PROCESSING, payment__isnull=False, gateway_id=None, posted_at__lt=before)
    allowed = Q(status=RefundStatus.CREATED, asked__status=RequestStatus.APPROVED, asked__decided_at__lt=before)
    return Refund.objects.filter(begun | allowed)
