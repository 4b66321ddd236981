"""Every object that the sandbox can return is held to the SDK's own typed classes, which we did not write."""

import json
import sqlite3
from typing import Any

import pytest
import stripe

from stripe_sandbox.api import ROUTES

from .conftest import Vendor, filled
from .sdk_types import CLASSES, SAID_IN_WORDS, departures


def live(vendor: Vendor) -> None:
    """Bring about each kind of object, in every state that it can be in here."""
    v1, options = vendor.sandbox.client.v1, vendor.options
    card, bank = vendor.save("4242424242424242"), vendor.save("000444444440", holder_type="individual")
    disputed, late = vendor.save("4000000000000259"), vendor.save("4000000000007726")
    fails = vendor.save("000666666664")
    for number in ("000222222227", "000555555559"):
        vendor.debit(vendor.save(number))
    vendor.debit(bank)
    to_refund = vendor.debit(fails)
    v1.refunds.create({"payment_intent": vendor.debit(card).id, "amount": 100}, options)
    v1.refunds.create({"payment_intent": vendor.debit(late).id}, options)
    with pytest.raises(stripe.CardError):
        vendor.debit(vendor.save("4000000000000341"))
    for text in ("winning_evidence", "losing_evidence", "a letter"):
        intent = vendor.debit(disputed)
        dispute = v1.disputes.list({"payment_intent": intent.id}, options).data[0]
        v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": text}}, options)
    vendor.debit(disputed)
    paid = vendor.open_page("payment")
    assert paid.url
    vendor.sandbox.post_form(paid.url, **filled("000123456789"))
    v1.checkout.sessions.expire(vendor.open_page("payment").id, options=options)
    vendor.set_clock("2020-09-23T00:00:00Z")
    v1.refunds.create({"payment_intent": to_refund.id}, options)
    vendor.set_clock("2020-10-01T00:00:00Z")


def test_every_object_is_one_of_the_sdks_classes(vendor: Vendor) -> None:
    live(vendor)
    with sqlite3.connect(vendor.sandbox.home / "sandbox" / "sandbox.sqlite3") as store:
        rows = store.execute("SELECT body FROM thing").fetchall()
    store.close()
    v1, options = vendor.sandbox.client.v1, vendor.options
    answers = [json.loads(text) for (text,) in rows]
    session = vendor.open_page("payment")
    answers += [v1.balance.retrieve(None, options).to_dict(), v1.payouts.list(options=options).to_dict()]
    answers.append(v1.checkout.sessions.line_items.list(session.id, options=options).to_dict())
    answers.append(v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/", "enabled_events": ["*"]}).to_dict())
    v1.webhook_endpoints.delete(answers[-1]["id"])

    wrong, seen = set(), set()
    for body in answers:
        seen |= set(_kinds(body))
        wrong |= set(departures(body, CLASSES[body["object"]], body["object"]))
    assert sorted(wrong) == []
    assert seen == set(CLASSES)


def _kinds(body: Any) -> list[str]:
    if isinstance(body, list):
        return [kind for each in body for kind in _kinds(each)]
    if not isinstance(body, dict):
        return []
    own = [body["object"]] if isinstance(body.get("object"), str) else []
    return own + [kind for each in body.values() for kind in _kinds(each)]


def test_no_address_answers_with_a_kind_that_is_not_held_to_its_class() -> None:
    nouns = {path.split("/:id")[0].replace("/", ".") for _verb, path, _handler in ROUTES}
    kinds = {noun.removesuffix("s") if noun != "balance" else noun for noun in nouns}
    assert kinds <= set(CLASSES)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"amount": "9900"}, "refund.amount: '9900' where the SDK has <class 'int'>"),
        ({"status": "done"}, "refund.status: 'done' is none of"),
        ({"reason": "goodwill"}, "refund.reason: 'goodwill' is none of the SDK's states"),
        ({"colour": "red"}, "refund.colour: not in the SDK"),
        ({"metadata": None, "charge": 7}, "refund.charge: 7 where the SDK has"),
        ({"amount": True}, "refund.amount: True where the SDK has"),
    ],
)
def test_the_comparison_sees_what_is_wrong(vendor: Vendor, change: dict[str, Any], complaint: str) -> None:
    paid = vendor.debit(vendor.save("4242424242424242"))
    made = vendor.sandbox.client.v1.refunds.create({"payment_intent": paid.id}, vendor.options)
    body = json.loads(str(made))
    assert list(departures(body, stripe.Refund, "refund")) == []
    assert any(complaint in each for each in departures(body | change, stripe.Refund, "refund"))


def test_what_the_sdk_cannot_say_is_listed() -> None:
    """A field that is a plain string in the SDK, though it stands for a state: held to its docstring's words."""
    plain = {
        (kind, name)
        for kind, shape in CLASSES.items()
        for name, hint in shape.__annotations__.items()
        if name == "status" and hint in (str, str | None)
    }
    assert plain <= set(SAID_IN_WORDS)
