"""What is wrong with one company keeps no other from being debited or reminded; the team is told of it."""

from datetime import timedelta

import pytest
from django.db import connection

from comptoir.config.business_day import run_business_day
from comptoir.dunning.models import Notice
from comptoir.payments.models import Payment, PlannedRetry
from comptoir.payments.tasks import submit_due_retries
from comptoir.tenancy.models import Company, Vendor
from comptoir.work.models import WorkItem
from tests.factories import issue_invoices
from tests.integration.dunning.conftest import DUE
from tests.integration.notices.conftest import World, bank_says, make_payment, save_method, work, world

__all__ = ["work", "world"]


def poison(company: Company) -> None:
    """Have PostgreSQL refuse whatever is to be debited from a company."""
    with connection.cursor() as cursor:
        cursor.execute(
            """CREATE FUNCTION poisoned() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'poisoned' USING ERRCODE = 'check_violation'; END $$"""
        )
        cursor.execute(
            "CREATE TRIGGER poisoned BEFORE INSERT ON payments_payment FOR EACH ROW "
            f"WHEN (NEW.company_id = {company.id}) EXECUTE FUNCTION poisoned()"
        )


def cure() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION poisoned() CASCADE")


def live(world: World, *, days_late: int) -> None:
    """Live one business day, so many days after the invoices were due."""
    day = DUE + timedelta(days=days_late)
    Vendor.objects.filter(id=world.vendor.id).update(business_date=day)
    run_business_day(vendor_id=world.vendor.id, day=day)


def test_the_others_are_debited_and_reminded(world: World, caplog: pytest.LogCaptureFixture) -> None:
    names = ("first", "poisoned", "last", "check")
    first, poisoned, last, by_check = (world.company(name, email=f"{name}@example.com") for name in names)
    for company in (first, poisoned, last):
        save_method(company)
    issue_invoices(vendor=world.vendor)
    poison(poisoned)

    for days_late in range(4):
        live(world, days_late=days_late)
    assert set(Payment.objects.values_list("company_id", flat=True)) == {first.id, last.id}
    assert set(Notice.objects.filter(kind="reminder").values_list("company_id", flat=True)) == {by_check.id}
    item = WorkItem.objects.get(kind="debit_not_begun")
    assert (item.company_id, item.closed_at) == (poisoned.id, None), "once, though it failed on four days"
    assert "poisoned" in caplog.text

    cure()
    live(world, days_late=4)
    assert Payment.objects.filter(company=poisoned).exists()
    item.refresh_from_db()
    assert item.closed_by == "autopay"


def test_the_others_are_presented_again(world: World, caplog: pytest.LogCaptureFixture) -> None:
    companies = [world.company(name, email=f"{name}@example.com") for name in ("first", "poisoned", "last")]
    for company in companies:
        save_method(company)
    for invoice in issue_invoices(vendor=world.vendor):
        bank_says(make_payment([invoice], origin="autopay"), "waiting", failed="R01")
    planned_on = PlannedRetry.objects.values_list("planned_on", flat=True)[0]
    poison(companies[1])
    submit_due_retries(vendor_id=world.vendor.id, on=planned_on)
    assert PlannedRetry.objects.filter(made=None).get().after.company_id == companies[1].id
    assert WorkItem.objects.get(kind="debit_not_begun").company_id == companies[1].id
    assert "poisoned" in caplog.text
