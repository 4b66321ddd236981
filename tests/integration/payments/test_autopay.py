"""What a company agreed to is debited when it is due: once, truthfully, and with a way back."""

from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from comptoir.kit.clocks import wall_now
from comptoir.payments.autopay import submit
from comptoir.payments.gateways import Charge, GatewayRefused, GatewayUnclear, Intent
from comptoir.payments.gateways.stripe import StripeGateway
from comptoir.payments.models import Authorisation, Payment, WebhookEvent
from comptoir.payments.news import look_at_news
from comptoir.payments.queries import autopay_plan, pays_by
from comptoir.payments.retrying import retry_day
from comptoir.payments.saving import detach, remove_method, turn_autopay_off
from comptoir.payments.tasks import pick_up, submit_due_autopay
from comptoir.payments.truth import Truth, apply, look_at_payment

from .conftest import (
    CARD,
    CLOSED,
    COMES_BACK_LATER,
    DECLINES_LATER,
    NO_MONEY,
    NOT_AUTHORISED_LATER,
    WORKS,
    LossyProxy,
    Shop,
    wait_for_news,
    work,
)

DUE = date(2020, 10, 1)
SETTLED = date(2020, 10, 7)


def test_a_bank_debit_is_processing_until_the_bank_has_settled(shop: Shop) -> None:
    method = shop.save(WORKS)
    assert pays_by(shop.company.id) == "autopay"
    shop.autopay(date(2020, 9, 30))
    assert not Payment.objects.exists()

    shop.autopay(DUE)
    payment = shop.payment()
    assert (payment.status, payment.amount_minor, payment.method) == ("processing", 14_800, method)
    assert shop.balances() == [(14_800, 14_800), (14_800, 0)]
    assert shop.told() == []

    shop.live_until(SETTLED)
    payment = shop.payment()
    assert (payment.status, payment.succeeded_on) == ("succeeded", SETTLED)
    assert shop.balances() == [(0, 0), (14_800, 0)]
    assert shop.told() == ["payment_succeeded"]


def test_a_card_is_paid_at_once(shop: Shop) -> None:
    shop.save(CARD)
    shop.autopay(DUE)
    assert shop.payment().status == "succeeded"
    assert shop.payment().method_label == "Visa ••4242"


def test_a_refused_debit_was_never_posted_and_is_not_tried_again_by_hope(shop: Shop) -> None:
    shop.save(NO_MONEY)
    shop.autopay(DUE)
    shop.autopay(SETTLED)
    payment = shop.payment()
    assert (payment.status, payment.failure_code) == ("failed", "R01")
    assert shop.balances()[0] == (14_800, 0)
    assert pays_by(shop.company.id) == "autopay"
    assert shop.told() == ["payment_failed"]
    assert Payment.objects.count() == 1

    shop.save(WORKS)
    shop.autopay(date(2020, 10, 8))
    assert Payment.objects.count() == 2
    assert shop.payment().status == "processing"


def test_a_closed_account_is_debited_no_more(shop: Shop) -> None:
    shop.save(CLOSED)
    shop.autopay(DUE)
    shop.live_until(SETTLED)
    assert shop.payment().failure_code == "R02"
    assert pays_by(shop.company.id) == "check"
    assert Authorisation.objects.get().ended_at is None


def test_a_late_return_reopens_the_invoice_and_leaves_the_consent(shop: Shop) -> None:
    shop.save(COMES_BACK_LATER)
    shop.autopay(DUE)
    shop.live_until(SETTLED)
    assert shop.payment().status == "succeeded"
    shop.live_until(date(2020, 10, 12))
    payment = shop.payment()
    assert (payment.status, payment.failure_code) == ("returned", "R01")
    assert shop.balances()[0] == (14_800, 0)
    assert shop.told() == ["payment_succeeded", "payment_returned"]
    assert pays_by(shop.company.id) == "autopay"


def test_a_return_as_unauthorised_voids_the_consent(shop: Shop) -> None:
    shop.save(NOT_AUTHORISED_LATER)
    shop.autopay(DUE)
    shop.live_until(SETTLED)
    assert (shop.payment().status, shop.payment().failure_code) == ("returned", "R29")
    assert Authorisation.objects.get().ended_reason == "the bank says unauthorised: R29"
    assert autopay_plan(shop.company.id) is None
    assert shop.balances()[0] == (14_800, 0)


