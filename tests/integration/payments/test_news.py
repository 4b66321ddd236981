"""What the processor tells: believed only when signed, put down once, and no matter in which order or how often."""

import json
import random
import time
from datetime import date

import stripe
from django.conf import settings

from comptoir.kit.clocks import wall_now
from comptoir.payments.models import Payment, PaymentMethod, WebhookEvent
from comptoir.payments.news import look_at_news
from comptoir.payments.saving import start_saving
from comptoir.payments.tasks import submit_due_autopay
from tests.factories import make_vendor

from .conftest import COMES_BACK_LATER, WORKS, Shop, work

DUE = date(2020, 10, 1)


def signed(body: bytes, *, at: int | None = None, secret: str = "") -> tuple[bytes, str]:
    """A letter as the processor signs it."""
    header = stripe.WebhookSignature.generate_signature_header(
        body.decode(), secret or settings.STRIPE_WEBHOOK_SECRET, timestamp=at
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
