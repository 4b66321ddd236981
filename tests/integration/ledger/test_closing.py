"""Closed books take no posting, whoever writes; and what they say of any past day does not change."""

import threading
from collections.abc import Iterator
from datetime import date

import pytest
from django.db import IntegrityError, connection, connections, transaction

from comptoir.config.books import check_books
from comptoir.invoicing.ageing import ageing
from comptoir.invoicing.corrections import carry_out, request_void
from comptoir.invoicing.operations import apply_payment, reserve, take_back
from comptoir.invoicing.recognition import recognise
from comptoir.ledger.closing import close_books, closed_through, first_open_day
from comptoir.ledger.errors import BooksClosed
from comptoir.ledger.models import BookClosing
from comptoir.ledger.operations import Entry, PostingLine, accounts, post
from comptoir.ledger.queries import journal, roll_forward, trial_balance
from comptoir.taxes.models import Jurisdiction, Registration, TaxRate
from comptoir.tenancy.models import Company, Vendor
from tests.databases import Database
from tests.factories import (
    NOW,
    TESTS,
    issue_invoices,
    make_company,
    make_location,
    make_plan,
    make_subscription,
    make_vendor,
)

SEPTEMBER, OCTOBER, NOVEMBER = date(2020, 9, 1), date(2020, 10, 1), date(2020, 11, 1)
MID_SEPTEMBER = date(2020, 9, 16)
PAYMENT = "0b8b0c52-7d5f-4a3a-9a50-0a3f4b2a5f11"


@pytest.fixture
def vendor(fresh_database: Database) -> Iterator[Vendor]:
    made = make_vendor(slug="northwind")
    yield made
    assert check_books() == []


@pytest.fixture
def company(vendor: Vendor) -> Company:
    made = make_company(vendor=vendor, name="Arches")
    make_subscription(company=made, plan=make_plan(vendor=vendor))
    return made


def close(vendor: Vendor, through: date, *, today: date = date(2021, 1, 1)) -> None:
    with transaction.atomic():
        close_books(vendor_id=vendor.id, through=through, today=today, reason="month end", actor=TESTS)


def post_on(vendor: Vendor, company: Company, day: date) -> None:
    account = accounts(vendor_id=vendor.id, currency="USD")
    sides = [PostingLine(account["bank"], 100), PostingLine(account["suspense"], -100)]
    with transaction.atomic():
        post(vendor_id=vendor.id, posted_on=day, reason="test", entries=[Entry(company.id, "test", sides)])