def test_bank_debits_wait_for_a_banking_day(shop: Shop) -> None:
    shop.save(WORKS)
    shop.live_until(date(2020, 11, 1))
    for sunday_or_holiday in (date(2020, 11, 1), date(2020, 11, 11)):
        submit_due_autopay(vendor_id=shop.vendor.id, on=sunday_or_holiday)
    assert not Payment.objects.exists()
    submit_due_autopay(vendor_id=shop.vendor.id, on=date(2020, 11, 2))
    assert shop.payment().amount_minor == 29_600
    work()


def test_the_same_day_again_debits_nothing_twice(shop: Shop) -> None:
    shop.save(WORKS)
    shop.autopay(DUE)
    for _time in range(2):
        submit_due_autopay(vendor_id=shop.vendor.id, on=DUE)
        shop.settle()
    assert Payment.objects.count() == 1
    assert len(shop.charges()) == 1


def test_it_can_be_called_off_until_it_is_submitted(shop: Shop) -> None:
    method = shop.save(WORKS)
    submit_due_autopay(vendor_id=shop.vendor.id, on=DUE)
    assert shop.balances()[0] == (14_800, 14_800)
    payer = shop.payer
    with payer.door():
        turn_autopay_off(payer=payer, method_public_id=method.public_id)
    shop.settle()
    assert (shop.payment().status, shop.payment().failure_code) == ("canceled", "autopay_off")
    assert shop.told() == ["payment_canceled"]
    assert shop.balances()[0] == (14_800, 0)
    assert shop.charges() == []


def test_what_the_processor_calls_off_is_said_so(shop: Shop) -> None:
    shop.save(WORKS)
    shop.mailbox.held_back = True
    shop.autopay(DUE)
    payment = shop.payment()
    gone = Intent(
        id=payment.intent_id or "", status="canceled", reference=str(payment.public_id), failure_code="", method=None,
        dispute=None,
    )  # fmt: skip
    with transaction.atomic():
        apply(payment_id=payment.id, truth=Truth(page=None, intent=gone), now=wall_now())
    assert (shop.payment().status, shop.payment().failure_code) == ("canceled", "canceled_there")
    assert shop.told() == ["payment_canceled"]
    shown = shop.web.get(shop.page("payment", payment=payment.public_id)).content.decode()
    assert "The payment processor called it off. Nothing was taken." in shown


def test_a_refusal_that_only_its_news_tells_is_taken_in_once(shop: Shop, proxy: LossyProxy, settings: Settings) -> None:
    """The answer to the debit is lost, and the news is there before anybody asks again."""
    shop.save(DECLINES_LATER)
    submit_due_autopay(vendor_id=shop.vendor.id, on=DUE)
    settings.STRIPE_API_BASE = proxy.url
    proxy.loses = "/v1/payment_intents"
    with pytest.raises(GatewayUnclear):
        submit(payment_public_id=shop.payment().public_id, now=wall_now())
    wait_for_news(shop.sandbox, shop.account)
    for event in WebhookEvent.objects.filter(kind="payment_intent.payment_failed"):
        look_at_news(event_id=event.event_id, now=wall_now())
    assert (shop.payment().status, shop.payment().failure_code) == ("failed", "generic_decline")
    work()
    assert (proxy.lost, shop.told()) == (1, ["payment_failed"]), "it was not asked for again"
    assert shop.balances()[0] == (14_800, 0)
    assert retry_day(shop.payment().public_id) == DUE + timedelta(days=2)


def test_a_removed_method_is_forgotten_by_the_processor_too(shop: Shop) -> None:
    method = shop.save(WORKS)
    payer = shop.payer
    with payer.door():
        remove_method(payer=payer, method_public_id=method.public_id)
    shop.settle()
    assert pays_by(shop.company.id) == "check"
    assert shop.sandbox.client.v1.payment_methods.retrieve(method.gateway_id, None, shop.options).customer is None
    shop.autopay(DUE)
    assert not Payment.objects.exists()


def test_a_method_that_was_not_removed_is_kept_there_whoever_asks(shop: Shop) -> None:
    method = shop.save(WORKS)
    detach(method.id)
    assert shop.sandbox.client.v1.payment_methods.retrieve(method.gateway_id, None, shop.options).customer


