"""What the API promises around its objects: shapes, idempotency, isolation, signatures, clocks."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import stripe

from .conftest import Receiver, Sandbox, Vendor, filled, free_port, listening, start_sandbox, wait_until_free


def test_the_same_key_does_a_thing_once(vendor: Vendor) -> None:
    method = vendor.save("4242424242424242")
    keyed: Any = {**vendor.options, "idempotency_key": "payment-77"}
    create = vendor.sandbox.client.v1.payment_intents.create
    asked: Any = {
        "amount": 500,
        "currency": "usd",
        "customer": vendor.customer,
        "payment_method": method,
        "confirm": True,
    }
    first, second = create(asked, keyed), create(asked, keyed)
    assert first.id == second.id
    everything = vendor.sandbox.client.v1.payment_intents.list({"customer": vendor.customer}, vendor.options)
    assert [each.id for each in everything.data] == [first.id]

    with pytest.raises(stripe.IdempotencyError):
        create({**asked, "amount": 600}, keyed)


def test_a_declined_payment_stays_declined_under_its_key(vendor: Vendor) -> None:
    method = vendor.save("4000000000000341")
    refused = []
    for _ in range(2):
        with pytest.raises(stripe.CardError) as refusal:
            vendor.debit_with_key(method, "payment-78")
        assert refusal.value.error
        assert refusal.value.error.payment_intent
        refused.append(refusal.value.error.payment_intent.id)
    assert refused[0] == refused[1]


def test_what_was_never_done_may_be_tried_again_under_its_key(vendor: Vendor) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        vendor.debit_with_key("pm_unknown", "payment-79")
    assert (refusal.value.code, refusal.value.param) == ("resource_missing", "payment_method")
    assert vendor.debit_with_key(vendor.save("4242424242424242"), "payment-79").status == "succeeded"


def test_one_key_serves_each_account_for_itself(make_vendor: Callable[[], Vendor]) -> None:
    ours, theirs = make_vendor(), make_vendor()
    made = [each.debit_with_key(each.save("4242424242424242"), "payment-80") for each in (ours, theirs)]
    assert made[0].id != made[1].id


def test_an_account_is_made_once_for_its_key(sandbox: Sandbox) -> None:
    options: stripe.RequestOptions = {"idempotency_key": "vendor-forkful"}
    create = sandbox.client.v1.accounts.create
    first, second = (create({"business_profile": {"name": "Forkful"}}, options) for _ in range(2))
    assert first.id == second.id
    assert first.charges_enabled


def test_no_account_sees_anothers_objects(make_vendor: Callable[[], Vendor]) -> None:
    ours, theirs = make_vendor(), make_vendor()
    method = theirs.save("4242424242424242")
    intent = theirs.debit(method)
    charge = intent.latest_charge
    assert isinstance(charge, str)
    session = theirs.open_page("setup")
    v1, options = ours.sandbox.client.v1, ours.options
    event = v1.events.list(options=theirs.options).data[0]
    attempts: list[Callable[[], object]] = [
        lambda: v1.customers.retrieve(theirs.customer, options=options),
        lambda: v1.payment_methods.retrieve(method, options=options),
        lambda: v1.payment_intents.retrieve(intent.id, options=options),
        lambda: v1.charges.retrieve(charge, options=options),
        lambda: v1.checkout.sessions.retrieve(session.id, options=options),
        lambda: v1.checkout.sessions.expire(session.id, options=options),
        lambda: v1.refunds.create({"payment_intent": intent.id}, options),
        lambda: v1.payment_methods.detach(method, options=options),
        lambda: v1.payment_methods.attach(method, {"customer": ours.customer}, options),
        lambda: v1.events.retrieve(event.id, options=options),
        lambda: ours.debit(method),
    ]
    for attempt in attempts:
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            attempt()
        assert (refusal.value.http_status, refusal.value.code) == (404, "resource_missing")
    assert v1.payment_intents.list(options=options).data == []


def test_keys_accounts_addresses_and_parameters_that_do_not_exist(sandbox: Sandbox, vendor: Vendor) -> None:
    stranger = stripe.StripeClient("sk_test_other", base_addresses={"api": sandbox.url})
    with pytest.raises(stripe.AuthenticationError):
        stranger.v1.customers.list()
    with pytest.raises(stripe.PermissionError):
        sandbox.client.v1.customers.list(options={"stripe_account": "acct_nobody"})
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL"):
        sandbox.client.v1.coupons.list(options=vendor.options)
    misspelled: Any = {"emial": "ada@example.com"}
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.client.v1.customers.create(misspelled, vendor.options)
    assert (refusal.value.code, refusal.value.param) == ("parameter_unknown", "emial")
    with pytest.raises(stripe.InvalidRequestError, match="allowed_payment_method_types"):
        vendor.open_page("setup", payment_method_types=["card"])


def test_a_refused_webhook_is_sent_again_with_a_valid_signature(vendor: Vendor, receiver: Receiver) -> None:
    receiver.refuse = 2
    customer = vendor.sandbox.client.v1.customers.create({"email": "bo@example.com"}, vendor.options)
    assert vendor.set_clock("2020-09-16T13:00:00Z")["undelivered"] == 0

    assert len(receiver.requests) == 3
    events = receiver.events(vendor.account)
    assert len({event.id for event in events}) == 1
    told = events[0].data.object
    assert isinstance(told, stripe.Customer)
    assert (told.id, events[0].account, events[0].api_version) == (
        customer.id,
        vendor.account,
        "2026-10-28.endive",
    )
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(receiver.requests[0][0] + b" ", receiver.requests[0][1], receiver.secret)


def test_only_the_events_asked_for_are_sent(vendor: Vendor, receiver: Receiver) -> None:
    endpoints = vendor.sandbox.client.v1.webhook_endpoints
    mine = next(each for each in endpoints.list().data if each.url == receiver.url)
    assert "secret" not in mine
    endpoints.update(mine.id, {"enabled_events": ["setup_intent.succeeded"]})
    method = vendor.save("000123456789")
    vendor.set_clock("2020-09-16T13:00:00Z")
    assert [event.type for event in receiver.events(vendor.account)] == ["setup_intent.succeeded"]
    vendor.sandbox.client.v1.payment_methods.detach(method, options=vendor.options)
    newest = vendor.sandbox.client.v1.events.list(options=vendor.options).data[0]
    assert newest.type == "payment_method.detached"
    with pytest.raises(stripe.InvalidRequestError):
        vendor.debit(method)


def test_a_clock_stands_still_and_never_goes_back(vendor: Vendor) -> None:
    url = f"/sandbox/accounts/{vendor.account}/clock"
    assert json.loads(vendor.sandbox.ask("GET", url).text) == {"now": "2020-09-16T12:00:00Z"}
    customer = vendor.sandbox.client.v1.customers.retrieve(vendor.customer, options=vendor.options)
    assert customer.created == 1_600_257_600
    for now in (
        '{"now": "2020-09-16T11:59:59Z"}',
        '{"now": "tomorrow"}',
        '{"now": "2020-10-01"}',
        "{}",
        "[]",
    ):
        assert vendor.sandbox.ask("POST", url, now).status == 400
    assert vendor.sandbox.ask("POST", "/sandbox/accounts/acct_nobody/clock", "{}").status == 400
    assert json.loads(vendor.sandbox.ask("GET", url).text) == {"now": "2020-09-16T12:00:00Z"}


def test_columbus_day_is_no_banking_day(vendor: Vendor) -> None:
    method = vendor.save("000123456789")
    vendor.set_clock("2020-10-08T09:00:00Z")
    intent = vendor.debit(method)
    vendor.set_clock("2020-10-14T23:00:00Z")
    assert vendor.intent(intent.id).status == "processing"
    vendor.set_clock("2020-10-15T00:00:00Z")
    assert vendor.intent(intent.id).status == "succeeded"


def test_lists_come_in_pages_newest_first(vendor: Vendor) -> None:
    create = vendor.sandbox.client.v1.customers.create
    made = [create({"name": f"Number {number}"}, vendor.options).id for number in range(5)]
    customers = vendor.sandbox.client.v1.customers
    first = customers.list({"limit": 2}, vendor.options)
    assert ([each.id for each in first.data], first.has_more) == ([made[4], made[3]], True)
    everyone = [each.id for each in first.auto_paging_iter()]
    assert everyone == [*reversed(made), vendor.customer]
    back = customers.list({"limit": 2, "ending_before": made[1]}, vendor.options)
    assert [each.id for each in back.data] == [made[3], made[2]]


def test_numbers_are_kept_and_logged_nowhere(vendor: Vendor) -> None:
    for number in ("4242424242424242", "000123456789"):
        vendor.save(number)
    session = vendor.open_page("setup")
    assert session.url
    real = vendor.sandbox.post_form(session.url, **filled("5555555555554444"))
    assert real.status == 422
    assert "5555555555554444" not in real.text
    files = [each for each in vendor.sandbox.home.rglob("*") if each.is_file()]
    assert any(each.name == "sandbox.sqlite3" for each in files)
    for each in files:
        content = each.read_bytes()
        for never in (b"4242424242424242", b"000123456789", b"5555555555554444"):
            assert never not in content, each.name


def test_the_page_speaks_of_the_merchant_the_sum_and_the_sandbox(vendor: Vendor) -> None:
    session = vendor.open_page("payment", locale="fr")
    assert session.url
    page = vendor.sandbox.ask("GET", session.url)
    for told in ("Forkful Software", "125,00", "BAC À SABLE", "000123456789", 'lang="fr"', "portal.example/back"):
        assert told in page.text.replace("\N{NO-BREAK SPACE}", " "), told
    incomplete = vendor.sandbox.post_form(session.url, method="us_bank_account", account_number="1")
    assert incomplete.status == 422
    assert incomplete.text.count('class="error"') == 5
    assert vendor.sandbox.ask("GET", "/c/pay/cs_test_nothing").status == 404
    assert vendor.account in vendor.sandbox.ask("GET", "/sandbox/").text


def test_a_killed_sandbox_delivers_after_its_restart(tmp_path: Path) -> None:
    port, later = free_port(), free_port()
    killed = start_sandbox(tmp_path, port)
    try:
        endpoint = killed.client.v1.webhook_endpoints.create(
            {
                "url": f"http://127.0.0.1:{later}/",
                "enabled_events": ["customer.created"],
                "connect": True,
            }
        )
        account = killed.client.v1.accounts.create({"country": "US"}).id
        customer = killed.client.v1.customers.create({}, {"stripe_account": account})
    finally:
        killed.process.kill()
        killed.process.wait()
    wait_until_free(port)
    assert endpoint.secret

    with listening(later) as receiver:
        receiver.secret = endpoint.secret
        again = start_sandbox(tmp_path, port)
        try:
            url = f"/sandbox/accounts/{account}/clock"
            now = json.loads(again.ask("GET", url).text)["now"]
            told = json.loads(again.ask("POST", url, json.dumps({"now": now})).text)
        finally:
            again.process.terminate()
            assert again.process.wait(timeout=15) == 0
        assert told["undelivered"] == 0
        assert [event.data.object.id for event in receiver.events(account)] == [customer.id]
