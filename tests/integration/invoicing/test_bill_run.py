"""A bill run bills every company exactly once, whoever runs it, however often, and wherever it is killed."""

import threading
from dataclasses import replace
from datetime import date
from pathlib import Path

import psycopg
import pytest
from django.db import connections, transaction
from django.utils import translation
from procrastinate.contrib.django.models import ProcrastinateJob

from comptoir.catalog.models import Plan
from comptoir.config.books import check_books
from comptoir.invoicing.bill_run_queries import bill_run, bill_run_items
from comptoir.invoicing.bill_runs import divide, issue_next_part, issue_parts, plan_parts, request_bill_run
from comptoir.invoicing.errors import BillRunRefused, NotPayable
from comptoir.invoicing.models import Invoice
from comptoir.invoicing.operations import release, reserve
from comptoir.invoicing.preview import sample_invoice
from comptoir.invoicing.queries import invoice, invoices
from comptoir.invoicing.tasks import JOBS_AT_ONCE, issue_run
from comptoir.kit.clocks import wall_now
from comptoir.kit.models import Event
from comptoir.subscriptions.models import Subscription
from comptoir.tenancy.models import Company
from tests.databases import Database, contents
from tests.workers import eventually, worker

from .conftest import ISSUED, OCTOBER, TEST, Books


def test_october_is_invoiced_in_september_and_due_on_the_first(books: Books) -> None:
    company_id = books.company("1001")

    books.bill()

    (invoice,) = invoices(company_id=company_id)
    assert (invoice.issue_date, invoice.due_date, invoice.total_minor) == (ISSUED, OCTOBER, 9800)
    assert (invoice.number, invoice.status, invoice.payable_minor) == ("NOR-000001", "open", 9800)
    assert Subscription.objects.values_list("billed_through", flat=True).distinct().get() == date(2020, 11, 1)
    assert Event.objects.filter(name="invoices_issued").count() == 1
    assert check_books() == []


def test_the_preview_is_what_is_then_issued_and_leaves_nothing_behind(books: Books) -> None:
    company_id = books.company("1001")
    before = contents()
    sample = sample_invoice(company_id=company_id, for_month=OCTOBER)
    assert sample is not None
    assert contents() == before

    books.bill()

    (row,) = invoices(company_id=company_id)
    assert (sample.total_minor, sample.due_date) == (row.total_minor, row.due_date)
    assert sample.lines == invoice(row.public_id).lines


def test_a_second_run_finds_nothing_due(books: Books) -> None:
    company_id = books.company("1001")
    books.bill()

    again = books.bill()

    assert bill_run(vendor_id=books.vendor_id, run_id=again).companies == 0
    assert len(invoices(company_id=company_id)) == 1


def test_companies_that_have_not_moved_are_left_to_the_old_system(books: Books) -> None:
    company_id = books.company("1001", billed_since=None)

    books.bill()

    assert invoices(company_id=company_id) == []


def test_one_company_without_a_price_stops_nobody_else(books: Books) -> None:
    good = books.company("1001", price_minor=100)
    priced = Plan.objects.get(id=books.plan_id)
    unpriced = Plan.objects.create(
        product=priced.product, vendor=priced.vendor, code="new", name="eRestaurant", cadence="monthly"
    )
    bad = replace(books, plan_id=unpriced.id).company("1002")

    run_id = books.bill()

    assert len(invoices(company_id=good)) == 1
    assert invoices(company_id=bad) == []
    (first, _second) = bill_run_items(run_id=run_id)
    assert (first.company_number, first.status) == ("1002", "exception")
    assert first.reason == "eRestaurant has no price on Oct 1, 2020; add one to its plan."
    with translation.override("fr"):
        (first, _second) = bill_run_items(run_id=run_id)
        assert "n’a pas de prix au 1 oct. 2020" in first.reason, "each reader is told in the own language"


def test_numbers_have_no_gap_after_a_batch_that_was_undone(books: Books) -> None:
    for number in ("1001", "1002", "1003"):
        books.company(number)
    run_id = books.planned_run()
    books.approve(run_id)

    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        issue_next_part(run_id=run_id, now=wall_now())
        raise KeyboardInterrupt  # the process is killed before the part commits
    assert issue_parts(run_id=run_id, now=wall_now())

    numbers = sorted(row.number for company in Company.objects.all() for row in invoices(company_id=company.id))
    assert numbers == ["NOR-000001", "NOR-000002", "NOR-000003"]
    assert check_books() == []


def test_two_workers_at_once_bill_everyone_once(books: Books, fresh_database: Database) -> None:
    for number in range(20):
        books.company(str(number), units=1)
    run_id = books.planned_run()
    books.approve(run_id)

    def work() -> None:
        with fresh_database.as_owner():
            issue_parts(run_id=run_id, now=wall_now())
        connections.close_all()

    workers = [threading.Thread(target=work) for _worker in range(2)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join()

    assert bill_run(vendor_id=books.vendor_id, run_id=run_id).status == "issued"
    assert Invoice.objects.count() == 20
    assert Invoice.objects.values("company_id").distinct().count() == 20
    assert check_books() == []


def test_two_worker_processes_on_one_run_bill_everyone_once(
    books: Books, fresh_database: Database, tmp_path: Path
) -> None:
    for number in range(40):
        books.company(str(number), units=1)
    run_id, log = books.planned_run(), tmp_path / "worker.log"
    books.approve(run_id)
    for _more_than_one_worker_has_threads in range(JOBS_AT_ONCE):
        issue_run.defer(run_id=run_id)

    with psycopg.connect(fresh_database.owner_url) as other:
        other.execute("LOCK TABLE invoicing_invoice IN SHARE MODE")
        with worker(fresh_database, log), worker(fresh_database, log):
            doing = ProcrastinateJob.objects.filter(task_name="invoicing.issue_run", status="doing")
            eventually(lambda: doing.count() == 2 * JOBS_AT_ONCE, log)
            other.rollback()
            eventually(lambda: bill_run(vendor_id=books.vendor_id, run_id=run_id).status == "issued", log)

    assert sorted(Invoice.objects.values_list("numbered__number", flat=True)) == list(range(1, 41))
    assert Invoice.objects.values("company_id").distinct().count() == 40
    assert check_books() == []


def test_planning_twice_plans_once(books: Books) -> None:
    books.company("1001")
    run_id = books.planned_run()
    divide(run_id=run_id)
    plan_parts(run_id=run_id, now=wall_now())
    assert bill_run(vendor_id=books.vendor_id, run_id=run_id).companies == 1


def test_a_second_run_waits_until_the_first_has_issued(books: Books) -> None:
    books.planned_run()
    with pytest.raises(BillRunRefused, match="under way"), transaction.atomic():
        request_bill_run(vendor_id=books.vendor_id, through=OCTOBER, issue_date=ISSUED, actor=TEST)


def test_only_a_planned_run_can_be_approved(books: Books) -> None:
    run_id = books.bill()
    with pytest.raises(BillRunRefused, match="not waiting for approval"):
        books.approve(run_id)


def test_no_more_can_be_on_its_way_than_is_open(books: Books) -> None:
    company_id = books.company("1001")
    books.bill()
    (invoice,) = invoices(company_id=company_id)

    with transaction.atomic():
        reserve({invoice.id: 9000})
        with pytest.raises(NotPayable):
            reserve({invoice.id: 801})
        release({invoice.id: 9000})

    assert invoices(company_id=company_id)[0].payable_minor == 9800
