"""Bill runs, what they issue, what corrects it, and what is open on it. Issued documents never change."""

from .bill_runs import BillRun, BillRunItem, BillRunPart, ItemStatus, RunStatus
from .credits import (
    ApprovalLimit,
    Correction,
    CorrectionKind,
    CorrectionStatus,
    CreditNote,
    CreditNoteLine,
    CreditReason,
    WriteOff,
)
from .invoices import Coverage, Invoice, InvoiceBatch, InvoiceKind, InvoiceLine, InvoiceTax
from .numbers import CreditNoteNumber, InvoiceNumber, NumberSeries, SeriesKind
from .recognition import RevenueRecognition
from .settlement import Allocation, CompanyCredit, CreditMovement, InvoiceBalance

__all__ = [
    "Allocation",
    "ApprovalLimit",
    "BillRun",
    "BillRunItem",
    "BillRunPart",
    "CompanyCredit",
    "Correction",
    "CorrectionKind",
    "CorrectionStatus",
    "Coverage",
    "CreditMovement",
    "CreditNote",
    "CreditNoteLine",
    "CreditNoteNumber",
    "CreditReason",
    "Invoice",
    "InvoiceBalance",
    "InvoiceBatch",
    "InvoiceKind",
    "InvoiceLine",
    "InvoiceNumber",
    "InvoiceTax",
    "ItemStatus",
    "NumberSeries",
    "RevenueRecognition",
    "RunStatus",
    "SeriesKind",
    "WriteOff",
]
