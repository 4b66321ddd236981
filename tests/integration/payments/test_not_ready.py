"""What the processor refuses for a reason that lies between it and the vendor is no word of a customer's bank."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from pytest_django import Settings

from comptoir.kit.clocks import wall_now
from comptoir.payments.autopay import submit
from comptoir.payments.gateways import GatewayNotReady
from comptoir.payments.models import PaymentMethod
from comptoir.payments.queries import pays_by
from comptoir.payments.saving import turn_autopay_off
from comptoir.payments.tasks import submit_due_autopay
from comptoir.work.models import WorkItem

from .conftest import CARD, WORKS, LossyProxy, Shop, work

DUE = date(2020, 10, 1)
RESTRICTED = {
    "type": "invalid_request_error",
    "message": "Your account cannot currently make charges.",
}
NOT_ACTIVATED = {
    "type": "invalid_request_error",
    "code": "payment_method_unactivated",
    "message": "The charge cannot be created because the payment method used has not been activated.",
}
NO_MANDATE = {
    "type": "invalid_request_error",
    "code": "payment_intent_mandate_invalid",
    "param": "payment_method",
    "message": "The provided PaymentMethod has no active mandate.",
}


@pytest.fixture
def denied(shop: Shop, proxy: LossyProxy, settings: Settings) -> Callable[[str, dict[str, str]], None]:
    """What Stripe answers to what is posted to a path, from then on."""

    def deny(path: str, error: dict[str, str]) -> None:
        settings.STRIPE_API_BASE = proxy.url
        proxy.denies, proxy.denial = path, error

    return deny


def try_to_debit(shop: Shop) -> None:
    with pytest.raises(GatewayNotReady):
        submit(payment_public_id=shop.payment().public_id, now=wall_now())


def waiting_work() -> list[str]:
    return list(WorkItem.objects.filter(closed_at=None).values_list("kind", flat=True))


@pytest.mark.parametrize("error", [RESTRICTED, NOT_ACTIVATED])
def test_a_restricted_account_is_nobodys_refusal(
    shop: Shop, proxy: LossyProxy, denied: Callable[[str, dict[str, str]], None], error: dict[str, str]
) -> None:
    shop.save(WORKS)
    submit_due_autopay(vendor_id=shop.vendor.id, on=DUE)
    denied("/v1/payment_intents", error)
    for _time in range(2):
        try_to_debit(shop)
    assert (shop.payment().status, shop.told()) == ("created", []), "nobody is told that a bank refused"
    assert PaymentMethod.objects.get().unusable_reason == ""
    assert pays_by(shop.company.id) == "autopay"
    assert waiting_work() == ["processor_not_ready"]

    proxy.denies = ""
    work()
    assert (shop.payment().status, len(shop.charges())) == ("processing", 1)
    assert waiting_work() == [], "it took a payment again"


def test_a_payment_that_waits_for_it_can_be_called_off(
    shop: Shop, denied: Callable[[str, dict[str, str]], None]
) -> None:
    method = shop.save(WORKS)
    submit_due_autopay(vendor_id=shop.vendor.id, on=DUE)
    denied("/v1/payment_intents", RESTRICTED)
    try_to_debit(shop)
    payer = shop.payer
    with payer.door():
        turn_autopay_off(payer=payer, method_public_id=method.public_id)
    work()
    assert shop.payment().status == "canceled"
    assert shop.balances()[0] == (14_800, 0)


def test_a_debit_that_was_agreed_to_for_a_day_does_not_wait_for_ever(
    shop: Shop, denied: Callable[[str, dict[str, str]], None]
) -> None:
    method = shop.save(WORKS, autopay=False)
    denied("/v1/payment_intents", RESTRICTED)
    with pytest.raises(GatewayNotReady):
        shop.pay_with(method, shop.invoices[0], amount_minor=14_800)
    submit(payment_public_id=shop.payment().public_id, now=wall_now() + timedelta(days=6))
    assert (shop.payment().status, shop.payment().failure_code) == ("canceled", "too_late")
    assert shop.told() == ["payment_canceled"]
    assert shop.balances()[0] == (14_800, 0)


def test_what_is_against_the_method_is_its_refusal(shop: Shop, denied: Callable[[str, dict[str, str]], None]) -> None:
    shop.save(WORKS)
    submit_due_autopay(vendor_id=shop.vendor.id, on=DUE)
    denied("/v1/payment_intents", NO_MANDATE)
    work()
    assert (shop.payment().status, shop.told()) == ("failed", ["payment_failed"])
    assert waiting_work() == []


def test_whoever_opens_a_page_reads_so_and_the_team_is_told(
    shop: Shop, denied: Callable[[str, dict[str, str]], None]
) -> None:
    shop.save(CARD, autopay=False)
    denied("/v1/checkout/sessions", RESTRICTED)
    review = f"{shop.page('pay_review')}?invoice={shop.invoices[0].public_id}&way=card"
    for address, form in (
        (shop.page("method_add", word="card"), {"purpose": "by_hand"}),
        (review, {"amount_minor": "14800", "on_account_minor": "0"}),
    ):
        answer = shop.web.post(address, form)
        assert answer.status_code == 409
        assert "takes no payments here right now" in answer.content.decode()
    work()
    assert waiting_work() == ["processor_not_ready"]
    assert shop.payment().status == "canceled"
    assert shop.balances()[0] == (14_800, 0)


def test_a_vendor_without_an_account_there_is_nobodys_refusal(shop: Shop) -> None:
    shop.save(WORKS)
    submit_due_autopay(vendor_id=shop.vendor.id, on=DUE)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("comptoir.payments.operations.gateway_account", lambda _vendor: None)
        try_to_debit(shop)
    assert (shop.payment().status, waiting_work()) == ("created", ["processor_not_ready"])
    work()
    assert shop.payment().status == "processing"
