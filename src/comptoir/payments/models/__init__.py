"""Saved methods, consent to debit, payments, and what the processor told us. No card or bank number is ever here."""

from .consents import ConsentChannel, RecordedConsent
from .methods import (
    Authorisation,
    ExpiryReminder,
    GatewayAccount,
    GatewayCustomer,
    MethodKind,
    PaymentMethod,
    SetupSession,
    SetupStatus,
)
from .news import WebhookEvent
from .payments import EntryClass, Payment, PaymentItem, PaymentOrigin, PaymentStatus
from .verifications import BankVerification, DepositKind

__all__ = [
    "Authorisation",
    "BankVerification",
    "ConsentChannel",
    "DepositKind",
    "EntryClass",
    "ExpiryReminder",
    "GatewayAccount",
    "GatewayCustomer",
    "MethodKind",
    "Payment",
    "PaymentItem",
    "PaymentMethod",
    "PaymentOrigin",
    "PaymentStatus",
    "RecordedConsent",
    "SetupSession",
    "SetupStatus",
    "WebhookEvent",
]
