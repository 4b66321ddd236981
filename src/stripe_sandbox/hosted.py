"""The hosted page: a visitor saves a payment method or pays once. Plain HTML, no script needed."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from babel.numbers import format_currency, get_currency_precision
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _

from . import checkout, microdeposits, parties, payments
from .settings import LANGUAGES
from .store import PLATFORM, Account, Body, transaction
from .testnumbers import ROUTING_NUMBER, Failure, TestNumber, numbers_of, recognise

Errors = dict[str, str]
# What a visitor typed is shown again after an error, except for numbers: they are forgotten with the request.
SHOWN_AGAIN = ("method", "expiry", "name", "postal_code", "holder_name", "holder_type", "account_type", "verify_by")


def page(request: HttpRequest, identifier: str) -> HttpResponse:
    """Show a session's page, or take what its visitor sends."""
    with transaction() as db:
        row = db.execute(
            "SELECT account FROM thing WHERE id = ? AND kind = 'checkout.session'", (identifier,)
        ).fetchone()
        found = Account.find(db, row["account"]) if row else None
        if found is None:
            return render(request, "stripe_sandbox/closed.html", {"status": "unknown"}, status=404)
        account = replace(found, base_url=request.build_absolute_uri("/").rstrip("/"))
        session = account.get("checkout.session", identifier)
        with translation.override(_language(request, session)):
            if session["status"] != "open":
                return _closed(request, account, session)
            if request.method == "POST":
                return _take(request, account, session)
            return _show(request, account, session, errors={})


def _language(request: HttpRequest, session: Body) -> str:
    known = dict(LANGUAGES)
    chosen = (session["locale"] or "auto").split("-")[0]
    return chosen if chosen in known else translation.get_language_from_request(request)


def merchant_of(account: Account) -> str:
    """Give what a vendor is called on its pages."""
    platform = Account.find(account.db, PLATFORM)
    body = platform.look(account.id) if platform else None
    return str((body or {}).get("business_profile", {}).get("name") or account.id)


def _closed(request: HttpRequest, account: Account, session: Body) -> HttpResponse:
    if request.method == "POST" and session["status"] == "complete":
        # The button was pressed twice: the first press did it.
        return _onward(session)
    context = {
        "status": session["status"],
        "merchant": merchant_of(account),
        "cancel_url": session["cancel_url"],
    }
    return render(request, "stripe_sandbox/closed.html", context, status=410)


