"""The worker: takes jobs from the queue, and delivers events to their listeners."""

import logging
import threading

import psycopg
from django.db import connection
from procrastinate.contrib.django import app as queue

from comptoir.kit.clocks import wall_now
from comptoir.kit.events import deliver_next

log = logging.getLogger("comptoir.worker")

SECONDS_BETWEEN_LOOKS = 1.0


def run(*, concurrency: int = 4) -> None:
    """Work until SIGTERM or SIGINT: then finish what is under way, take nothing new, and return.

    Jobs run on ``concurrency`` threads beside one that delivers events. What a kill interrupts is done again.
    """
    stopping = threading.Event()
    courier = threading.Thread(target=_deliver_until, args=(stopping,), name="courier")
    courier.start()
    try:
        # The worker fetches jobs over connections of its own. What a job enqueues still goes over Django's connection,
        # in the job's transaction; that is why the queue's own connector is not replaced.
        working = queue.with_connector(queue.connector.get_worker_connector())  # type: ignore[attr-defined]
        working.run_worker(concurrency=concurrency, install_signal_handlers=True, fetch_job_polling_interval=1.0)
    finally:
        stopping.set()
        courier.join()


def _deliver_until(stopping: threading.Event) -> None:
    """Deliver events as they come; a lost connection is taken up again."""
    while not stopping.is_set():
        try:
            with _listener() as listening:
                while not stopping.is_set():
                    while not stopping.is_set() and deliver_next(now=wall_now()):
                        pass
                    next(listening.notifies(timeout=SECONDS_BETWEEN_LOOKS, stop_after=1), None)
        except (psycopg.OperationalError, OSError):
            log.exception("the database was lost; trying again")
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
