"""What the processor tells: believed only when signed, put down once, and no matter in which order or how often."""

import hmac
import json
import random
import time
from datetime import date, timedelta
from uuid import uuid4

import pytest
import stripe
from django.conf import settings as django_settings
from django.db import connection
from pytest_django import Settings

from comptoir.kit.clocks import wall_now
from comptoir.kit.events import deliver_next
from comptoir.payments.gateways import GatewayRefused
from comptoir.payments.models import Payment, PaymentMethod, WebhookEvent
from comptoir.payments.news import look_at_news
from comptoir.payments.ordering import Order
from comptoir.payments.paying import pay_with_saved_method
from comptoir.payments.saving import start_saving
from comptoir.payments.tasks import ask_after, pick_up, submit_due_autopay
from comptoir.payments.truth import look_at_payment
from tests.factories import make_vendor

from .conftest import COMES_BACK_LATER, WORKS, Shop, work

DUE = date(2020, 10, 1)


def signed(body: bytes, *, at: int | None = None, secret: str = "") -> tuple[bytes, str]:
    """A letter as the processor signs it."""
    header = stripe.WebhookSignature.generate_signature_header(
        body.decode(), secret or django_settings.STRIPE_WEBHOOK_SECRET, timestamp=at
    )
    return body, header


def test_only_what_is_signed_now_with_our_secret_is_believed(shop: Shop) -> None:
    body = json.dumps({"id": "evt_1", "type": "x", "account": shop.account, "data": {"object": {"id": "o"}}}).encode()
    good = signed(body)
    assert shop.mailbox.hand_over((body, "")) == 400
    assert shop.mailbox.hand_over(signed(body, secret="whsec_someone_else")) == 400
    assert shop.mailbox.hand_over(signed(body, at=int(time.time()) - 301)) == 400
    assert shop.mailbox.hand_over((body.replace(b"evt_1", b"evt_2"), good[1])) == 400
    assert shop.mailbox.hand_over(signed(b"not json")) == 400
    assert shop.mailbox.hand_over(signed(b'{"id": "evt_1", "type": "x", "data": {"object": null}}')) == 400
    assert not WebhookEvent.objects.exists()
    assert shop.web.get("/webhooks/stripe").status_code == 405

    assert shop.mailbox.hand_over(good) == 200
    assert shop.mailbox.hand_over(good) == 200
    assert WebhookEvent.objects.count() == 1
    work()
    assert WebhookEvent.objects.get().handled_at is not None


def test_without_a_secret_nothing_is_believed(shop: Shop, settings: Settings) -> None:
    body = json.dumps({"id": "evt_1", "type": "x", "account": shop.account, "data": {"object": {"id": "o"}}})
    settings.STRIPE_WEBHOOK_SECRET = ""
    now = int(time.time())
    forged = hmac.new(b"", f"{now}.{body}".encode(), "sha256").hexdigest()
    assert shop.mailbox.hand_over((body.encode(), f"t={now},v1={forged}")) == 400
    assert not WebhookEvent.objects.exists()


def test_of_the_news_only_what_it_is_about_is_kept(shop: Shop) -> None:
    bank = {"routing_number": "110000000", "last4": "6789", "fingerprint": "f"}
    told = {
        "id": "pi_1",
        "object": "payment_intent",
        "client_secret": "pi_1_secret_2",
        "metadata": {"payment": "d6ff", "note": "Ana's"},
        "last_payment_error": {
            "payment_method": {"us_bank_account": bank, "billing_details": {"email": "a@b.example"}}
        },
    }
    body = {"id": "evt_1", "type": "payment_intent.succeeded", "account": shop.account, "data": {"object": told}}
    assert shop.mailbox.hand_over(signed(json.dumps(body).encode())) == 200
    kept = WebhookEvent.objects.get().payload["data"]["object"]
    assert {name: value for name, value in kept.items() if value} == {
        "id": "pi_1",
        "object": "payment_intent",
        "metadata": {"payment": "d6ff", "setup": None, "refund": None},
    }


def test_news_that_could_not_be_looked_at_is_taken_up_again(shop: Shop) -> None:
    shop.save(WORKS)
    shop.mailbox.held_back = True
    submit_due_autopay(vendor_id=shop.vendor.id, on=DUE)
    work()
    shop.live_until(date(2020, 10, 7))
    for letter in shop.mailbox.letters:
        assert shop.mailbox.hand_over(letter) == 200
    while deliver_next(now=wall_now()):
        pass
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE status = 'todo'")
        cursor.execute("ALTER TABLE payments_webhookevent DISABLE TRIGGER payments_webhookevent_fixed_columns")
    WebhookEvent.objects.update(received_at=wall_now() - timedelta(hours=1))
    for _twice in range(2):
        pick_up.func(timestamp=0)
    work()
    assert shop.payment().status == "succeeded"
    assert not WebhookEvent.objects.filter(handled_at=None).exists()


