"""A telephone company's customers, each with a made-up old invoice, some of which are wrong."""

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from django.db import transaction

from comptoir.cutover.comparison.running import compare_all, request_comparison
from comptoir.cutover.importing import ImportReport, import_export
from comptoir.cutover.legacy.shipped import shipped_profile
from comptoir.cutover.planning import create_wave
from comptoir.tenancy.audit import Actor
from comptoir.tenancy.models import Company, Vendor
from tests.factories import NOW, TESTS, TODAY, make_staff, make_user

PROFILE = shipped_profile("telco").read_text()
PLANS = ("No", "DSL", "Fiber optic")
CODES = {"No": "telephone", "DSL": "dsl", "Fiber optic": "fiber"}
CUSTOMER_COLUMNS = (
    "customerID,gender,SeniorCitizen,Partner,Dependents,tenure,PhoneService,MultipleLines,InternetService,"
    "OnlineSecurity,OnlineBackup,DeviceProtection,TechSupport,StreamingTV,StreamingMovies,Contract,PaperlessBilling,"
    "PaymentMethod,MonthlyCharges,TotalCharges,Churn"
)
INVOICE_COLUMNS = "customerID,invoice,issued,plan,from,to,amount,tax,total,open"


@dataclass(frozen=True)
class Customer:
    number: str
    plan: str
    tenure: int
    price_minor: int

    @property
    def row(self) -> str:
        charges = f"{self.price_minor / 100:.2f}"
        return (
            f"{self.number},Male,0,No,No,{self.tenure},Yes,No,{self.plan},No,No,No,No,No,No,Month-to-month,No,"
            f"Mailed check,{charges},{charges},No"
        )

    def invoice(self, *, amount_minor: int, since: int = 1, plan: str = "") -> str:
        amount = f"{amount_minor / 100:.2f}"
        return (
            f"{self.number},T-{self.number},2020-08-17,{plan or self.plan},2020-09-{since:02},2020-10-01,{amount},0.00,"
            f"{amount},0.00"
        )


def run_import(rows: Sequence[str], *, kind: str = "customers") -> ImportReport:
    header = CUSTOMER_COLUMNS if kind == "customers" else INVOICE_COLUMNS
    return import_export(
        vendor_slug="telco",
        profile_text=PROFILE,
        profile_name="telco.toml",
        content="\n".join([header, *rows]).encode(),
        filename=f"{kind}.csv",
        actor=TESTS,
        now=NOW,
        kind=kind,
    )


def customers(count: int) -> list[Customer]:
    chance = random.Random(42)  # noqa: S311  the same customers each time
    return [
        Customer(f"{number:04}-TELCO", chance.choice(PLANS), chance.randint(1, 72), chance.randint(1_900, 11_900))
        for number in range(count)
    ]


def customers_of(file: Path) -> list[Customer]:
    """Return the customers of the published file."""
    with file.open(encoding="utf-8") as rows:
        return [
            Customer(
                row["customerID"],
                row["InternetService"],
                int(row["tenure"]),
                int(Decimal(row["MonthlyCharges"]).scaleb(2)),
            )
            for row in csv.DictReader(rows)
        ]


def old_invoices(owned: Sequence[Customer]) -> Iterator[tuple[str, str]]:
    """Each customer's invoice with what should come of it: of eight one is prorated, one wrong in one of four ways."""
    for position, customer in enumerate(owned):
        price = customer.price_minor
        if position % 8 == 3:
            yield customer.invoice(amount_minor=(price * 20 * 2 + 30) // 60, since=11), "explained"
        elif position % 32 == 7:
            yield customer.invoice(amount_minor=price + 1), "unexplained"
        elif position % 32 == 15:
            yield customer.invoice(amount_minor=price * 2), "unexplained"
        elif position % 32 == 23:
            yield customer.invoice(amount_minor=price, plan=PLANS[PLANS.index(customer.plan) - 1]), "unexplained"
        elif position % 32 == 31:
            yield customer.invoice(amount_minor=price, since=11), "unexplained"
        else:
            yield customer.invoice(amount_minor=price), "matched"


def compare_now(vendor: Vendor, *, tolerance_minor: int = 0) -> int:
    with transaction.atomic():
        run_id = request_comparison(vendor_id=vendor.id, tolerance_minor=tolerance_minor, actor=TESTS)
    compare_all(run_id=run_id, now=NOW)
    return run_id


def person(vendor: Vendor, role: str) -> Actor:
    user = make_staff(vendor=vendor, user=make_user(name=role), role=role)
    return Actor(kind="staff", label=role, user_id=user.id)


def public_id(number: str) -> UUID:
    return Company.objects.get(number=number).public_id


def one_customer() -> Customer:
    """Import one customer, and the old system's invoice, which is what is charged here."""
    (owned,) = customers(1)
    run_import([owned.row])
    run_import([owned.invoice(amount_minor=owned.price_minor)], kind="invoices")
    return owned


def pilot_wave(vendor: Vendor) -> int:
    return create_wave(
        vendor_id=vendor.id,
        name="Pilot",
        first_invoice_month=date(2020, 10, 1),
        deadline=date(2020, 9, 30),
        actor=TESTS,
        today=TODAY,
    )
