"""The API's accounts, customers, payment methods, webhook endpoints, and everything that is only read."""

import json
from datetime import datetime
from urllib.parse import urlsplit

from . import balance, clock, intents, parties, shapes
from .errors import ApiError, missing_object
from .params import Params
from .store import PLATFORM, Account, Body, new_id
from .webhooks import emit

PAGING = ("limit", "starting_after", "ending_before", "created")


def retrieve(kind: str, account: Account, params: Params, identifier: str) -> Body:
    """Give one object of the account."""
    params.only()
    return account.get(kind, identifier)


def page(
    kind: str,
    url: str,
    account: Account,
    params: Params,
    *,
    filters: tuple[str, ...] = (),
    types: list[str] | None = None,
    payout: str | None = None,
) -> Body:
    """Give a page of the account's objects of a kind, the newest first."""
    params.only(*PAGING, *filters)
    limit = params.number("limit")
    limit = 10 if limit is None else limit
    if not 1 <= limit <= 100:
        raise ApiError("Invalid limit: must be between 1 and 100", param="limit")
    created = params.group("created")
    after, before = (_position(account, params, name) for name in ("starting_after", "ending_before"))
    wanted = {name: params.text(name) for name in filters if params.text(name) is not None}
    conditions = "".join(f" AND body ->> '{name}' = :{name}" for name in wanted)
    rows = account.db.execute(
        "SELECT body FROM thing WHERE account = :account AND kind = :kind"
        " AND (:after IS NULL OR seq < :after) AND (:before IS NULL OR seq > :before)"
        " AND (:gte IS NULL OR created >= :gte) AND (:gt IS NULL OR created > :gt)"
        " AND (:lte IS NULL OR created <= :lte) AND (:lt IS NULL OR created < :lt)"
        f"{conditions}"  # names from this module's callers, values as parameters
        " AND (:payout IS NULL OR id IN (SELECT txn FROM balance_line WHERE payout = :payout))"
        " AND (:types IS NULL OR body ->> 'type' IN (SELECT value FROM json_each(:types)))"
        " ORDER BY CASE WHEN :before IS NULL THEN -seq ELSE seq END LIMIT :most",
        {
            "account": account.id,
            "kind": kind,
            "after": after,
            "before": before,
            **wanted,
            "payout": payout,
            "types": json.dumps(types) if types else None,
            "most": limit + 1,
            **{name: created.number(name) for name in ("gte", "gt", "lte", "lt")},
        },
    ).fetchall()
    found = [json.loads(row["body"]) for row in rows]
    data = found[:limit]
    if before is not None:
        data.reverse()
    return shapes.listing(data, url=url, has_more=len(found) > limit)


def list_movements(account: Account, params: Params) -> Body:
    """List what moved on the account's balance, or what one payout paid out."""
    payout = params.text("payout")
    params.values.pop("payout", None)
    url = "/v1/balance_transactions"
    return page("balance_transaction", url, account, params, filters=("currency", "source", "type"), payout=payout)


def retrieve_balance(account: Account, params: Params) -> Body:
    """Give the account's balance."""
    params.only()
    return balance.available(account)


def _position(account: Account, params: Params, name: str) -> int | None:
    identifier = params.text(name)
    if identifier is None:
        return None
    row = account.db.execute("SELECT seq FROM thing WHERE id = ? AND account = ?", (identifier, account.id)).fetchone()
    if row is None:
        raise missing_object(kind="object", identifier=identifier, param=name)
    return int(row["seq"])


