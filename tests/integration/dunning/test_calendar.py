"""Vendors that live by the calendar: their days come by the hour, and products close at the stores' own hour."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from procrastinate.contrib.django.models import ProcrastinateJob

from comptoir.access.queries import standing_history, standings_of
from comptoir.catalog.models import Product
from comptoir.config import business_day, jobs
from comptoir.customers.models import Location
from comptoir.dunning import tasks as dunning_tasks
from comptoir.dunning.models import Closing
from comptoir.dunning.queries import company_dunning
from comptoir.mailer import tasks as mailer_tasks
from comptoir.tenancy.models import Company, Vendor
from comptoir.tenancy.queries import VendorRow
from comptoir.tenancy.queries import vendor as vendor_row
from tests.factories import issue_invoices, make_company, make_location, make_plan, make_subscription, make_vendor
from tests.integration.dunning.conftest import Work, notices_of
from tests.integration.notices.conftest import bank_says, make_payment, save_method

Live = Callable[[datetime], None]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Live:
    """Have the worker's clock stand at an instant."""

    def stand(instant: datetime) -> None:
        for module in (jobs, business_day, dunning_tasks, mailer_tasks):
            monkeypatch.setattr(module, "wall_now", lambda: instant)

    return stand


def october(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2020, 10, day, hour, minute, tzinfo=UTC)


def make_seller(name: str) -> tuple[Vendor, Company]:
    """Make a vendor by the calendar, in New York, with a customer that does not pay what is due on October 1."""
    vendor = make_vendor(name=name, business_date=None)
    company = make_company(vendor=vendor, name=f"{name} LLC", billing_email=f"{name.lower()}@example.com")
    make_subscription(company=company, plan=make_plan(vendor=vendor, price_minor=4_900, name="Office"))
    return vendor, company


def states(company: Company) -> set[tuple[str, str]]:
    return {(row.product_name, row.state) for row in standings_of(company.id)}


def test_products_close_at_night_where_the_store_is_and_never_while_it_is_open(db: None, work: Work, at: Live) -> None:
    vendor, company = make_seller("Harbor")
    make_subscription(company=company, plan=make_plan(vendor=vendor, price_minor=900, name="Till"))
    Product.objects.filter(vendor=vendor, name="Till").update(code="netpos")
    store = make_location(company=company)  # in Colorado, open from six to midnight
    Location.objects.filter(id=store.id).update(state="CO")
    (invoice,) = issue_invoices(vendor=vendor)
    save_method(company, autopay=False)

    def live(instant: datetime) -> None:
        at(instant)
        jobs.live_business_days(0)
        assert work() == []

    for day in (4, 11):
        live(october(day, 13, 7))
    at(october(19, 3, 7))  # in New York the eighteenth still
    jobs.live_business_day(vendor.id)
    at(october(21, 3, 30))  # the mail server takes it two days later
    assert work() == []
    (notice, *_earlier) = company_dunning(company.id, vendor=vendor_row(vendor.id), on=date(2020, 10, 21)).notices
    assert (notice.sent_on, notice.received_on) == (date(2020, 10, 18), date(2020, 10, 20))

    for day in (21, 26):
        live(october(day, 13, 7))
        assert states(company) == {("Office", "warned"), ("Till", "warned")}
    assert not Closing.objects.exists(), "seven days from the day on which it was received"
    live(october(27, 13, 7))
    planned = dict(Closing.objects.values_list("product__name", "at"))
    assert planned == {"Office": october(28, 7), "Till": october(28, 7)}, "one o'clock in Denver, both at once"

    def close(instant: datetime) -> set[tuple[str, str]]:
        at(instant)
        jobs.close_products(0)
        assert work() == []
        return states(company)

    assert close(october(28, 6, 59)) == {("Office", "warned"), ("Till", "warned")}
    assert close(october(28, 12, 30)) == {("Office", "warned"), ("Till", "warned")}, "late: it has opened again"
    assert close(october(29, 6)) == {("Office", "warned"), ("Till", "warned")}, "it waits with the till"
    assert close(october(29, 11, 30)) == {("Office", "suspended"), ("Till", "warned")}, "closed, and no night any more"
    assert standing_history(company.id)[0].at == october(29, 11, 30)
    assert close(october(30, 7)) == {("Office", "suspended"), ("Till", "limited")}

    bank_says(make_payment([invoice]), "processing")
    assert work() == []
    assert states(company) == {("Office", "good"), ("Till", "good")}


def test_a_product_closes_in_the_first_hour_of_the_day_that_the_notice_and_the_warning_name_and_not_before(
    db: None, work: Work, at: Live, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    vendor, company = make_seller("Harbor")
    issue_invoices(vendor=vendor)

    def live(instant: datetime) -> None:
        for step in (jobs.live_business_days, jobs.close_products):
            at(instant)
            step(0)
            assert work() == []

    for day in (4, 11, 18, 19, 25):
        live(october(day, 4, 7))  # seven past midnight in New York
    assert mailoutbox[-1].subject == "Final notice: access ends on Oct 26, 2020 unless $49.00 is paid"
    live(october(26, 3, 59))
    (warned,) = standings_of(company.id)
    assert (warned.state, warned.warned_until) == ("warned", date(2020, 10, 26)), "who pays before that day is in time"
    live(october(26, 4, 7))
    live(october(26, 4, 15))
    assert states(company) == {("Office", "suspended")}
    assert standing_history(company.id)[0].at == october(26, 4, 15)


def test_one_vendors_failing_day_stops_no_other_and_a_failing_part_nothing_else(
    db: None, work: Work, at: Live, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (first, of_first), (second, of_second) = make_seller("Anchor"), make_seller("Beacon")
    for vendor in (first, second):
        issue_invoices(vendor=vendor)

    def fails_for_the_first(**given: Any) -> None:
        if first.id in (given.get("vendor_id"), getattr(given.get("seller"), "id", None)):
            raise ValueError(first.name)

    def live(day: int, *, without: str = "") -> list[str]:
        at(october(day, 13, 7))
        with monkeypatch.context() as broken:
            if without:
                broken.setattr(business_day, without, fails_for_the_first)
            jobs.live_business_days(0)
            failures = work()
        ProcrastinateJob.objects.filter(status="todo").update(status="failed")
        return failures

    told = date(2020, 10, 4)
    (failure,) = live(4, without="recognise")
    assert "config.live_business_day" in failure
    assert "revenue" in failure
    assert f"vendor {first.id}, business day 2020-10-04: revenue failed" in caplog.text
    assert notices_of(of_first) == notices_of(of_second) == [("reminder", told)]

    (failure,) = live(11, without="submit_due_autopay")
    assert "autopay" in failure
    assert "dunning" not in failure
    again = [("reminder", told), ("firm_reminder", date(2020, 10, 11))]
    assert notices_of(of_first) == notices_of(of_second) == again, "who pays by check owes it whatever fails"

    asked: list[VendorRow] = []

    def close(*, seller: VendorRow, on: date, now: datetime) -> None:
        asked.append(seller)
        fails_for_the_first(seller=seller)

    monkeypatch.setattr(jobs, "close_due", close)
    with pytest.raises(ExceptionGroup):
        jobs.close_products(0)
    assert [seller.id for seller in asked] == [first.id, second.id]
