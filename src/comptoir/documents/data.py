"""What a document says, as plain values: no database, no markup, nothing formatted yet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from comptoir.tenancy.legal_ids import UNKNOWN, LegalIds

Paper = Literal["us-letter", "a4"]
TaxCategory = Literal["S", "Z", "E", "AE", "K", "G", "O"]  # EN 16931, UNTDID 5305
InvoiceKind = Literal["invoice", "sample", "credit_note"]
LogoMediaType = Literal["image/png", "image/jpeg"]  # an SVG could name what it shows elsewhere

HEX_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Logo:
    """A vendor's logo. It is drawn up to 36 points high and 180 wide."""

    data: bytes
    media_type: LogoMediaType


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """The vendor as its customers know it. Without a logo its name is set as a wordmark.

    ``tax_ids`` are printed, by name ("SIREN", "732829320"); ``ids`` are for machines.
    """

    name: str
    legal_name: str
    address: tuple[str, ...]
    colour: str
    logo: Logo | None = None
    email: str = ""
    phone: str = ""
    website: str = ""
    tax_ids: tuple[tuple[str, str], ...] = ()
    ids: LegalIds = UNKNOWN
    paper: Paper = "us-letter"

    def __post_init__(self) -> None:
        if not HEX_COLOUR.fullmatch(self.colour):
            raise ValueError(f"A brand's colour is written #rrggbb, not {self.colour!r}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Whom a document is for. `number` is the customer number; ``tax_ids`` and ``ids`` are as a brand's."""

    name: str
    address: tuple[str, ...] = ()
    number: str | None = None
    tax_ids: tuple[tuple[str, str], ...] = ()
    ids: LegalIds = UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One charge. The service period is half-open; a one-off charge has none.

    ``unit`` is of UN/ECE recommendation 20 ("C62" is one piece; BT-130); ``tax_category`` and ``tax_rate`` (0.20 for
    20 %) are those of EN 16931 (BT-151, BT-152), None where the taxes are not a VAT and stand on the invoice alone.
    """

    description: str
    amount_minor: int
    location: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    quantity: Decimal | int = 1
    unit_minor: int
    unit: str = "C62"
    tax_category: TaxCategory | None = None
    tax_rate: Decimal | None = None

    def __post_init__(self) -> None:
        if (self.starts_on is None) != (self.ends_on is None):
            raise ValueError("A line has both ends of its period, or neither.")
        if self.starts_on is not None and self.ends_on is not None and self.starts_on >= self.ends_on:
            raise ValueError("A line's period ends after it starts.")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxLine:
    """One tax on the invoice, named as the customer should read it ("Sales tax, Texas 8.25%").

    ``taxable_minor`` is what it is reckoned on, ``rate`` 0.0825 for 8.25 %, ``category`` that of EN 16931 (BT-118);
    an exempt one says why (BT-120).
    """

    label: str
    amount_minor: int
    taxable_minor: int | None = None
    rate: Decimal | None = None
    category: TaxCategory | None = None
    exempt_because: str = ""

    def __post_init__(self) -> None:
        if self.category in ("E", "AE", "K", "G", "O") and (self.amount_minor or not self.exempt_because):
            raise ValueError("Where no tax is due, none is asked for, and the reason is said.")


@dataclass(frozen=True, slots=True, kw_only=True)
class AutopayNote:
    """The invoice is taken care of: what is debited, and when ("Bank account ending 6789")."""

    method_label: str
    pays_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSlip:
    """The part that the customer cuts off and sends along with a check.

    ``pay_url`` is the page that pays this invoice, for the QR code; ``portal_url`` is short, to be typed from paper.
    ``note`` is a sentence that whoever sends a check has to know, in the document's language.
    """

    scan_line: str
    payable_to: str
    remit_address: tuple[str, ...]
    pay_url: str
    portal_url: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDocument:
    """An invoice, a credit note, or a sample, which has no number and asks for no money.

    All amounts are in minor units of `currency`; those of a credit note, which ``corrects`` the invoice of that number,
    are written as positive numbers.
    """

    kind: InvoiceKind
    number: str | None
    issued_on: date
    due_on: date | None
    brand: Brand
    bill_to: Party
    lines: tuple[Line, ...]
    subtotal_minor: int
    taxes: tuple[TaxLine, ...] = ()
    total_minor: int
    currency: str
    language: str
    purchase_order: str | None = None
    payment: AutopayNote | CheckSlip | None = None
    corrects: str | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.number is None) != (self.kind == "sample"):
            raise ValueError("A sample has no number; an invoice and a credit note have one.")
        if self.kind != "invoice" and isinstance(self.payment, CheckSlip):
            raise ValueError("Only an invoice asks for a check.")
        if sum(line.amount_minor for line in self.lines) != self.subtotal_minor:
            raise ValueError("The subtotal is the sum of the lines.")
        if self.subtotal_minor + sum(tax.amount_minor for tax in self.taxes) != self.total_minor:
            raise ValueError("The total is the subtotal and the taxes.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterDocument:
    """A letter on the vendor's paper. The caller has written it in `language` already."""

    brand: Brand
    recipient: Party
    written_on: date
    subject: str
    paragraphs: tuple[str, ...]
    language: str
    greeting: str = ""
    closing: str = ""
    signature: tuple[str, ...] = ()
    portal_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidInvoice:
    """What a payment paid on one invoice, in minor units."""

    number: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptDocument:
    """The receipt of a payment that has succeeded, in minor units of `currency`.

    What is not on one of the `invoices` stays as credit with the vendor.
    """

    brand: Brand
    bill_to: Party
    confirmation_number: str
    paid_on: date
    method_label: str
    amount_minor: int
    currency: str
    invoices: tuple[PaidInvoice, ...]
    language: str

    def __post_init__(self) -> None:
        if sum(invoice.amount_minor for invoice in self.invoices) > self.amount_minor:
            raise ValueError("A payment pays no more on its invoices than its amount.")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementEntry:
    """What changed the balance on a day, in minor units: billed above zero, paid or credited below."""

    on: date
    text: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementDocument:
    """A statement of account over the days ``[starts_on, ends_on)``, in minor units of `currency`."""

    brand: Brand
    bill_to: Party
    starts_on: date
    ends_on: date
    opening_minor: int
    entries: tuple[StatementEntry, ...]
    currency: str
    language: str

    def __post_init__(self) -> None:
        days = [entry.on for entry in self.entries]
        if days != sorted(days):
            raise ValueError("A statement's entries stand in the order of their days.")
        if self.starts_on >= self.ends_on or any(not self.starts_on <= day < self.ends_on for day in days):
            raise ValueError("A statement's entries lie within its period.")

    @property
    def closing_minor(self) -> int:
        """What is owed at the period's end; below zero it is credit."""
        return self.opening_minor + sum(entry.amount_minor for entry in self.entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueInvoice:
    """An invoice that a reminder is about, with what is open on it in minor units."""

    number: str
    due_on: date
    open_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderDocument:
    """A reminder of what is overdue. ``paragraphs`` are written by the caller in `language` already."""

    brand: Brand
    bill_to: Party
    written_on: date
    subject: str
    paragraphs: tuple[str, ...]
    invoices: tuple[OverdueInvoice, ...]
    currency: str
    language: str
    portal_url: str

    def __post_init__(self) -> None:
        if not self.invoices or any(invoice.due_on > self.written_on for invoice in self.invoices):
            raise ValueError("A reminder is about invoices that are due.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceDocument:
    """A remittance slip by itself: what is sent along with a check for one invoice, in minor units of `currency`."""

    brand: Brand
    bill_to: Party
    invoice_number: str
    written_on: date
    due_on: date
    amount_minor: int
    currency: str
    language: str
    slip: CheckSlip


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverDocument:
    """The list on top of papers for the printer: customer number, name and number of pages, envelope by envelope."""

    brand: Brand
    written_on: date
    title: str
    envelopes: tuple[tuple[str, str, int], ...]
    language: str


Document = (
    InvoiceDocument
    | LetterDocument
    | ReceiptDocument
    | StatementDocument
    | ReminderDocument
    | RemittanceDocument
    | CoverDocument
)
