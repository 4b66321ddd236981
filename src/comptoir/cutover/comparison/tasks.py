"""What the worker does for comparisons. One job of a run is at work at a time; another waits for its part."""

from contextlib import suppress

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from comptoir.kit.clocks import wall_now
from comptoir.kit.events import Happened
from comptoir.kit.request_id import current_request_id, under_request_id

from .running import compare_all, runs_under_way


def begin_comparison(event: Happened) -> None:
    """Have the companies compared in the queue."""
    compare_companies.defer(run_id=event.data["run"], request_id=current_request_id())


@app.task(name="cutover.compare_companies", retry=5)
@under_request_id
def compare_companies(run_id: int) -> None:
    """Compare a run's companies, part by part, until none is left."""
    compare_all(run_id=run_id, now=wall_now())


@app.periodic(cron="*/10 * * * *")
@app.task(name="cutover.resume_comparisons", queueing_lock="cutover.resume_comparisons")
def resume_comparisons(timestamp: int) -> None:
    """Put every run that is under way into the queue once more, should its job have failed too often."""
    for run_id in runs_under_way():
        with suppress(AlreadyEnqueued):
            compare_companies.configure(queueing_lock=f"comparison:{run_id}").defer(run_id=run_id)
