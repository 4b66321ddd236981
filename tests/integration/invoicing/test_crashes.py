"""A bill run that is killed at any of its stages, or meets a company that PostgreSQL refuses, bills everyone once."""

from collections.abc import Callable
from datetime import date

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from comptoir.config.books import check_books
from comptoir.invoicing import bill_runs, issuing
from comptoir.invoicing.bill_run_queries import bill_run, bill_run_items
from comptoir.invoicing.bill_runs import cancel_bill_run, divide, issue_parts, plan_parts, request_bill_run
from comptoir.invoicing.calculation.credits import DaysBilled, unused
from comptoir.invoicing.errors import BillRunRefused
from comptoir.invoicing.models import BillRun, BillRunPart, Coverage, Invoice, InvoiceLine
from comptoir.kit.clocks import wall_now
from comptoir.kit.models import Event
from comptoir.subscriptions.calculation.periods import add_months, periods_due
from comptoir.subscriptions.calculation.proration import prorate
from comptoir.subscriptions.models import Subscription
from tests.databases import Database

from .conftest import ISSUED, OCTOBER, TEST, Books


class Killed(BaseException):
    """The process is gone; nothing catches this."""


STAGES: tuple[tuple[object, str], ...] = (
    (bill_runs, "reckon_due"),
    (bill_runs, "credit_ended_service"),
    (bill_runs, "issue"),
    (issuing, "_write_invoices"),
    (issuing, "_write_taxes"),
    (issuing, "_write_lines"),
    (issuing, "_post"),
    (issuing, "check_now"),
    (bill_runs, "check_all_now"),
    (issuing, "_number"),
    (bill_runs, "use_credit"),
    (bill_runs, "_mark"),
    (bill_runs, "emit"),
)


@pytest.mark.parametrize(("module", "stage"), STAGES, ids=[name for _module, name in STAGES])
def test_killed_after_any_stage_it_goes_on_and_bills_everyone_once(
    books: Books, monkeypatch: pytest.MonkeyPatch, module: object, stage: str
) -> None:
    for number in ("1001", "1002", "1003"):
        books.company(number)
    run_id = books.planned_run()
    books.approve(run_id)
    real: Callable[..., object] = getattr(module, stage)

    def killed_afterwards(*args: object, **kwargs: object) -> object:
        real(*args, **kwargs)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(module, stage, killed_afterwards)
        with pytest.raises(Killed):
            issue_parts(run_id=run_id, now=wall_now())
    assert not Invoice.objects.exists()

    assert issue_parts(run_id=run_id, now=wall_now())
    assert sorted(Invoice.objects.values_list("numbered__number", flat=True)) == [1, 2, 3]
    assert check_books() == []


PLANNING: tuple[tuple[object, str], ...] = (
    (bill_runs, "companies_due"),
    (bill_runs, "reckon_due"),
    (bill_runs, "credit_owed"),
    (bill_runs, "copy_rows"),
    (bill_runs, "plan_next_part"),
    (bill_runs, "finish_plan"),
)


@pytest.mark.parametrize(("module", "stage"), PLANNING, ids=[name for _module, name in PLANNING])
def test_killed_while_it_plans_it_plans_everyone_once(
    books: Books, monkeypatch: pytest.MonkeyPatch, module: object, stage: str
) -> None:
    for number in ("1001", "1002", "1003"):
        books.company(number)
    with transaction.atomic():
        run_id = request_bill_run(vendor_id=books.vendor_id, through=OCTOBER, issue_date=ISSUED, actor=TEST)
    real: Callable[..., object] = getattr(module, stage)

    def killed_afterwards(*args: object, **kwargs: object) -> object:
        real(*args, **kwargs)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(module, stage, killed_afterwards)
        with pytest.raises(Killed):
            divide(run_id=run_id, size=2)
            plan_parts(run_id=run_id, now=wall_now())

    divide(run_id=run_id, size=2)
    assert plan_parts(run_id=run_id, now=wall_now())
    planned = bill_run(vendor_id=books.vendor_id, run_id=run_id)
    assert (planned.companies, planned.planned_minor) == (3, 29_400)
    books.approve(run_id)
    assert issue_parts(run_id=run_id, now=wall_now())
    assert Invoice.objects.count() == 3


