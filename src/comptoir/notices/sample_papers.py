"""Every paper with plausible facts, in the vendor's own look, to be looked at before a customer gets one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from comptoir.documents.data import (
    AutopayNote,
    Brand,
    CheckSlip,
    Document,
    InvoiceDocument,
    InvoiceKind,
    LetterDocument,
    Line,
    OverdueInvoice,
    PaidInvoice,
    Party,
    ReceiptDocument,
    ReminderDocument,
    RemittanceDocument,
    StatementDocument,
    StatementEntry,
    TaxLine,
)
from comptoir.tenancy.queries import VendorRow

from .papers import brand
from .samples import PORTAL, SLIP

TODAY, DUE = date(2020, 9, 16), date(2020, 10, 1)
BUYER = Party(name="Fish & Chips of Tulsa LLC", address=("14 Elm Street", "Tulsa, OK 74103"), number="C-1042")
METHOD = "Bank account ••6789"


def sample_document(*, name: str, vendor: VendorRow, language: str) -> Document:
    """This function will return the paper ``name`` of PAPERS in a vendor's look. Raises KeyError for another name."""
    return PAPERS[name](brand(vendor), language, vendor.currency)


def _invoice(
    seller: Brand, language: str, currency: str, *, kind: InvoiceKind, payment: AutopayNote | CheckSlip | None
) -> InvoiceDocument:
    lines = tuple(
        Line(
            description=product,
            location=store,
            starts_on=DUE,
            ends_on=date(2020, 11, 1),
            unit_minor=minor,
            amount_minor=minor,
        )
        for store in ("Tulsa Downtown", "Tulsa Airport")
        for product, minor in (("eRestaurant", 18_900), ("NetPOS", 12_500))
    )
    net = sum(line.amount_minor for line in lines)
    return InvoiceDocument(
        kind=kind,
        number=None if kind == "sample" else "BIS-000123",
        issued_on=TODAY,
        due_on=None if kind == "credit_note" else DUE,
        brand=seller,
        bill_to=BUYER,
        lines=lines,
        subtotal_minor=net,
        taxes=(TaxLine(label="8.25%", amount_minor=5_181),),
        total_minor=net + 5_181,
        currency=currency,
        language=language,
        payment=payment,
    )


def _letter(seller: Brand, language: str, _currency: str) -> Document:
    return LetterDocument(
        brand=seller,
        recipient=BUYER,
        written_on=TODAY,
        subject="Lorem ipsum",
        paragraphs=("Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor. " * 4,) * 3,
        language=language,
        signature=(seller.name,),
        portal_url=f"{PORTAL}/",
    )


def _receipt(seller: Brand, language: str, currency: str) -> Document:
    return ReceiptDocument(
        brand=seller,
        bill_to=BUYER,
        confirmation_number="7QK4D-M2XWP",
        paid_on=DUE,
        method_label=METHOD,
        amount_minor=70_000,
        currency=currency,
        invoices=(PaidInvoice(number="BIS-000123", amount_minor=67_981),),
        language=language,
    )


def _statement(seller: Brand, language: str, currency: str) -> Document:
    return StatementDocument(
        brand=seller,
        bill_to=BUYER,
        starts_on=TODAY,
        ends_on=date(2021, 1, 1),
        opening_minor=0,
        entries=(
            StatementEntry(on=TODAY, text="BIS-000123", amount_minor=67_981),
            StatementEntry(on=DUE, text="7QK4D-M2XWP", amount_minor=-67_981),
            StatementEntry(on=date(2020, 12, 16), text="BIS-000301", amount_minor=67_981),
        ),
        currency=currency,
        language=language,
    )


def _reminder(seller: Brand, language: str, currency: str) -> Document:
    return ReminderDocument(
        brand=seller,
        bill_to=BUYER,
        written_on=date(2020, 10, 8),
        subject="BIS-000123",
        paragraphs=("Lorem ipsum dolor sit amet, consectetur adipiscing elit.",),
        invoices=(OverdueInvoice(number="BIS-000123", due_on=DUE, open_minor=67_981),),
        currency=currency,
        language=language,
        portal_url=f"{PORTAL}/",
    )


def _slip(seller: Brand, language: str, currency: str) -> Document:
    return RemittanceDocument(
        brand=seller,
        bill_to=BUYER,
        invoice_number="BIS-000123",
        written_on=TODAY,
        due_on=DUE,
        amount_minor=67_981,
        currency=currency,
        language=language,
        slip=SLIP,
    )


PAPERS: dict[str, Callable[[Brand, str, str], Document]] = {
    "invoice to pay by check": lambda *look: _invoice(*look, kind="invoice", payment=SLIP),
    "invoice on autopay": lambda *look: _invoice(
        *look, kind="invoice", payment=AutopayNote(method_label=METHOD, pays_on=DUE)
    ),
    "sample invoice": lambda *look: _invoice(*look, kind="sample", payment=None),
    "credit note": lambda *look: _invoice(*look, kind="credit_note", payment=None),
    "letter": _letter,
    "receipt": _receipt,
    "statement": _statement,
    "reminder": _reminder,
    "remittance slip": _slip,
}
