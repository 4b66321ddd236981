"""Every test number, through the hosted page, to where its money ends."""

from typing import Any

import pytest
import stripe

from .conftest import Receiver, Vendor, filled

BEFORE_SETTLEMENT = "2020-09-21T23:59:59Z"
SETTLEMENT = "2020-09-22T00:00:00Z"  # Wednesday 16 September and four banking days


def kinds_of(receiver: Receiver, vendor: Vendor, about: str = "") -> list[str]:
    events = receiver.events(vendor.account)
    return [event.type for event in events if event.type.startswith(about)]


def test_a_saved_bank_account_pays_after_four_banking_days(vendor: Vendor, receiver: Receiver) -> None:
    method = vendor.save("000123456789")
    intent = vendor.debit(method)
    assert intent.status == "processing"
    assert vendor.set_clock(BEFORE_SETTLEMENT)["settled"] == 0
    assert vendor.intent(intent.id).status == "processing"

    assert vendor.set_clock(SETTLEMENT) == {"now": SETTLEMENT, "settled": 1, "undelivered": 0}

    paid = vendor.intent(intent.id)
    assert (paid.status, paid.amount_received) == ("succeeded", 9_900)
    charge = paid.latest_charge
    assert isinstance(charge, stripe.Charge)
    assert charge.payment_method_details
    bank = charge.payment_method_details.us_bank_account
    assert bank
    assert (bank.last4, bank.account_holder_type, charge.paid) == ("6789", "company", True)
    assert isinstance(charge.balance_transaction, str)
    moved = vendor.sandbox.client.v1.balance_transactions.retrieve(charge.balance_transaction, options=vendor.options)
    assert (moved.amount, moved.source) == (9_900, charge.id)
    assert kinds_of(receiver, vendor) == [
        "setup_intent.created",
        "payment_method.attached",
        "setup_intent.succeeded",
        "checkout.session.completed",
        "payment_intent.created",
        "charge.pending",
        "payment_intent.processing",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]
    assert receiver.events(vendor.account)[-1].created == 1_600_732_800  # the account's clock, not the wall's


def test_a_cards_statement_has_the_suffix_within_stripes_limits(vendor: Vendor) -> None:
    card, bank = vendor.save("4242424242424242"), vendor.save("000123456789")

    def charged(method: str, kind: str, **told: str) -> stripe.Charge:
        made = vendor.debit(method, allowed_payment_method_types=[kind], **told)
        charge = vendor.intent(made.id).latest_charge
        assert isinstance(charge, stripe.Charge)
        return charge

    said = charged(card, "card", statement_descriptor_suffix="7QK4DM2XWP").calculated_statement_descriptor
    assert said
    prefix, suffix = said.split("* ")
    assert (suffix, 2 <= len(prefix) <= 10, len(said) <= 22) == ("7QK4DM2XWP", True, True)
    assert charged(bank, "us_bank_account", statement_descriptor="NORTHWIND 7QK4D").statement_descriptor
    for kind, method, told in (
        ("card", card, {"statement_descriptor_suffix": "2345678923"}),
        ("card", card, {"statement_descriptor_suffix": "7QK4D*M2XWP"}),
        ("card", card, {"statement_descriptor_suffix": "A" * 23}),
        ("card", card, {"statement_descriptor": "NORTHWIND"}),
        ("us_bank_account", bank, {"statement_descriptor": "NORT"}),
    ):
        with pytest.raises(stripe.InvalidRequestError, match="statement_descriptor"):
            charged(method, kind, **told)


@pytest.mark.parametrize(
    ("number", "holder", "code", "decline_code", "returned"),
    [
        ("000222222227", "company", "insufficient_funds", "insufficient_funds", "R01"),
        ("000111111113", "company", "account_closed", "bank_account_closed", "R02"),
        ("000111111116", "company", "no_account", "bank_account_invalid_details", "R03"),
        ("000333333335", "individual", "debit_not_authorized", "debit_not_authorized", "R10"),
        ("000333333335", "company", "debit_not_authorized", "debit_not_authorized", "R29"),
    ],
)
def test_a_bank_refuses_days_later(
    vendor: Vendor, receiver: Receiver, number: str, holder: str, code: str, decline_code: str, returned: str
) -> None:
    intent = vendor.debit(vendor.save(number, holder_type=holder))
    assert intent.status == "processing"
    vendor.set_clock(SETTLEMENT)

    failed = vendor.intent(intent.id)
    assert failed.status == "requires_payment_method"
    error = failed.last_payment_error
    assert error
    assert (error.code, error.decline_code, error.network_decline_code) == (code, decline_code, returned)
    charge = failed.latest_charge
    assert isinstance(charge, stripe.Charge)
    assert charge.outcome
    assert (charge.status, charge.failure_code, charge.outcome.network_decline_code) == (
        "failed",
        code,
        returned,
    )
    assert kinds_of(receiver, vendor)[-2:] == ["charge.failed", "payment_intent.payment_failed"]


