"""Card and bank account numbers in what people write: found, and masked, before anything of it is kept.

Cards by their length and check digit (ISO/IEC 7812, Luhn); accounts in the United States by a routing number (ABA,
with its check digit and a Federal Reserve prefix) beside digits like an account's; elsewhere by IBAN (ISO 13616).
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

Kind = Literal["card", "bank"]

# Digits of any script, which people group by a space, a dot or a dash.
CARD_LIKE = re.compile(r"(?<!\d)\d(?:[ \t\u00a0\u202f.\-–]?\d){12,18}(?!\d)")
NINE_DIGITS = re.compile(r"(?<!\d)\d{4}[ \t\u00a0.\-]?\d{4}[ \t\u00a0.\-]?\d(?!\d)")
ACCOUNT_LIKE = re.compile(r"(?<!\d)\d(?:[ \t\u00a0\-]?\d){4,16}(?!\d)")
IBAN_LIKE = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ \u00a0]?[A-Za-z0-9]){11,30}(?![A-Za-z0-9])")
BESIDE = 100  # characters between a routing number and its account
SHORTEST_CARD = 13
ROUTING_PREFIXES = (*range(13), *range(21, 33), *range(61, 73), 80)
SHOWN_DIGITS = 4
MASK = "•"


@dataclass(frozen=True, slots=True)
class Found:
    """Where a number stands in a text, and what it is one of."""

    starts: int
    ends: int
    kind: Kind


def find_account_numbers(text: str) -> list[Found]:
    """Return the card and bank numbers in a text, in order, without overlaps."""
    found: list[Found] = []
    for one in sorted((*_cards(text), *_ibans(text), *_bank_accounts(text)), key=lambda each: each.starts):
        if not found or one.starts >= found[-1].ends:
            found.append(one)
    return found


def masked(text: str) -> str:
    """Return the text with all but the last four digits of each card and bank number taken out."""
    for one in reversed(find_account_numbers(text)):
        text = text[: one.starts] + _dotted(text[one.starts : one.ends]) + text[one.ends :]
    return text


def _dotted(number: str) -> str:
    counted = [at for at, sign in enumerate(number) if sign.isalnum()]
    hidden = set(counted[:-SHOWN_DIGITS])
    return "".join(MASK if at in hidden else sign for at, sign in enumerate(number))


def _cards(text: str) -> Iterator[Found]:
    for match in CARD_LIKE.finditer(text):
        digits = _digits(match.group())
        if digits[0] in "23456" and _luhn_holds(digits):
            yield Found(match.start(), match.end(), "card")


def _ibans(text: str) -> Iterator[Found]:
    for match in IBAN_LIKE.finditer(text):
        written = re.sub(r"\s", "", match.group()).upper()
        if written.isascii() and int("".join(str(int(sign, 36)) for sign in written[4:] + written[:4])) % 97 == 1:
            yield Found(match.start(), match.end(), "bank")


def _bank_accounts(text: str) -> Iterator[Found]:
    """A routing number alone is printed on every check; beside an account's digits it lets anybody debit it."""
    runs = [(match.start(), match.end()) for match in ACCOUNT_LIKE.finditer(text)]
    for match in NINE_DIGITS.finditer(text):
        if not _routing_holds(_digits(match.group())):
            continue
        for starts, ends in runs:
            apart = starts - match.end() if starts >= match.end() else match.start() - ends
            if 0 < apart <= BESIDE:
                yield Found(match.start(), match.end(), "bank")
                yield Found(starts, ends, "bank")


def _digits(written: str) -> str:
    return "".join(str(unicodedata.digit(sign)) for sign in written if sign.isdigit())


def _luhn_holds(digits: str) -> bool:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return len(digits) >= SHORTEST_CARD and (sum(doubled) + sum(map(int, digits[::-2]))) % 10 == 0


def _routing_holds(digits: str) -> bool:
    weights = (3, 7, 1) * 3
    checked = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 10 == 0
    return checked and int(digits[:2]) in ROUTING_PREFIXES and any(a != b for a, b in pairwise(digits))
