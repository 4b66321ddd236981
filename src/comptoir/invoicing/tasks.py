"""What the worker does for bill runs."""

from procrastinate.contrib.django import app

from comptoir.kit.clocks import wall_now
from comptoir.kit.events import Happened

from .bill_runs import finish, issue_next_batch, plan


def plan_bill_run(event: Happened) -> None:
    """Plan the run that was requested, in the queue."""
    plan_run.defer(run_id=event.data["run"])


def issue_bill_run(event: Happened) -> None:
    """Issue the run that was approved, in the queue."""
    issue_run.defer(run_id=event.data["run"])


@app.task(name="invoicing.plan_run", retry=5)
def plan_run(run_id: int) -> None:
    """Plan a run."""
    plan(run_id=run_id, now=wall_now())


@app.task(name="invoicing.issue_run", retry=5)
def issue_run(run_id: int) -> None:
    """Issue a run, batch by batch, until no company is left; a second worker may do the same at once."""
    while issue_next_batch(run_id=run_id):
        pass
    finish(run_id=run_id, now=wall_now())
