"""What the tests' own databases promise."""

import pytest
from django.db import ProgrammingError, connection

from comptoir.tenancy.models import Vendor
from tests.databases import Database
from tests.factories import issue_invoices, make_company, make_location, make_plan, make_subscription, make_vendor
from tests.web import WebClient


@pytest.mark.django_db
@pytest.mark.parametrize("time", ["first", "second"])
def test_what_one_test_writes_the_next_does_not_see(time: str) -> None:
    assert not Vendor.objects.exists()
    make_vendor()


def test_a_fresh_database_keeps_what_is_committed_and_shows_the_web_nothing_of_it(fresh_database: Database) -> None:
    make_vendor()
    with fresh_database.as_owner():
        assert Vendor.objects.count() == 1
    with fresh_database.as_web():
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            assert cursor.fetchone() == ("comptoir_web",)
        with pytest.raises(ProgrammingError, match="permission denied"):
            Vendor.objects.count()


def test_the_web_answers_that_it_is_well(web: WebClient) -> None:
    assert web.get("/healthz").content == b"ok\n"


def test_invoices_are_made_by_the_real_bill_run(fresh_database: Database) -> None:
    vendor = make_vendor()
    company = make_company(vendor=vendor)
    plan = make_plan(vendor=vendor, scope="location")
    make_subscription(company=company, plan=plan, location=make_location(company=company))
    (invoice,) = issue_invoices(vendor=vendor)
    assert invoice.total_minor == 9_900