def _onward(session: Body) -> HttpResponse:
    return HttpResponse(
        status=303,
        headers={"Location": session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"])},
    )


def _show(request: HttpRequest, account: Account, session: Body, *, errors: Errors) -> HttpResponse:
    kinds = session["payment_method_types"]
    typed = {name: request.POST.get(name, "") for name in SHOWN_AGAIN}
    if typed["method"] not in kinds:
        typed["method"] = "us_bank_account" if "us_bank_account" in kinds else kinds[0]
    lines = account.hidden(session["id"])["lines"]
    context: dict[str, Any] = {
        "session": session,
        "future": bool(account.hidden(session["id"])["intent"].get("setup_future_usage")),
        "merchant": merchant_of(account),
        "paying": session["mode"] == "payment",
        "total": _money(session["amount_total"], session["currency"]) if lines else "",
        "lines": [{**line, "shown": _money(line["amount_total"], line["currency"])} for line in lines],
        "kinds": kinds,
        "typed": typed,
        "errors": errors,
        "cards": numbers_of("card"),
        "banks": numbers_of("us_bank_account"),
        "routing_number": ROUTING_NUMBER,
        "deposit_kinds": microdeposits.KINDS,
        "language": translation.get_language(),
    }
    return render(request, "stripe_sandbox/checkout.html", context, status=422 if errors else 200)


def _money(amount_minor: int, currency: str) -> str:
    amount = amount_minor / 10 ** get_currency_precision(currency.upper())
    return str(format_currency(amount, currency.upper(), locale=translation.get_language() or "en"))


def _take(request: HttpRequest, account: Account, session: Body) -> HttpResponse:
    kind = request.POST.get("method", "")
    readers: dict[str, Callable[[HttpRequest, Account, Errors], tuple[Body, TestNumber] | None]] = {
        "card": _read_card,
        "us_bank_account": _read_bank_account,
    }
    errors: Errors = {}
    if kind not in session["payment_method_types"]:
        errors["form"] = _("Choose how you want to pay.")
        return _show(request, account, session, errors=errors)
    read = readers[kind](request, account, errors)
    if read is None:
        return _show(request, account, session, errors=errors)
    method, number = read
    account.add(method, number=number.name, spent=session["mode"] == "payment")
    deposits = request.POST.get("verify_by") if kind == "us_bank_account" else None
    online = {"ip_address": request.META["REMOTE_ADDR"], "user_agent": request.headers.get("User-Agent")}
    failure = checkout.submit(
        account, session, method, online=online, deposits=deposits if deposits in microdeposits.KINDS else None
    )
    payments.after(account)
    if failure:
        errors["form"] = _refusal(failure)
        return _show(request, account, session, errors=errors)
    return _onward(session)


def _refusal(failure: Failure) -> str:
    if failure.code == "expired_card":
        return _("Your card has expired. Try another card.")
    if failure.decline_code == "insufficient_funds":
        return _("Your card has insufficient funds. Try another card.")
    return _("Your card was declined. Try another card.")


def _needed(request: HttpRequest, name: str, errors: Errors, *, message: str) -> str:
    value = request.POST.get(name, "").strip()
    if not value:
        errors[name] = message
    return value


def _digits(request: HttpRequest, name: str) -> str:
    return re.sub(r"[\s-]", "", request.POST.get(name, ""))


def _read_card(request: HttpRequest, account: Account, errors: Errors) -> tuple[Body, TestNumber] | None:
    number = recognise(_digits(request, "number"), kind="card")
    if number is None:
        errors["number"] = _(
            "This sandbox knows the test cards listed on this page only. Never type a real card's number."
        )
    expiry = _read_expiry(request.POST.get("expiry", ""), now=account.now)
    if expiry is None:
        errors["expiry"] = _("Give the month and year until which the card is valid, such as 12 / 34.")
    if not re.fullmatch(r"\d{3,4}", _digits(request, "cvc")):
        errors["cvc"] = _("Give the 3 digits on the back of the card.")
    name = _needed(request, "name", errors, message=_("Give the name on the card."))
    postal_code = _needed(request, "postal_code", errors, message=_("Give the ZIP code of the card's bills."))
    if errors or number is None or expiry is None:
        return None
    made = parties.card(created=account.now, number=number, name=name, postal_code=postal_code, expiry=expiry)
    return made, number


def _read_expiry(told: str, *, now: int) -> tuple[int, int] | None:
    match = re.fullmatch(r"\s*(0?[1-9]|1[0-2])\s*/?\s*(?:20)?(\d\d)\s*", told)
    if match is None:
        return None
    month, year = int(match[1]), 2000 + int(match[2])
    today = datetime.fromtimestamp(now, tz=UTC)
    return (month, year) if (year, month) >= (today.year, today.month) else None


def _read_bank_account(request: HttpRequest, account: Account, errors: Errors) -> tuple[Body, TestNumber] | None:
    holder_name = _needed(request, "holder_name", errors, message=_("Give the account holder's name."))
    holder_type = request.POST.get("holder_type", "")
    if holder_type not in {"company", "individual"}:
        errors["holder_type"] = _("Say whether the account is a company's or a person's.")
    account_type = request.POST.get("account_type", "")
    if account_type not in {"checking", "savings"}:
        errors["account_type"] = _("Say whether it is a checking or a savings account.")
    if _digits(request, "routing_number") != ROUTING_NUMBER:
        errors["routing_number"] = _("The sandbox's only bank has the routing number 110000000.")
    number = recognise(_digits(request, "account_number"), kind="us_bank_account")
    if number is None:
        errors["account_number"] = _(
            "This sandbox knows the test accounts listed on this page only. Never type a real account's number."
        )
    if errors or number is None:
        return None
    made = parties.bank_account(
        created=account.now,
        number=number,
        name=holder_name,
        holder_type=holder_type,
        account_type=account_type,
    )
    return made, number
