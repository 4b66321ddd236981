"""Jobs that cross packages: the business day and the test clock."""

import logging
from contextlib import suppress
from datetime import date

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from comptoir.dunning.closings import close_due
from comptoir.kit.clocks import wall_now
from comptoir.kit.events import Happened
from comptoir.kit.request_id import current_request_id, under_request_id
from comptoir.tenancy.queries import business_today, vendors
from comptoir.tenancy.queries import vendor as vendor_row

from .business_day import advance, run_business_day

log = logging.getLogger("comptoir.worker")

CLOCK_QUEUE = "clock"
SECONDS_WITHOUT_HEARTBEAT = 30


def advance_clock(event: Happened) -> None:
    """Move the vendor's test clock as was asked, in the queue."""
    move_clock.configure(lock=event.topic).defer(
        vendor_id=event.vendor_id, to=event.data["to"], request_id=current_request_id()
    )


@app.task(name="config.move_clock", queue=CLOCK_QUEUE, retry=3)
@under_request_id
def move_clock(vendor_id: int, to: str) -> None:
    """Move a sandbox vendor's clock on, day by day."""
    advance(vendor_id=vendor_id, to=date.fromisoformat(to))


@app.periodic(cron="*/20 * * * * *")
@app.task(name="config.take_up_stalled_jobs", queueing_lock="config.take_up_stalled_jobs")
async def take_up_stalled_jobs(timestamp: int) -> None:
    """Put back into the queue what a killed worker had in hand: its heartbeat has been missing for half a minute.

    So a job may run again that was done but for being marked so; every task can be repeated.
    """
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=SECONDS_WITHOUT_HEARTBEAT):
        log.warning("job %s (%s) was left by a worker that is gone; it is done again", job.id, job.task_name)
        await app.job_manager.retry_job(job)


@app.periodic(cron="7 * * * *")
@app.task(name="config.live_business_days", queueing_lock="config.live_business_days")
def live_business_days(timestamp: int) -> None:
    """Ask for the business day of every vendor that lives by the calendar; each hour, since what is done stays done."""
    for vendor in vendors():
        if not vendor.is_sandbox:
            one_at_a_time = f"business_day:{vendor.id}"
            with suppress(AlreadyEnqueued):
                live_business_day.configure(lock=one_at_a_time, queueing_lock=one_at_a_time).defer(vendor_id=vendor.id)


@app.task(name="config.live_business_day")
def live_business_day(vendor_id: int) -> None:
    """Live what today brings to a vendor; a job of its own, so that one vendor's failing day stops no other's."""
    today = business_today(vendor_row(vendor_id), now=wall_now())
    run_business_day(vendor_id=vendor_id, day=today)


@app.periodic(cron="* * * * *")
@app.task(name="config.close_products", queueing_lock="config.close_products")
def close_products(timestamp: int) -> None:
    """Close the products whose hour has come, of vendors that live by the calendar: the hour is the stores' own.

    A vendor that fails holds up no other; the job fails when all had their turn.
    """
    now = wall_now()
    failures: list[Exception] = []
    for vendor in vendors():
        if vendor.is_sandbox:
            continue
        try:
            close_due(seller=vendor, on=business_today(vendor, now=now), now=now)
        except Exception as error:
            log.exception("no product of vendor %s was closed", vendor.id)
            failures.append(error)
    if failures:
        raise ExceptionGroup("products were not closed", failures)