def test_a_process_that_is_killed_again_and_again_bills_everyone_once(books: Books, fresh_database: Database) -> None:
    """SIGKILL, at a moment that nobody chose, until the run is done."""
    for number in range(12):
        books.company(str(number), units=1)
    with transaction.atomic():
        run_id = request_bill_run(vendor_id=books.vendor_id, through=OCTOBER, issue_date=ISSUED, actor=TEST)
    divide(run_id=run_id, size=1)
    plan_parts(run_id=run_id, now=wall_now())
    books.approve(run_id)

    for milliseconds in (20, 40, 60, 80):
        worker = fresh_database.forked(issue_parts, run_id=run_id, now=wall_now())
        worker.start()
        worker.join(milliseconds / 1000)
        worker.kill()
        worker.join()
    fresh_database.wait_until_alone()

    assert issue_parts(run_id=run_id, now=wall_now())
    assert sorted(Invoice.objects.values_list("numbered__number", flat=True)) == list(range(1, 13))
    assert Invoice.objects.values("company_id").distinct().count() == 12
    assert check_books() == []


@pytest.mark.parametrize(
    ("work", "table", "done"),
    [
        (plan_parts, "invoicing_billrunitem", "planned_at"),
        (issue_parts, "subscriptions_subscription", "issued_at"),
        (issue_parts, "ledger_posting", "issued_at"),
        (issue_parts, "invoicing_invoicenumber", "issued_at"),
    ],
)
def test_a_process_that_is_killed_in_the_midst_of_a_part_loses_that_part_alone(
    books: Books, fresh_database: Database, work: Callable[..., bool], table: str, done: str
) -> None:
    """SIGKILL while it waits to write: what it did of the part so far is undone, the part before it stands."""
    for number in ("1001", "1002", "1003"):
        books.company(number)
    with transaction.atomic():
        run_id = request_bill_run(vendor_id=books.vendor_id, through=OCTOBER, issue_date=ISSUED, actor=TEST)
    divide(run_id=run_id, size=1)
    one_part = bill_runs.plan_next_part
    if work is issue_parts:
        plan_parts(run_id=run_id, now=wall_now())
        books.approve(run_id)
        one_part = bill_runs.issue_next_part
    assert one_part(run_id=run_id, now=wall_now())
    process = fresh_database.forked(work, run_id=run_id, now=wall_now())
    with psycopg.connect(fresh_database.owner_url) as other:
        other.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE".encode())
        process.start()
        fresh_database.wait_until_somebody_waits()
        process.kill()
        process.join()
    fresh_database.wait_until_alone()

    assert BillRunPart.objects.exclude(**{done: None}).count() == 1
    assert Invoice.objects.count() == (1 if work is issue_parts else 0)
    assert work(run_id=run_id, now=wall_now())
    if work is plan_parts:
        books.approve(run_id)
        assert issue_parts(run_id=run_id, now=wall_now())
    assert sorted(Invoice.objects.values_list("numbered__number", "net_minor")) == [(1, 9800), (2, 9800), (3, 9800)]
    assert check_books() == []


def test_killed_while_it_is_approved_or_closed_it_stands_where_it_stood(books: Books) -> None:
    books.company("1001")
    run_id = books.planned_run()

    def killed(last: Callable[[], object]) -> str:
        with pytest.raises(Killed), transaction.atomic():
            last()
            raise Killed
        return bill_run(vendor_id=books.vendor_id, run_id=run_id).status

    assert killed(lambda: books.approve(run_id)) == "planned"
    assert not Event.objects.filter(name="bill_run_approved").exists()
    books.approve(run_id)
    assert bill_runs.issue_next_part(run_id=run_id, now=wall_now())
    assert killed(lambda: bill_runs.finish(run_id=run_id, now=wall_now())) == "issuing"
    assert issue_parts(run_id=run_id, now=wall_now())
    assert bill_run(vendor_id=books.vendor_id, run_id=run_id).status == "issued"
    assert Invoice.objects.count() == 1


