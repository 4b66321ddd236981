"""What happens to money: setting up a method, taking a payment, and how it settles."""

from datetime import UTC, datetime

from . import balance, parties, shapes
from .banking_days import start_of_banking_day
from .descriptors import on_card_statement
from .errors import error_body
from .store import PLATFORM, Account, Body, new_id
from .testnumbers import SETTLES_AFTER_BANKING_DAYS, Failure, TestNumber, named
from .webhooks import emit

_OUTCOME = dict.fromkeys(("advice_code", "network_advice_code", "network_decline_code", "reason"))


def number_behind(account: Account, method: Body) -> TestNumber:
    """Give the test number that a payment method was made from."""
    return named(account.hidden(method["id"])["number"])


def _failure(method: Body, failure: Failure) -> Failure:
    """A company's bank says R29 where a consumer's says R10."""
    bank = method.get("us_bank_account") or {}
    if failure.network_code == "R10" and bank.get("account_holder_type") == "company":
        return Failure(
            code=failure.code, decline_code=failure.decline_code, network_code="R29", message=failure.message
        )
    return failure


def failure_error(method: Body, failure: Failure, *, charge: str | None = None) -> Body:
    """Give the error object of a refused payment or setup."""
    return error_body(
        kind="card_error" if method["type"] == "card" else "invalid_request_error",
        message=failure.message,
        code=failure.code,
        decline_code=failure.decline_code or None,
        network_decline_code=failure.network_code,
        charge=charge,
        payment_method=method,
        payment_method_type=method["type"],
    )


def attach(account: Account, method: Body, *, customer: str) -> Body:
    """Save a payment method for a customer."""
    method["customer"] = customer
    account.save(method)
    emit(account, "payment_method.attached", method)
    return method


def accept_mandate(account: Account, method: Body, *, once: Body | None = None, online: Body | None = None) -> str:
    """Record the customer's authorisation, for one debit where ``once`` says which."""
    acceptance = online or {"ip_address": None, "user_agent": None}
    made = parties.mandate(accepted_at=account.now, method=method, once=once, online=acceptance)
    return str(account.add(made)["id"])


def active_mandate(account: Account, method: Body) -> str | None:
    """Give the authorisation to debit a method without its owner present, if any."""
    for each in reversed(account.mandates(method["id"])):
        if each["type"] == "multi_use":
            return str(each["id"]) if each["status"] == "active" else None
    return None


def confirm_setup(account: Account, intent: Body, method: Body, *, online: Body | None = None) -> Failure | None:
    """Save the method for the intent's customer, or give why the bank refuses."""
    failure = number_behind(account, method).setup_failure
    if failure:
        intent["last_setup_error"] = failure_error(method, failure)
        account.save(intent)
        emit(account, "setup_intent.setup_failed", intent)
        return failure
    if intent["customer"] and method["customer"] is None:
        attach(account, method, customer=intent["customer"])
    if method["type"] == "us_bank_account":
        intent["mandate"] = accept_mandate(account, method, online=online)
    intent.update(status="succeeded", payment_method=method["id"], last_setup_error=None)
    account.save(intent)
    emit(account, "setup_intent.succeeded", intent)
    return None


def confirm_payment(account: Account, intent: Body, method: Body, *, mandate: str | None) -> Failure | None:
    """Take the payment, and give why it is refused; a bank answers days later."""
    charge = _new_charge(account, intent, method, mandate=mandate)
    intent.update(latest_charge=charge["id"], payment_method=method["id"], last_payment_error=None)
    if method["type"] == "us_bank_account":
        account.add(charge)
        intent["status"] = "processing"
        account.save(intent)
        emit(account, "charge.pending", charge)
        emit(account, "payment_intent.processing", intent)
        day = start_of_banking_day(account.now, days_later=SETTLES_AFTER_BANKING_DAYS)
        account.schedule("settle", subject=intent["id"], due_at=day)
        return None
    account.add(charge)
    return _finish(account, intent, charge, method)


