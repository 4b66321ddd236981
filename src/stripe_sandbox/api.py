"""The API's front door: key, account, idempotency, expansion, and which function answers which address."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from hashlib import sha256
from socket import SHUT_RDWR

from django.http import HttpRequest, HttpResponse, JsonResponse

from . import disputes, faults, payments, refunds, resources
from .errors import ApiError
from .params import Params, decode
from .settings import API_KEY
from .store import PLATFORM, Account, Body, new_id, reading, transaction

Handler = Callable[..., Body]


def _read(kind: str) -> Handler:
    return partial(resources.retrieve, kind)


def _page(kind: str, url: str, *filters: str) -> Handler:
    return partial(resources.page, kind, url, filters=filters)


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "accounts", resources.create_account),
    ("GET", "accounts", _page("account", "/v1/accounts")),
    ("GET", "accounts/:id", _read("account")),
    ("POST", "customers", resources.create_customer),
    ("GET", "customers", _page("customer", "/v1/customers", "email")),
    ("GET", "customers/:id", _read("customer")),
    ("POST", "customers/:id", resources.update_customer),
    ("GET", "customers/:id/payment_methods", resources.list_customer_methods),
    ("GET", "customers/:id/payment_methods/:id", resources.retrieve_customer_method),
    (
        "GET",
        "payment_methods",
        _page("payment_method", "/v1/payment_methods", "customer", "type", "allow_redisplay"),
    ),
    ("GET", "payment_methods/:id", _read("payment_method")),
    ("POST", "payment_methods/:id", resources.update_method),
    ("POST", "payment_methods/:id/attach", resources.attach_method),
    ("POST", "payment_methods/:id/detach", resources.detach_method),
    ("POST", "checkout/sessions", payments.create_session),
    (
        "GET",
        "checkout/sessions",
        _page("checkout.session", "/v1/checkout/sessions", "customer", "payment_intent", "status"),
    ),
    ("GET", "checkout/sessions/:id", _read("checkout.session")),
    ("GET", "checkout/sessions/:id/line_items", payments.session_lines),
    ("POST", "checkout/sessions/:id/expire", payments.expire_session),
    ("POST", "payment_intents", payments.create_payment),
    ("GET", "payment_intents", _page("payment_intent", "/v1/payment_intents", "customer")),
    ("GET", "payment_intents/:id", _read("payment_intent")),
    ("POST", "payment_intents/:id/confirm", payments.confirm_payment),
    (
        "POST",
        "payment_intents/:id/verify_microdeposits",
        partial(payments.verify_microdeposits, "payment_intent"),
    ),
    ("POST", "payment_intents/:id/cancel", partial(payments.cancel, "payment_intent")),
    ("POST", "setup_intents", payments.create_setup),
    ("GET", "setup_intents", _page("setup_intent", "/v1/setup_intents", "customer", "payment_method")),
    ("GET", "setup_intents/:id", _read("setup_intent")),
    ("POST", "setup_intents/:id/verify_microdeposits", partial(payments.verify_microdeposits, "setup_intent")),
    ("POST", "setup_intents/:id/cancel", partial(payments.cancel, "setup_intent")),
    ("GET", "mandates/:id", _read("mandate")),
    ("GET", "charges", _page("charge", "/v1/charges", "customer", "payment_intent")),
    ("GET", "charges/:id", _read("charge")),
    ("GET", "balance", resources.retrieve_balance),
    ("GET", "balance_transactions", resources.list_movements),
    ("GET", "balance_transactions/:id", _read("balance_transaction")),
    ("GET", "payouts", _page("payout", "/v1/payouts", "status")),
    ("GET", "payouts/:id", _read("payout")),
    ("GET", "disputes", _page("dispute", "/v1/disputes", "charge", "payment_intent")),
    ("GET", "disputes/:id", _read("dispute")),
    ("POST", "disputes/:id", disputes.answer),
    ("POST", "disputes/:id/close", disputes.close),
    ("POST", "refunds", refunds.create_refund),
    ("GET", "refunds", _page("refund", "/v1/refunds", "charge", "payment_intent")),
    ("GET", "refunds/:id", _read("refund")),
    ("GET", "events", resources.list_events),
    ("GET", "events/:id", _read("event")),
    ("POST", "webhook_endpoints", resources.create_endpoint),
    ("GET", "webhook_endpoints", _page("webhook_endpoint", "/v1/webhook_endpoints")),
    ("GET", "webhook_endpoints/:id", _read("webhook_endpoint")),
    ("POST", "webhook_endpoints/:id", resources.update_endpoint),
    ("DELETE", "webhook_endpoints/:id", resources.delete_endpoint),
)
_COMPILED = [(verb, re.compile(path.replace(":id", r"(\w+)")), handler) for verb, path, handler in ROUTES]


FAULTY: dict[str, tuple[int, str]] = {
    "rate_limit": (429, "Request rate limit exceeded."),
    "error": (500, "An unknown error occurred."),
}


def api(request: HttpRequest, path: str) -> HttpResponse:
    """Answer one request to the API, unless a fault is switched on that strikes it."""
    request_id = new_id("req", length=14)
    headers = {"Request-Id": request_id, "Stripe-Should-Retry": "false"}
    fault = ""
    try:
        _check_key(request)
        handler, arguments = _route(request, path)
        fault = faults.strike(_owner(request, path), faults.OF_REQUESTS)
        if fault == "rate_limit":
            raise _faulty(fault)
        status, text, replayed = _answer(request, path, handler, arguments, request_id=request_id, fault=fault)
        headers |= {"Idempotent-Replayed": "true"} if replayed else {}
    except ApiError as refusal:
        status, text = refusal.status, json.dumps(refusal.body)
    if fault == "time_out":
        # Done, and nobody hears of it: what gunicorn sends now reaches no one.
        request.META["gunicorn.socket"].shutdown(SHUT_RDWR)
    return HttpResponse(text, status=status, content_type="application/json", headers=headers)


def _faulty(fault: str) -> ApiError:
    status, message = FAULTY[fault]
    kind = "invalid_request_error" if fault == "rate_limit" else "api_error"
    return ApiError(message, status=status, kind=kind, code="rate_limit" if fault == "rate_limit" else None)


def _owner(request: HttpRequest, path: str) -> str:
    return PLATFORM if path.startswith("accounts") else request.headers.get("Stripe-Account", PLATFORM)


def _check_key(request: HttpRequest) -> None:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not key:
        raise ApiError(
            "You did not provide an API key: send it as a Bearer token in the Authorization header.",
            status=401,
        )
    if key != API_KEY:
        raise ApiError(f"Invalid API Key provided: {key[:8]}{'*' * 8}{key[-4:]}", status=401)


def _route(request: HttpRequest, path: str) -> tuple[Handler, tuple[str, ...]]:
    for verb, pattern, handler in _COMPILED:
        if verb == request.method and (match := pattern.fullmatch(path)):
            return handler, match.groups()
    raise ApiError(f"Unrecognized request URL ({request.method}: /v1/{path}).", status=404)


def _answer(
    request: HttpRequest, path: str, handler: Handler, arguments: tuple[str, ...], *, request_id: str, fault: str
) -> tuple[int, str, bool]:
    """Gives status, body, and whether they were given before: an answer stays under its key, an error 500 too."""
    writes = request.method != "GET"
    encoded = request.body.decode() if request.method == "POST" else request.META.get("QUERY_STRING", "")
    key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
    owner = _owner(request, path)
    fingerprint = sha256(f"{path}?{encoded}".encode()).hexdigest()
    with transaction() if writes else reading() as db:
        found = Account.find(db, owner)
        if found is None:
            raise ApiError(
                f"The provided key does not have access to account '{owner}', or it does not exist.",
                status=403,
                code="account_invalid",
            )
        base_url = request.build_absolute_uri("/").rstrip("/")
        account = replace(found, request_id=request_id, idempotency_key=key, base_url=base_url)
        if key and (known := _known_reply(account, key, fingerprint)):
            return *known, True
        params = Params(decode(encoded))
        if fault == "error":
            status, text = _break(account, handler, params, arguments)
        else:
            status, body = _run(account, handler, params, arguments)
            text = json.dumps(body)
        if key:
            db.execute(
                "INSERT INTO reply (account, key, fingerprint, status, body) VALUES (?, ?, ?, ?, ?)",
                (account.id, key, fingerprint, status, text),
            )
    return status, text, False


def _break(account: Account, handler: Handler, params: Params, arguments: tuple[str, ...]) -> tuple[int, str]:
    """Answer 500, as often after doing what was asked as without: nobody who is answered so can know."""
    account.db.execute("SAVEPOINT asked")
    _run(account, handler, params, arguments)
    if faults.chance(account.id, "error after doing it") < 0.5:
        account.db.execute("ROLLBACK TO asked")
    failed = _faulty("error")
    return failed.status, json.dumps(failed.body)


def _known_reply(account: Account, key: str, fingerprint: str) -> tuple[int, str] | None:
    row = account.db.execute(
        "SELECT fingerprint, status, body FROM reply WHERE account = ? AND key = ?", (account.id, key)
    ).fetchone()
    if row is None:
        return None
    if row["fingerprint"] != fingerprint:
        raise ApiError(
            "Keys for idempotent requests can only be used with the same parameters they were first used"
            f" with. Try using a key other than '{key}' if you meant to execute a different request.",
            kind="idempotency_error",
        )
    return row["status"], row["body"]


def _run(account: Account, handler: Handler, params: Params, arguments: tuple[str, ...]) -> tuple[int, Body]:
    paths = params.strings("expand")
    params.values.pop("expand", None)
    try:
        status, body = 200, handler(account, params, *arguments)
    except payments.Refused as refusal:
        status, body = 402, refusal.body
    else:
        for path in paths:
            expand(account, body, path.split("."), whole=path)
    payments.after(account)
    return status, body


def expand(account: Account, body: Body, path: list[str], *, whole: str) -> None:
    """Put objects in the place of their ids, along a path such as data.latest_charge."""
    name, *rest = path
    if name == "line_items" and body.get("object") == "checkout.session":
        body[name] = payments.session_lines(account, Params({}), body["id"])
    if name not in body:
        raise ApiError(f"This property cannot be expanded ({whole}).", param="expand")
    if isinstance(body[name], str):
        found = account.look(body[name])
        if found is None:
            raise ApiError(f"This property cannot be expanded ({whole}).", param="expand")
        body[name] = found
    inner = body[name] if isinstance(body[name], list) else [body[name]]
    for each in inner:
        if rest and isinstance(each, dict):
            expand(account, each, rest, whole=whole)


def healthz(_request: HttpRequest) -> JsonResponse:
    """Say that the process answers and its store can be read."""
    with reading() as db:
        db.execute("SELECT 1 FROM account").fetchone()
    return JsonResponse({"status": "ok"})