def test_killed_between_parts_it_keeps_what_was_committed(books: Books) -> None:
    for number in ("1001", "1002", "1003"):
        books.company(number)
    run_id = books.planned_run()
    books.approve(run_id)
    assert bill_runs.issue_next_part(run_id=run_id, now=wall_now())
    assert Invoice.objects.count() == 2
    assert BillRunPart.objects.filter(issued_at=None).count() == 1
    assert issue_parts(run_id=run_id, now=wall_now())
    assert Invoice.objects.count() == 3


def test_whom_postgresql_refuses_is_found_by_halves_and_stops_nobody_else(books: Books) -> None:
    ids = [books.company(str(number)) for number in range(1001, 1009)]
    with connection.cursor() as cursor:  # a rule that one company's invoice breaks
        cursor.execute(
            f"ALTER TABLE invoicing_invoice ADD CONSTRAINT not_this_one CHECK (company_id <> {ids[4]}) NOT VALID"
        )
    run_id = books.bill()

    assert Invoice.objects.count() == 7
    (bad, *_rest) = bill_run_items(run_id=run_id)
    assert (bad.company_number, bad.status) == ("1005", "exception")
    assert "not_this_one" in bad.reason
    assert sorted(Invoice.objects.values_list("numbered__number", flat=True)) == list(range(1, 8))
    assert check_books() == []


def test_whom_postgresql_refuses_in_the_plan_is_found_by_halves_and_tried_again_when_it_issues(books: Books) -> None:
    ids = [books.company(str(number)) for number in range(1001, 1004)]
    with connection.cursor() as cursor:  # a rule that one company's row breaks
        cursor.execute(
            "ALTER TABLE invoicing_billrunitem ADD CONSTRAINT not_this_one"
            f" CHECK (company_id <> {ids[1]} OR status = 'exception') NOT VALID"
        )
    run_id = books.planned_run()

    (bad, *others) = bill_run_items(run_id=run_id)
    assert (bad.company_number, bad.status, bad.planned_minor) == ("1002", "exception", 0)
    assert "not_this_one" in bad.reason
    assert [(item.status, item.planned_minor) for item in others] == [("planned", 9_800)] * 2
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE invoicing_billrunitem DROP CONSTRAINT not_this_one")
    books.approve(run_id)
    assert issue_parts(run_id=run_id, now=wall_now())
    assert {item.status for item in bill_run_items(run_id=run_id)} == {"invoiced"}
    assert Invoice.objects.count() == 3
    assert check_books() == []


def test_a_run_that_was_not_approved_can_be_canceled_and_another_planned(books: Books) -> None:
    books.company("1001")
    run_id = books.planned_run()
    with transaction.atomic():
        cancel_bill_run(run_id=run_id, actor=TEST)
    assert not issue_parts(run_id=run_id, now=wall_now())
    again = books.bill()
    assert bill_run(vendor_id=books.vendor_id, run_id=again).exceptions == 0
    with pytest.raises(BillRunRefused, match="was approved"), transaction.atomic():
        cancel_bill_run(run_id=again, actor=TEST)


def test_two_runs_of_a_vendor_are_never_under_way_at_once(books: Books) -> None:
    books.company("1001")
    books.planned_run()
    with pytest.raises(IntegrityError, match="one_bill_run_under_way"):
        BillRun.objects.create(vendor_id=books.vendor_id, through=OCTOBER, issue_date=OCTOBER, requested_by="me")