def create_account(account: Account, params: Params) -> Body:
    """Open a connected account; its clock starts at metadata[sandbox_clock], else now."""
    params.only(
        *(
            "account_token",
            "business_profile",
            "business_type",
            "capabilities",
            "company",
            "controller",
            "country",
        ),
        *("default_currency", "documents", "email", "external_account", "groups", "individual", "metadata"),
        *("settings", "tos_acceptance", "type"),
    )
    metadata = params.metadata()
    starts = account.now
    if told := metadata.get("sandbox_clock"):
        starts = read_instant(told, param="metadata[sandbox_clock]")
    company = params.group("company").text("name")
    details: Body = {"metadata": metadata, "country": params.text("country") or "US"}
    details |= {name: params.text(name) for name in ("business_type", "email") if name in params}
    details["type"] = params.text("type", choices=("custom", "express", "standard")) or "none"
    body = parties.account(
        identifier=new_id("acct", length=16),
        created=starts,
        business_name=params.group("business_profile").text("name") or company,
        details=details,
    )
    if company:
        body["company"] = {"name": company}
    return clock.new_account(account, body, now=starts)


def read_instant(told: str, *, param: str) -> int:
    """Read an ISO 8601 instant as seconds since 1970; raises the API's 400."""
    try:
        instant = datetime.fromisoformat(told)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise ApiError(f"Not an instant like 2020-09-16T12:00:00Z: {told}", param=param)
    return int(instant.timestamp())


CUSTOMER_TEXTS = ("description", "email", "name", "phone")
CUSTOMER_PARAMS = (
    *(
        "address",
        "balance",
        "business_name",
        "individual_name",
        "invoice_prefix",
        "invoice_settings",
        "metadata",
    ),
    *("next_invoice_sequence", "preferred_locales", "shipping", "tax", "tax_exempt", *CUSTOMER_TEXTS),
)


def _customer_details(params: Params) -> Body:
    details: Body = {name: params.text(name) for name in CUSTOMER_TEXTS if name in params}
    if "address" in params:
        parts = params.group("address")
        names = ("city", "country", "line1", "line2", "postal_code", "state")
        details["address"] = {name: parts.text(name) for name in names}
    if "preferred_locales" in params:
        details["preferred_locales"] = params.strings("preferred_locales")
    return details


def create_customer(account: Account, params: Params) -> Body:
    """Make a customer."""
    params.only(*CUSTOMER_PARAMS)
    details = {**_customer_details(params), "metadata": params.metadata()}
    body = account.add(parties.customer(created=account.now, details=details))
    emit(account, "customer.created", body)
    return body


def update_customer(account: Account, params: Params, identifier: str) -> Body:
    """Change what is given; metadata is merged, a blank value removes its key."""
    params.only(*CUSTOMER_PARAMS)
    body = account.get("customer", identifier)
    changes = _customer_details(params)
    chosen = params.group("invoice_settings")
    if method := chosen.text("default_payment_method"):
        account.get("payment_method", method, param="invoice_settings[default_payment_method]")
        changes["invoice_settings"] = {**body["invoice_settings"], "default_payment_method": method}
    if "metadata" in params:
        kept = {key: value for key, value in body["metadata"].items() if key not in params.group("metadata")}
        changes["metadata"] = {**kept, **params.metadata()}
    before = {key: body[key] for key, value in changes.items() if body[key] != value}
    body.update(changes)
    account.save(body)
    if before:
        emit(account, "customer.updated", body, before=before)
    return body


def list_customer_methods(account: Account, params: Params, customer: str) -> Body:
    """List a customer's saved payment methods."""
    account.get("customer", customer)
    params.only(*PAGING, "type", "allow_redisplay")
    params.values["customer"] = customer
    url = f"/v1/customers/{customer}/payment_methods"
    return page("payment_method", url, account, params, filters=("customer", "type", "allow_redisplay"))


def retrieve_customer_method(account: Account, params: Params, customer: str, identifier: str) -> Body:
    """Give one of a customer's saved payment methods."""
    method = retrieve("payment_method", account, params, identifier)
    if method["customer"] != customer:
        raise missing_object(kind="payment_method", identifier=identifier)
    return method


