"""Saved methods, consent to debit, payments, and what the processor told us. No card or bank number is ever here."""

from .autopay import AutopayInstruction, AutopayLimit, DebitNotice, InstructionKind, NoticeKind
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
from .collecting import DroppedWhy, PaymentPolicy, PlannedRetry, ReturnFee
from .consents import ConsentChannel, RecordedConsent
from .disputes import OPEN_DISPUTES, AnswerKind, AnswerStatus, Dispute, DisputeAnswer, DisputeStatus
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
from .refunds import Refund, RefundItem, RefundReason, RefundRequest, RefundStatus, RequestStatus
from .verifications import BankVerification, DepositKind

__all__ = [
    "OPEN_DISPUTES",
    "AnswerKind",
    "AnswerStatus",
    "Authorisation",
    "AutopayInstruction",
    "AutopayLimit",
    "BankFile",
    "BankVerification",
    "CheckDecision",
    "CheckStatus",
    "ConsentChannel",
    "DebitNotice",
    "DecisionKind",
    "DecisionStatus",
    "Deposit",
    "DepositKind",
    "DepositStatus",
    "Dispute",
    "DisputeAnswer",
    "DisputeStatus",
    "DroppedWhy",
    "EntryClass",
    "ExpiryReminder",
    "GatewayAccount",
    "GatewayCustomer",
    "InstructionKind",
    "KnownPayer",
    "MethodKind",
    "NoticeKind",
    "Payment",
    "PaymentItem",
    "PaymentMethod",
    "PaymentOrigin",
    "PaymentPolicy",
    "PaymentStatus",
    "PlannedRetry",
    "ReceivedCheck",
    "RecordedConsent",
    "Refund",
    "RefundItem",
    "RefundReason",
    "RefundRequest",
    "RefundStatus",
    "RequestStatus",
    "ReturnFee",
    "SetupSession",
    "SetupStatus",
    "WebhookEvent",
]
