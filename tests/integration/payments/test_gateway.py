"""How the processor is called: in whose name, under which key and version, for how long; and when it breaks, once."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from pytest_django import Settings

from comptoir.payments.gateways import (
    Charge,
    DisputeEvidence,
    GatewayUnclear,
    GivenConsent,
    PageRequest,
    RefundOrder,
    stripe,
    stripe_calls,
)
from comptoir.payments.gateways.stripe_books import StripeBooks
from comptoir.payments.models import Payment

from .conftest import CARD, WORKS, LossyProxy, Shop
from .test_disputes import DISPUTED

SINCE = datetime(2020, 9, 1, tzinfo=UTC)


def switch(shop: Shop, **shares: float) -> None:
    """Switch faults of the vendor's account on; without any, off."""
    answer = shop.sandbox.ask("POST", f"/sandbox/accounts/{shop.account}/faults", json.dumps(shares))
    assert answer.status == 200, answer.text


def test_every_call_names_the_vendors_account_the_version_and_if_it_changes_something_a_key(
    shop: Shop, proxy: LossyProxy, settings: Settings
) -> None:
    method, other, disputed = (shop.save(number, autopay=False) for number in (CARD, CARD, DISPUTED))
    bank = shop.save(WORKS, autopay=False)
    settings.STRIPE_API_BASE = proxy.url
    gateway, books = stripe.StripeGateway(shop.account), StripeBooks(shop.account)
    customer = gateway.create_customer(reference=str(uuid4()), name="Bo", number="7")
    request = PageRequest(
        reference=str(uuid4()),
        customer_id=customer,
        kind="card",
        currency="USD",
        language="en",
        success_url="https://portal.example/done",
        cancel_url="https://portal.example/back",
    )
    gateway.expire_session(gateway.open_setup_page(request).id)
    opened = gateway.open_payment_page(request, amount_minor=500, description="x", confirmation="7QK4D-M2XWP")
    gateway.expire_session(opened.id)
    charge = Charge(
        reference=str(uuid4()),
        customer_id=shop.company.gatewaycustomer.customer_id,
        method_id=method.gateway_id,
        kind="card",
        amount_minor=500,
        currency="USD",
        confirmation="7QK4D-M2XWP",
    )
    gateway.cancel_intent(gateway.charge(charge).id)
    gateway.find_intent(customer_id=charge.customer_id, reference=charge.reference)
    gateway.find_session(customer_id=customer, reference=request.reference)
    gateway.method(method.gateway_id)
    gateway.renew_consent(
        reference=str(uuid4()),
        customer_id=charge.customer_id,
        method_id=bank.gateway_id,
        given=GivenConsent(at=SINCE, ip_address="192.0.2.7", user_agent="a browser"),
    )
    gateway.detach(method.gateway_id)
    assert [len(list(each)) for each in (books.movements(since=SINCE), books.payments(since=SINCE))] == [1, 1]
    assert list(books.payouts(since=SINCE)) == []
    paid = gateway.charge(replace(charge, reference=str(uuid4()), method_id=other.gateway_id))
    gateway.refund(
        RefundOrder(reference=str(uuid4()), intent_id=paid.id, amount_minor=500, paid_twice=False, spent_keys=0)
    )
    said = DisputeEvidence("winning_evidence", "", "", "Bo", "", "")
    for answer in (lambda of: gateway.answer_dispute(of, evidence=said), gateway.accept_dispute):
        objected = gateway.charge(replace(charge, reference=str(uuid4()), method_id=disputed.gateway_id)).dispute
        assert objected
        answer(objected.id)

    assert {headers["Stripe-Version"] for _verb, _path, headers in proxy.seen} == {stripe_calls.API_VERSION}
    assert {headers["Stripe-Account"] for _verb, _path, headers in proxy.seen} == {shop.account}
    changing = [headers.get("Idempotency-Key", "") for verb, _path, headers in proxy.seen if verb == "POST"]
    assert len(changing) == len(set(changing)) == 15
    assert all(changing)

    proxy.seen.clear()
    stripe.open_account(reference="new", name="New", clock=None)
    stripe.register_webhook("http://127.0.0.1:9/")
    endpoints = shop.sandbox.client.v1.webhook_endpoints
    endpoints.delete(next(each.id for each in endpoints.list().data if each.url == "http://127.0.0.1:9/"))
    assert [headers["Idempotency-Key"].split(":")[0] for _verb, _path, headers in proxy.seen] == ["account", "webhook"]
    assert {headers["Stripe-Version"] for _verb, _path, headers in proxy.seen} == {stripe_calls.API_VERSION}


def test_a_processor_that_breaks_takes_everything_once(shop: Shop) -> None:
    """An answer of 500 stays its key's answer, and half of them come after it was done."""
    method = shop.save(CARD)
    broken: list[dict[str, float]] = [{"rate_limit": 1}, {"time_out": 1}, *({"error": 1, "seed": n} for n in range(4))]
    for number, faults in enumerate(broken):
        switch(shop, times=1, **faults)
        with pytest.raises(GatewayUnclear):
            shop.pay_with(method, shop.invoices[1], amount_minor=100 + number)
        shop.settle()
        assert shop.payment().status == "succeeded", faults
    amounts = [100 + number for number in range(len(broken))]
    assert sorted(charge.amount for charge in shop.charges()) == amounts
    assert set(Payment.objects.values_list("spent_keys", flat=True)) == {0, 1}


def test_a_company_gets_its_name_at_the_processor_though_the_first_try_broke(shop: Shop) -> None:
    switch(shop, times=1, error=1)
    assert shop.save(CARD).last4 == "4242"


def test_a_list_is_read_to_its_end_though_some_pages_break(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comptoir.payments.gateways.stripe_books.PAUSES_SECONDS", (0.0,) * 8)
    monkeypatch.setattr("comptoir.payments.gateways.stripe_books.LISTED_AT_ONCE", 1)
    method = shop.save(CARD)
    for _each in range(4):
        shop.pay_with(method, shop.invoices[1], amount_minor=100)
    switch(shop, rate_limit=0.3, error=0.3, seed=5)
    listed = list(StripeBooks(shop.account).movements(since=SINCE))
    assert [movement.amount_minor for movement in listed] == [100] * 4
    assert {movement.intent_id for movement in listed} == set(Payment.objects.values_list("intent_id", flat=True))


@contextmanager
def silence() -> Iterator[str]:
    """A processor that takes a connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_nobody_waits_for_ever(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (stripe_calls.CONNECT_SECONDS, stripe_calls.ANSWER_SECONDS) == (5.0, 30.0)
    monkeypatch.setattr(stripe_calls, "ANSWER_SECONDS", 0.2)
    with silence() as url:
        settings.STRIPE_API_BASE = url
        with pytest.raises(GatewayUnclear) as unclear:
            stripe.StripeGateway("acct_1").create_customer(reference="r", name="Bo", number="7")
    assert not unclear.value.key_is_spent
