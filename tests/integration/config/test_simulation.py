"""Months of a sandbox vendor go by in a minute, as an operator asks for them, and the books hold at their end."""

from datetime import date

import pytest
from django.db import connection, transaction

from comptoir.catalog.models import Cadence
from comptoir.config.books import CHECKS
from comptoir.config.simulation import NotSimulated, simulate
from comptoir.invoicing.bill_runs import approve_bill_run, divide, plan_parts, request_bill_run
from comptoir.invoicing.models import BillRun, RevenueRecognition
from comptoir.subscriptions.models import Subscription
from comptoir.tenancy.models import Vendor
from comptoir.tenancy.queries import vendor as vendor_row
from tests.databases import Database
from tests.factories import NOW, TESTS, issue_invoices, make_company, make_plan, make_subscription, make_vendor
from tests.integration.cli.test_command import comptoir

BEGUN, OCTOBER, MID_OCTOBER = date(2020, 9, 10), date(2020, 10, 1), date(2020, 10, 16)
REACHED, DECEMBER = date(2020, 11, 10), date(2020, 12, 1)
ALL_HOLD = f"{len(CHECKS)} of {len(CHECKS)} rules hold."


def planned(vendor: Vendor, *, through: date, issue_date: date) -> int:
    """Request and plan a bill run; return its id."""
    with transaction.atomic():
        run_id = request_bill_run(vendor_id=vendor.id, through=through, issue_date=issue_date, actor=TESTS)
    divide(run_id=run_id)
    plan_parts(run_id=run_id, now=NOW)
    return run_id


def test_what_falls_due_is_billed_day_by_day_and_the_books_are_proved(fresh_database: Database) -> None:
    """It goes on with a run that was planned, or approved, and, asked again, from the day that was reached."""
    vendor = make_vendor(slug="harbor", business_date=BEGUN)
    monthly = make_plan(vendor=vendor, price_minor=4_900)
    quarterly = make_plan(vendor=vendor, price_minor=9_000, cadence=Cadence.QUARTERLY)
    make_subscription(company=make_company(vendor=vendor), plan=monthly)
    make_subscription(company=make_company(vendor=vendor), plan=quarterly)
    stub = make_subscription(company=make_company(vendor=vendor), plan=monthly, billed_from=MID_OCTOBER)
    Subscription.objects.filter(id=stub.id).update(anchor_day=1)

    planned(vendor, through=OCTOBER, issue_date=BEGUN)
    first = comptoir("simulate", "--vendor", "harbor", "--months", "2", url=fresh_database.owner_url)
    with transaction.atomic():
        run_id = planned(vendor, through=DECEMBER, issue_date=REACHED)
        approve_bill_run(run_id=run_id, today=REACHED, actor=TESTS, now=NOW)
    then = comptoir("simulate", "--vendor", "harbor", "--months", "1", url=fresh_database.owner_url)

    assert [(lived.returncode, lived.stderr) for lived in (first, then)] == [(0, ""), (0, "")]
    assert [line for line in (first.stdout + then.stdout).splitlines() if not line.startswith("holds ")] == [
        "harbor, September 2020: 3 invoices over $164.29, $0.00 given back, 0 exceptions",
        "harbor, October 2020: 2 invoices over $98.00, $0.00 given back, 0 exceptions",
        ALL_HOLD,
        "harbor, November 2020: 2 invoices over $98.00, $0.00 given back, 0 exceptions",
        ALL_HOLD,
    ]
    assert vendor_row(vendor.id).business_date == date(2020, 12, 10)
    assert [(run.issue_date, run.through, run.status) for run in BillRun.objects.order_by("id")] == [
        (BEGUN, OCTOBER, "issued"),
        (OCTOBER, MID_OCTOBER, "issued"),
        (date(2020, 10, 17), date(2020, 11, 1), "issued"),
        (REACHED, DECEMBER, "issued"),
    ]
    assert RevenueRecognition.objects.get().recognised_until == DECEMBER


def test_a_vendor_that_lives_by_the_calendar_is_left_to_it(fresh_database: Database) -> None:
    vendor = make_vendor(slug="harbor", business_date=None)
    with pytest.raises(NotSimulated, match="only a sandbox vendor"):
        next(simulate(vendor_id=vendor.id, months=1))
    nobody = comptoir("simulate", url=fresh_database.owner_url)
    assert nobody.returncode != 0
    assert "No vendor is in sandbox mode" in nobody.stderr


def test_books_that_do_not_hold_are_its_exit_code(fresh_database: Database) -> None:
    vendor = make_vendor(slug="harbor")
    make_subscription(company=make_company(vendor=vendor), plan=make_plan(vendor=vendor))
    issue_invoices(vendor=vendor)
    with connection.cursor() as cursor:  # a database that somebody has changed past its rules
        cursor.execute("ALTER TABLE invoicing_invoicebalance DISABLE TRIGGER USER")
        cursor.execute("UPDATE invoicing_invoicebalance SET open_minor = open_minor - 1")

    proved = comptoir("simulate", "--vendor", "harbor", "--months", "0", url=fresh_database.owner_url)

    assert proved.returncode == 1
    assert "BROKEN" in proved.stdout
    assert ALL_HOLD not in proved.stdout
