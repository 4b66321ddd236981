"""Files as banks write them."""

from collections.abc import Sequence

Item = tuple[str, int, str, str, str]  # type code, amount, bank's reference, customer's reference, text


def bai2(*items: Item, day: str = "200916", account: str = "0004321") -> bytes:
    """Write a BAI2 file of one account, with its control totals."""
    details = [f"16,{code},{minor},Z,{bank},{customer},{text}/" for code, minor, bank, customer, text in items]
    total = sum(minor for _code, minor, *_rest in items)
    lines = [
        f"01,122099999,NORTHWIND,{day},0630,1,,,2/",
        f"02,NORTHWIND,122099999,1,{day},,USD,2/",
        f"03,{account},USD,,,,/",
        *details,
        f"49,{total},{len(details) + 2}/",
        f"98,{total},1,{len(details) + 4}/",
        f"99,{total},1,{len(details) + 6}/",
    ]
    return "\n".join(lines).encode()


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
