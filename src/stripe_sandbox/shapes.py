"""New objects of money in the shape of Stripe's API: the fields of its SDK's classes, none made up."""

from typing import Any

from .store import Account, Body, new_id

API_VERSION = "2026-10-28.endive"
PAYMENT_METHOD_TYPES = ("card", "us_bank_account")


def nothing(*names: str) -> Body:
    """Give the named fields, all null."""
    return dict.fromkeys(names)


def _method_options(kinds: list[str], **card_options: Any) -> Body:
    options: Body = {"card": {"request_three_d_secure": "automatic", **card_options}}
    options["us_bank_account"] = {"verification_method": "automatic"}
    return {kind: options[kind] for kind in kinds}


def setup_intent(*, created: int, customer: str | None, kinds: list[str], details: Body) -> Body:
    """Give a setup intent that waits for a payment method."""
    identifier = new_id("seti")
    return {
        **nothing(
            "allowed_payment_method_types",
            "application",
            "automatic_payment_methods",
            "cancellation_reason",
            "customer_account",
        ),
        **nothing("description", "excluded_payment_method_types", "flow_directions", "last_setup_error"),
        **nothing("latest_attempt", "mandate", "next_action", "on_behalf_of", "payment_method"),
        **nothing("payment_method_configuration_details", "single_use_mandate"),
        "id": identifier,
        "object": "setup_intent",
        "client_secret": f"{identifier}_{new_id('secret')}",
        "created": created,
        "customer": customer,
        "livemode": False,
        "metadata": {},
        "payment_method_options": _method_options(kinds, **nothing("mandate_options", "network")),
        "payment_method_types": kinds,
        "status": "requires_payment_method",
        "usage": "off_session",
        **details,
    }


def payment_intent(
    *, created: int, customer: str | None, amount: int, currency: str, kinds: list[str], details: Body
) -> Body:
    """Give a payment intent that waits for a payment method."""
    identifier = new_id("pi")
    return {
        **nothing(
            "allowed_payment_method_types",
            "application",
            "application_fee_amount",
            "automatic_payment_methods",
            "canceled_at",
        ),
        **nothing("cancellation_reason", "customer_account", "description", "excluded_payment_method_types"),
        **nothing("last_payment_error", "latest_charge", "next_action", "on_behalf_of", "payment_method"),
        **nothing("payment_method_configuration_details", "processing", "receipt_email", "review"),
        **nothing("setup_future_usage", "shipping", "source", "statement_descriptor", "transfer_group"),
        **nothing("statement_descriptor_suffix", "transfer_data"),
        "id": identifier,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "capture_method": "automatic",
        "client_secret": f"{identifier}_{new_id('secret')}",
        "confirmation_method": "automatic",
        "created": created,
        "currency": currency,
        "customer": customer,
        "livemode": False,
        "metadata": {},
        "payment_method_options": _method_options(kinds, **nothing("installments", "mandate_options", "network")),
        "payment_method_types": kinds,
        "status": "requires_payment_method",
        **details,
    }


