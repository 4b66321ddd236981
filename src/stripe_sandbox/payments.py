"""The API's payment intents, setup intents and checkout sessions."""

from . import checkout, clock, intents, microdeposits, shapes
from .descriptors import DESCRIPTORS, descriptors_of
from .errors import ApiError
from .params import Params
from .store import PLATFORM, Account, Body, new_id
from .testnumbers import Failure
from .webhooks import emit

SMALLEST_AMOUNT_MINOR = 50
LARGEST_AMOUNT_MINOR = 99_999_999

INTENT_PARAMS = (
    *(
        "allowed_payment_method_types",
        "automatic_payment_methods",
        "confirm",
        "customer",
        "description",
        "expand",
    ),
    *("excluded_payment_method_types", "mandate_data", "metadata", "on_behalf_of", "payment_method"),
    *("payment_method_options", "return_url", "use_stripe_sdk"),
)
UNCANCELABLE = ("succeeded", "canceled", "processing")


class Refused(Exception):
    """The bank said no: what was done stands, and the caller is answered 402 with why."""

    def __init__(self, error: Body) -> None:
        super().__init__(error["message"])
        self.body: Body = {"error": error}


def _kinds(params: Params, *, currency: str | None) -> list[str]:
    """Which kinds of method may be used: those asked for that this account, and the currency, allow."""
    possible = [kind for kind in shapes.PAYMENT_METHOD_TYPES if kind == "card" or currency in {None, "usd"}]
    asked = params.strings("allowed_payment_method_types") or possible
    kinds = [kind for kind in possible if kind in asked]
    if not kinds:
        raise ApiError(
            "No valid payment method types: the sandbox has card, and us_bank_account in usd.",
            code="payment_intent_invalid_parameter",
            param="allowed_payment_method_types",
        )
    return kinds


def _customer(account: Account, params: Params) -> str | None:
    identifier = params.text("customer")
    return account.get("customer", identifier, param="customer")["id"] if identifier else None


def _method_for(account: Account, intent: Body, params: Params) -> Body:
    method = account.get("payment_method", params.needed("payment_method"), param="payment_method")
    if method["customer"] != intent["customer"] or method["customer"] is None:
        raise ApiError(
            "The provided PaymentMethod cannot be used: it does not belong to the Customer of this intent."
            " Attach it to the Customer first.",
            code="payment_intent_unexpected_state",
            param="payment_method",
        )
    if method["type"] not in intent["payment_method_types"]:
        raise ApiError(
            f"The PaymentMethod provided ({method['type']}) is not allowed for this intent, which allows"
            f" {', '.join(intent['payment_method_types'])}.",
            code="payment_intent_incompatible_payment_method",
            param="payment_method",
        )
    return method


def create_payment(account: Account, params: Params) -> Body:
    """Make a payment intent, and take the payment at once where confirm=true."""
    params.only(
        *INTENT_PARAMS,
        *("amount", "amount_details", "application_fee_amount", "capture_method", "confirmation_method"),
        *(
            "currency",
            "error_on_requires_action",
            "mandate",
            "off_session",
            "payment_details",
            "receipt_email",
        ),
        *DESCRIPTORS,
        *("setup_future_usage", "shipping", "transfer_group"),
    )
    currency = params.needed("currency").lower()
    params.text("capture_method", choices=("automatic", "automatic_async"))
    texts = ("description", "receipt_email", "setup_future_usage", "transfer_group")
    kinds = _kinds(params, currency=currency)
    intent = shapes.payment_intent(
        created=account.now,
        customer=_customer(account, params),
        amount=_amount(params),
        currency=currency,
        kinds=kinds,
        details={
            **{name: params.text(name) for name in texts},
            **descriptors_of(params, kinds=kinds),
            "allowed_payment_method_types": params.strings("allowed_payment_method_types") or None,
            "metadata": params.metadata(),
        },
    )
    confirm = params.flag("confirm")
    method = _method_for(account, intent, params) if confirm or "payment_method" in params else None
    if method and not confirm:
        intent.update(payment_method=method["id"], status="requires_confirmation")
    account.add(intent)
    emit(account, "payment_intent.created", intent)
    return _take(account, intent, method, params) if confirm and method else intent


def _amount(params: Params) -> int:
    params.needed("amount")
    amount = params.number("amount") or 0
    if amount < SMALLEST_AMOUNT_MINOR:
        raise ApiError("Amount must be at least $0.50 usd", code="amount_too_small", param="amount")
    if amount > LARGEST_AMOUNT_MINOR:
        raise ApiError("Amount must be no more than $999,999.99", code="amount_too_large", param="amount")
    return amount


