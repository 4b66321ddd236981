"""What a line is to a value-added tax, and what it counts in, by the codes that e-invoices use (EN 16931). Pure."""

from typing import Literal, Protocol

from comptoir.kit.countries import EUROPEAN_UNION

# UNTDID 5305: standard rate, zero rate, exempt, reverse charge, outside the scope of the seller's taxes.
VatCategory = Literal["S", "Z", "E", "AE", "O"]
VAT_CATEGORIES: tuple[VatCategory, ...] = ("S", "Z", "E", "AE", "O")

PIECE = "C62"
UNITS = {"monthly": "MON", "quarterly": "QAN", "annual": "ANN"}  # UN/ECE recommendation 20


class KnownBy(Protocol):
    """Where a seller or buyer is, and its VAT number, "" if it has none."""

    @property
    def country(self) -> str: ...
    @property
    def vat_id(self) -> str: ...


def untaxed_abroad(*, seller: KnownBy, buyer: KnownBy) -> VatCategory:
    """Return what a line is where the seller collects no tax: within the EU, a buyer with a VAT number owes it."""
    within_union = seller.country in EUROPEAN_UNION and buyer.country in EUROPEAN_UNION
    if within_union and seller.country != buyer.country and seller.vat_id and buyer.vat_id:
        return "AE"
    return "O"
