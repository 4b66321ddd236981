"""Card and bank account numbers in what people write: found, and masked, before anything of it is kept.

Cards by their length and check digit (ISO/IEC 7812, Luhn), alone or among other digits, such as the expiry behind
them; accounts in the United States by a routing number (ABA, with its check digit and a Federal Reserve prefix) beside
digits like an account's; elsewhere by IBAN (ISO 13616).
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

Kind = Literal["card", "bank"]

# What people put between the groups of a number: some of it on a line, or the end of a line, or a comma alone. Not a
# comma with a blank, which divides a list.
BLANK = r"[^\S\r\n]|[\u00ad\u200b-\u200d\u2060\ufeff]"  # of any width, and the signs of none
ON_A_LINE = rf"(?:{BLANK}|[./_\-\u2010-\u2015\u2212]){{0,5}}"
LINES = rf",|{ON_A_LINE}(?:\r?\n{ON_A_LINE}){{1,2}}"
INLINE_GAP = re.compile(ON_A_LINE)
LINES_GAP = re.compile(LINES)
LONGEST_GAP = 20
GROUP = re.compile(r"\d+")  # digits of any script
PRINTED_GROUP = 6  # the longest group of a number as it stands on a card
LONGEST_COLUMN = 6  # groups of four under each other: a card, its expiry and code; more are a list of stores

# Digits alone with one sign between any two are a card however they are grouped; among others, as cards are printed.
CARD_LIKE = re.compile(r"(?<!\d)\d(?:[ \t\u00a0\u202f.\-–]?\d){12,18}(?!\d)")
ISSUED = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})"  # Visa
    r"|(?:5[1-5]|2[2-7])\d{14}"  # Mastercard, Mir
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-5]|[689]\d)\d{11,16}"  # Diners
    r"|35\d{14,17}"  # JCB
    r"|(?:5[06-9]|6\d)\d{11,17}"  # Maestro, Discover, UnionPay
)
FOUR_SIX = ([4, 6, 4], [4, 6, 5])
FOURS = (4, 8, 12, 16)
MOST_GROUPS = 5

NINE_DIGITS = re.compile(r"(?<!\d)\d{4}[ \t\u00a0.\-]?\d{4}[ \t\u00a0.\-]?\d(?!\d)")
ACCOUNT_LIKE = re.compile(r"(?<!\d)\d(?:[ \t\u00a0\-]?\d){4,16}(?!\d)")
LONGEST_ACCOUNT = 40  # characters, with what stands between its digits

IBAN_STARTS = re.compile(r"(?<![A-Za-z0-9])(?=([A-Za-z]{2})\d{2})")
IBAN_LENGTHS = {
    country: int(length)
    for country, length in re.findall(
        r"([A-Z]{2})(\d{2})",  # the registry of ISO 13616
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 "
        "ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 "
        "LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 "
        "PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 "
        "YE30",
    )
}
BESIDE = 100  # characters between a routing number and its account
SHORTEST_CARD = 13
ROUTING_PREFIXES = (*range(13), *range(21, 33), *range(61, 73), 80)
SHOWN_DIGITS = 4
MOST_ROUNDS = 5
MASK = "•"


@dataclass(frozen=True, slots=True)
class Found:
    """Where a number stands in a text, and what it is one of."""

    starts: int
    ends: int
    kind: Kind


def find_account_numbers(text: str) -> list[Found]:
    """Return the card and bank numbers in a text, in order, without overlaps: what overlaps is found as one."""
    found: list[Found] = []
    for one in sorted((*_cards(text), *_ibans(text), *_bank_accounts(text)), key=lambda each: each.starts):
        if found and one.starts < found[-1].ends:
            found[-1] = replace(found[-1], ends=max(found[-1].ends, one.ends))
        else:
            found.append(one)
    return found


def masked(text: str) -> str:
    """Return the text with all but the last four digits of each card and bank number taken out.

    Of a text that would need more than a few rounds, which nobody writes in good faith, every digit is taken out.
    """
    for _round in range(MOST_ROUNDS):  # the four that are left may look like one with what stands beside them
        found = find_account_numbers(text)
        if not found:
            return text
        text = "".join(_with_dots(text, found))
    return GROUP.sub(MASK, text)


def _with_dots(text: str, found: Sequence[Found]) -> Iterator[str]:
    ended = 0
    for one in found:
        yield text[ended : one.starts]
        yield _dotted(text[one.starts : one.ends])
        ended = one.ends
    yield text[ended:]


def _dotted(number: str) -> str:
    counted = [at for at, sign in enumerate(number) if sign.isalnum()]
    hidden = set(counted[:-SHOWN_DIGITS])
    return "".join(MASK if at in hidden else sign for at, sign in enumerate(number))


def _cards(text: str) -> Iterator[Found]:
    for match in CARD_LIKE.finditer(text):
        digits = _digits(match.group())
        if digits[0] in "23456" and _luhn_holds(digits):
            yield Found(match.start(), match.end(), "card")
    for row in _rows(text):
        for first in range(len(row)):
            for last in range(first, min(first + MOST_GROUPS, len(row))):
                starts, ends = row[first].start(), row[last].end()
                if _are_printed_so(row[first : last + 1]) and _is_card(_digits(text[starts:ends])):
                    yield Found(starts, ends, "card")


def _rows(text: str) -> Iterator[list[re.Match[str]]]:
    """Groups of digits with nothing but blanks and dashes between them: a card may begin at each, and end at each."""
    row: list[re.Match[str]] = []
    is_column = True
    for group in (*GROUP.finditer(text), None):
        gap = text[row[-1].end() : group.start()] if row and group else ""
        if row and group and _are_joined(row[-1], gap, group):
            is_column = is_column and not INLINE_GAP.fullmatch(gap)
        elif row:
            if not (is_column and len(row) > LONGEST_COLUMN and all(len(each.group()) == 4 for each in row)):
                yield row
            row, is_column = [], True
        if group:
            row.append(group)


def _are_joined(one: re.Match[str], gap: str, other: re.Match[str]) -> bool:
    if len(gap) > LONGEST_GAP:
        return False
    is_printed = max(len(one.group()), len(other.group())) <= PRINTED_GROUP
    return bool(INLINE_GAP.fullmatch(gap) or (is_printed and LINES_GAP.fullmatch(gap)))


def _are_printed_so(groups: list[re.Match[str]]) -> bool:
    """Unbroken, four and six and the rest, or sixteen by fours with up to three more behind."""
    lengths = [group.end() - group.start() for group in groups]
    fours = lengths[:-1]
    is_by_fours = set(fours) <= set(FOURS) and 16 in (sum(fours), sum(lengths))
    return not fours or lengths in FOUR_SIX or is_by_fours


def _is_card(digits: str) -> bool:
    return ISSUED.fullmatch(digits) is not None and _luhn_holds(digits)


def _ibans(text: str) -> Iterator[Found]:
    """As many signs as a country's have, whatever follows; of a country that is not registered, all that there are."""
    for start in IBAN_STARTS.finditer(text):
        length = IBAN_LENGTHS.get(start.group(1).upper())
        signs = f"{length - 1}" if length else "14,33"
        like = re.compile(rf"[A-Za-z](?:(?:{ON_A_LINE}|{LINES})[A-Za-z0-9]){{{signs}}}(?![A-Za-z0-9])")
        match = like.match(text, start.start())
        if match and _iban_holds(match.group()):
            yield Found(match.start(), match.end(), "bank")


