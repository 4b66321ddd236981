"""Every paper with plausible facts, in the vendor's own look, to be looked at before a customer gets one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comptoir.documents.data import (
    AutopayNote,
    CheckSlip,
    Document,
    InvoiceDocument,
    InvoiceKind,
    Line,
    OverdueInvoice,
    PaidInvoice,
    Party,
    ReceiptDocument,
    RemittanceDocument,
    StatementDocument,
    StatementEntry,
    TaxLine,
)
from comptoir.invoicing.issuing import seller_data
from comptoir.kit.money import percent
from comptoir.tenancy.queries import VendorRow

from .legal import late_payment_notes
from .letters import letter_document
from .papers import brand
from .reminders import reminder_document
from .sample_facts import (
    AMOUNT_MINOR,
    COMPANY,
    CONFIRMATION,
    DUE,
    METHOD,
    NUMBER,
    PORTAL,
    TODAY,
    Writer,
    letter_facts,
    sample_words,
    slip_of,
)

BUYER = Party(name=COMPANY, address=("14 Elm Street", "Springfield, CA 90001"), number="C-1042")
STORES, PRODUCTS = ("0412, 14 Elm Street", "0413, 9 Airport Road"), (("eRestaurant", 18_900), ("NetPOS", 12_500))
RATE, TAX_MINOR = Decimal("0.0825"), 51_81


@dataclass(frozen=True, slots=True)
class Paper:
    """A kind of paper: what the gallery calls it, and how it is made for a vendor's reader."""

    title: str | Promise
    document: Callable[[VendorRow, str], Document]


def sample_document(what: str, *, vendor: VendorRow, language: str) -> Document:
    """Return the paper ``what`` of PAPERS in a vendor's look. Raises KeyError for another one."""
    with translation.override(language):
        return PAPERS[what].document(vendor, language)


def _invoice(vendor: VendorRow, language: str, *, kind: InvoiceKind, pays_by: str = "") -> InvoiceDocument:
    lines = tuple(
        Line(
            description=product,
            location=store,
            starts_on=DUE,
            ends_on=date(2020, 11, 1),
            unit_minor=minor,
            amount_minor=minor,
        )
        for store in STORES
        for product, minor in PRODUCTS
    )
    payment: dict[str, AutopayNote | CheckSlip] = {
        "check": slip_of(vendor),
        "autopay": AutopayNote(method_label=METHOD, pays_on=DUE),
    }
    tax = gettext("Sales tax")
    is_credit = kind == "credit_note"
    return InvoiceDocument(
        kind=kind,
        number={"invoice": NUMBER, "credit_note": "BIS-CN-000007", "sample": None}[kind],
        issued_on=TODAY,
        due_on=None if is_credit else DUE,
        brand=brand(vendor),
        bill_to=BUYER,
        lines=lines,
        subtotal_minor=AMOUNT_MINOR - TAX_MINOR,
        taxes=(TaxLine(label=f"{tax} {percent(RATE, language=language)}", amount_minor=TAX_MINOR),),
        total_minor=AMOUNT_MINOR,
        currency=vendor.currency,
        language=language,
        payment=payment.get(pays_by),
        corrects=NUMBER if is_credit else None,
        notes=() if is_credit else late_payment_notes(seller_data(vendor), language=language),
    )


def _letter(vendor: VendorRow, language: str) -> Document:
    facts = letter_facts(vendor, language=language)
    return letter_document(facts=facts, vendor=vendor, recipient=BUYER, today=TODAY, language=language)


def _receipt(vendor: VendorRow, language: str) -> Document:
    return ReceiptDocument(
        brand=brand(vendor),
        bill_to=BUYER,
        confirmation_number=CONFIRMATION,
        paid_on=DUE,
        method_label=METHOD,
        amount_minor=700_00,
        currency=vendor.currency,
        invoices=(PaidInvoice(number=NUMBER, amount_minor=AMOUNT_MINOR),),
        language=language,
    )


def _statement(vendor: VendorRow, language: str) -> Document:
    invoice, payment = gettext("Invoice {number}"), gettext("Payment {number}, thank you")
    return StatementDocument(
        brand=brand(vendor),
        bill_to=BUYER,
        starts_on=TODAY,
        ends_on=date(2021, 1, 1),
        opening_minor=0,
        entries=(
            StatementEntry(on=TODAY, text=invoice.format(number=NUMBER), amount_minor=AMOUNT_MINOR),
            StatementEntry(on=DUE, text=payment.format(number=CONFIRMATION), amount_minor=-AMOUNT_MINOR),
            StatementEntry(on=date(2020, 12, 16), text=invoice.format(number="BIS-000301"), amount_minor=AMOUNT_MINOR),
        ),
        currency=vendor.currency,
        language=language,
    )


def _reminder(vendor: VendorRow, language: str) -> Document:
    subject, *paragraphs = sample_words("firm_reminder", Writer(vendor, language))
    return reminder_document(
        vendor=vendor,
        bill_to=BUYER,
        invoices=(OverdueInvoice(number=NUMBER, due_on=DUE, open_minor=AMOUNT_MINOR),),
        portal_url=f"{PORTAL}/",
        today=date(2020, 10, 8),
        language=language,
        subject=subject,
        paragraphs=paragraphs,
    )


def _slip(vendor: VendorRow, language: str) -> Document:
    return RemittanceDocument(
        brand=brand(vendor),
        bill_to=BUYER,
        invoice_number=NUMBER,
        written_on=TODAY,
        due_on=DUE,
        amount_minor=AMOUNT_MINOR,
        currency=vendor.currency,
        language=language,
        slip=slip_of(vendor),
    )


PAPERS: Mapping[str, Paper] = {
    "paper-invoice-by-check": Paper(_("Invoice to pay by check"), partial(_invoice, kind="invoice", pays_by="check")),
    "paper-invoice-on-autopay": Paper(_("Invoice on autopay"), partial(_invoice, kind="invoice", pays_by="autopay")),
    "paper-sample": Paper(_("Sample invoice"), partial(_invoice, kind="sample")),
    "paper-credit-note": Paper(_("Credit note"), partial(_invoice, kind="credit_note")),
    "paper-letter": Paper(_("Letter of the move"), _letter),
    "paper-receipt": Paper(_("Receipt"), _receipt),
    "paper-statement": Paper(_("Statement of account"), _statement),
    "paper-reminder": Paper(_("Reminder"), _reminder),
    "paper-slip": Paper(_("Remittance slip"), _slip),
}
