"""A small profile and a small file that fit each other; tests spoil the one or the other."""

from comptoir.cutover.legacy.profile import Profile, parse_profile
from comptoir.cutover.legacy.reader import read_export
from comptoir.cutover.legacy.records import Export

PROFILE = """
[vendor]
slug = "acme"
name = "Acme"
currency = "USD"
time_zone = "America/Chicago"
language = "en"

[[products]]
code = "till"
name = "Till"

[[products.plans]]
code = "till-basic"
name = "Till Basic"
cadences = ["monthly", "annual"]

[words.cadence]
"Mthly" = "monthly"

[words.payment_method]
"Draft" = "ach"

[words.minimum_term]
"None" = 0
"One year" = 12

[customers]
control_column = "Rate"
thousands = ","
currency_symbol = "$"
ignored = ["Rep"]
warn_when_blank = ["Balance"]

[customers.columns]
customer_number = "No"
company_name = "Name"
owner_email = "Email"
payment_method = "Pay"
balance = "Balance"
store_number = "Store"
store_state = "State"
store_zip = "ZIP"
cadence = "Freq"
price = "Rate"
currency = "Curr"
starts_on = "Since"
billed_through = "Thru"
minimum_term = "Term"

[customers.defaults]
product = "till"
country = "US"
billing_email = "billing-{customer_number}@acme.invalid"

[invoices]
control_column = "Amount"

[invoices.columns]
customer_number = "No"
invoice_number = "Invoice"
issued_on = "Date"
invoice_total = "Total"
store_number = "Store"
starts_on = "From"
ends_on = "To"
amount = "Amount"

[invoices.defaults]
product = "till"
"""
HEADER = "No,Name,Email,Pay,Balance,Store,State,ZIP,Freq,Rate,Curr,Since,Thru,Term,Rep"
CELLS = {
    "No": "7",
    "Name": "Bluebird Diners LLC",
    "Email": "maria@bluebird.example",
    "Pay": "Draft",
    "Balance": "0.00",
    "Store": "7-1",
    "State": "TX",
    "ZIP": "78701",
    "Freq": "Mthly",
    "Rate": "119.00",
    "Curr": "USD",
    "Since": "2018-03-01",
    "Thru": "2020-10-01",
    "Term": "None",
    "Rep": "JT",
}


def profile(*, before: str = "", after: str = "") -> Profile:
    """The sample profile, with the text `before` replaced by `after`."""
    assert before in PROFILE
    return parse_profile(text=PROFILE.replace(before, after, 1) if before else PROFILE, source="acme.toml")


def row(**changes: str) -> str:
    """A row of the sample file with some cells changed."""
    assert set(changes) <= set(CELLS)
    return ",".join(f'"{value}"' if "," in value else value for value in {**CELLS, **changes}.values())


def read(*rows: str, header: str = HEADER) -> Export:
    """The sample file with these rows, read through the sample profile."""
    return read_export(profile=profile(), content="\n".join([header, *rows, ""]).encode())