def checkout_session(
    *,
    identifier: str,
    created: int,
    mode: str,
    customer: str | None,
    total: int | None,
    currency: str | None,
    kinds: list[str],
    details: Body,
) -> Body:
    """Give an open session of the hosted page, still without its address."""
    return {
        **nothing(
            "after_expiration",
            "allow_promotion_codes",
            "allowed_payment_method_types",
            "billing_address_collection",
            "client_secret",
        ),
        **nothing("collected_information", "consent", "consent_collection", "currency_conversion"),
        **nothing("customer_account", "customer_details", "invoice", "invoice_creation", "origin_context"),
        **nothing("payment_intent", "payment_link", "payment_method_configuration_details", "permissions"),
        **nothing("recovered_from", "return_url", "saved_payment_method_options", "setup_intent"),
        **nothing("shipping_address_collection", "shipping_cost", "subscription", "url", "wallet_options"),
        "id": identifier,
        "object": "checkout.session",
        "adaptive_pricing": None,
        "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": nothing("liability", "provider", "status") | {"enabled": False},
        "created": created,
        "currency": currency,
        "custom_fields": [],
        "custom_text": nothing("after_submit", "shipping_address", "submit", "terms_of_service_acceptance"),
        "customer": customer,
        "customer_creation": None if customer else "if_required",
        "discounts": [],
        "livemode": False,
        "mode": mode,
        "payment_method_collection": "always" if mode == "setup" else "if_required",
        "payment_method_options": {},
        "payment_method_types": kinds,
        "payment_status": "no_payment_required" if mode == "setup" else "unpaid",
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
        "status": "open",
        "total_details": None if total is None else {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        **details,
    }


def charge(*, created: int, intent: Body, method: Body, details: Body) -> Body:
    """Give one attempt to take an intent's money; ``details`` are its method's."""
    bank = method["type"] == "us_bank_account"
    return {
        **nothing("application", "application_fee", "application_fee_amount", "balance_transaction"),
        **nothing("failure_balance_transaction", "failure_code", "failure_message", "on_behalf_of"),
        **nothing("outcome", "receipt_number", "receipt_url", "review", "shipping", "source"),
        **nothing("source_transfer", "transfer_data"),
        "id": new_id("py" if bank else "ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": None,
        "captured": False,
        "created": created,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {"type": method["type"], method["type"]: details},
        "radar_options": {},
        "receipt_email": intent["receipt_email"],
        "refunded": False,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "pending",
        "transfer_group": intent["transfer_group"],
    }


REPORTED_AS = {
    "payment": "charge",
    "payment_refund": "refund",
    "adjustment": "dispute",
    "stripe_fee": "fee",
}


def balance_transaction(
    *, created: int, available_on: int, amount: int, fee: int, currency: str, kind: str, source: str | None
) -> Body:
    """Give what an object moved on the account's balance, and what Stripe kept of it."""
    details = {"amount": fee, "application": None, "currency": currency, "type": "stripe_fee"}
    category = REPORTED_AS.get(kind, kind)
    return {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": available_on,
        "balance_type": "payments",
        "created": created,
        "currency": currency,
        "description": None,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [details | {"description": "Stripe processing fees"}] if fee else [],
        "net": amount - fee,
        "reporting_category": "dispute_reversal" if category == "dispute" and amount > 0 else category,
        "source": source,
        "status": "available" if available_on <= created else "pending",
        "type": kind,
    }


def payout(*, created: int, amount: int, currency: str, arrives: int) -> Body:
    """Give an automatic payout on its way to the account's bank."""
    return {
        **nothing("application_fee", "application_fee_amount", "balance_transaction", "destination"),
        **nothing("failure_balance_transaction", "failure_code", "failure_message", "original_payout"),
        **nothing("payout_method", "reversed_by", "statement_descriptor", "trace_id"),
        "id": new_id("po"),
        "object": "payout",
        "amount": amount,
        "arrival_date": arrives,
        "automatic": True,
        "created": created,
        "currency": currency,
        "description": "STRIPE PAYOUT",
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "reconciliation_status": "completed",
        "source_type": "card",
        "status": "in_transit",
        "type": "bank_account",
    }


def balance(*, available: dict[str, int], pending: dict[str, int]) -> Body:
    """Give an account's balance, by currency."""

    def amounts(sums: dict[str, int]) -> list[Body]:
        return [{"amount": net, "currency": currency} for currency, net in sorted((sums or {"usd": 0}).items())]

    return {"object": "balance", "available": amounts(available), "livemode": False, "pending": amounts(pending)}


def dispute(
    *,
    identifier: str,
    created: int,
    charge: Body,
    amount: int,
    movement: Body,
    reason: str,
    network_reason_code: str | None,
    final: bool,
) -> Body:
    """Give a dispute that has taken ``amount`` of a charge back; a final one is lost already."""
    evidence = nothing(
        *("access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure"),
        *("cancellation_rebuttal", "customer_communication", "customer_email_address", "customer_name"),
        *("customer_purchase_ip", "customer_signature", "duplicate_charge_documentation"),
        *("duplicate_charge_explanation", "duplicate_charge_id", "product_description", "receipt"),
        *("refund_policy", "refund_policy_disclosure", "refund_refusal_explanation", "service_date"),
        *("service_documentation", "shipping_address", "shipping_carrier", "shipping_date"),
        *("shipping_documentation", "shipping_tracking_number", "uncategorized_file", "uncategorized_text"),
    )
    details: Body = {}
    if not final:
        card = {
            "brand": charge["payment_method_details"]["card"]["brand"],
            "case_type": "chargeback",
            "network": charge["payment_method_details"]["card"]["network"],
            "network_reason_code": network_reason_code,
        }
        details = {"payment_method_details": {"type": "card", "card": card}}
    return {
        "id": identifier,
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [movement],
        "charge": charge["id"],
        "created": created,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**evidence, "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": None if final else created + 7 * 86_400,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "network_reason_code": network_reason_code,
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "lost" if final else "needs_response",
        **details,
    }


def refund(*, created: int, charge: Body, amount: int, reason: str | None, metadata: dict[str, str]) -> Body:
    """Give a refund; a card's is done at once, a bank's is on its way."""
    bank = charge["payment_method_details"]["type"] == "us_bank_account"
    where = {"type": "us_bank_transfer", "us_bank_transfer": nothing("reference", "reference_status")}
    return {
        **nothing("balance_transaction", "customer_account", "receipt_number", "source_transfer_reversal"),
        **nothing("transfer_reversal"),
        "id": new_id("pyr" if bank else "re"),
        "object": "refund",
        "amount": amount,
        "charge": charge["id"],
        "created": created,
        "currency": charge["currency"],
        "customer": charge["customer"],
        "destination_details": where if bank else {"type": "card", "card": {"type": "refund"}},
        "metadata": metadata,
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "pending_reason": "processing" if bank else None,
        "reason": reason,
        "status": "pending" if bank else "succeeded",
    }


def listing(data: list[Body], *, url: str, has_more: bool = False) -> Body:
    """Give a page of a list."""
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def event(*, account: Account, kind: str, data: Body, pending: int, connected: bool) -> Body:
    """Give the news that something happened to an object, with the object as it was."""
    return {
        "id": new_id("evt"),
        "object": "event",
        **({"account": account.id} if connected else {}),
        "api_version": API_VERSION,
        "created": account.now,
        "data": data,
        "livemode": False,
        "pending_webhooks": pending,
        "request": {"id": account.request_id, "idempotency_key": account.idempotency_key},
        "type": kind,
    }