def _take(account: Account, intent: Body, method: Body, params: Params) -> Body:
    mandate = None
    if method["type"] == "us_bank_account":
        mandate = _mandate(account, method, params)
    failure = intents.confirm_payment(account, intent, method, mandate=mandate)
    if failure:
        raise _refused(intent, method, failure)
    return intent


def _mandate(account: Account, method: Body, params: Params) -> str:
    if "mandate_data" in params:
        return intents.accept_mandate(account, method)
    mandate = intents.active_mandate(account, method)
    if mandate is None:
        raise ApiError(
            "The provided PaymentMethod has no active mandate: collect a new one from the customer.",
            code="payment_intent_mandate_invalid",
            param="payment_method",
        )
    return mandate


def _refused(intent: Body, method: Body, failure: Failure) -> Refused:
    charge = intent.get("latest_charge")
    return Refused({**intents.failure_error(method, failure, charge=charge), intent["object"]: intent})


def confirm_payment(account: Account, params: Params, identifier: str) -> Body:
    """Take the payment of an intent that waits for it."""
    params.only("payment_method", "mandate_data", "off_session", "return_url", "setup_future_usage")
    intent = account.get("payment_intent", identifier)
    if intent["status"] not in {"requires_payment_method", "requires_confirmation"}:
        raise _unexpected(intent, "confirm")
    params.values.setdefault("payment_method", intent["payment_method"])
    return _take(account, intent, _method_for(account, intent, params), params)


def verify_microdeposits(kind: str, account: Account, params: Params, identifier: str) -> Body:
    """Take what arrived: ``amounts`` or the ``descriptor_code``.

    A wrong answer counts, so what was done stands, and the answer is 402 where Stripe's is 400.
    """
    params.only("amounts", "descriptor_code")
    intent = account.get(kind, identifier)
    method = account.get("payment_method", intent["payment_method"]) if intent["payment_method"] else None
    amounts, code = params.strings("amounts"), params.text("descriptor_code")
    wrong = microdeposits.answer(account, intent, amounts=amounts, code=code)
    if wrong and method:
        raise _refused(intent, method, wrong)
    return intent


def _unexpected(intent: Body, verb: str) -> ApiError:
    name = "PaymentIntent" if intent["object"] == "payment_intent" else "SetupIntent"
    return ApiError(
        f"You cannot {verb} this {name} because it has a status of {intent['status']}.",
        code=f"{intent['object']}_unexpected_state",
    )


def cancel(kind: str, account: Account, params: Params, identifier: str) -> Body:
    """Call an intent off; one that succeeded or is with the bank cannot be."""
    params.only("cancellation_reason")
    intent = account.get(kind, identifier)
    if intent["status"] in UNCANCELABLE:
        raise _unexpected(intent, "cancel")
    intent.update(status="canceled", cancellation_reason=params.text("cancellation_reason"))
    if kind == "payment_intent":
        intent["canceled_at"] = account.now
    account.save(intent)
    emit(account, f"{kind}.canceled", intent)
    return intent


def create_setup(account: Account, params: Params) -> Body:
    """Make a setup intent, and save the method at once where confirm=true."""
    params.only(*INTENT_PARAMS, "attach_to_self", "flow_directions", "single_use", "usage")
    details = {
        "allowed_payment_method_types": params.strings("allowed_payment_method_types") or None,
        "description": params.text("description"),
        "metadata": params.metadata(),
        "usage": params.text("usage", choices=("off_session", "on_session")) or "off_session",
    }
    intent = shapes.setup_intent(
        created=account.now,
        customer=_customer(account, params),
        kinds=_kinds(params, currency=None),
        details=details,
    )
    method = _method_for(account, intent, params) if params.flag("confirm") else None
    account.add(intent)
    emit(account, "setup_intent.created", intent)
    if method and (failure := intents.confirm_setup(account, intent, method)):
        raise _refused(intent, method, failure)
    return intent


SESSION_PARAMS = (
    *("adaptive_pricing", "allowed_payment_method_types", "automatic_tax", "billing_address_collection"),
    *(
        "branding_settings",
        "cancel_url",
        "client_reference_id",
        "consent_collection",
        "currency",
        "custom_text",
    ),
    *("customer", "customer_creation", "customer_email", "customer_update", "excluded_payment_method_types"),
    *("expires_at", "invoice_creation", "line_items", "locale", "metadata", "mode", "name_collection"),
    *("origin_context", "payment_intent_data", "payment_method_options", "phone_number_collection"),
    *("saved_payment_method_options", "setup_intent_data", "submit_type", "success_url", "ui_mode"),
    *("tax_id_collection", "wallet_options"),
)


