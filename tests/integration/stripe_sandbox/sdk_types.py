"""What the SDK's own typed classes say of an object: its fields, their types, and the states it may be in."""

import types
from collections.abc import Iterator
from typing import Any, ClassVar, ForwardRef, Literal, Union, get_args, get_origin

import stripe

CLASSES: dict[str, Any] = {
    "account": stripe.Account,
    "balance": stripe.Balance,
    "balance_transaction": stripe.BalanceTransaction,
    "charge": stripe.Charge,
    "checkout.session": stripe.checkout.Session,
    "customer": stripe.Customer,
    "dispute": stripe.Dispute,
    "event": stripe.Event,
    "item": stripe.LineItem,
    "list": stripe.ListObject,
    "mandate": stripe.Mandate,
    "payment_intent": stripe.PaymentIntent,
    "payment_method": stripe.PaymentMethod,
    "payout": stripe.Payout,
    "price": stripe.Price,
    "refund": stripe.Refund,
    "setup_intent": stripe.SetupIntent,
    "webhook_endpoint": stripe.WebhookEndpoint,
}
# The SDK has a plain string for these; their states stand in its docstrings alone.
SAID_IN_WORDS: dict[tuple[str, str], set[str]] = {
    ("balance_transaction", "status"): {"available", "pending"},
    ("payout", "status"): {"paid", "pending", "in_transit", "canceled", "failed"},
    ("payout", "method"): {"standard", "instant"},
    ("payout", "source_type"): {"bank_account", "card", "fpx"},
    ("refund", "status"): {"pending", "requires_action", "succeeded", "failed", "canceled"},
    ("webhook_endpoint", "status"): {"enabled", "disabled"},
}
WRAPPED = (Union, types.UnionType)


def departures(body: dict[str, Any], shape: Any, path: str) -> Iterator[str]:
    """Yield where a body departs from the SDK's class: a field it lacks or has too many, a type, a state."""
    known = {name: hint for name, hint in shape.__annotations__.items() if not name.startswith("_")}
    for name, hint in known.items():
        never_sent = get_origin(hint) is ClassVar or (get_origin(hint) in WRAPPED and types.NoneType in get_args(hint))
        if name not in body and not never_sent:
            yield f"{path}.{name}: missing"
    for name, value in body.items():
        if name not in known:
            if (name, value) != ("object", getattr(shape, "OBJECT_NAME", None)):
                yield f"{path}.{name}: not in the SDK"
        else:
            yield from _of_type(value, known[name], f"{path}.{name}")
        words = SAID_IN_WORDS.get((path, name))
        if words and value not in words:
            yield f"{path}.{name}: {value!r} is none of {sorted(words)}"


def _of_type(value: Any, hint: Any, path: str) -> Iterator[str]:
    choices = get_args(hint) if get_origin(hint) in WRAPPED else (hint,)
    states = {state for choice in choices if get_origin(choice) is Literal for state in get_args(choice)}
    # A union of literals and str is open for what Stripe may add; the sandbox has no reason to add anything.
    if states and isinstance(value, str):
        if value not in states:
            yield f"{path}: {value!r} is none of the SDK's states"
        return
    complaints = []
    for choice in choices:
        wrong = list(_of_one_type(value, choice, path))
        if not wrong:
            return
        complaints.append(wrong)
    yield from min(complaints, key=len)


def _of_one_type(value: Any, hint: Any, path: str) -> Iterator[str]:
    if isinstance(hint, ForwardRef | str):
        name = hint if isinstance(hint, str) else hint.__forward_arg__
        hint = next((each for each in CLASSES.values() if each.__name__ == name), None)
    origin = get_origin(hint)
    if hint is Any or (origin is Literal and value in get_args(hint)):
        return
    if origin is list and isinstance(value, list):
        for each in value:
            yield from _of_type(each, get_args(hint)[0], path)
    elif isinstance(value, dict):
        yield from _of_object(value, origin or hint, path)
    elif not (isinstance(hint, type) and isinstance(value, hint)) or (isinstance(value, bool) and hint is not bool):
        yield f"{path}: {value!r} where the SDK has {hint}"


def _of_object(value: dict[str, Any], hint: Any, path: str) -> Iterator[str]:
    kind = value.get("object")
    if isinstance(kind, str) and kind in CLASSES:
        yield from departures(value, CLASSES[kind], kind)
    elif not (isinstance(hint, type) and issubclass(hint, stripe.StripeObject)):
        yield f"{path}: an object where the SDK has {hint}"
    elif hint.__annotations__:
        yield from departures(value, hint, path)
