"""What a document says, as plain values: no database, no markup, nothing formatted yet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Paper = Literal["us-letter", "a4"]
InvoiceKind = Literal["invoice", "sample", "credit_note"]
LogoMediaType = Literal["image/png", "image/jpeg", "image/svg+xml"]

HEX_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Logo:
    """A vendor's logo. It is drawn up to 36 points high and 180 wide."""

    data: bytes
    media_type: LogoMediaType


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """The vendor as its customers know it. Without a logo its name is set as a wordmark."""

    name: str
    legal_name: str
    address: tuple[str, ...]
    colour: str
    logo: Logo | None = None
    email: str = ""
    phone: str = ""
    website: str = ""
    tax_ids: tuple[str, ...] = ()
    paper: Paper = "us-letter"

    def __post_init__(self) -> None:
        if not HEX_COLOUR.fullmatch(self.colour):
            raise ValueError(f"A brand's colour is written #rrggbb, not {self.colour!r}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Whom a document is for. `number` is the customer number; tax ids are written out ("VAT FR83…")."""

    name: str
    address: tuple[str, ...] = ()
    number: str | None = None
    tax_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One charge. The service period is half-open; a one-off charge has none."""

    description: str
    amount_minor: int
    location: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    quantity: Decimal | int = 1
    unit_minor: int

    def __post_init__(self) -> None:
        if (self.starts_on is None) != (self.ends_on is None):
            raise ValueError("A line has both ends of its period, or neither.")
        if self.starts_on is not None and self.ends_on is not None and self.starts_on >= self.ends_on:
            raise ValueError("A line's period ends after it starts.")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxLine:
    """One tax on the invoice, named as the customer should read it ("Sales tax, Texas 8.25%")."""

    label: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AutopayNote:
    """The invoice is taken care of: what is debited, and when ("Bank account ending 6789")."""

    method_label: str
    pays_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSlip:
    """The part that the customer cuts off and sends along with a check.

    ``pay_url`` is the page that pays this invoice, for the QR code; ``portal_url`` is short, to be typed from paper.
    """

    scan_line: str
    payable_to: str
    remit_address: tuple[str, ...]
    pay_url: str
    portal_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDocument:
    """An invoice, a credit note, or a sample, which has no number and asks for no money.

    All amounts are in minor units of `currency`; those of a credit note are written as positive numbers.
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


Document = InvoiceDocument | LetterDocument | ReceiptDocument
