"""Documents to render: a store's ordinary invoice, and what the tests vary of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from comptoir.documents.data import Brand, CheckSlip, InvoiceDocument, Line, Party, TaxLine

BRAND = Brand(
    name="Northwind",
    legal_name="Northwind Restaurant Systems, Inc.",
    address=("1200 Harbor Boulevard", "Austin, TX 78701"),
    colour="#0f766e",
    email="billing@northwind.example",
)
OWNER = Party(name="Green Olive Foods LLC", address=("77 Market Street", "Round Rock, TX 78664"), number="C-10482")
SLIP = CheckSlip(
    scan_line="0007 00010482 0000000123 000000043625 94",
    payable_to="Northwind Restaurant Systems, Inc.",
    remit_address=("PO Box 660317", "Dallas, TX 75266-0317"),
    pay_url="https://pay.northwind.example/i/7Q2M9F4K1ZP8",
    portal_url="https://pay.northwind.example/",
)


def line(**changes: Any) -> Line:
    """One month of a product for a store, $189.00, changed as the test wants."""
    values: dict[str, Any] = {
        "description": "eRestaurant",
        "location": "Store 12",
        "starts_on": date(2020, 10, 1),
        "ends_on": date(2020, 11, 1),
        "unit_minor": 18_900,
        "amount_minor": 18_900,
    }
    return Line(**values | changes)


def invoice(*lines: Line, tax_minor: int = 0, **changes: Any) -> InvoiceDocument:
    """An invoice of these lines (else of one), its sums made to fit."""
    lines = lines or (line(),)
    subtotal_minor = sum(item.amount_minor for item in lines)
    values: dict[str, Any] = {
        "kind": "invoice",
        "number": "NW-2020-000123",
        "issued_on": date(2020, 9, 16),
        "due_on": date(2020, 10, 1),
        "brand": BRAND,
        "bill_to": OWNER,
        "lines": lines,
        "subtotal_minor": subtotal_minor,
        "taxes": (TaxLine(label="Sales tax", amount_minor=tax_minor),) if tax_minor else (),
        "total_minor": subtotal_minor + tax_minor,
        "currency": "USD",
        "language": "en",
    }
    return InvoiceDocument(**values | changes)
