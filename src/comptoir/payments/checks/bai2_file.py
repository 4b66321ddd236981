"""BAI2, in which banks of the United States report: read by the library ``bai2``, which checks all control totals.

The type codes are those of the Cash Management Balance Reporting Specifications, version 2.
"""

from __future__ import annotations

from typing import Any

from bai2 import bai2
from bai2.exceptions import IntegrityException, NotSupportedYetException, ParsingException
from django.utils.translation import gettext as _

from .errors import BankFileRefused
from .lines import BankDeposit, BankLine, BankNews, Kind, LinePrints, payer_of, remittance_of

# The library's own, and what its parsers run into where a record is not what the format says.
UNREADABLE = (
    IntegrityException,
    NotSupportedYetException,
    ParsingException,
    AttributeError,
    IndexError,
    KeyError,
    StopIteration,
    ValueError,
)
KINDS: dict[str, Kind] = {
    "115": "deposit",  # lockbox deposit
    "116": "check",  # item in lockbox deposit
    "173": "deposit",  # bank-prepared deposit
    "174": "deposit",  # other deposit
    "175": "deposit",  # check deposit package
    "301": "deposit",  # commercial deposit
    "555": "return",  # deposited item returned
}


def read_bai2(text: str, *, currency: str) -> BankNews:
    """Read the deposits, checks and returned checks of a BAI2 file. Raises BankFileRefused.

    Items in a lockbox deposit follow it; those that no deposit precedes are a deposit by themselves. Accounts in
    another ``currency`` are left out; a file that has no others is refused.
    """
    try:
        file: Any = bai2.parse_from_string(text)
    except UNREADABLE as error:
        raise BankFileRefused(
            _("This BAI2 file cannot be read: %(error)s. Fetch it from the bank again.") % {"error": error}
        ) from error
    accounts = [
        (account, group.header.as_of_date, account.header.currency or group.header.currency)
        for group in file.children
        for account in group.children
    ]
    held_in = {each for _account, _day, each in accounts}
    if held_in and currency not in held_in:
        raise BankFileRefused(
            _(
                "This file is about money in %(theirs)s, and checks are taken in %(ours)s. "
                "Hand over the file of an account in %(ours)s."
            )
            % {"theirs": ", ".join(sorted(held_in)), "ours": currency}
        )
    news, prints = BankNews(), LinePrints()
    for account, booked_on, each in accounts:
        if each == currency:
            _read_account(account, booked_on, news=news, prints=prints)
        else:
            news.other_lines += len(account.children)
    return news


def _read_account(account: Any, booked_on: Any, *, news: BankNews, prints: LinePrints) -> None:
    open_deposit: BankDeposit | None = None
    for item in account.children:
        line = _line(item, account=account.header.customer_account_number, booked_on=booked_on, prints=prints)
        if line.kind == "deposit":
            open_deposit = BankDeposit(total=line)
            news.deposits.append(open_deposit)
        elif line.kind == "check" and open_deposit is None:
            news.deposits.append(BankDeposit(total=line, checks=[line]))
        elif line.kind == "check" and open_deposit is not None:
            open_deposit.checks.append(line)
        elif line.kind == "return":
            news.returns.append(line)
        else:
            news.other_lines += 1


def _line(item: Any, *, account: str, booked_on: Any, prints: LinePrints) -> BankLine:
    text = " ".join((item.text or "").rstrip("/").split())
    reference, number = (item.bank_reference or "").strip(), (item.customer_reference or "").strip()
    kind = KINDS.get(item.type_code.code, "other")
    return BankLine(
        kind=kind if item.amount else "other",
        booked_on=booked_on,
        amount_minor=item.amount or 0,
        reference=reference,
        number=number.lstrip("0") if kind != "deposit" else "",
        payer=payer_of(text),
        remittance=remittance_of(text),
        print_of=prints.of(account, booked_on, item.type_code.code, item.amount, reference, number, text),
    )