def test_a_payment_whose_news_never_came_is_asked_after(shop: Shop) -> None:
    shop.save(WORKS)
    shop.mailbox.held_back = True
    submit_due_autopay(vendor_id=shop.vendor.id, on=DUE)
    work()
    shop.live_until(date(2020, 10, 7))
    ask_after.func(timestamp=0)
    work()
    assert shop.payment().status == "processing", "the bank has its days"
    Payment.objects.update(processing_at=wall_now() - timedelta(days=7))
    ask_after.func(timestamp=0)
    work()
    assert shop.payment().status == "succeeded"


def test_what_the_processor_knows_of_another_payment_pays_nothing_here(shop: Shop) -> None:
    """Whoever could write our names for the processor's things gets nothing for it."""
    shop.save(WORKS)
    shop.autopay(DUE)
    shop.live_until(date(2020, 10, 7))
    paid = shop.payment()
    shop.save(WORKS, autopay=False)
    method = PaymentMethod.objects.latest("id")
    pay_with_saved_method(
        payer=shop.payer,
        order=shop.agreed(Order(invoices=[shop.invoices[1].public_id], amount_minor=14_800), method=method),
        method_public_id=method.public_id,
        reference=uuid4(),
    )
    unpaid = shop.payment()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE payments_payment SET intent_id = NULL WHERE id = %s", [paid.id])
        cursor.execute("UPDATE payments_payment SET intent_id = %s WHERE id = %s", [paid.intent_id, unpaid.id])
    with pytest.raises(GatewayRefused, match="belongs to another"):
        look_at_payment(payment_id=unpaid.id, now=wall_now())
    assert shop.balances()[1] == (14_800, 14_800)


def test_news_in_any_order_and_thrice_ends_the_same(shop: Shop) -> None:
    shop.save(COMES_BACK_LATER)
    shop.mailbox.letters.clear()
    shop.mailbox.held_back = True
    submit_due_autopay(vendor_id=shop.vendor.id, on=DUE)
    work()
    shop.live_until(date(2020, 10, 20))
    assert shop.payment().status == "processing"

    letters = shop.mailbox.letters * 3
    random.Random(7).shuffle(letters)  # noqa: S311  an order, not a secret
    assert len(letters) >= 9
    for letter in letters:
        assert shop.mailbox.hand_over(letter) == 200
        work()
    assert shop.payment().status == "returned"
    assert shop.told() == ["payment_succeeded", "payment_returned"]
    assert shop.balances()[0] == (14_800, 0)


def test_news_that_comes_before_our_own_answer_is_enough(shop: Shop) -> None:
    """The worker is killed after the call: the payment is found by its reference, and moves on."""
    shop.save(WORKS)
    submit_due_autopay(vendor_id=shop.vendor.id, on=DUE)
    work()
    Payment.objects.update(intent_id=None)
    shop.live_until(date(2020, 10, 7))
    assert shop.payment().status == "succeeded"
    assert shop.payment().intent_id is not None


def test_a_visit_that_was_killed_before_its_answer_still_saves(shop: Shop) -> None:
    url = start_saving(payer=shop.payer, kind="us_bank_account", consent=shop.consent(), pages=shop.pages)
    shop.mailbox.held_back = True
    shop.fill(url, WORKS)
    shop.mailbox.held_back = False
    for letter in shop.mailbox.letters * 2:
        shop.mailbox.hand_over(letter)
    shop.settle()
    assert PaymentMethod.objects.count() == 1


def test_another_account_cannot_speak_of_our_payments(shop: Shop) -> None:
    shop.save(WORKS)
    submit_due_autopay(vendor_id=shop.vendor.id, on=DUE)
    payment = shop.payment()
    make_vendor()
    told = {"id": "pi_x", "metadata": {"payment": str(payment.public_id)}}
    for number, account in enumerate(("acct_unknown", "")):
        body = {"id": f"evt_{number}", "type": "payment_intent.succeeded", "account": account, "data": {"object": told}}
        assert shop.mailbox.hand_over(signed(json.dumps(body).encode())) == 200
        look_at_news(event_id=f"evt_{number}", now=wall_now())
    assert shop.payment().status == "created"
    shop.settle()
