"""Saved methods, consent to debit, payments, and what the processor told us. No card or bank number is ever here."""

from .methods import (
    Authorisation,
    GatewayAccount,
    GatewayCustomer,
    MethodKind,
    PaymentMethod,
    SetupSession,
    SetupStatus,
)
from .news import WebhookEvent
from .payments import Payment, PaymentItem, PaymentOrigin, PaymentStatus

__all__ = [
    "Authorisation",
    "GatewayAccount",
    "GatewayCustomer",
    "MethodKind",
    "Payment",
    "PaymentItem",
    "PaymentMethod",
    "PaymentOrigin",
    "PaymentStatus",
    "SetupSession",
    "SetupStatus",
    "WebhookEvent",
]
