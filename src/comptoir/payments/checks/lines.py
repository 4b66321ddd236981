"""What a bank's file says of checks, whichever way it is written."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from .matching import DIGITS_OF_A_LINE, INVOICE_NUMBER

Kind = Literal["deposit", "check", "return", "other"]
# A payer's account and routing numbers may stand in the bank's text; digits that are nothing of ours are not kept.
LONG_DIGITS = re.compile(r"\d[\d -]{5,}\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class BankLine:
    """A line of the bank's: a deposit's total, a check in one, a check that came back, or something else.

    Amounts in minor units, above zero. ``print_of`` tells a line from every other one, and the same line again.
    """

    kind: Kind
    booked_on: date
    amount_minor: int
    reference: str = ""
    number: str = ""
    payer: str = ""
    remittance: str = ""
    print_of: str = ""


@dataclass(slots=True, kw_only=True)
class BankDeposit:
    """A deposit as the bank tells it: its total, and its checks if it lists them."""

    total: BankLine
    checks: list[BankLine] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class BankNews:
    """All that a file says of checks."""

    deposits: list[BankDeposit] = field(default_factory=list)
    returns: list[BankLine] = field(default_factory=list)
    other_lines: int = 0


class LinePrints:
    """Makes the prints of a file's lines: equal lines of one account are told apart by counting them."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def of(self, *parts: object) -> str:
        """Return the print of a line with these parts."""
        said = "\x1f".join(str(part) for part in parts)
        self._seen[said] += 1
        return hashlib.sha256(f"{said}\x1f{self._seen[said]}".encode()).hexdigest()


def remittance_of(text: str) -> str:
    """Return the scan lines and invoice numbers in a bank's text."""
    lines = [" ".join(found.split()) for found in DIGITS_OF_A_LINE.findall(text)]
    return " / ".join([*lines, *INVOICE_NUMBER.findall(text.upper())])


def payer_of(text: str) -> str:
    """Return the name in a bank's text: what is neither ours nor a number."""
    bare = LONG_DIGITS.sub(" ", INVOICE_NUMBER.sub(" ", DIGITS_OF_A_LINE.sub(" ", text)))
    return " ".join(bare.split()).strip(" /,;")


def total_of(checks: Iterable[BankLine]) -> int:
    """Return what checks are over together, in minor units."""
    return sum(check.amount_minor for check in checks)
