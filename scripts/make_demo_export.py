"""Write the demo's export files: what two invented vendors' old billing systems hand over in August 2020.

    python scripts/make_demo_export.py [FOLDER]

The same files byte for byte at every run. Names, addresses and amounts are made up;
e-mail domains end in `.example`.
"""

from __future__ import annotations

import csv
import random
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "src" / "comptoir" / "demo" / "export"
SEED = 20200901
EXPORTED_ON = date(2020, 8, 28)

# City, state, first ZIP: streets and the last digits of the ZIP are drawn.
CITIES = (
    ("Albany", "NY", 12200), ("Atlanta", "GA", 30300), ("Austin", "TX", 78700), ("Bangor", "ME", 4400),
    ("Boise", "ID", 83700), ("Boston", "MA", 2100), ("Burlington", "VT", 5400), ("Charlotte", "NC", 28200),
    ("Chicago", "IL", 60600), ("Columbus", "OH", 43200), ("Denver", "CO", 80200), ("Detroit", "MI", 48200),
    ("El Paso", "TX", 79900), ("Fresno", "CA", 93700), ("Hartford", "CT", 6100), ("Houston", "TX", 77000),
    ("Kansas City", "MO", 64100), ("Lafayette", "LA", 70500), ("Las Vegas", "NV", 89100),
    ("Miami", "FL", 33100), ("Minneapolis", "MN", 55400), ("Nashville", "TN", 37200),
    ("Newark", "NJ", 7100), ("Omaha", "NE", 68100), ("Phoenix", "AZ", 85000), ("Pittsburgh", "PA", 15200),
    ("Portland", "OR", 97200), ("Providence", "RI", 2900), ("San Antonio", "TX", 78200),
    ("San Diego", "CA", 92100), ("Seattle", "WA", 98100), ("Tampa", "FL", 33600),
)  # fmt: skip
STREETS = (
    "Main St",
    "Oak Ave",
    "Market St",
    "Lake Rd",
    "Mill St",
    "Union Ave",
    "Harbor Blvd",
    "2nd Ave",
    "Elm St",
)
# Monthly price of a store in cents; a quarter costs three months less 3 %, a year ten months.
PRICES = {"Enterprise Office": 11900, "Business Intelligence": 6400, "NetPOS": 8900}
MONTHS = {"Monthly": 1, "Quarterly": 3, "Annual": 12}


@dataclass(frozen=True)
class Company:
    """A franchise company of the demo and how the old system billed it."""

    number: str
    name: str
    domain: str
    owner: str
    stores: int
    cadence: str
    billed_through: date
    method: str
    language: str = "English"
    billing: str = "accounts"


def monthly(day: int = 1, month: int = 10) -> date:
    return date(2020, month, day)


