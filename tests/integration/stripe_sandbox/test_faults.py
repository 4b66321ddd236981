"""Faults on purpose: each kind strikes when it is switched on, the same for the same seed, and no other account."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import stripe

from .conftest import Receiver, Vendor


def switch(vendor: Vendor, *, account: str | None = None, **shares: float) -> dict[str, Any]:
    """Switch faults on for an account; without shares, off."""
    place = f"/sandbox/accounts/{account or vendor.account}/faults"
    answer = vendor.sandbox.ask("POST", place, json.dumps(shares))
    assert answer.status == 200, answer.text
    told: dict[str, Any] = json.loads(answer.text)
    return told


def customers(vendor: Vendor) -> int:
    return len(vendor.sandbox.client.v1.customers.list({"limit": 100}, vendor.options).data)


def create(vendor: Vendor, key: str) -> stripe.Customer:
    options: Any = {**vendor.options, "idempotency_key": key}
    return vendor.sandbox.client.v1.customers.create({"name": "Bo"}, options)


def test_a_time_out_comes_after_it_was_done(vendor: Vendor) -> None:
    switch(vendor, time_out=1, times=1)
    with pytest.raises(stripe.APIConnectionError):
        create(vendor, "k1")
    assert customers(vendor) == 2
    assert create(vendor, "k1").name == "Bo", "the same key gives the answer that was lost"
    assert customers(vendor) == 2


def test_an_error_may_or_may_not_have_done_it_and_stays_the_keys_answer(vendor: Vendor) -> None:
    switch(vendor, error=1, seed=3)
    done = []
    for number in range(12):
        before = customers_without_faults(vendor)
        switch(vendor, error=1, seed=number)
        with pytest.raises(stripe.APIError) as broken:
            create(vendor, f"e{number}")
        assert broken.value.http_status == 500
        switch(vendor)
        with pytest.raises(stripe.APIError) as again:
            create(vendor, f"e{number}")
        assert again.value.headers
        assert again.value.headers["Idempotent-Replayed"] == "true"
        done.append(customers_without_faults(vendor) - before)
    assert set(done) == {0, 1}


def customers_without_faults(vendor: Vendor) -> int:
    switch(vendor)
    return customers(vendor)


def test_a_rate_limit_does_nothing_and_may_be_tried_again_under_the_key(vendor: Vendor) -> None:
    switch(vendor, rate_limit=1, times=1)
    with pytest.raises(stripe.RateLimitError):
        create(vendor, "r1")
    create(vendor, "r1")
    assert customers(vendor) == 2


def test_the_same_seed_strikes_the_same_requests_and_no_other_account(make_vendor: Callable[[], Vendor]) -> None:
    def series(vendor: Vendor, seed: int) -> list[bool]:
        switch(vendor, rate_limit=0.5, seed=seed)
        struck = []
        for _ in range(12):
            try:
                vendor.sandbox.client.v1.customers.list(options=vendor.options)
                struck.append(False)
            except stripe.RateLimitError:
                struck.append(True)
        return struck

    ours, theirs, calm = make_vendor(), make_vendor(), make_vendor()
    assert series(ours, 1) == series(theirs, 1) != series(theirs, 2)
    assert customers(calm) == 1
    told = json.loads(ours.sandbox.ask("GET", f"/sandbox/accounts/{ours.account}/faults").text)
    assert told["rate_limit"] == 0.5
    assert 0 < told["done"]["rate_limit"] < 12


@pytest.mark.parametrize(
    ("fault", "at_once", "later"),
    [
        ("drop", [], []),
        ("duplicate", ["customer.created"] * 2, ["customer.created"] * 2),
        ("delay", [], ["customer.created"]),
    ],
)
def test_webhooks_get_lost_come_twice_or_days_later(
    vendor: Vendor, receiver: Receiver, fault: str, at_once: list[str], later: list[str]
) -> None:
    switch(vendor, **{fault: 1}, times=1)
    create(vendor, "w1")
    vendor.set_clock("2020-09-16T12:30:00Z")
    assert [event.type for event in receiver.events(vendor.account)] == at_once
    vendor.set_clock("2020-09-23T12:00:00Z")
    told = receiver.events(vendor.account)
    assert [event.type for event in told] == later
    assert len({event.id for event in told}) == len(set(later))


def test_webhooks_of_one_moment_come_in_another_order(vendor: Vendor, receiver: Receiver) -> None:
    method = vendor.save("4242424242424242")
    vendor.set_clock("2020-09-16T12:30:00Z")
    receiver.requests.clear()
    switch(vendor, reorder=1, times=1)
    vendor.debit(method)
    vendor.set_clock("2020-09-16T12:31:00Z")
    told = [event.type for event in receiver.events(vendor.account)]
    assert told == ["charge.succeeded", "payment_intent.succeeded", "payment_intent.created"]


def test_what_is_no_fault_is_refused(vendor: Vendor) -> None:
    place = f"/sandbox/accounts/{vendor.account}/faults"
    for asked in ('{"dorp": 1}', '{"drop": 2}', '{"drop": "often"}', "[]", "{"):
        assert vendor.sandbox.ask("POST", place, asked).status == 400