def _iban_holds(found: str) -> bool:
    written = "".join(sign for sign in found if sign.isalnum()).upper()
    return int("".join(str(int(sign, 36)) for sign in written[4:] + written[:4])) % 97 == 1


def _bank_accounts(text: str) -> Iterator[Found]:
    """A routing number alone is printed on every check; beside an account's digits it lets anybody debit it."""
    for match in NINE_DIGITS.finditer(text):
        if not _routing_holds(_digits(match.group())):
            continue
        starts, ends = match.span()
        before = ACCOUNT_LIKE.finditer(text, max(0, starts - BESIDE - LONGEST_ACCOUNT), starts)
        after = ACCOUNT_LIKE.finditer(text, ends, ends + BESIDE + LONGEST_ACCOUNT)
        beside = [one for one in (*before, *after) if max(one.start() - ends, starts - one.end()) <= BESIDE]
        yield from (Found(*one.span(), "bank") for one in (match, *beside) if beside)


def _digits(written: str) -> str:
    return "".join(str(unicodedata.digit(sign)) for sign in written if sign.isdigit())


def _luhn_holds(digits: str) -> bool:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return len(digits) >= SHORTEST_CARD and (sum(doubled) + sum(map(int, digits[::-2]))) % 10 == 0


def _routing_holds(digits: str) -> bool:
    weights = (3, 7, 1) * 3
    checked = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 10 == 0
    return checked and int(digits[:2]) in ROUTING_PREFIXES and any(a != b for a, b in pairwise(digits))