# The companies of the demo's story, and some for the corners: no e-mail, one e-mail for two companies.
KNOWN = (
    Company("1001", "Bluebird Diners LLC", "bluebird-diners", "maria", 3, "Monthly", monthly(), "ACH debit"),
    Company("1002", "Chez Lucie Inc.", "chez-lucie", "lucie", 2, "Monthly", monthly(), "Check", "French", ""),
    Company("1003", "Golden Skillet Group", "golden-skillet", "henry", 60, "Annual", date(2021, 1, 1), "ACH debit"),
    Company(
        "1004",
        "Taquería Sol y Mar LLC",
        "sol-y-mar",
        "javier",
        4,
        "Monthly",
        monthly(),
        "Credit card",
        "Spanish",
    ),
    Company(
        "1005",
        "Bistro Montcalm Inc.",
        "bistro-montcalm",
        "etienne",
        6,
        "Quarterly",
        date(2021, 1, 1),
        "Check",
        "French",
    ),
    Company("1006", "Old Mill Pancakes LLC", "", "", 1, "Monthly", monthly(), "Check", billing=""),
    Company(
        "1007",
        "Prairie Grill North LLC",
        "prairie-grill",
        "dana",
        5,
        "Monthly",
        monthly(),
        "ACH debit",
        billing="",
    ),
    Company(
        "1008",
        "Prairie Grill South LLC",
        "prairie-grill",
        "dana",
        7,
        "Monthly",
        monthly(),
        "ACH debit",
        billing="",
    ),
)
NAMES = (
    "Red Barn Burgers", "Copper Kettle Cafe", "Lakeside Subs", "Harvest Table", "Blue Heron Seafood",
    "Sunny Side Breakfast", "Iron Horse BBQ", "Maple Street Pizza", "La Casa de Abuela", "Pueblo Viejo",
    "Café Beaurivage", "Silver Spoon Diners", "Twin Rivers Grill", "Cactus Flower", "Lighthouse Fish Fry",
    "Hometown Wings", "Stonebridge Tavern", "Orchard House", "Magnolia Kitchen", "Rooster & Co.",
    "Big Sky Steaks", "Peppertree", "Northern Lights Donuts", "El Camino Real", "Crescent City Po'boys",
    "Granite State Grill", "Juniper Salads", "Wagon Wheel Ribs", "Paper Lantern Noodles",
    "Boulangerie Saint-Roch", "Two Oaks Chicken", "Riverwalk Tacos",
)  # fmt: skip
OWNERS = (
    "alex",
    "beth",
    "carlos",
    "diane",
    "emeka",
    "fatima",
    "george",
    "hana",
    "ivan",
    "joyce",
    "kim",
    "luis",
)
SPANISH = {"La Casa de Abuela", "Pueblo Viejo", "El Camino Real"}
FRENCH = {"Café Beaurivage", "Boulangerie Saint-Roch"}
SIZES = (1, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 10, 12, 15, 18, 24, 30)
BILLING = (  # cadence and billed through: first day that the old system has not billed
    ("Monthly", date(2020, 10, 1)), ("Monthly", date(2020, 10, 1)), ("Monthly", date(2020, 11, 1)),
    ("Monthly", date(2020, 10, 15)), ("Quarterly", date(2021, 1, 1)), ("Quarterly", date(2020, 12, 1)),
    ("Annual", date(2021, 1, 1)), ("Annual", date(2021, 3, 1)),
)  # fmt: skip
BRANDS = ("Griddle & Go", "Pronto Pizza", "Burger Depot", "Taco Lindo")
# What the old system charged by mistake on the last invoice, in cents; the parallel run is there to find it.
OVERCHARGED = {"1012": 750, "1023": 4_000, "1034": 1}
METHODS = ("ACH debit", "ACH debit", "ACH debit", "Credit card", "Credit card", "Check", "Check")

CUSTOMER_HEADER = (
    "Cust No", "Customer Name", "Lang", "Owner Email", "Billing Email", "Phone", "Address", "City", "ST",
    "ZIP", "Pay Type", "Balance Due", "Last Inv No", "Last Inv Date", "Last Inv Total", "Store No",
    "Store Name", "Brand", "Store Address", "Store City", "Store ST", "Store ZIP", "Opened", "Product", "Freq",
    "Bill Day", "Rate", "Curr", "Since", "Billed Thru", "Sales Rep",
)  # fmt: skip
INVOICE_HEADER = (
    "Inv No", "Cust No", "Inv Date", "Inv Total", "Store No", "Product", "Text", "From", "To", "Amount",
)  # fmt: skip
HARBOR = """\
Kunde;Firma;Adresse;Stadt;Staat;PLZ;Kontakt;Zahlart;Tarif;Intervall;Betrag;Bezahlt bis;Vertragsende
H-01;Gull & Anchor Pub;4 Wharf St;Portland;ME;04101;office@gull-anchor.example;Lastschrift;Kasse Plus;monatlich;104,90;30.09.2020;31.12.2021
H-02;Café Mélisande;18 Rue Royale;New Orleans;LA;70130;bonjour@melisande.example;Karte;Kasse;monatlich;59,90;30.09.2020;
H-03;Pier Nine Oysters;9 Pier Ave;Seattle;WA;98101;pay@pier-nine.example;Scheck;Kasse;vierteljährlich;171,00;31.12.2020;
H-04;Driftwood Coffee;77 Bay Rd;San Diego;CA;92101;hello@driftwood.example;Karte;Kasse;monatlich;59,90;31.10.2020;
H-05;Harborview Grill;1 Harbor Blvd;Tampa;FL;33602;ap@harborview.example;Lastschrift;Kasse Plus;jährlich;1.049,00;31.12.2020;31.12.2022
H-06;Captain's Table;230 Elm St;Boston;MA;02108;captain@captains-table.example;Scheck;Kasse;monatlich;59,90;30.09.2020;
"""  # noqa: E501


