"""Where the money is: fees, what is available, daily payouts; refunds that come back, disputes won and lost."""

import json

import pytest
import stripe

from .conftest import Receiver, Vendor


def movements(vendor: Vendor, **asked: str) -> list[tuple[str, int, int]]:
    """What moved on the account's balance, the oldest first: type, amount, fee."""
    listed = vendor.sandbox.client.v1.balance_transactions.list({"limit": 100, **asked}, vendor.options)  # type: ignore[typeddict-item]
    return [(each.type, each.amount, each.fee) for each in reversed(listed.data)]


def test_a_card_payment_is_paid_out_with_its_fee_taken_off(vendor: Vendor, receiver: Receiver) -> None:
    vendor.debit(vendor.save("4242424242424242"), amount=10_000)
    assert movements(vendor) == [("charge", 10_000, 320)]
    balance = vendor.sandbox.client.v1.balance.retrieve(None, vendor.options)
    assert (balance.available[0].amount, balance.pending[0].amount) == (0, 9_680)

    vendor.set_clock("2020-09-18T00:00:00Z")  # two banking days later
    (payout,) = vendor.sandbox.client.v1.payouts.list(options=vendor.options).data
    assert (payout.amount, payout.status) == (9_680, "in_transit")
    assert movements(vendor, payout=payout.id) == [("charge", 10_000, 320), ("payout", -9_680, 0)]

    vendor.set_clock("2020-09-21T00:00:00Z")
    (payout,) = vendor.sandbox.client.v1.payouts.list(options=vendor.options).data
    assert payout.status == "paid"
    told = [event.type for event in receiver.events(vendor.account) if event.type.startswith("payout.")]
    assert told == ["payout.created", "payout.paid"]


def test_what_is_paid_out_is_the_balance_to_the_cent(vendor: Vendor) -> None:
    for number in ("000123456789", "000222222227", "000444444440", "000555555559"):
        vendor.debit(vendor.save(number), amount=100_000)
    for day in range(22, 31):
        vendor.set_clock(f"2020-09-{day}T12:00:00Z")
    moved = movements(vendor)
    assert sorted(moved)[:2] == [("adjustment", -100_000, 400), ("adjustment", -100_000, 400)]
    assert ("stripe_fee", -400, 0) in moved
    assert moved.count(("payment", 100_000, 500)) == 3
    paid_out = sum(-amount for kind, amount, _fee in moved if kind == "payout")
    balance = vendor.sandbox.client.v1.balance.retrieve(None, vendor.options)
    left = sum(each.amount for each in (*balance.available, *balance.pending))
    assert paid_out + left == sum(amount - fee for kind, amount, fee in moved if kind != "payout")


@pytest.mark.parametrize(("number", "kind"), [("4000000000005126", "refund"), ("000666666664", "payment_refund")])
def test_a_refund_may_come_back(vendor: Vendor, receiver: Receiver, number: str, kind: str) -> None:
    intent = vendor.debit(vendor.save(number), amount=2_000)
    vendor.set_clock("2020-09-22T00:00:00Z")
    refunds = vendor.sandbox.client.v1.refunds
    made = refunds.create({"payment_intent": intent.id, "amount": 500}, vendor.options)
    assert made.status == ("succeeded" if kind == "refund" else "pending")
    vendor.set_clock("2020-09-24T00:00:00Z")

    failed = refunds.retrieve(made.id, options=vendor.options)
    assert (failed.status, failed.failure_reason) == ("failed", "unknown")
    assert [each for each in movements(vendor) if "refund" in each[0]] == [(kind, -500, 0), ("refund_failure", 500, 0)]
    charge = vendor.intent(intent.id).latest_charge
    assert isinstance(charge, stripe.Charge)
    assert (charge.amount_refunded, charge.refunded) == (0, False)
    assert "refund.failed" in [event.type for event in receiver.events(vendor.account)]


@pytest.mark.parametrize(("evidence", "outcome"), [("winning_evidence", "won"), ("losing_evidence", "lost")])
def test_a_dispute_is_answered_and_decided(vendor: Vendor, receiver: Receiver, evidence: str, outcome: str) -> None:
    intent = vendor.debit(vendor.save("4000000000000259"), amount=5_000)
    disputes = vendor.sandbox.client.v1.disputes
    (dispute,) = disputes.list({"payment_intent": intent.id}, vendor.options).data
    assert (dispute.status, dispute.amount) == ("needs_response", 5_000)
    answered = disputes.update(dispute.id, {"evidence": {"uncategorized_text": evidence}}, vendor.options)
    assert answered.status == outcome
    with pytest.raises(stripe.InvalidRequestError):
        disputes.update(dispute.id, {"evidence": {"uncategorized_text": evidence}}, vendor.options)
    back = [("adjustment", 5_000, 0)] if outcome == "won" else []
    assert [each for each in movements(vendor) if each[0] == "adjustment"] == [("adjustment", -5_000, 1_500), *back]
    vendor.set_clock("2020-09-16T13:00:00Z")
    assert [event.type for event in receiver.events(vendor.account)][-1] == "charge.dispute.closed"


def test_a_dispute_that_nobody_answers_is_lost_in_a_week_and_one_may_be_decided_by_hand(vendor: Vendor) -> None:
    method = vendor.save("4000000000000259")
    disputes = vendor.sandbox.client.v1.disputes
    forgotten, other, accepted = (
        disputes.list({"payment_intent": vendor.debit(method).id}, vendor.options).data[0].id for _ in range(3)
    )
    sent = disputes.update(other, {"evidence": {"customer_name": "Ada"}, "submit": True}, vendor.options)
    assert (sent.status, sent.evidence_details.submission_count) == ("under_review", 1)
    address = f"/sandbox/accounts/{vendor.account}/disputes/{other}"
    assert json.loads(vendor.sandbox.ask("POST", address, '{"won": true}').text)["status"] == "won"
    assert vendor.sandbox.ask("POST", address, '{"won": true}').status == 400
    assert vendor.sandbox.ask("POST", address, '{"won": 1}').status == 400
    assert disputes.close(accepted, options=vendor.options).status == "lost"
    vendor.set_clock("2020-09-23T12:00:00Z")
    lost = disputes.retrieve(forgotten, options=vendor.options)
    assert (lost.status, lost.evidence_details.past_due) == ("lost", True)


def test_a_card_holder_complains_about_what_was_not_refunded_yet_and_a_bank_returns_all(vendor: Vendor) -> None:
    intent = vendor.debit(vendor.save("000444444440"), amount=1_000)
    vendor.set_clock("2020-09-22T00:00:00Z")
    vendor.sandbox.client.v1.refunds.create({"payment_intent": intent.id, "amount": 300}, vendor.options)
    vendor.set_clock("2020-09-24T00:00:00Z")
    (dispute,) = vendor.sandbox.client.v1.disputes.list({"payment_intent": intent.id}, vendor.options).data
    assert dispute.amount == 1_000
