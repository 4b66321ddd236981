"""Programs that take a call and say nothing hold up nothing but other calls."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app as queue
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import JobRetry
from pytest_django import Settings

from comptoir.access.errors import NotTaken
from comptoir.access.operations import set_standing
from comptoir.access.programs import set_news_address
from comptoir.access.reasons import Reason
from comptoir.access.tasks import CALLS, LAST_TRY, tell_of_change
from comptoir.invoicing.bill_runs import request_bill_run
from comptoir.invoicing.models import BillRun
from comptoir.kit.clocks import wall_now
from comptoir.kit.events import deliver_next
from comptoir.tenancy.models import Vendor
from tests.databases import Database
from tests.factories import NOW, TESTS, make_company, make_plan, make_subscription, make_vendor
from tests.workers import eventually, worker

# Ten seconds each: on the four threads that do everything else they would take longer than the test waits.
CALLS_THAT_HANG = 40


@pytest.fixture
def hanging() -> Iterator[tuple[str, list[socket.socket]]]:
    """An address at which calls are taken and never answered, and those that were."""
    taken: list[socket.socket] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def take() -> None:
        with suppress(OSError):
            while True:
                taken.append(listening.accept()[0])

    thread = threading.Thread(target=take)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/news", taken
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join()
    for each in taken:
        each.close()


def have_news(vendor: Vendor, *, times: int) -> None:
    """Have a vendor's program to be told of so many changes."""
    company, plan = make_company(vendor=vendor), make_plan(vendor=vendor)
    for nth in range(times):
        set_standing(
            company_id=company.id, product_id=plan.product_id, state=("suspended", "good")[nth % 2],
            reason=Reason.BY_TEAM, facts={}, until=None, at=NOW, by=TESTS,
        )  # fmt: skip
    while deliver_next(now=wall_now()):
        pass


def test_a_program_that_hangs_holds_up_no_work_of_another_vendor(
    fresh_database: Database, hanging: tuple[str, list[socket.socket]], settings: Settings, tmp_path: Path
) -> None:
    (url, taken), log = hanging, tmp_path / "worker.log"
    theirs, other = make_vendor(), make_vendor()
    make_subscription(company=make_company(vendor=other), plan=make_plan(vendor=other))
    settings.INTERNAL_PROGRAMS = ["127.0.0.1"]
    set_news_address(vendor_id=theirs.id, url=url, actor=TESTS, now=NOW)
    have_news(theirs, times=CALLS_THAT_HANG)
    calls = ProcrastinateJob.objects.filter(task_name="access.tell_of_change")
    assert calls.filter(status="todo").count() == CALLS_THAT_HANG

    its = {"COMPTOIR_INTERNAL_PROGRAMS": "127.0.0.1", "COMPTOIR_MESSAGE_KEYS": settings.MESSAGE_KEYS}
    with worker(fresh_database, log, **its):
        eventually(lambda: len(taken) >= 2, log)
        with transaction.atomic():
            run_id = request_bill_run(
                vendor_id=other.id, through=date(2020, 10, 1), issue_date=date(2020, 9, 16), actor=TESTS
            )
        eventually(lambda: BillRun.objects.get(id=run_id).status == "planned", log)
        assert calls.filter(attempts=0).exclude(status="succeeded").count() > CALLS_THAT_HANG / 2, "they hang still"


def test_all_that_calls_programs_of_others_waits_apart_from_the_rest() -> None:
    assert {task.name for task in queue.tasks.values() if task.queue == CALLS} == {
        "access.tell_of_logout", "access.tell_of_change", "access.tell_of_access", "access.ask_again",
    }  # fmt: skip


@pytest.mark.django_db
def test_what_was_not_taken_waits_behind_what_was_not_tried_yet() -> None:
    tell_of_change.defer(vendor_id=1, change_id=1)
    job = ProcrastinateJob.objects.get().procrastinate_job
    again = tell_of_change.get_retry_exception(exception=NotTaken("503"), job=job)
    assert isinstance(again, JobRetry)
    assert again.retry_decision.priority is not None
    assert again.retry_decision.priority < job.priority
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET attempts = %s", [LAST_TRY])
    job = ProcrastinateJob.objects.get().procrastinate_job
    assert tell_of_change.get_retry_exception(exception=NotTaken("503"), job=job) is None
