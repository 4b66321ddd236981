"""What Stripe does not have: moving an account's clock, and a page that shows what is going on."""

import json
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from . import clock, disputes, faults
from .errors import ApiError, missing_object
from .resources import read_instant
from .settings import WAIT_SECONDS
from .store import PLATFORM, Account, Body, reading, transaction
from .webhooks import emit, wait_until_delivered

RECENT = 20
DECISION = '{"won": true}'
RETURN = '{"charge": "py_1", "code": "R10"}'
COMPLAINT = '{"charge": "ch_1", "reason": "fraudulent"}'


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)


def account_clock(request: HttpRequest, identifier: str) -> JsonResponse:
    """Tell an account's clock, or set it and wait for the webhooks of what fell due."""
    try:
        if request.method == "POST":
            return JsonResponse(_set_clock(request, identifier))
        return JsonResponse({"now": _told(_clock_of(identifier))})
    except ApiError as refusal:
        return JsonResponse(refusal.body, status=refusal.status)


def _clock_of(identifier: str) -> int:
    with reading() as db:
        account = Account.find(db, identifier)
    if account is None:
        raise missing_object(kind="account", identifier=identifier)
    return account.now


def _told(seconds: int) -> str:
    return _instant(seconds).isoformat().replace("+00:00", "Z")


def _set_clock(request: HttpRequest, identifier: str) -> Body:
    like = '{"now": "2020-09-16T12:00:00Z"}'
    asked = _object(request, like=like).get("now")
    if not isinstance(asked, str):
        raise ApiError(f"Send JSON such as {like}.", param="now")
    to = read_instant(asked, param="now")
    with transaction() as db:
        settled = clock.advance(db, identifier, to=to)
    left = wait_until_delivered(identifier, at_most_seconds=WAIT_SECONDS)
    return {"now": _told(to), "settled": settled, "undelivered": left}


def fault_switches(request: HttpRequest, identifier: str = faults.ALL_ACCOUNTS) -> JsonResponse:
    """Tell which faults are on for an account, or for all, or switch them."""
    try:
        if request.method == "POST":
            faults.switch(identifier, _object(request, like='{"seed": 7, "drop": 0.05}'))
        return JsonResponse(faults.told(identifier))
    except ApiError as refusal:
        return JsonResponse(refusal.body, status=refusal.status)


def decide_dispute(request: HttpRequest, identifier: str, dispute: str) -> JsonResponse:
    """Have the card holder's bank decide a dispute: ``{"won": true}`` or false."""
    try:
        return JsonResponse(_decided(identifier, dispute, _object(request, like=DECISION).get("won")))
    except ApiError as refusal:
        return JsonResponse(refusal.body, status=refusal.status)


def _decided(identifier: str, dispute: str, won: object) -> Body:
    if not isinstance(won, bool):
        raise ApiError(f"Send JSON such as {DECISION}.", param="won")
    with transaction() as db:
        account = Account.find(db, identifier)
        if account is None:
            raise missing_object(kind="account", identifier=identifier)
        return disputes.decide(account, account.get("dispute", dispute), won=won)


def _object(request: HttpRequest, *, like: str) -> Body:
    try:
        asked = json.loads(request.body)
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        raise ApiError(f"Send JSON such as {like}.")
    return asked


def replace_card(request: HttpRequest, identifier: str) -> JsonResponse:
    """Have a saved card replaced by its bank, as networks tell processors: new digits and months.

    Takes JSON: ``payment_method``, ``last4``, ``exp_month``, ``exp_year``.
    """
    try:
        told = json.loads(request.body)
        with transaction() as db:
            account = Account.find(db, identifier)
            if account is None:
                raise missing_object(kind="account", identifier=identifier)
            method = account.get("payment_method", told["payment_method"])
            before = {name: method["card"][name] for name in ("last4", "exp_month", "exp_year")}
            method["card"] |= {name: told[name] for name in before}
            account.save(method)
            emit(account, "payment_method.automatically_updated", method, before={"card": before})
    except ApiError as refusal:
        return JsonResponse(refusal.body, status=refusal.status)
    return JsonResponse(
        {"replaced": method["id"], "undelivered": wait_until_delivered(identifier, at_most_seconds=WAIT_SECONDS)}
    )


def return_debit(request: HttpRequest, identifier: str) -> JsonResponse:
    """Have a bank return a debit that arrived, weeks ago if need be: ``charge`` and ``code``."""
    return _take_back(request, identifier, like=RETURN, why="code")


def complain(request: HttpRequest, identifier: str) -> JsonResponse:
    """Have a card holder object to a payment that arrived, on any day: ``charge`` and ``reason``."""
    return _take_back(request, identifier, like=COMPLAINT, why="reason")


def _take_back(request: HttpRequest, identifier: str, *, like: str, why: str) -> JsonResponse:
    try:
        charge_id = _taken_back(identifier, _object(request, like=like), like=like, why=why)
    except ApiError as refusal:
        return JsonResponse(refusal.body, status=refusal.status)
    return JsonResponse(
        {"returned": charge_id, "undelivered": wait_until_delivered(identifier, at_most_seconds=WAIT_SECONDS)}
    )


def _taken_back(identifier: str, told: Body, *, like: str, why: str) -> str:
    charge_id, reason = told.get("charge"), told.get(why)
    if not isinstance(charge_id, str) or not isinstance(reason, str):
        raise ApiError(f"Send JSON such as {like}.")
    with transaction() as db:
        account = Account.find(db, identifier)
        if account is None:
            raise missing_object(kind="account", identifier=identifier)
        charge = account.get("charge", charge_id)
        if why == "code":
            disputes.return_debit(account, charge, code=reason)
        else:
            disputes.object_to(account, charge, reason=reason)
    return charge_id


def overview(request: HttpRequest) -> HttpResponse:
    """Show the accounts with their clocks, recent intents, events and deliveries."""
    with reading() as db:
        accounts = [
            _account_card(Account(db=db, id=row["id"], now=row["now"]))
            for row in db.execute("SELECT id, now FROM account WHERE id != ? ORDER BY rowid", (PLATFORM,)).fetchall()
        ]
    return render(request, "stripe_sandbox/overview.html", {"accounts": accounts})


def _account_card(account: Account) -> Body:
    row = account.db.execute("SELECT body FROM thing WHERE id = ?", (account.id,)).fetchone()
    return {
        "id": account.id,
        "name": json.loads(row["body"])["business_profile"]["name"],
        "now": _instant(account.now),
        "intents": [
            _shown(row)
            for row in account.db.execute(
                "SELECT body, created FROM thing"
                " WHERE account = ? AND kind IN ('payment_intent', 'setup_intent') ORDER BY seq DESC LIMIT ?",
                (account.id, RECENT),
            )
        ],
        "events": [
            _shown(row)
            for row in account.db.execute(
                "SELECT t.body, t.created, (SELECT group_concat(d.state || ' ' || d.last_answer, ', ')"
                " FROM delivery d WHERE d.event = t.id) AS deliveries FROM thing t"
                " WHERE t.account = ? AND t.kind = 'event' ORDER BY t.seq DESC LIMIT ?",
                (account.id, RECENT),
            )
        ],
        "due": [
            {"at": _instant(row["due_at"]), "action": row["action"], "subject": row["subject"]}
            for row in account.db.execute(
                "SELECT due_at, action, subject FROM due WHERE account = ? ORDER BY due_at, seq LIMIT ?",
                (account.id, RECENT),
            )
        ],
    }


def _shown(row: Body) -> Body:
    shown = dict(row)
    return {**json.loads(shown.pop("body")), **shown, "at": _instant(row["created"])}
