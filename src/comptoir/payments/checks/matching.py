"""Whose a check is, and what it pays: by scan line, invoice number, the name on it, the amount and its own number.

Each clue adds to a confidence in percent. From ``SURE`` on, and with no second company that is as likely, the match is
made without asking; below, a person chooses among the candidates.

    clue                                                       percent
    a slip's scan line                                              95
    an invoice's number                                             80
    a name that a person matched to this company alone              70
    the company's own name                                          60
    a name that a person matched to several companies               45
    an amount that is open at this company alone                    50
    an amount that is open at several companies                     30
    beside one of the above: the amount is just what is open       +25
    beside one of the above: the next number after the last check  +10
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from comptoir.invoicing.finding import invoices_named, payable_invoices, payable_of_amount
from comptoir.invoicing.queries import InvoiceRow
from comptoir.payments.models import CheckStatus, KnownPayer, ReceivedCheck
from comptoir.payments.scan_line import UnreadableScanLine, read_scan_line
from comptoir.payments.sharing import share_out
from comptoir.tenancy.queries import companies_named

from .names import fold_name

SURE = 90
SCAN_LINE, NUMBER, REMEMBERED, OWN_NAME, REMEMBERED_OF_SEVERAL = 95, 80, 70, 60, 45
AMOUNT_OF_ONE, AMOUNT_OF_SEVERAL, AMOUNT_FITS, NEXT_NUMBER = 50, 30, 25, 10
NEAR_ENOUGH = 20  # how far a check's number may be from the company's last one to be its next

DIGITS_OF_A_LINE = re.compile(r"(?<![0-9])[0-9]{4}\s?[0-9]{8}\s?[0-9]{10}\s?[0-9]{12}\s?[0-9]{2}(?![0-9])")
WORD = re.compile(r"\w+")
INVOICE_NUMBER = re.compile(r"\b[A-Z0-9][A-Z0-9-]{0,5}-[0-9]{6,}\b")

Reason = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A company that a check may be of; what of it would pay which invoice (minor units by id); why, and how sure."""

    company_id: int
    amounts: Mapping[int, int]
    confidence: int
    reasons: tuple[Reason, ...]


@dataclass(slots=True)
class _Clues:
    """What speaks for one company: the strongest clue counts, and what it names is paid first."""

    base: int = 0
    named: list[int] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)

    def add(self, percent: int, code: str, invoices: Iterable[InvoiceRow] = (), **facts: object) -> None:
        self.base = max(self.base, percent)
        self.named += [row.id for row in invoices if row.id not in self.named]
        self.reasons.append((code, facts))


def candidates(check: ReceivedCheck) -> list[Candidate]:
    """Return the companies that a check may be of, the likeliest first."""
    clues: dict[int, _Clues] = {}
    doubts = _read_scan_lines(check, clues)
    _read_numbers(check, clues)
    _read_name(check, clues)
    _read_amount(check, clues)
    payable = payable_invoices(list(clues))
    found = [_candidate(check, company_id, clue, payable.get(company_id, [])) for company_id, clue in clues.items()]
    found.sort(key=lambda one: (-one.confidence, one.company_id))
    doubts += _came_before(check)
    if not doubts:
        return found
    return [
        Candidate(one.company_id, one.amounts, min(one.confidence, SURE - 1), (*one.reasons, *doubts)) for one in found
    ]


def sure_match(found: Sequence[Candidate]) -> Candidate | None:
    """Return the candidate that needs no person: sure, without a second one that is, and with something to pay."""
    sure = [one for one in found if one.confidence >= SURE]
    return sure[0] if len(sure) == 1 and sure[0].amounts else None


def _read_scan_lines(check: ReceivedCheck, clues: dict[int, _Clues]) -> list[Reason]:
    """Take the slips that came with the check; what cannot be trusted about them is returned as doubts."""
    doubts: list[Reason] = []
    lines = []
    for text in DIGITS_OF_A_LINE.findall(check.remittance):
        try:
            lines.append(read_scan_line(text))
        except UnreadableScanLine:
            doubts.append(("scan_line_misread", {"line": " ".join(text.split())}))
    own = [line for line in lines if line.vendor_number == check.vendor_id]
    if len(own) < len(lines):
        doubts.append(("scan_line_of_another", {}))
    for row in invoices_named(vendor_id=check.vendor_id, invoice_ids=[line.invoice_number for line in own]):
        if any(line.invoice_number == row.id and line.company_number == row.company_id for line in own):
            clues.setdefault(row.company_id, _Clues()).add(SCAN_LINE, "scan_line", [row], invoice=row.number)
    return doubts


