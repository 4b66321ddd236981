"""Checkout sessions: what a visitor of the hosted page is asked for, and what comes of it."""

from . import intents, microdeposits, shapes
from .errors import ApiError
from .store import Account, Body, new_id
from .testnumbers import Failure
from .webhooks import emit

LIFETIME_SECONDS = 24 * 3600
SHORTEST_LIFETIME_SECONDS = 30 * 60


def start(account: Account, session: Body, *, intent_details: Body, lines: list[Body]) -> Body:
    """Open a session; in setup mode its setup intent is there from the start."""
    if session["mode"] == "setup":
        intent = shapes.setup_intent(
            created=account.now,
            customer=session["customer"],
            kinds=session["payment_method_types"],
            details=intent_details,
        )
        account.add(intent)
        emit(account, "setup_intent.created", intent)
        session["setup_intent"] = intent["id"]
    account.add(session, intent=intent_details, lines=lines)
    account.schedule("expire", subject=session["id"], due_at=session["expires_at"])
    return session


def expire(account: Account, session: Body) -> Body:
    """Close a session that nobody used; raises the API's 400 when it is not open."""
    if session["status"] != "open":
        raise ApiError(
            f'Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of {session['status']}."
        )
    account.unschedule("expire", subject=session["id"])
    session.update(status="expired", url=None)
    account.save(session)
    emit(account, "checkout.session.expired", session)
    return session


def submit(
    account: Account, session: Body, method: Body, *, online: Body, deposits: str | None = None
) -> Failure | None:
    """Do with an open session what its visitor asked for, or give why the bank refuses.

    With ``deposits`` the bank account was typed by hand, and is verified by them first: two amounts, or a code.
    """
    if deposits:
        failure = None
        microdeposits.send(account, _intent_of(account, session), method, kind=deposits, online=online)
    elif session["mode"] == "setup":
        failure = _set_up(account, session, method, online=online)
    else:
        failure = _pay(account, session, method, online=online)
    if failure:
        return failure
    account.unschedule("expire", subject=session["id"])
    details = method["billing_details"]
    customer = account.look(session["customer"]) if session["customer"] else None
    email = (customer or {}).get("email") or session["customer_email"]
    session.update(
        status="complete",
        url=None,
        customer_details={
            **dict.fromkeys(("business_name", "individual_name", "phone")),
            "address": details["address"] if session["mode"] == "payment" else None,
            "email": email,
            "name": details["name"],
            "tax_exempt": "none",
            "tax_ids": [],
        },
    )
    account.save(session)
    emit(account, "checkout.session.completed", session)
    return None


def _set_up(account: Account, session: Body, method: Body, *, online: Body) -> Failure | None:
    intent = account.get("setup_intent", session["setup_intent"])
    return intents.confirm_setup(account, intent, method, online=online)


def _intent_of(account: Account, session: Body) -> Body:
    """The session's intent; that of a payment is made when it is first needed."""
    if session["mode"] == "setup":
        return account.get("setup_intent", session["setup_intent"])
    asked = account.hidden(session["id"])["intent"]
    if session["payment_intent"] is None:
        intent = shapes.payment_intent(
            created=account.now,
            customer=session["customer"],
            amount=session["amount_total"],
            currency=session["currency"],
            kinds=session["payment_method_types"],
            details=asked,
        )
        account.add(intent, session=session["id"])
        emit(account, "payment_intent.created", intent)
        session["payment_intent"] = intent["id"]
        account.save(session)
    return account.get("payment_intent", session["payment_intent"])


def _pay(account: Account, session: Body, method: Body, *, online: Body) -> Failure | None:
    intent = _intent_of(account, session)
    keep = bool(intent["setup_future_usage"])
    if keep and session["customer"] and method["customer"] is None:
        intents.attach(account, method, customer=session["customer"])
    mandate = None
    if method["type"] == "us_bank_account":
        once = None if keep else {"amount": intent["amount"], "currency": intent["currency"]}
        mandate = intents.accept_mandate(account, method, once=once, online=online)
    failure = intents.confirm_payment(account, intent, method, mandate=mandate)
    if intent["status"] == "succeeded":
        session["payment_status"] = "paid"
    return failure


def settled(account: Account, intent: Body, failure: Failure | None) -> None:
    """Tell of a bank's late answer on the session that the payment came from, if any."""
    identifier = account.hidden(intent["id"]).get("session")
    if not identifier:
        return
    session = account.get("checkout.session", identifier)
    if failure is None:
        session["payment_status"] = "paid"
        account.save(session)
    outcome = "async_payment_failed" if failure else "async_payment_succeeded"
    emit(account, f"checkout.session.{outcome}", session)


def line_item(*, description: str, quantity: int, unit_amount: int, currency: str, created: int) -> Body:
    """Give one line of a session, with a price made for it."""
    price: Body = {
        **dict.fromkeys(("custom_unit_amount", "lookup_key", "nickname", "recurring", "tiers_mode")),
        "id": new_id("price"),
        "object": "price",
        "active": False,
        "billing_scheme": "per_unit",
        "created": created,
        "currency": currency,
        "livemode": False,
        "metadata": {},
        "product": new_id("prod", length=14),
        "tax_behavior": "unspecified",
        "transform_quantity": None,
        "type": "one_time",
        "unit_amount": unit_amount,
        "unit_amount_decimal": str(unit_amount),
    }
    total = unit_amount * quantity
    return {
        "id": new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": currency,
        "description": description,
        "metadata": {},
        "price": price,
        "quantity": quantity,
    }
