"""Saved methods, consent to debit, payments, and what the processor told us. No card or bank number is ever here."""

from .checks import (
    BankFile,
    CheckDecision,
    CheckStatus,
    DecisionKind,
    DecisionStatus,
    Deposit,
    DepositStatus,
    KnownPayer,
    ReceivedCheck,
)
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
    "BankFile",
    "BankVerification",
    "CheckDecision",
    "CheckStatus",
    "ConsentChannel",
    "DecisionKind",
    "DecisionStatus",
    "Deposit",
    "DepositKind",
    "DepositStatus",
    "EntryClass",
    "ExpiryReminder",
    "GatewayAccount",
    "GatewayCustomer",
    "KnownPayer",
    "MethodKind",
    "Payment",
    "PaymentItem",
    "PaymentMethod",
    "PaymentOrigin",
    "PaymentStatus",
    "ReceivedCheck",
    "RecordedConsent",
    "SetupSession",
    "SetupStatus",
    "WebhookEvent",
]