def _read_numbers(check: ReceivedCheck, clues: dict[int, _Clues]) -> None:
    numbers = INVOICE_NUMBER.findall(check.remittance.upper())
    for row in invoices_named(vendor_id=check.vendor_id, numbers=numbers):
        clues.setdefault(row.company_id, _Clues()).add(NUMBER, "invoice_number", [row], invoice=row.number)


def _read_name(check: ReceivedCheck, clues: dict[int, _Clues]) -> None:
    name = fold_name(check.payer)
    if not name:
        return
    remembered = list(
        KnownPayer.objects.filter(vendor_id=check.vendor_id, name=name).values_list("company_id", "remembered_by")
    )
    percent = REMEMBERED if len(remembered) == 1 else REMEMBERED_OF_SEVERAL
    for company_id, who in remembered:
        clues.setdefault(company_id, _Clues()).add(percent, "remembered", name=check.payer, who=who)
    known = {company_id for company_id, _who in remembered}
    for row in companies_named(vendor_id=check.vendor_id, word=max(WORD.findall(check.payer), key=len)):
        if row.id not in known and fold_name(row.name) == name:
            clues.setdefault(row.id, _Clues()).add(OWN_NAME, "own_name", name=row.name)


def _read_amount(check: ReceivedCheck, clues: dict[int, _Clues]) -> None:
    """Look for the amount among all that is open, where nothing else said anything."""
    if clues:
        return
    by_company: dict[int, list[InvoiceRow]] = {}
    for row in payable_of_amount(vendor_id=check.vendor_id, amount_minor=check.amount_minor):
        by_company.setdefault(row.company_id, []).append(row)
    percent = AMOUNT_OF_ONE if len(by_company) == 1 else AMOUNT_OF_SEVERAL
    for company_id, rows in by_company.items():
        clues.setdefault(company_id, _Clues()).add(percent, "amount_alone", rows[:1], invoice=rows[0].number)


def _candidate(check: ReceivedCheck, company_id: int, clue: _Clues, payable: Sequence[InvoiceRow]) -> Candidate:
    chosen, fits = _choose(check.amount_minor, named=clue.named, payable=payable)
    confidence, reasons = clue.base, list(clue.reasons)
    if fits and reasons[0][0] != "amount_alone":
        confidence += AMOUNT_FITS
        reasons.append(("amount_fits", {}))
    if _is_next_number(check, company_id):
        confidence += NEXT_NUMBER
        reasons.append(("next_number", {"number": check.number}))
    amounts = share_out(check.amount_minor, payable=[(row.id, row.payable_minor) for row in chosen]).amounts
    if clue.named and not any(row.id in clue.named for row in payable):
        # What the slip names is paid already: the same debt may have been paid twice.
        confidence = min(confidence, SURE - 1)
        reasons.append(("paid_already", {}))
    return Candidate(company_id, amounts, min(confidence, 100), tuple(reasons))


def _choose(
    amount_minor: int, *, named: Sequence[int], payable: Sequence[InvoiceRow]
) -> tuple[Sequence[InvoiceRow], bool]:
    """Return the invoices that the check would pay, in order, and whether the amount is just what is open on them."""
    first = [row for row in payable if row.id in named]
    if first:
        if sum(row.payable_minor for row in first) == amount_minor:
            return first, True
        if sum(row.payable_minor for row in payable) == amount_minor:
            return payable, True
        return first, False
    for row in payable:
        if row.payable_minor == amount_minor:
            return [row], True
    due_minor = 0
    for position, row in enumerate(payable, 1):
        due_minor += row.payable_minor
        if due_minor == amount_minor:
            return payable[:position], True
    return payable, False


def _is_next_number(check: ReceivedCheck, company_id: int) -> bool:
    """Whether the check's number follows the last one that the company paid with."""
    if not check.number.isdecimal():
        return False
    before = ReceivedCheck.objects.filter(
        vendor_id=check.vendor_id, payment__company_id=company_id, status=CheckStatus.APPLIED
    ).exclude(id=check.id)
    last = before.order_by("-id").values_list("number", flat=True).first()
    return bool(last and last.isdecimal() and 0 < int(check.number) - int(last) <= NEAR_ENOUGH)


def _came_before(check: ReceivedCheck) -> list[Reason]:
    """A check of the same number, amount and name that is here already: it may have been typed, or sent, twice."""
    if not check.number:
        return []
    twin = (
        ReceivedCheck.objects.filter(vendor_id=check.vendor_id, number=check.number, amount_minor=check.amount_minor)
        .filter(id__lt=check.id)
        .exclude(status=CheckStatus.RETURNED)
        .select_related("deposit")
        .order_by("-id")
        .first()
    )
    if twin is None or fold_name(twin.payer) != fold_name(check.payer):
        return []
    return [("came_before", {"on": twin.deposit.deposited_on.isoformat()})]