def attach_method(account: Account, params: Params, identifier: str) -> Body:
    """Save a payment method for a customer; one used without a customer is refused."""
    params.only("customer", "customer_account")
    method = account.get("payment_method", identifier)
    customer = account.get("customer", params.needed("customer"), param="customer")
    if method["customer"] == customer["id"]:
        return method
    if method["customer"] or account.hidden(identifier)["spent"]:
        raise ApiError(
            "The payment method you provided has already been attached to a customer, or was used or detached"
            " before. It may not be used again.",
            code="payment_method_unexpected_state",
            param="payment_method",
        )
    return intents.attach(account, method, customer=customer["id"])


def update_method(account: Account, params: Params, identifier: str) -> Body:
    """Change what is known of a saved card: its months and years, and who it bills."""
    params.only("card", "metadata")
    method = account.get("payment_method", identifier)
    asked = params.group("card")
    asked.only("exp_month", "exp_year")
    if method["type"] == "card":
        method["card"] |= {name: asked.number(name) for name in ("exp_month", "exp_year") if name in asked}
    method["metadata"] |= params.metadata()
    account.save(method)
    emit(account, "payment_method.updated", method)
    return method


def detach_method(account: Account, params: Params, identifier: str) -> Body:
    """Take a payment method from its customer, for good."""
    params.only()
    method = account.get("payment_method", identifier)
    if not method["customer"]:
        raise ApiError(
            "The payment method you provided is not attached to a customer so detachment is impossible.",
            code="payment_method_unexpected_state",
            param="payment_method",
        )
    before = {"customer": method["customer"]}
    method["customer"] = None
    account.save(method)
    emit(account, "payment_method.detached", method, before=before)
    return method


def _endpoint_of(platform: Account) -> Account:
    if platform.id != PLATFORM:
        raise ApiError("Webhook endpoints are the platform's: leave out Stripe-Account, and use connect=true.")
    return platform


def create_endpoint(account: Account, params: Params) -> Body:
    """Have events sent to an address; only this answer tells the signing secret."""
    params.only("url", "enabled_events", "connect", "api_version", "description", "metadata")
    wanted = params.strings("enabled_events")
    if not wanted:
        raise ApiError("Missing required param: enabled_events.", code="parameter_missing", param="enabled_events")
    body = {
        "id": new_id("we"),
        "object": "webhook_endpoint",
        "api_version": params.text("api_version"),
        "application": None,
        "created": account.now,
        "description": params.text("description"),
        "enabled_events": wanted,
        "livemode": False,
        "metadata": params.metadata(),
        "status": "enabled",
        "url": _address(params),
    }
    secret = new_id("whsec", length=32)
    _endpoint_of(account).add(body, secret=secret, connect=params.flag("connect"))
    return {**body, "secret": secret}


def _address(params: Params) -> str:
    url = params.needed("url")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ApiError("Invalid URL: an explicit scheme (such as https) must be provided.", param="url")
    return url


def update_endpoint(account: Account, params: Params, identifier: str) -> Body:
    """Change where events are sent, which, or whether at all."""
    params.only("url", "enabled_events", "disabled", "description", "metadata")
    body = _endpoint_of(account).get("webhook_endpoint", identifier)
    if "url" in params:
        body["url"] = _address(params)
    if "enabled_events" in params:
        body["enabled_events"] = params.strings("enabled_events")
    if "disabled" in params:
        body["status"] = "disabled" if params.flag("disabled") else "enabled"
    return account.save(body)


def delete_endpoint(account: Account, params: Params, identifier: str) -> Body:
    """Stop sending events to an address."""
    params.only()
    _endpoint_of(account).get("webhook_endpoint", identifier)
    account.drop(identifier)
    return {"id": identifier, "object": "webhook_endpoint", "deleted": True}


def list_events(account: Account, params: Params) -> Body:
    """List what happened in the account, the newest first."""
    params.only(*PAGING, "type", "types", "delivery_success")
    types = params.strings("types") if "types" in params else None
    for name in ("types", "delivery_success"):
        params.values.pop(name, None)
    return page("event", "/v1/events", account, params, filters=("type",), types=types)
