"""What the worker does for bill runs. Several jobs of one run may work side by side, on any number of machines."""

from contextlib import suppress

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from comptoir.kit.clocks import wall_now
from comptoir.kit.events import Happened
from comptoir.kit.request_id import current_request_id, under_request_id

from .bill_run_queries import runs_under_way
from .bill_runs import divide, issue_parts, plan_parts
from .corrections import carry_out
from .models import RunStatus

JOBS_AT_ONCE = 4


def plan_bill_run(event: Happened) -> None:
    """Divide the run that was requested, and plan its parts in the queue."""
    parts = divide(run_id=event.data["run"])
    for _job in range(min(max(parts, 1), JOBS_AT_ONCE)):
        plan_run.defer(run_id=event.data["run"], request_id=current_request_id())


def issue_bill_run(event: Happened) -> None:
    """Issue the run that was approved, in the queue."""
    parts = divide(run_id=event.data["run"])
    for _job in range(min(max(parts, 1), JOBS_AT_ONCE)):
        issue_run.defer(run_id=event.data["run"], request_id=current_request_id())


def carry_out_correction(event: Happened) -> None:
    """Do what someone of the billing team has allowed."""
    carry_out(correction_id=event.data["correction"], now=wall_now())


@app.task(name="invoicing.plan_run", retry=5)
@under_request_id
def plan_run(run_id: int) -> None:
    """Plan a run, part by part, until none is left that no other job holds."""
    plan_parts(run_id=run_id, now=wall_now())


@app.task(name="invoicing.issue_run", retry=5)
@under_request_id
def issue_run(run_id: int) -> None:
    """Issue a run, part by part, until none is left that no other job holds."""
    issue_parts(run_id=run_id, now=wall_now())


@app.periodic(cron="*/10 * * * *")
@app.task(name="invoicing.resume_runs", queueing_lock="invoicing.resume_runs")
def resume_runs(timestamp: int) -> None:
    """Put every run that is under way into the queue once more, should its jobs have failed too often.

    Beside jobs that are at work, one more does no harm: it takes parts that nobody has, or finds none.
    """
    for run_id, status in runs_under_way():
        divide(run_id=run_id)
        job = plan_run if status == RunStatus.REQUESTED else issue_run
        with suppress(AlreadyEnqueued):
            job.configure(queueing_lock=f"bill_run:{run_id}").defer(run_id=run_id)