def test_parts_of_no_company_and_companies_of_another_vendor_are_refused(books: Books) -> None:
    books.company("1001")
    run_id = books.planned_run()
    assert divide(run_id=run_id) == 1
    assert plan_parts(run_id=run_id, now=wall_now())
    with pytest.raises(IntegrityError, match="bill_run_part_has_companies"), transaction.atomic():
        BillRunPart.objects.create(run_id=run_id, position=9, company_ids=[])
    with pytest.raises(IntegrityError, match="is its vendor's"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO invoicing_billrunitem (run_id, company_id, status, planned_minor, planned_lines,"
            f" credit_minor, reason) VALUES ({run_id}, 0, 'planned', 0, 0, 0, NULL)"
        )


def test_lines_that_leave_a_gap_or_cost_another_price_are_refused(books: Books) -> None:
    books.company("1001", units=1)
    books.bill()
    taken, line = Subscription.objects.get(), InvoiceLine.objects.get()
    assert Coverage.objects.get().live_until == taken.billed_through
    batch = f"INSERT INTO invoicing_invoicebatch (vendor_id) VALUES ({books.vendor_id});"
    invoice = """
        INSERT INTO invoicing_invoice (public_id, batch_id, vendor_id, company_id, issue_date, due_date, currency,
            language, bill_to, net_minor, tax_minor, total_minor)
        SELECT gen_random_uuid(), (SELECT max(id) FROM invoicing_invoicebatch), vendor_id, company_id, issue_date,
            due_date, currency, language, bill_to, 4900, 0, 4900 FROM invoicing_invoice;
    """
    lines = f"""
        INSERT INTO invoicing_invoiceline (invoice_id, position, subscription_id, location_label, description,
            starts_on, ends_on, full_days, unit_minor, amount_minor, tax_positions, tax_parts)
        SELECT max(id), 1, {taken.id}, '', 'x', %s, %s, 30, 4900, %s, '{{}}', '{{}}' FROM invoicing_invoice
    """
    for starts_on, ends_on, amount, refusal in (
        (date(2020, 11, 2), date(2020, 12, 1), 4737, "start at billed-through"),
        (line.starts_on, line.ends_on, 5063, "service_day_billed_once"),
        (date(2020, 11, 1), date(2020, 12, 1), 4899, "line_amount_is_prorated"),
    ):
        with pytest.raises(IntegrityError, match=refusal), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(batch)
            cursor.execute(invoice)
            cursor.execute(lines, [starts_on, ends_on, amount])


@settings(max_examples=200, deadline=None)
@given(
    price=st.integers(0, 10_000_000),
    anchor=st.integers(1, 31),
    cadence=st.sampled_from(["monthly", "quarterly", "annual"]),
    start=st.dates(date(2019, 1, 1), date(2024, 12, 31)),
    months=st.integers(0, 15),
    stops=st.lists(st.integers(0, 500), max_size=4),
)
def test_whatever_is_billed_and_given_back_in_whatever_order_adds_up(
    price: int, anchor: int, cadence: str, start: date, months: int, stops: list[int]
) -> None:
    """Days tile without gap or overlap, and a line that shrinks step by step costs what its days left cost."""
    through = add_months(start, months=months, anchor_day=1)
    reached = start
    for due in periods_due(billed_through=start, through=through, ends_on=None, cadence=cadence, anchor_day=anchor):
        assert due.days.starts_on == reached
        reached = due.days.ends_on
        left, live_until = prorate(price_minor=price, days=due.days, full=due.full), due.days.ends_on
        for days in sorted(stops, reverse=True):
            keep_until = min(live_until, date.fromordinal(due.days.starts_on.toordinal() + days))
            left -= unused(
                billed=DaysBilled(due.days.starts_on, live_until, due.full.days, price), keep_until=keep_until
            )
            live_until = keep_until
        kept = (live_until - due.days.starts_on).days
        assert left == (2 * price * kept + due.full.days) // (2 * due.full.days)
        assert left >= 0
    assert reached > through or months == 0 or reached == start