def _new_charge(account: Account, intent: Body, method: Body, *, mandate: str | None) -> Body:
    kept = method[method["type"]]
    if method["type"] == "us_bank_account":
        day = start_of_banking_day(account.now, days_later=1)
        names = ("account_holder_type", "account_type", "bank_name", "fingerprint", "last4", "routing_number")
        details: Body = {
            **{name: kept[name] for name in names},
            "expected_debit_date": datetime.fromtimestamp(day, tz=UTC).date().isoformat(),
            "mandate": mandate,
            "payment_reference": new_id("ref", length=15)[4:].upper(),
        }
    else:
        same = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4")
        details = {
            **{name: kept[name] for name in (*same, "regulated_status", "wallet")},
            **dict.fromkeys(("authorization_code", "installments", "mandate", "network_token")),
            **dict.fromkeys(("network_transaction_id", "three_d_secure")),
            "amount_authorized": intent["amount"],
            "network": kept["brand"],
        }
    charge = shapes.charge(created=account.now, intent=intent, method=method, details=details)
    if method["type"] == "card":
        charge["calculated_statement_descriptor"] = _on_statement(account, suffix=intent["statement_descriptor_suffix"])
    return charge


def _on_statement(account: Account, *, suffix: str | None) -> str | None:
    platform = Account.find(account.db, PLATFORM)
    connected = platform.look(account.id) if platform else None
    return on_card_statement(connected, suffix=suffix) if connected else None


def settle(account: Account, intent: Body) -> Failure | None:
    """Do what the bank does when its days are over, and give why it refused."""
    charge = account.get("charge", intent["latest_charge"])
    method = account.get("payment_method", charge["payment_method"])
    return _finish(account, intent, charge, method)


def _finish(account: Account, intent: Body, charge: Body, method: Body) -> Failure | None:
    number = number_behind(account, method)
    if number.payment_failure:
        failure = _failure(method, number.payment_failure)
        _fail(account, intent, charge, method, failure)
        return failure
    _succeed(account, intent, charge)
    if number.complaint:
        days = number.complaint.banking_days_later
        due_at = start_of_banking_day(account.now, days_later=days) if days else account.now
        account.schedule("complain", subject=charge["id"], due_at=due_at)
    return None


def _succeed(account: Account, intent: Body, charge: Body) -> None:
    moved = balance.take_charge(account, charge)
    charge.update(
        status="succeeded",
        paid=True,
        captured=True,
        amount_captured=charge["amount"],
        balance_transaction=moved["id"],
        outcome={
            **_OUTCOME,
            "network_status": "approved_by_network",
            "risk_level": "normal" if charge["payment_method_details"]["type"] == "card" else "not_assessed",
            "seller_message": "Payment complete.",
            "type": "authorized",
        },
    )
    account.save(charge)
    intent.update(status="succeeded", amount_received=intent["amount"])
    account.save(intent)
    emit(account, "charge.succeeded", charge)
    emit(account, "payment_intent.succeeded", intent)


def _fail(account: Account, intent: Body, charge: Body, method: Body, failure: Failure) -> None:
    charge.update(
        status="failed",
        failure_code=failure.code,
        failure_message=failure.message,
        outcome={
            **_OUTCOME,
            "network_decline_code": failure.network_code,
            "network_status": "declined_by_network",
            "reason": failure.decline_code,
            "risk_level": "normal" if method["type"] == "card" else "not_assessed",
            "seller_message": failure.message,
            "type": "issuer_declined",
        },
    )
    account.save(charge)
    intent.update(
        status="requires_payment_method",
        payment_method=None,
        last_payment_error=failure_error(method, failure, charge=charge["id"]),
    )
    account.save(intent)
    if method["type"] == "us_bank_account":
        balance.take_fee(account, amount=balance.FAILED_DEBIT_FEE_MINOR, currency=charge["currency"])
    emit(account, "charge.failed", charge)
    emit(account, "payment_intent.payment_failed", intent)
