"""The line of digits at the foot of a check slip, which the bank's reader sends back with the check.

    vendor  company   invoice     amount        check digits
    0007    00010482  0000000123  000000087250  94

The two check digits are ISO 7064 MOD 97-10: they find every misread digit and every two neighbours swapped.
"""

from __future__ import annotations

import re
from dataclasses import astuple, dataclass
from itertools import accumulate

from django.utils.translation import gettext as _

from comptoir.kit.errors import ComptoirError

WIDTHS = (4, 8, 10, 12)  # vendor, company, invoice, amount in minor units
CHECK_DIGITS = 2
ALL_DIGITS = re.compile(rf"[0-9]{{{sum(WIDTHS) + CHECK_DIGITS}}}")


class UnreadableScanLine(ComptoirError):
    """What a reader sent is no scan line of ours, or a digit of it was misread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanLine:
    """What a slip pays: numbers of the vendor, company and invoice, and the amount in minor units."""

    vendor_number: int
    company_number: int
    invoice_number: int
    amount_minor: int

    def __post_init__(self) -> None:
        for value, width in zip(astuple(self), WIDTHS, strict=True):
            if not 0 <= value < 10**width:
                raise ValueError(f"{value} does not fit the {width} digits it has on a scan line.")


def write_scan_line(line: ScanLine) -> str:
    """Return the line as printed: groups of digits, the check digits last."""
    groups = [f"{value:0{width}}" for value, width in zip(astuple(line), WIDTHS, strict=True)]
    check = 98 - int("".join(groups)) * 100 % 97
    return " ".join([*groups, f"{check:02}"])


def read_scan_line(text: str) -> ScanLine:
    """Return what a scan line says, whatever its spaces. Raises UnreadableScanLine."""
    digits = "".join(text.split())
    if not ALL_DIGITS.fullmatch(digits) or int(digits) % 97 != 1:
        raise UnreadableScanLine(
            _("The scan line “{text}” cannot be read. Compare it with the slip, or match the check by hand.").format(
                text=text
            )
        )
    vendor, company, invoice, amount_minor = (
        int(digits[end - width : end]) for width, end in zip(WIDTHS, accumulate(WIDTHS), strict=True)
    )
    return ScanLine(vendor_number=vendor, company_number=company, invoice_number=invoice, amount_minor=amount_minor)
