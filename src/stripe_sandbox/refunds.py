"""Refunds: a card's is done at once, a bank's is on its way for days; either may come back."""

from . import balance, intents, shapes
from .banking_days import start_of_banking_day
from .errors import ApiError
from .params import Params
from .store import Account, Body
from .webhooks import emit

ARRIVES_AFTER_BANKING_DAYS = 2


def create_refund(account: Account, params: Params) -> Body:
    """Give a payment back, in whole or in part."""
    params.only("amount", "charge", "metadata", "payment_intent", "reason")
    charge = _charge_to_refund(account, params)
    left = charge["amount"] - charge["amount_refunded"]
    asked = params.number("amount")
    amount = left if asked is None else asked
    if not left:
        raise ApiError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if not 1 <= amount <= left:
        raise ApiError(
            f"Refund amount ({amount}) must be positive and not greater than the unrefunded amount ({left}).",
            param="amount",
        )
    reason = params.text("reason", choices=("duplicate", "fraudulent", "requested_by_customer"))
    refund = shapes.refund(created=account.now, charge=charge, amount=amount, reason=reason, metadata=params.metadata())
    card = charge["payment_method_details"]["type"] == "card"
    number = intents.number_behind(account, account.get("payment_method", charge["payment_method"]))
    if card and number.refund_waits:
        refund.update(status="pending", pending_reason="processing")
    moved = balance.move(
        account,
        amount=-amount,
        currency=charge["currency"],
        kind="refund" if card else "payment_refund",
        source=refund["id"],
    )
    refund["balance_transaction"] = moved["id"]
    account.add(refund)
    _count(account, charge, amount)
    emit(account, "refund.created", refund)
    if refund["status"] == "pending" or number.refund_fails:
        day = start_of_banking_day(account.now, days_later=ARRIVES_AFTER_BANKING_DAYS)
        account.schedule("arrive", subject=refund["id"], due_at=day)
    return refund


def _count(account: Account, charge: Body, amount: int) -> None:
    before = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    account.save(charge)
    emit(account, "charge.refunded" if amount > 0 else "charge.updated", charge, before=before)


def arrive(account: Account, refund: Body) -> None:
    """Do what the bank does with a refund when its days are over: keep it, or send it back."""
    charge = account.get("charge", refund["charge"])
    number = intents.number_behind(account, account.get("payment_method", charge["payment_method"]))
    before = {name: refund[name] for name in ("status", "pending_reason")}
    if not number.refund_fails:
        refund.update(status="succeeded", pending_reason=None)
        account.save(refund)
        emit(account, "refund.updated", refund, before=before)
        return
    moved = balance.move(
        account, amount=refund["amount"], currency=refund["currency"], kind="refund_failure", source=refund["id"]
    )
    refund.update(
        status="failed", pending_reason=None, failure_reason="unknown", failure_balance_transaction=moved["id"]
    )
    account.save(refund)
    _count(account, charge, -refund["amount"])
    emit(account, "refund.updated", refund, before=before)
    emit(account, "refund.failed", refund)


def _charge_to_refund(account: Account, params: Params) -> Body:
    if "payment_intent" in params:
        intent = account.get("payment_intent", params.needed("payment_intent"), param="payment_intent")
        if intent["status"] != "succeeded":
            raise ApiError(f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.")
        charge = account.get("charge", intent["latest_charge"])
    else:
        charge = account.get("charge", params.needed("charge"), param="charge")
    if charge["disputed"]:
        raise ApiError(f"Charge {charge['id']} has been charged back; cannot refund.", code="charge_disputed")
    if not charge["paid"]:
        raise ApiError(f"Charge {charge['id']} was not paid; cannot refund.", code="charge_not_refundable")
    return charge
