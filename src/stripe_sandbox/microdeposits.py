"""Verifying a bank account that was typed by hand: two small deposits, or one whose statement line has a code.

Until the visitor has told what arrived, the intent requires action; after ten wrong answers or ten days it fails.
"""

from datetime import UTC, date, datetime

from . import intents
from .banking_days import start_of_banking_day
from .errors import ApiError
from .store import Account, Body
from .testnumbers import Failure
from .webhooks import emit

AMOUNTS_MINOR = (32, 45)
DESCRIPTOR_CODE = "SM11AA"
KINDS = ("amounts", "descriptor_code")
ARRIVE_AFTER_BANKING_DAYS = 2
TIME_OUT_SECONDS = 10 * 24 * 3600
TRIES = 10

_UNVERIFIED = "The bank account could not be verified"
TIMED_OUT = Failure(
    code="payment_method_microdeposit_verification_timeout",
    decline_code="",
    message=f"{_UNVERIFIED}: nobody said within ten days what arrived.",
)
TOO_OFTEN = Failure(
    code="payment_method_microdeposit_verification_attempts_exceeded",
    decline_code="",
    message=f"{_UNVERIFIED}: too many wrong answers.",
)


def send(account: Account, intent: Body, method: Body, *, kind: str, online: Body) -> None:
    """Send deposits of a ``kind`` to the method's account, and have the intent wait for the word."""
    arrival = start_of_banking_day(account.now, days_later=ARRIVE_AFTER_BANKING_DAYS)
    intent.update(
        status="requires_action",
        payment_method=method["id"],
        next_action={
            "type": "verify_with_microdeposits",
            "verify_with_microdeposits": {
                "arrival_date": arrival,
                "hosted_verification_url": f"{account.base_url}/c/verify/{intent['id']}",
                "microdeposit_type": kind,
            },
        },
    )
    account.save(intent)
    account.hide(intent["id"], online=online, tries=0)
    emit(account, f"{intent['object']}.requires_action", intent)
    account.schedule("time_out", subject=intent["id"], due_at=account.now + TIME_OUT_SECONDS)


def answer(account: Account, intent: Body, *, amounts: list[str], code: str | None) -> Failure | None:
    """Go on with an intent if what arrived is told right, or give what is wrong."""
    action = (intent["next_action"] or {}).get("verify_with_microdeposits")
    if intent["status"] != "requires_action" or action is None:
        raise ApiError("This intent does not wait for microdeposits.", code=f"{intent['object']}_unexpected_state")
    if action["microdeposit_type"] == "amounts":
        right = sorted(amounts) == sorted(map(str, AMOUNTS_MINOR))
        wrong = "amounts_mismatch"
    else:
        right = (code or "").strip().upper() == DESCRIPTOR_CODE
        wrong = "descriptor_code_mismatch"
    if right:
        _go_on(account, intent)
        return None
    tries = account.hidden(intent["id"])["tries"] + 1
    account.hide(intent["id"], tries=tries)
    if tries >= TRIES:
        give_up(account, intent, TOO_OFTEN)
        return TOO_OFTEN
    return Failure(
        code=f"payment_method_microdeposit_verification_{wrong}",
        decline_code="",
        message="That is not what arrived. Look at the bank statement again.",
    )


def give_up(account: Account, intent: Body, failure: Failure) -> None:
    """End an intent whose account was not verified."""
    method = account.get("payment_method", intent["payment_method"])
    account.unschedule("time_out", subject=intent["id"])
    error = intents.failure_error(method, failure)
    setup = intent["object"] == "setup_intent"
    intent.update(status="requires_payment_method", payment_method=None, next_action=None)
    intent["last_setup_error" if setup else "last_payment_error"] = error
    account.save(intent)
    emit(account, "setup_intent.setup_failed" if setup else "payment_intent.payment_failed", intent)


def arrival_of(action: Body) -> date:
    """Give the day on which the deposits arrive."""
    return datetime.fromtimestamp(action["arrival_date"], tz=UTC).date()


def _go_on(account: Account, intent: Body) -> None:
    method = account.get("payment_method", intent["payment_method"])
    online = account.hidden(intent["id"])["online"]
    account.unschedule("time_out", subject=intent["id"])
    intent["next_action"] = None
    if intent["object"] == "setup_intent":
        intents.confirm_setup(account, intent, method, online=online)
        return
    once = None if intent["setup_future_usage"] else {"amount": intent["amount"], "currency": intent["currency"]}
    mandate = intents.accept_mandate(account, method, once=once, online=online)
    intents.confirm_payment(account, intent, method, mandate=mandate)