def companies(draw: random.Random) -> list[Company]:
    """Return the known companies and as many drawn ones as there are names left."""
    drawn = []
    for index, name in enumerate(NAMES):
        cadence, billed_through = BILLING[index % len(BILLING)]
        language = "Spanish" if name in SPANISH else "French" if name in FRENCH else "English"
        drawn.append(
            Company(
                number=str(1009 + index),
                name=f"{name} {draw.choice(('LLC', 'Inc.', 'Group', 'Partners'))}",
                domain=domain_of(name),
                owner=OWNERS[index % len(OWNERS)],
                stores=SIZES[index % len(SIZES)],
                cadence=cadence,
                billed_through=billed_through,
                method=METHODS[index % len(METHODS)],
                language=language,
                billing="" if index % 3 == 0 else "accounts",
            )
        )
    return [*KNOWN, *drawn]


def domain_of(name: str) -> str:
    """Return a name's letters as a domain would have them."""
    plain = name.lower().replace("é", "e")
    return "-".join("".join(c if c.isalnum() else " " for c in plain.replace("'", "")).split())


def rate_of(*, product: str, cadence: str, stores: int) -> int:
    """Return a store's price for one period, in cents; from ten stores on 10 % less."""
    month = PRICES[product] * (90 if stores >= 10 else 100) // 100
    return {"Monthly": month, "Quarterly": month * 3 * 97 // 100, "Annual": month * 10}[cadence]


def months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, day.day)


def money(cents: int) -> str:
    return f"{Decimal(cents).scaleb(-2):,.2f}"


def us(day: date) -> str:
    return day.strftime("%m/%d/%Y")


def rows_of(company: Company, draw: random.Random) -> tuple[list[list[str]], list[list[str]]]:
    """Return a company's rows in the customers' file and in the old invoices' file."""
    city, state, zip_code = draw.choice(CITIES)
    street = f"{draw.randint(10, 990)} {draw.choice(STREETS)}"
    products = draw.choice((list(PRICES), ["Enterprise Office", "NetPOS"], ["Enterprise Office"]))
    if company in KNOWN[:3]:
        products = list(PRICES)
    since = date(draw.randint(2008, 2019), draw.randint(1, 12), company.billed_through.day)
    starts_on = months_before(company.billed_through, MONTHS[company.cadence])
    issued_on = min(starts_on - timedelta(days=15), EXPORTED_ON)
    owner = f"{company.owner}@{company.domain}.example" if company.domain else ""
    billing = f"{company.billing}@{company.domain}.example" if company.billing and company.domain else owner
    stores, lines, total = [], [], 0
    invoice_number = f"L-{draw.randint(40000, 99999)}-{company.number}"
    for index in range(1, company.stores + 1):
        store = f"{company.number}-{index:02d}"
        here = (city, state, zip_code + draw.randint(1, 60)) if index < 4 else place(draw)
        opened = date(draw.randint(1998, 2007), draw.randint(1, 12), draw.randint(1, 28))
        store_cells = [
            store,
            f"{here[0]} #{index}",
            brand_of(company, index),
            f"{draw.randint(1, 990)} {draw.choice(STREETS)}",
        ]
        store_cells += [here[0], here[1], f"{here[2]:05d}", us(opened)]
        for product in products:
            cents = rate_of(product=product, cadence=company.cadence, stores=company.stores)
            charged = cents + (0 if lines else OVERCHARGED.get(company.number, 0))
            total += charged
            terms = [product, company.cadence, str(company.billed_through.day), money(cents), "USD"]
            stores.append([*store_cells, *terms, us(since), us(company.billed_through)])
            period = [us(starts_on), us(company.billed_through), money(charged)]
            lines.append([store, product, f"{product}, store {store}", *period])
    phone = f"({draw.randint(201, 989)}) 555-01{draw.randint(10, 99)}"
    head = [company.number, company.name, company.language, owner, billing, phone, street, city, state]
    head += [f"{zip_code + 1:05d}", company.method]
    # Every sixth customer had not paid the last invoice when the old system's files were written.
    balance = total if int(company.number) % 6 == 0 else 0
    head += [money(balance), invoice_number, us(issued_on), money(total)]
    rep = draw.choice(("JT", "AW", "MK"))
    invoice = [invoice_number, company.number, us(issued_on), money(total)]
    return [[*head, *cells, rep] for cells in stores], [[*invoice, *cells] for cells in lines]


