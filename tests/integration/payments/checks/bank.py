"""Files as banks write them."""

from collections.abc import Sequence

Item = tuple[str, int, str, str, str]  # type code, amount, bank's reference, customer's reference, text


def bai2(
    *items: Item, day: str = "200916", account: str = "0004321", currency: str = "USD", foreign: Sequence[Item] = ()
) -> bytes:
    """Write a BAI2 file of one account, with its control totals; with ``foreign`` items, of another one in CAD too."""
    accounts = [_account(items, number=account, currency=currency)]
    if foreign:
        accounts.append(_account(foreign, number="0009876", currency="CAD"))
    total = sum(minor for _code, minor, *_rest in (*items, *foreign))
    records = [record for each in accounts for record in each]
    lines = [
        f"01,122099999,NORTHWIND,{day},0630,1,,,2/",
        f"02,NORTHWIND,122099999,1,{day},,{currency},2/",
        *records,
        f"98,{total},{len(accounts)},{len(records) + 2}/",
        f"99,{total},1,{len(records) + 4}/",
    ]
    return "\n".join(lines).encode()


def _account(items: Sequence[Item], *, number: str, currency: str) -> list[str]:
    details = [f"16,{code},{minor},Z,{bank},{customer},{text}/" for code, minor, bank, customer, text in items]
    total = sum(minor for _code, minor, *_rest in items)
    return [f"03,{number},{currency},,,,/", *details, f"49,{total},{len(details) + 2}/"]


PROFILE = """
[checks]
delimiter = ";"
dates = "%m/%d/%Y"
thousands = ","
currency_symbol = "$"

[checks.columns]
date = "Deposit date"
amount = "Amount"
number = "Check no."
payer = "Remitter"
remittance = "Line"
deposit = "Deposit"
kind = "Type"

[checks.kinds]
"CHK" = "check"
"RTN" = "return"
"TOTAL" = "deposit"
"""
# A statement as banks export it: no kind, but a sign.
STATEMENT = PROFILE.replace('kind = "Type"\n', "")
HEADER = "Deposit date;Deposit;Type;Check no.;Amount;Remitter;Line"


def csv(*rows: Sequence[str]) -> bytes:
    """Write a CSV file of the bank's."""
    return "\n".join([HEADER, *(";".join(row) for row in rows)]).encode()