def test_a_late_return_arrives_as_a_dispute_two_banking_days_after_success(vendor: Vendor, receiver: Receiver) -> None:
    intent = vendor.debit(vendor.save("000444444440"))
    vendor.set_clock(SETTLEMENT)
    assert vendor.intent(intent.id).status == "succeeded"
    assert vendor.set_clock("2020-09-23T23:00:00Z")["settled"] == 0

    assert vendor.set_clock("2020-09-24T00:00:00Z")["settled"] == 1

    dispute = receiver.events(vendor.account)[-3].data.object
    assert isinstance(dispute, stripe.Dispute)
    assert (dispute.reason, dispute.network_reason_code, dispute.status) == (
        "insufficient_funds",
        "R01",
        "lost",
    )
    assert (dispute.payment_intent, dispute.amount) == (intent.id, 9_900)
    assert vendor.intent(intent.id).status == "succeeded"
    charge = vendor.intent(intent.id).latest_charge
    assert isinstance(charge, stripe.Charge)
    assert charge.disputed
    assert kinds_of(receiver, vendor, "charge.dispute") == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.closed",
    ]


def test_a_disputed_bank_debit_ends_the_authorisation(vendor: Vendor, receiver: Receiver) -> None:
    method = vendor.save("000555555559", holder_type="individual")
    vendor.debit(method)
    vendor.set_clock(SETTLEMENT)

    disputes = vendor.sandbox.client.v1.disputes.list(options=vendor.options).data
    assert [(each.reason, each.network_reason_code) for each in disputes] == [("debit_not_authorized", "R10")]
    mandate = receiver.events(vendor.account)[-1].data.object
    assert isinstance(mandate, stripe.Mandate)
    assert mandate.status == "inactive"
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        vendor.debit(method)
    assert refusal.value.code == "payment_intent_mandate_invalid"
    assert vendor.debit(method, mandate_data={"customer_acceptance": {"type": "offline"}}).status == "processing"


def test_a_saved_card_pays_at_once(vendor: Vendor, receiver: Receiver) -> None:
    intent = vendor.debit(vendor.save("4242424242424242"), expand=["latest_charge.balance_transaction"])

    assert intent.status == "succeeded"
    charge = intent.latest_charge
    assert isinstance(charge, stripe.Charge)
    assert isinstance(charge.balance_transaction, stripe.BalanceTransaction)
    assert charge.payment_method_details
    card = charge.payment_method_details.card
    assert card
    assert (card.last4, card.brand, card.exp_month, card.exp_year) == ("4242", "visa", 12, 2034)


def test_a_card_that_saves_and_then_fails(vendor: Vendor) -> None:
    method = vendor.save("4000000000000341")
    with pytest.raises(stripe.CardError) as refusal:
        vendor.debit(method)
    assert refusal.value.http_status == 402
    assert refusal.value.error
    assert (refusal.value.code, refusal.value.error.decline_code) == ("card_declined", "generic_decline")
    intent = refusal.value.error.payment_intent
    assert intent
    assert vendor.intent(intent.id).status == "requires_payment_method"
    canceled = vendor.sandbox.client.v1.payment_intents.cancel(intent.id, options=vendor.options)
    assert canceled.status == "canceled"


def test_a_card_payment_is_disputed_after_it_was_told_as_paid(vendor: Vendor, receiver: Receiver) -> None:
    session = vendor.open_page("payment")
    assert session.url
    vendor.sandbox.post_form(session.url, **filled("4000000000000259"))
    vendor.set_clock("2020-09-16T12:00:00Z")
    assert kinds_of(receiver, vendor)[-4:] == [
        "payment_intent.succeeded",
        "checkout.session.completed",
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
    ]