def brand_of(company: Company, index: int) -> str:
    """Return the franchise of a company's store: one for all, but owners of many stores have a second."""
    second = index % 2 if company.stores > 9 else 0
    return BRANDS[(int(company.number) + second) % len(BRANDS)]


def place(draw: random.Random) -> tuple[str, str, int]:
    city, state, zip_code = draw.choice(CITIES)
    return city, state, zip_code + draw.randint(1, 60)


def soil(rows: list[list[str]]) -> None:
    """Put the usual dirt into the rows: other spellings, spaces, a lost zero."""
    column = {name: index for index, name in enumerate(CUSTOMER_HEADER)}
    spellings = {
        "Freq": {"Monthly": ("monthly ", "MONTHLY", "Mthly"), "Quarterly": ("Qtrly",), "Annual": ("Yearly",)},
        "Pay Type": {
            "ACH debit": ("ACH", "Bank draft"),
            "Check": ("CHECK", "Cheque"),
            "Credit card": ("CC",),
        },
        "Product": {"NetPOS": ("Net POS", "netpos"), "Business Intelligence": ("Bus. Intelligence",)},
    }
    for index, row in enumerate(rows):
        # Pay type belongs to the customer, not to the row: it is spelled alike in all rows of one.
        for name, words in spellings.items():
            draw = random.Random(f"{SEED} {name} {row[0] if name == 'Pay Type' else index}")  # noqa: S311
            if draw.random() < 0.12:
                said = row[column[name]]
                row[column[name]] = draw.choice(words.get(said, (said,)))
        if index % 47 == 0:
            row[column["Customer Name"]] = row[column["Customer Name"]].replace(" ", "  ") + " "
        if index % 53 == 0:
            row[column["Owner Email"]] = f" {row[column['Owner Email']]}".upper()
        if index % 29 == 0:
            row[column["Store ST"]] = row[column["Store ST"]].lower()
    zero = next(row for row in rows if row[column["Store ZIP"]].startswith("0"))
    for row in rows:
        if row[column["Store No"]] == zero[column["Store No"]]:
            row[column["Store ZIP"]] = row[column["Store ZIP"]].lstrip("0")


def write(path: Path, rows: Iterable[Sequence[str]], *, delimiter: str = ",", encoding: str = "utf-8") -> None:
    """Write rows as the old systems do, with carriage returns."""
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)


def main(folder: Path) -> None:
    """Write the three files into `folder`."""
    draw = random.Random(SEED)  # noqa: S311 (made up on purpose, and alike at every run)
    customer_rows: list[list[str]] = []
    invoice_rows: list[list[str]] = []
    for company in companies(draw):
        of_customer, of_invoice = rows_of(company, draw)
        customer_rows += of_customer
        invoice_rows += of_invoice
    soil(customer_rows)
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "demo-customers.csv", [CUSTOMER_HEADER, *customer_rows], encoding="utf-8-sig")
    write(folder / "demo-invoices.csv", [INVOICE_HEADER, *invoice_rows])
    harbor = [row.split(";") for row in HARBOR.splitlines()]
    write(folder / "harbor-customers.csv", harbor, delimiter=";", encoding="cp1252")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