def test_killed_before_the_processor_was_reached_it_is_done_later_once(shop: Shop, settings: Settings) -> None:
    shop.save(WORKS)
    submit_due_autopay(vendor_id=shop.vendor.id, on=DUE)
    payment = shop.payment()
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    with pytest.raises(GatewayUnclear):
        submit(payment_public_id=payment.public_id, now=wall_now())
    payment.refresh_from_db()
    assert payment.status == "created"
    assert payment.submitting_at is not None

    settings.STRIPE_API_BASE = shop.sandbox.url
    shop.settle()
    assert shop.payment().status == "processing"
    assert len(shop.charges()) == 1


def test_an_answer_that_was_lost_is_asked_for_and_nothing_is_taken_twice(
    shop: Shop, proxy: LossyProxy, settings: Settings
) -> None:
    shop.save(WORKS)
    shop.mailbox.held_back = True
    submit_due_autopay(vendor_id=shop.vendor.id, on=DUE)
    settings.STRIPE_API_BASE = proxy.url
    proxy.loses = "/v1/payment_intents"
    with pytest.raises(GatewayUnclear):
        submit(payment_public_id=shop.payment().public_id, now=wall_now())
    assert proxy.lost == 1
    assert shop.payment().intent_id is None
    assert len(shop.charges()) == 1

    work()
    assert proxy.lost == 1, "it was asked, not sent again"
    assert shop.payment().status == "processing"
    assert len(shop.charges()) == 1


def test_a_debit_that_was_made_and_cannot_be_read_did_not_fail(
    shop: Shop, proxy: LossyProxy, settings: Settings
) -> None:
    shop.save(WORKS)
    shop.mailbox.held_back = True
    submit_due_autopay(vendor_id=shop.vendor.id, on=DUE)
    settings.STRIPE_API_BASE = proxy.url
    proxy.refuses = "/v1/payment_intents/"
    with pytest.raises(GatewayUnclear):
        submit(payment_public_id=shop.payment().public_id, now=wall_now())
    assert len(shop.charges()) == 1
    assert shop.payment().status == "created"
    assert shop.balances()[0] == (14_800, 14_800), "held, or it could be paid a second time"

    proxy.refuses = ""
    work()
    assert shop.payment().status == "processing"
    assert len(shop.charges()) == 1


def test_a_key_that_the_processor_does_not_take_is_nobodys_refusal(shop: Shop, settings: Settings) -> None:
    shop.save(WORKS)
    submit_due_autopay(vendor_id=shop.vendor.id, on=DUE)
    right, settings.STRIPE_API_KEY = settings.STRIPE_API_KEY, "sk_test_rolled"
    with pytest.raises(GatewayUnclear):
        submit(payment_public_id=shop.payment().public_id, now=wall_now())
    assert (shop.payment().status, shop.told()) == ("created", []), "nobody is told that a bank refused"
    settings.STRIPE_API_KEY = right
    work()
    assert (shop.payment().status, len(shop.charges())) == ("processing", 1)


def test_a_refusal_that_news_told_first_is_taken_in_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.save(DECLINES_LATER)
    submit_due_autopay(vendor_id=shop.vendor.id, on=DUE)
    charge = StripeGateway.charge

    def overtaken(gateway: StripeGateway, asked: Charge) -> Intent:
        try:
            return charge(gateway, asked)
        except GatewayRefused:
            look_at_payment(payment_id=shop.payment().id, now=wall_now())
            assert shop.payment().status == "failed"
            raise

    monkeypatch.setattr(StripeGateway, "charge", overtaken)
    submit(payment_public_id=shop.payment().public_id, now=wall_now())
    assert (shop.payment().status, shop.told()) == ("failed", ["payment_failed"])
    assert shop.balances()[0] == (14_800, 0)
    shop.settle()


def test_what_was_left_lying_is_picked_up(shop: Shop) -> None:
    shop.save(WORKS)
    submit_due_autopay(vendor_id=shop.vendor.id, on=DUE)
    long_ago = wall_now() - timedelta(hours=1)
    Authorisation.objects.update(active_since=long_ago)
    Payment.objects.update(created_at=long_ago)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE status = 'todo'")
    pick_up.func(timestamp=0)
    waiting = ProcrastinateJob.objects.filter(status="todo").count()
    for _each in range(3):
        pick_up.func(timestamp=0)
    assert ProcrastinateJob.objects.filter(status="todo").count() == waiting == 2, "however long nobody works them off"
    shop.settle()
    assert shop.payment().status == "processing"
    assert len(shop.charges()) == 1