def create_session(account: Account, params: Params) -> Body:
    """Open a hosted page on which a visitor saves a payment method or pays once."""
    params.only(*SESSION_PARAMS)
    mode = params.text("mode", choices=("payment", "setup")) or "payment"
    params.text("ui_mode", choices=("hosted_page",))
    lines = [_line(account, each) for each in params.groups("line_items")]
    currency = lines[0]["currency"] if lines else params.text("currency")
    asked, not_asked = ("setup_intent_data", "payment_intent_data")[:: 1 if mode == "setup" else -1]
    _check_session(params, mode=mode, lines=lines, not_asked=not_asked)
    total = sum(line["amount_total"] for line in lines) if mode == "payment" else None
    identifier = new_id("cs_test", length=58)
    body = shapes.checkout_session(
        identifier=identifier,
        created=account.now,
        mode=mode,
        customer=_customer(account, params),
        total=total,
        currency=currency,
        kinds=_kinds(params, currency=currency if mode == "payment" else None),
        details={
            **{name: params.text(name) for name in ("cancel_url", "client_reference_id", "customer_email", "locale")},
            "allowed_payment_method_types": params.strings("allowed_payment_method_types") or None,
            "expires_at": params.number("expires_at") or account.now + checkout.LIFETIME_SECONDS,
            "metadata": params.metadata(),
            "success_url": params.needed("success_url"),
            "submit_type": params.text("submit_type"),
            "url": f"{account.base_url}/c/pay/{identifier}",
        },
    )
    if body["expires_at"] < account.now + checkout.SHORTEST_LIFETIME_SECONDS:
        raise ApiError(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation,"
            " on the account's clock.",
            param="expires_at",
        )
    details = _intent_details(params.group(asked), mode=mode, kinds=body["payment_method_types"])
    return checkout.start(account, body, intent_details=details, lines=lines)


def _check_session(params: Params, *, mode: str, lines: list[Body], not_asked: str) -> None:
    if not_asked in params:
        raise ApiError(f"You can not pass `{not_asked}` in `{mode}` mode.", param=not_asked)
    if mode == "payment" and not lines:
        raise ApiError("You must pass `line_items` in `payment` mode.", code="parameter_missing", param="line_items")
    if mode == "setup" and lines:
        raise ApiError("You can not pass `line_items` in `setup` mode.", param="line_items")
    if len({line["currency"] for line in lines}) > 1:
        raise ApiError("All line items must have the same currency.", param="line_items")
    total = sum(line["amount_total"] for line in lines)
    if lines and not SMALLEST_AMOUNT_MINOR <= total <= LARGEST_AMOUNT_MINOR:
        raise ApiError("The Checkout Session's total amount must be $0.50 to $999,999.99.", code="amount_too_small")
    if mode == "setup" and not ("currency" in params or "allowed_payment_method_types" in params):
        raise ApiError("`currency` is required in `setup` mode without `allowed_payment_method_types`.")


def _intent_details(params: Params, *, mode: str, kinds: list[str]) -> Body:
    names: tuple[str, ...] = ("description",)
    told: tuple[str, ...] = ()
    if mode == "payment":
        names = (*names, "receipt_email", "setup_future_usage", "transfer_group")
        told = DESCRIPTORS
    params.only(*names, *told, "metadata", "on_behalf_of")
    details = {**{name: params.text(name) for name in names}, "metadata": params.metadata()}
    return details | (descriptors_of(params, kinds=kinds) if told else {})


def _line(account: Account, params: Params) -> Body:
    params.only("price_data", "quantity", "metadata", "adjustable_quantity", "tax_rates")
    price = params.group("price_data")
    price.only("currency", "product_data", "tax_behavior", "unit_amount")
    product = price.group("product_data")
    product.only("name", "description", "images", "metadata", "tax_code", "unit_label")
    quantity, amount = params.number("quantity"), price.number("unit_amount")
    if quantity is None or amount is None or quantity < 1 or amount < 0:
        raise ApiError("A line item needs a quantity of 1 or more and a unit_amount.", param=params.within)
    return checkout.line_item(
        description=product.needed("name"),
        quantity=quantity,
        unit_amount=amount,
        currency=price.needed("currency").lower(),
        created=account.now,
    )


def expire_session(account: Account, params: Params, identifier: str) -> Body:
    """Close an open session."""
    params.only()
    return checkout.expire(account, account.get("checkout.session", identifier))


def session_lines(account: Account, params: Params, identifier: str) -> Body:
    """List what a session asks payment for."""
    params.only("limit", "starting_after", "ending_before")
    account.get("checkout.session", identifier)
    lines = account.hidden(identifier)["lines"]
    return shapes.listing(lines, url=f"/v1/checkout/sessions/{identifier}/line_items")


def after(account: Account) -> None:
    """Do what is due at once after a request, such as a card's dispute."""
    if account.id != PLATFORM:
        clock.catch_up(account.db, account.id, to=account.now)
