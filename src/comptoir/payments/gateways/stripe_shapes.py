"""What Stripe's SDK returns, in the words of the port. Nothing here asks Stripe."""

import re
from datetime import UTC, date, datetime

import stripe
from django.utils.translation import gettext as _

from . import (
    Dispute,
    DisputeStatus,
    GatewayRefused,
    Intent,
    IntentStatus,
    Refund,
    RefundState,
    SavedMethod,
    Session,
    SessionStatus,
    Verification,
)

INTENT_STATUSES: dict[str, IntentStatus] = {
    "requires_payment_method": "waiting",
    "requires_confirmation": "waiting",
    "requires_capture": "processing",
    "requires_action": "action_required",
    "processing": "processing",
    "succeeded": "succeeded",
    "canceled": "canceled",
}
GAVE_UP = frozenset({"requires_payment_method", "canceled"})
SESSION_STATUSES: dict[str, SessionStatus] = {"open": "open", "complete": "complete", "expired": "expired"}
DISPUTE_STATUSES: dict[str, DisputeStatus] = {
    "needs_response": "needs_response",
    "under_review": "under_review",
    "lost": "lost",
    "won": "won",
}
REFUND_STATUSES: dict[str, RefundState] = {
    "pending": "processing",
    "requires_action": "processing",
    "succeeded": "succeeded",
    "failed": "failed",
    "canceled": "failed",
}
NETWORK_CODE = re.compile(r"R\d\d")


def session_of(found: stripe.checkout.Session) -> Session:
    """Return a hosted page; a method is of it once it was used and the bank has taken it."""
    setup = found.setup_intent
    intended = setup if isinstance(setup, stripe.SetupIntent) else None
    saved = intended.payment_method if intended and intended.status == "succeeded" else None
    intent = found.payment_intent
    return Session(
        id=found.id,
        status=SESSION_STATUSES[found.status or "open"],
        url=found.url or "",
        reference=found.client_reference_id or "",
        intent_id=intent.id if isinstance(intent, stripe.PaymentIntent) else intent,
        method=method_of(saved) if isinstance(saved, stripe.PaymentMethod) and found.status == "complete" else None,
        verification=_verification(intended) if intended else None,
        gave_up=bool(intended and found.status == "complete" and intended.status in GAVE_UP),
    )


def _verification(intent: stripe.SetupIntent | stripe.PaymentIntent) -> Verification | None:
    action = intent.next_action
    asked = action.verify_with_microdeposits if action and "verify_with_microdeposits" in action else None
    if asked is None:
        return None
    return Verification(
        kind="amounts" if asked.microdeposit_type == "amounts" else "descriptor_code",
        url=asked.hosted_verification_url,
        arrives_on=datetime.fromtimestamp(asked.arrival_date, tz=UTC).date(),
    )


def method_of(found: stripe.PaymentMethod) -> SavedMethod:
    """Return a saved card or bank account. Raises GatewayRefused for another kind."""
    if found.type == "card" and found.card:
        month, year = found.card.exp_month, found.card.exp_year
        return SavedMethod(
            id=found.id,
            kind="card",
            brand=found.card.brand.title(),
            last4=found.card.last4,
            expires_on=date(year + month // 12, month % 12 + 1, 1),
            holder_type="",
        )
    bank = found.us_bank_account
    if bank is None:
        raise GatewayRefused(_("The payment processor saved a kind of method that is not used here."), code=found.type)
    return SavedMethod(
        id=found.id,
        kind="us_bank_account",
        brand=bank.bank_name or "",
        last4=bank.last4 or "",
        expires_on=None,
        holder_type=bank.account_holder_type or "",
    )


def intent_of(found: stripe.PaymentIntent, *, dispute: Dispute | None) -> Intent:
    """Return a payment, with the dispute or return that came after it."""
    method = found.payment_method
    return Intent(
        id=found.id,
        status=INTENT_STATUSES[found.status],
        reference=reference_of(found),
        failure_code=_failure_code(found),
        method=method_of(method) if isinstance(method, stripe.PaymentMethod) else None,
        dispute=dispute,
        verification=_verification(found),
        bank_reference=_bank_reference(found),
    )


def _bank_reference(found: stripe.PaymentIntent) -> str:
    charge = found.latest_charge
    details = charge.payment_method_details if isinstance(charge, stripe.Charge) else None
    bank = details.us_bank_account if details and "us_bank_account" in details else None
    return (bank.payment_reference or "") if bank else ""


def reference_of(found: stripe.PaymentIntent) -> str:
    """Return our reference for a payment; empty for one that is not of our making."""
    return str(found.metadata["payment"]) if "payment" in found.metadata else ""


def _failure_code(found: stripe.PaymentIntent) -> str:
    """The network's return code where there is one, else Stripe's word for why."""
    error = found.last_payment_error
    if error is None:
        return ""
    network = error.network_decline_code if "network_decline_code" in error else None
    if network and NETWORK_CODE.fullmatch(network):
        return network
    return (error.decline_code if "decline_code" in error else None) or error.code or error.type


def dispute_of(found: stripe.Dispute) -> Dispute | None:
    """Return a dispute or return: how it stands, why it was made, what was withdrawn, and what that cost.

    An inquiry, which takes no money, is none.
    """
    if found.status not in DISPUTE_STATUSES:
        return None
    due_by = found.evidence_details.due_by
    return Dispute(
        id=found.id,
        status=DISPUTE_STATUSES[found.status],
        code=found.network_reason_code or found.reason,
        reason=found.reason,
        amount_minor=found.amount,
        fee_minor=sum(moved.fee for moved in found.balance_transactions),
        respond_by=datetime.fromtimestamp(due_by, tz=UTC) if due_by else None,
        is_of_card="payment_method_details" in found and found.payment_method_details is not None,
        was_answered=found.evidence_details.submission_count > 0,
    )


def refund_of(found: stripe.Refund) -> Refund:
    """Return a refund as it stands."""
    ours = found.metadata is not None and "refund" in found.metadata
    return Refund(
        id=found.id,
        reference=str(found.metadata["refund"]) if ours and found.metadata else "",
        status=REFUND_STATUSES[found.status or "pending"],
        failure_code=("failure_reason" in found and found.failure_reason) or found.status or "",
    )