def test_nothing_is_posted_on_a_closed_day(vendor: Vendor, company: Company) -> None:
    close(vendor, date(2020, 9, 30))

    with pytest.raises(BooksClosed, match="2020-09-30; date it later"):
        post_on(vendor, company, date(2020, 9, 30))
    post_on(vendor, company, OCTOBER)

    assert first_open_day(vendor_id=vendor.id, day=SEPTEMBER) == OCTOBER
    assert first_open_day(vendor_id=make_vendor(slug="harbor").id, day=SEPTEMBER) == SEPTEMBER


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        (
            "INSERT INTO ledger_journalbatch (vendor_id, posted_on, reason) SELECT id, '2020-09-30', 'x'"
            " FROM tenancy_vendor",
            "books are closed through 2020-09-30",
        ),
        ("UPDATE ledger_bookclosing SET closed_through = '2020-01-01'", "does not change"),
        ("DELETE FROM ledger_bookclosing", "does not change"),
        ("TRUNCATE ledger_bookclosing", "does not change"),
        (
            "INSERT INTO ledger_bookclosing (vendor_id, closed_through, closed_by, reason)"
            " SELECT id, '2020-09-01', 'x', 'x' FROM tenancy_vendor",
            "closed through 2020-09-01 already",
        ),
    ],
)
def test_postgresql_refuses_it_around_the_operations(
    vendor: Vendor, company: Company, statement: str, refusal: str
) -> None:
    close(vendor, date(2020, 9, 30))
    with pytest.raises(IntegrityError, match=refusal), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_closing_waits_for_who_posts_and_who_posts_later_sees_it(
    vendor: Vendor, company: Company, fresh_database: Database
) -> None:
    posted, closed = threading.Event(), threading.Event()

    def close_beside() -> None:
        with fresh_database.as_owner():
            posted.wait(10)
            close(vendor, date(2020, 9, 30))
            closed.set()
            connections["default"].close()

    beside = threading.Thread(target=close_beside)
    beside.start()
    with transaction.atomic():
        post_on(vendor, company, date(2020, 9, 30))
        posted.set()
        assert not closed.wait(0.7), "who closes waits until what is being posted is committed"
    beside.join(10)

    assert closed_through(vendor.id) == date(2020, 9, 30)
    with pytest.raises(BooksClosed):
        post_on(vendor, company, date(2020, 9, 30))


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_who_sees_the_books_as_they_were_before_does_not_post(
    vendor: Vendor, company: Company, fresh_database: Database, level: str
) -> None:
    post_on(vendor, company, date(2020, 9, 30))
    with pytest.raises(IntegrityError, match="READ COMMITTED"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET TRANSACTION ISOLATION LEVEL {level}")
        assert closed_through(vendor.id) is None
        with fresh_database.as_owner():
            close(vendor, date(2020, 9, 30))
        post_on(vendor, company, date(2020, 9, 30))


def test_books_are_closed_forward_for_days_that_are_over_and_with_a_reason(vendor: Vendor) -> None:
    close(vendor, date(2020, 9, 30))
    for through, today in ((date(2020, 9, 30), NOVEMBER), (SEPTEMBER, NOVEMBER), (OCTOBER, OCTOBER)):
        with pytest.raises(BooksClosed):
            close(vendor, through, today=today)
    with pytest.raises(BooksClosed, match="Say why"), transaction.atomic():
        close_books(vendor_id=vendor.id, through=OCTOBER, today=NOVEMBER, reason=" ", actor=TESTS)
    assert BookClosing.objects.count() == 1


def test_revenue_of_a_closed_month_is_recognised_on_the_first_open_day(vendor: Vendor, company: Company) -> None:
    issue_invoices(vendor=vendor)
    close(vendor, date(2020, 10, 31))

    assert recognise(vendor_id=vendor.id, until=NOVEMBER) == 9_900

    assert "revenue" not in {row.code for row in trial_balance(vendor_id=vendor.id, on=date(2020, 10, 31))}
    assert {row.code: row.amount_minor for row in trial_balance(vendor_id=vendor.id, on=NOVEMBER)}["revenue"] == -9_900


def test_the_trial_balance_of_any_past_day_adds_up_and_the_roll_forward_ties_to_it(
    vendor: Vendor, company: Company
) -> None:
    issue_invoices(vendor=vendor)
    recognise(vendor_id=vendor.id, until=NOVEMBER)
    issue_invoices(vendor=vendor, through=NOVEMBER, issue_date=date(2020, 10, 16))

    for day in (MID_SEPTEMBER, date(2020, 10, 31), date(2020, 12, 1)):
        assert sum(row.amount_minor for row in trial_balance(vendor_id=vendor.id, on=day)) == 0
    assert trial_balance(vendor_id=vendor.id, on=SEPTEMBER) == []
    deferred = next(row for row in trial_balance(vendor_id=vendor.id, on=NOVEMBER) if row.code == "deferred_revenue")
    months = roll_forward(account_id=deferred.account_id, since=date(2020, 8, 1), until=NOVEMBER)
    assert [(row.month.month, row.opening_minor, row.added_minor, row.released_minor) for row in months] == [
        (8, 0, 0, 0),
        (9, 0, 9_900, 0),
        (10, 9_900, 9_900, 9_900),
    ]
    assert months[-1].closing_minor == -deferred.amount_minor == 9_900
    rows, total = journal(account_id=deferred.account_id, until=NOVEMBER, limit=2, offset=0)
    assert (total, [row.description for row in rows]) == (3, ["revenue earned", "invoice issued"])


def test_the_roll_forward_of_tax_says_by_jurisdiction_what_was_charged_and_given_back(
    vendor: Vendor, company: Company
) -> None:
    plan = make_plan(vendor=vendor, scope="location")
    make_subscription(company=company, plan=plan, location=make_location(company=company))
    states = {"level": "state", "country": "US", "state": "IL"}
    cities = {"level": "city", "country": "US", "state": "IL", "city": "Springfield"}
    for code, rate, area in (("TEST-IL", "0.0625", states), ("TEST-SPRINGFIELD", "0.01", cities)):
        jurisdiction = Jurisdiction.objects.create(code=code, name=code, **area)
        for category in ("software", "service", "hardware"):
            TaxRate.objects.create(jurisdiction=jurisdiction, category=category, rate=rate, valid_from=date(2020, 1, 1))
        Registration.objects.create(vendor=vendor, jurisdiction=jurisdiction, since=date(2020, 1, 1))
    (bill,) = issue_invoices(vendor=vendor)
    Vendor.objects.filter(id=vendor.id).update(business_date=date(2020, 10, 5))
    with transaction.atomic():
        asked = request_void(invoice_id=bill.id, explanation="never opened", actor=TESTS, role="admin")
    carry_out(correction_id=asked.id, now=NOW)

    owed = {row.part: row.account_id for row in trial_balance(vendor_id=vendor.id, on=MID_SEPTEMBER) if row.part}

    moved = {
        part: [
            (row.month.month, row.opening_minor, row.added_minor, row.released_minor, row.closing_minor)
            for row in roll_forward(account_id=account_id, since=SEPTEMBER, until=NOVEMBER)
        ]
        for part, account_id in owed.items()
    }
    assert moved == {
        "TEST-IL": [(9, 0, 1_238, 0, 1_238), (10, 1_238, 0, 1_238, 0)],
        "TEST-SPRINGFIELD": [(9, 0, 198, 0, 198), (10, 198, 0, 198, 0)],
    }


def test_ageing_is_that_of_the_day_with_payments_and_returns_in_between(vendor: Vendor, company: Company) -> None:
    (bill,) = issue_invoices(vendor=vendor)
    paid = {"payment_public_id": PAYMENT, "company_id": company.id, "amounts": {bill.id: 4_000}, "now": NOW}
    with transaction.atomic():
        reserve({bill.id: 4_000})
        apply_payment(**paid, posted_on=date(2020, 10, 20))
    with transaction.atomic():
        take_back(**paid, posted_on=date(2020, 12, 5))

    def aged(day: date) -> tuple[int, ...]:
        rows = ageing(vendor_id=vendor.id, on=day)
        return tuple(
            sum(getattr(row, part) for row in rows)
            for part in ("not_due_minor", "to_30_minor", "to_60_minor", "to_90_minor", "over_90_minor", "total_minor")
        )

    assert aged(SEPTEMBER) == (0, 0, 0, 0, 0, 0)
    assert aged(OCTOBER) == (9_900, 0, 0, 0, 0, 9_900)
    assert aged(date(2020, 10, 2)) == (0, 9_900, 0, 0, 0, 9_900)
    assert aged(date(2020, 10, 31)) == (0, 5_900, 0, 0, 0, 5_900)
    assert aged(date(2020, 11, 1)) == (0, 0, 5_900, 0, 0, 5_900)
    assert aged(date(2020, 12, 5)) == (0, 0, 0, 9_900, 0, 9_900)
    assert aged(date(2020, 12, 31)) == (0, 0, 0, 0, 9_900, 9_900)
