"""The worker, killed, stopped and left without its database."""

import signal
import time
from datetime import date
from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction

from comptoir.invoicing.bill_runs import request_bill_run
from comptoir.invoicing.models import BillRun
from comptoir.invoicing.tasks import plan_run
from tests.databases import Database
from tests.factories import TESTS, make_company, make_plan, make_subscription, make_vendor
from tests.workers import SECONDS, eventually, is_gone, worker


def statuses() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text FROM procrastinate_jobs WHERE task_name = 'invoicing.plan_run'")
        return [status for (status,) in cursor.fetchall()]


@pytest.fixture
def run_id(fresh_database: Database) -> int:
    """A bill run over one company, asked for and not divided yet."""
    vendor = make_vendor()
    make_subscription(company=make_company(vendor=vendor), plan=make_plan(vendor=vendor))
    with transaction.atomic():
        return request_bill_run(
            vendor_id=vendor.id, through=date(2020, 10, 1), issue_date=date(2020, 9, 16), actor=TESTS
        )


def test_a_job_is_there_when_its_transaction_commits_and_not_before(run_id: int, fresh_database: Database) -> None:
    with transaction.atomic():
        plan_run.defer(run_id=run_id)
        with psycopg.connect(fresh_database.owner_url) as other:
            assert other.execute("SELECT count(*) FROM procrastinate_jobs").fetchone() == (0,)
    assert statuses() == ["todo"]


def test_what_a_killed_worker_had_in_hand_is_done_by_the_next(
    run_id: int, fresh_database: Database, tmp_path: Path
) -> None:
    log = tmp_path / "worker.log"
    with psycopg.connect(fresh_database.owner_url) as other, worker(fresh_database, log) as process:
        other.execute("SELECT id FROM invoicing_billrun FOR UPDATE")  # the run is divided when this lets go
        eventually(lambda: "Starting worker" in log.read_text(), log)
        plan_run.defer(run_id=run_id)
        eventually(lambda: statuses() == ["doing"], log)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert statuses() == ["doing"]

    is_gone()
    with worker(fresh_database, log):
        eventually(lambda: BillRun.objects.get(id=run_id).status == "planned", log)


def test_asked_to_stop_it_finishes_the_job_in_hand(run_id: int, fresh_database: Database, tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    with worker(fresh_database, log) as process:
        with psycopg.connect(fresh_database.owner_url) as other:
            other.execute("SELECT id FROM invoicing_billrun FOR UPDATE")
            plan_run.defer(run_id=run_id)
            eventually(lambda: statuses() == ["doing"], log)
            process.send_signal(signal.SIGTERM)
            time.sleep(1)
            assert process.poll() is None, "it waits for the job"
        assert process.wait(timeout=SECONDS) in (0, 128 + signal.SIGTERM)
    assert "succeeded" in statuses()
    assert "doing" not in statuses()


def test_it_lives_through_a_lost_connection(run_id: int, fresh_database: Database, tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    with worker(fresh_database, log) as process:
        eventually(lambda: BillRun.objects.get(id=run_id).status == "planned", log)  # by the event
        eventually(lambda: cut_off("query LIKE 'LISTEN comptoir%'") == 1, log)
        again = ask_again(run_id)
        eventually(lambda: BillRun.objects.get(id=again).status == "planned", log)
        assert process.poll() is None


def test_it_goes_on_when_the_database_comes_back(run_id: int, fresh_database: Database, tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    with worker(fresh_database, log) as process:
        eventually(lambda: BillRun.objects.get(id=run_id).status == "planned", log)
        eventually(lambda: cut_off("query LIKE 'LISTEN%procrastinate%'") > 0, log)
        cut_off("true")
        again = ask_again(run_id)
        eventually(lambda: BillRun.objects.get(id=again).status == "planned", log)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=SECONDS) == 0


def cut_off(which: str) -> int:
    """End the other connections of which ``which`` is true, as a database that goes away does, and count them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            f" AND ({which})"
        )
        return cursor.rowcount


def ask_again(run_id: int) -> int:
    """Ask for another bill run, as if the first had never been."""
    BillRun.objects.update(status="canceled")
    with transaction.atomic():
        return request_bill_run(
            vendor_id=BillRun.objects.get(id=run_id).vendor_id,
            through=date(2020, 10, 1),
            issue_date=date(2020, 9, 16),
            actor=TESTS,
        )


def test_who_tells_beside_another_does_not_wait_for_it(fresh_database: Database) -> None:
    """Notifying takes a lock of the whole server until the commit is on the disk, so one at a time wakes the worker."""
    one_event = """WITH told AS (INSERT INTO kit_event (name, topic, data, request_id)
                                 VALUES ('webhook_received', 't', '{}', '') RETURNING id)
                   INSERT INTO kit_eventdelivery (event_id, listener, topic, attempts, last_error)
                   SELECT id, 'l', 't', 0, '' FROM told"""
    with (
        psycopg.connect(fresh_database.owner_url, autocommit=True) as listening,
        psycopg.connect(fresh_database.owner_url) as first,
        psycopg.connect(fresh_database.owner_url) as second,
    ):
        listening.execute("LISTEN comptoir_events")
        first.execute(one_event)
        second.execute(one_event)
        second.commit()
        assert list(listening.notifies(timeout=0.2)) == []
        first.commit()
        assert len(list(listening.notifies(timeout=5, stop_after=1))) == 1
