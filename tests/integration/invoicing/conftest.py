"""A small vendor in September 2020, whose companies have moved and fall due on the first of October."""

from dataclasses import dataclass
from datetime import date

import pytest
from django.db import transaction

from comptoir.catalog.models import Plan, Price, Product
from comptoir.invoicing.bill_runs import approve_bill_run, divide, issue_parts, plan_parts, request_bill_run
from comptoir.invoicing.models import BillRun
from comptoir.kit.clocks import wall_now
from comptoir.subscriptions.models import Subscription
from comptoir.tenancy.audit import system
from comptoir.tenancy.models import Company
from comptoir.tenancy.operations import create_vendor
from tests.databases import Database

OCTOBER = date(2020, 10, 1)
ISSUED = date(2020, 9, 16)
TEST = system("test")


@dataclass(frozen=True)
class Books:
    """A vendor and its one monthly plan at 49.00."""

    vendor_id: int
    plan_id: int

    def company(
        self, number: str, *, units: int = 2, price_minor: int | None = None, billed_since: date | None = ISSUED
    ) -> int:
        """Add a company that takes ``units`` of the plan and has moved; return its id."""
        company = Company.objects.create(
            vendor_id=self.vendor_id, number=number, name=f"Company {number}", billed_since=billed_since
        )
        for _unit in range(units):
            Subscription.objects.create(
                vendor_id=self.vendor_id,
                company=company,
                plan_id=self.plan_id,
                anchor_day=1,
                agreed_price_minor=price_minor,
                starts_on=date(2020, 1, 1),
                billed_from=OCTOBER,
                billed_through=OCTOBER,
            )
        return company.id

    def planned_run(self, *, through: date = OCTOBER, issue_date: date = ISSUED) -> int:
        """Request and plan a bill run; return its id."""
        with transaction.atomic():
            run_id = request_bill_run(vendor_id=self.vendor_id, through=through, issue_date=issue_date, actor=TEST)
        divide(run_id=run_id, size=2)
        assert plan_parts(run_id=run_id, now=wall_now())
        return run_id

    def approve(self, run_id: int, *, today: date | None = None) -> None:
        """Approve a planned run, on the day that its invoices bear unless told another."""
        today = today or BillRun.objects.get(id=run_id).issue_date
        with transaction.atomic():
            approve_bill_run(run_id=run_id, today=today, actor=TEST, now=wall_now())

    def bill(self, *, through: date = OCTOBER) -> int:
        """Run the bill run from end to end; return its id."""
        run_id = self.planned_run(through=through)
        self.approve(run_id)
        assert issue_parts(run_id=run_id, now=wall_now())
        return run_id


@pytest.fixture
def books(fresh_database: Database) -> Books:
    """A vendor without companies yet, in a database of its own."""
    vendor_id = create_vendor(
        slug="northwind",
        name="Northwind",
        legal_name="Northwind Inc.",
        currency="USD",
        time_zone="America/New_York",
        language="en",
        email="billing@northwind.example",
        actor=TEST,
        business_date=ISSUED,
    )
    product = Product.objects.create(vendor_id=vendor_id, code="erestaurant", name="eRestaurant")
    sold = Plan.objects.create(product=product, vendor_id=vendor_id, code="er", name="eRestaurant", cadence="monthly")
    Price.objects.create(plan=sold, valid_from=date(2020, 1, 1), amount_minor=4900)
    return Books(vendor_id=vendor_id, plan_id=sold.id)


@pytest.fixture
def issued(books: Books) -> Books:
    """Two companies with an invoice each."""
    books.company("1001")
    books.company("1002")
    books.bill()
    return books