@pytest.mark.parametrize(
    ("number", "says", "code"),
    [
        ("4000000000000002", "was declined", "generic_decline"),
        ("4000000000009995", "insufficient funds", "insufficient_funds"),
        ("4000000000000069", "has expired", "expired_card"),
    ],
)
@pytest.mark.parametrize("mode", ["setup", "payment"])
def test_a_declined_card_is_told_on_the_page_and_another_one_may_be_tried(
    vendor: Vendor, mode: str, number: str, says: str, code: str
) -> None:
    session = vendor.open_page(mode)
    assert session.url
    refused = vendor.sandbox.post_form(session.url, **filled(number))
    assert refused.status == 422
    assert says in refused.text
    assert number[-4:] not in refused.text.split('class="hints"')[0]

    assert vendor.sandbox.post_form(session.url, **filled("4242424242424242")).status == 303

    events = vendor.sandbox.client.v1.events.list(
        {"types": [f"{mode}_intent.{word}" for word in ("setup_failed", "payment_failed", "succeeded")]},
        vendor.options,
    ).data
    assert len(events) == 2
    failed: Any = events[1].data.object
    error = failed.last_setup_error if mode == "setup" else failed.last_payment_error
    assert error.decline_code == code
    assert failed.id == events[0].data.object.id


def test_a_one_time_bank_payment_tells_its_session_when_it_settles(vendor: Vendor, receiver: Receiver) -> None:
    session = vendor.open_page("payment", payment_intent_data={"metadata": {"payment": "p9"}})
    assert (session.payment_status, session.payment_intent, session.amount_total) == ("unpaid", None, 12_500)
    assert session.url
    answer = vendor.sandbox.post_form(session.url, **filled("000123456789"))
    assert answer.location == f"https://portal.example/done?session={session.id}"
    again = vendor.sandbox.post_form(session.url, **filled("000123456789"))
    assert again.location == answer.location

    pending = vendor.sandbox.client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent", "line_items"]}, vendor.options
    )
    assert (pending.status, pending.payment_status, pending.url) == ("complete", "unpaid", None)
    assert isinstance(pending.payment_intent, stripe.PaymentIntent)
    assert pending.payment_intent.metadata["payment"] == "p9"
    assert pending.line_items
    assert pending.line_items.data[0].description == "Invoice 7"
    saved = vendor.sandbox.client.v1.customers.payment_methods.list(vendor.customer, options=vendor.options)
    assert saved.data == []

    vendor.set_clock(SETTLEMENT)
    assert kinds_of(receiver, vendor)[-3:] == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.async_payment_succeeded",
    ]
    told = receiver.events(vendor.account)[-1].data.object
    assert isinstance(told, stripe.checkout.Session)
    assert (told.id, told.payment_status) == (session.id, "paid")


def test_a_one_time_bank_payment_that_fails(vendor: Vendor, receiver: Receiver) -> None:
    session = vendor.open_page("payment")
    assert session.url
    vendor.sandbox.post_form(session.url, **filled("000222222227"))
    vendor.set_clock(SETTLEMENT)
    assert kinds_of(receiver, vendor)[-1] == "checkout.session.async_payment_failed"


def test_a_page_that_nobody_uses_expires(vendor: Vendor, receiver: Receiver) -> None:
    session = vendor.open_page("setup")
    vendor.set_clock("2020-09-17T12:00:00Z")
    assert kinds_of(receiver, vendor)[-1] == "checkout.session.expired"
    assert session.url
    page = vendor.sandbox.ask("GET", session.url)
    assert page.status == 410
    assert "This page has expired" in page.text
    other = vendor.open_page("setup")
    closed = vendor.sandbox.client.v1.checkout.sessions.expire(other.id, options=vendor.options)
    assert closed.status == "expired"


def test_refunds_in_parts_and_no_further(vendor: Vendor, receiver: Receiver) -> None:
    intent = vendor.debit(vendor.save("4242424242424242"), amount=1_000)
    refunds = vendor.sandbox.client.v1.refunds
    part = refunds.create({"payment_intent": intent.id, "amount": 400}, vendor.options)
    rest = refunds.create({"payment_intent": intent.id}, vendor.options)
    assert [(each.amount, each.status) for each in (part, rest)] == [(400, "succeeded"), (600, "succeeded")]
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        refunds.create({"payment_intent": intent.id}, vendor.options)
    assert refusal.value.code == "charge_already_refunded"


def test_a_refund_to_a_bank_takes_two_banking_days(vendor: Vendor, receiver: Receiver) -> None:
    intent = vendor.debit(vendor.save("000123456789"))
    vendor.set_clock(SETTLEMENT)
    refund = vendor.sandbox.client.v1.refunds.create({"payment_intent": intent.id}, vendor.options)
    assert refund.status == "pending"
    vendor.set_clock("2020-09-24T00:00:00Z")
    assert kinds_of(receiver, vendor)[-1] == "refund.updated"
    arrived = vendor.sandbox.client.v1.refunds.retrieve(refund.id, options=vendor.options)
    assert arrived.status == "succeeded"
