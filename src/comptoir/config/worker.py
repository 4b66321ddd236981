"""The worker: takes jobs from the queue, and delivers events to their listeners."""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import psycopg
from django.db import InterfaceError, OperationalError, connection
from django.db.models import Q
from procrastinate import App
from procrastinate.contrib.django import app as queue
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

from comptoir.access.tasks import CALLS
from comptoir.kit.clocks import wall_now
from comptoir.kit.events import deliver_next

from .jobs import take_up_stalled_jobs

log = logging.getLogger("comptoir.worker")

SECONDS_BETWEEN_LOOKS = 1.0
CALLS_AT_ONCE = 2


def run(*, concurrency: int = 4) -> None:
    """Work until SIGTERM or SIGINT: then finish what is under way, take nothing new, and return.

    Jobs run on ``concurrency`` threads, beside one that delivers events and two that call the programs of others:
    however long these say nothing, all else goes on. A database that is lost is waited for. What a kill interrupts is
    done again: an event at once, a job when the heartbeat of its worker has been missing for half a minute. Should
    delivering events fail in a way that nobody foresaw, the worker stops, and says so in the log.
    """
    stopping = threading.Event()
    courier = threading.Thread(target=_deliver_or_stop, args=(stopping,), name="courier")
    courier.start()
    with suppress(AlreadyEnqueued):  # by the last one, or one beside us
        take_up_stalled_jobs.configure().defer(timestamp=int(wall_now().timestamp()))
    try:
        asyncio.run(_take_jobs_until(stopping, concurrency=concurrency))
    finally:
        stopping.set()
        courier.join()


def work_off() -> None:
    """Deliver the events and do the jobs that are due now, in this process, and return when none is left."""
    working = _over_own_connections()
    while True:
        while deliver_next(now=wall_now()):
            pass
        if not _job_is_due():
            return
        working.run_worker(wait=False, install_signal_handlers=False)


def _job_is_due() -> bool:
    at_once_or_by_now = Q(scheduled_at=None) | Q(scheduled_at__lte=wall_now())
    return bool(ProcrastinateJob.objects.filter(at_once_or_by_now, status="todo").exists())


async def _take_jobs_until(stopping: threading.Event, *, concurrency: int) -> None:
    """Take jobs as they come until a signal says to stop."""
    this = asyncio.current_task()
    assert this is not None  # noqa: S101  it runs

    def stop() -> None:
        stopping.set()
        this.cancel()  # the jobs in hand are finished first

    loop = asyncio.get_running_loop()
    for asked in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(asked, stop)
    # As many as all jobs in hand need, on a machine of one processor, too; and one for what else the loop has to ask.
    loop.set_default_executor(ThreadPoolExecutor(concurrency + CALLS_AT_ONCE + 1))
    all_but_calls = sorted({task.queue for task in queue.tasks.values()} - {CALLS})
    with suppress(asyncio.CancelledError):
        async with asyncio.TaskGroup() as both:  # asked to stop, it waits for both
            both.create_task(_take_jobs_of(all_but_calls, stopping=stopping, concurrency=concurrency))
            both.create_task(_take_jobs_of([CALLS], stopping=stopping, concurrency=CALLS_AT_ONCE))


async def _take_jobs_of(queues: Sequence[str], *, stopping: threading.Event, concurrency: int) -> None:
    """Take jobs of some queues as they come; a lost connection is taken up again."""
    while not stopping.is_set():
        working = _over_own_connections()
        try:
            async with working.open_async():
                # When one of its connections is lost, it ends, as if it had been asked to.
                await working.run_worker_async(
                    queues=queues,
                    concurrency=concurrency,
                    install_signal_handlers=False,
                    fetch_job_polling_interval=1.0,
                )
        except ConnectorException as error:
            log.warning("the queue was lost, trying again: %s", error.__cause__ or error)
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)


def _over_own_connections() -> App:
    """Return the queue as a worker uses it, fetching jobs over connections of its own.

    What a job enqueues still goes over Django's connection, in the job's transaction; that is why the queue's own
    connector is not replaced.
    """
    working: App = queue.with_connector(queue.connector.get_worker_connector())  # type: ignore[attr-defined]
    return working


def _deliver_or_stop(stopping: threading.Event) -> None:
    try:
        _deliver_until(stopping)
    except Exception:
        log.exception("delivering events failed; the worker stops")
        os.kill(os.getpid(), signal.SIGTERM)


def _deliver_until(stopping: threading.Event) -> None:
    """Deliver events as they come; a lost connection is taken up again."""
    while not stopping.is_set():
        try:
            with _listener() as listening:
                while not stopping.is_set():
                    while not stopping.is_set() and deliver_next(now=wall_now()):
                        pass
                    next(listening.notifies(timeout=SECONDS_BETWEEN_LOOKS, stop_after=1), None)
        except (psycopg.OperationalError, OperationalError, InterfaceError, OSError) as error:
            log.warning("the database was lost, trying again: %s", error)
            connection.close()
            stopping.wait(SECONDS_BETWEEN_LOOKS)
    connection.close()


def _listener() -> "psycopg.Connection[tuple[object, ...]]":
    settings = connection.get_connection_params()
    settings.pop("cursor_factory", None)
    settings.pop("context", None)
    listening = psycopg.connect(**settings, autocommit=True)
    listening.execute("LISTEN comptoir_events")
    return listening
