"""Comptoir as it runs: pages over HTTP, the processor's stand-in, and the worker, who works when it is told to."""

import re
import threading
import time as clock
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest
from django.core import mail
from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
from procrastinate import JobContext
from procrastinate.contrib.django import app as queue
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from comptoir.config.books import check_books
from comptoir.config.business_day import run_business_day
from comptoir.kit.clocks import wall_now
from comptoir.kit.events import deliver_next
from comptoir.payments.models import GatewayAccount
from comptoir.payments.operations import advance_gateway_clock, open_gateway_account, register_webhook
from comptoir.tenancy.models import Vendor
from comptoir.tenancy.operations import set_business_date
from comptoir.tenancy.queries import vendor as vendor_row
from tests.databases import Database
from tests.integration.stripe_sandbox.conftest import Sandbox, free_port, start_sandbox

Pages = Callable[[dict[str, Any], Any], Iterable[bytes]]


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """The processor."""
    running = start_sandbox(tmp_path_factory.mktemp("sandbox"), free_port())
    yield running
    running.process.terminate()
    assert running.process.wait(timeout=15) == 0


def work() -> bool:
    """Deliver events and run jobs, in order, until there is neither; a job that fails is left, and fails the test.

    True if there was something to do.
    """
    done = 0
    while deliver_next(now=wall_now()) or _run_next_job():
        done += 1
    return done > 0


def wait_for_news(sandbox: Sandbox, account: str) -> None:
    """Wait until the sandbox has handed over all that it has to tell: its clock answers only then."""
    url = f"/sandbox/accounts/{account}/clock"
    now = sandbox.ask("GET", url).text
    answer = sandbox.ask("POST", url, now)
    assert '"undelivered": 0' in answer.text, answer.text


def _run_next_job() -> bool:
    found = ProcrastinateJob.objects.filter(status="todo").order_by("id").first()
    if found is None:
        return False
    task, job = queue.tasks[found.task_name], found.procrastinate_job
    context = JobContext(app=queue, job=job, start_timestamp=clock.time(), abort_reason=lambda: None)
    task.func(*([context] if task.pass_context else []), **job.task_kwargs)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s", [found.id])
    return True


@dataclass
class Site:
    """Everything that runs. Its vendors live by their test clocks."""

    url: str
    sandbox: Sandbox

    def open_account(self, vendor: Vendor) -> None:
        """Let a vendor take payments."""
        open_gateway_account(vendor_id=vendor.id)

    def settle(self) -> None:
        """Let the processor tell all its news, and the worker do what there is, until all is quiet."""
        work()
        for account in GatewayAccount.objects.all():
            wait_for_news(self.sandbox, account.account_id)
        work()

    def live_until(self, day: date, *, vendor: Vendor) -> None:
        """Live through a vendor's days, one after the other, as its test clock does."""
        while (today := vendor_row(vendor.id).business_date) is not None and today < day:
            tomorrow = today + timedelta(days=1)
            with transaction.atomic():
                set_business_date(vendor_id=vendor.id, day=tomorrow)
            noon = datetime.combine(tomorrow, time(12), tzinfo=UTC)
            advance_gateway_clock(vendor_id=vendor.id, now=noon)
            self.settle()
            run_business_day(vendor_id=vendor.id, day=tomorrow)
            self.settle()

    def mails_to(self, address: str) -> list[mail.EmailMessage]:
        """Return what an address was sent, the oldest first."""
        return [message for message in mail.outbox if message.to == [address]]

    def link_for(self, address: str, *, part: str) -> str:
        """Return the link in the last mail to an address."""
        body = str(self.mails_to(address)[-1].body)
        found = re.search(rf"{re.escape(self.url)}\S*{re.escape(part)}\S*", body)
        assert found, body
        return found[0]


@pytest.fixture
def site(fresh_database: Database, sandbox: Sandbox, settings: Settings, mailoutbox: list[Any]) -> Iterator[Site]:
    """Everything, on the test's own database. At the end the books hold."""
    with served(fresh_database) as url:
        settings.BASE_URL = url
        settings.STRIPE_API_KEY = "sk_test_story"
        settings.STRIPE_API_BASE = sandbox.url
        settings.STRIPE_WEBHOOK_SECRET = register_webhook(f"{url}/webhooks/stripe")
        yield Site(url=url, sandbox=sandbox)
        for endpoint in sandbox.client.v1.webhook_endpoints.list().data:
            sandbox.client.v1.webhook_endpoints.delete(endpoint.id)
    assert check_books() == []


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True  # a browser keeps connections open that it may never use
    request_queue_size = 128  # so many may come in the same moment


class _Handler(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


class served:  # noqa: N801  reads as what it is in a with statement
    """Serves the pages over HTTP, each request logged in to the database as the web processes are."""

    def __init__(self, database: Database) -> None:
        pages: Pages = get_wsgi_application()

        def answer(environ: dict[str, Any], start_response: Any) -> list[bytes]:
            with database.as_web():
                content = pages(environ, start_response)
                try:
                    return list(content)
                finally:
                    content.close()  # type: ignore[attr-defined]  # Django's responses have it

        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.set_app(answer)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_port}"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
