"""The worker that imports is killed, at every step that writes: nothing is half there, and the next one does it all."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType

from django.db import transaction

from comptoir.catalog.models import Plan
from comptoir.config.books import check_books
from comptoir.customers.models import Contact, Location, Ownership
from comptoir.cutover import importing, taking_over
from comptoir.cutover.legacy.shipped import shipped_profile
from comptoir.cutover.models import LegacyCompany, LegacyImport
from comptoir.cutover.operations import request_import
from comptoir.kit.clocks import wall_now
from comptoir.kit.events import deliver_next
from comptoir.subscriptions.models import Subscription
from comptoir.tenancy.models import AuditEntry, Company
from tests.databases import Database
from tests.factories import TESTS, make_vendor

EXPORT = shipped_profile("demo").parent.parent / "src/comptoir/demo/export/demo-customers.csv"
STEPS = (
    (taking_over, "put_companies"),
    (taking_over, "put_stores"),
    (taking_over, "put_subscriptions"),
    (taking_over, "_write_legacy"),
    (importing, "_finish"),
)
TAKEN = (Company, Contact, Location, Ownership, Plan, Subscription, LegacyCompany)


# A process of its own, which forks workers and kills each where it is told: a test's own process has threads by then,
# and what is forked from it may wait for one of them for ever.
KILLER = """
import importlib, os, signal, sys, django
django.setup()
from comptoir.kit.clocks import wall_now
from comptoir.kit.events import deliver_next

for line in sys.stdin:
    module, step = line.split()
    module = importlib.import_module(module)
    real = getattr(module, step)
    reading, writing = os.pipe()
    if (worker := os.fork()) == 0:
        def stop_after(*args, **kwargs):
            real(*args, **kwargs)
            os.write(writing, b"reached")
            signal.pause()
        setattr(module, step, stop_after)
        deliver_next(now=wall_now())
        os._exit(1)
    os.close(writing)
    reached = os.read(reading, 7).decode()
    os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)
    print(reached, flush=True)
"""


@contextmanager
def killer(database: Database) -> Iterator[Callable[[ModuleType, str], None]]:
    """What starts a worker, lets it go as far as the end of a step, and kills it."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "comptoir.config.settings",
        "DATABASE_URL": database.owner_url,
        "COMPTOIR_SECRET_KEY": "test" * 15,
    }
    command = [sys.executable, "-c", KILLER]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:

        def kill_after(module: ModuleType, step: str) -> None:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(f"{module.__name__} {step}\n")
            process.stdin.flush()
            assert process.stdout.readline() == "reached\n", step

        yield kill_after


def test_a_worker_killed_in_the_middle_of_an_import_leaves_nothing_and_the_next_takes_all(
    fresh_database: Database,
) -> None:
    vendor = make_vendor(slug="northwind")
    with transaction.atomic():
        import_id = request_import(
            vendor_id=vendor.id,
            profile_name="demo.toml",
            profile_text=shipped_profile("demo").read_text(),
            filename="customers.csv",
            content=EXPORT.read_bytes(),
            actor=TESTS,
        )
    with killer(fresh_database) as kill_after:
        for module, step in STEPS:
            kill_after(module, step)
            for table in TAKEN:
                assert not table.objects.exists(), (step, table)  # type: ignore[attr-defined]
            assert LegacyImport.objects.get(id=import_id).status == "requested"

    until = time.monotonic() + 10
    while LegacyImport.objects.get(id=import_id).status == "requested":
        assert time.monotonic() < until
        deliver_next(now=wall_now())  # what the dead one held is free as soon as PostgreSQL has seen that it is gone
    report = LegacyImport.objects.get(id=import_id).report
    assert report is not None
    assert report["counts"]["control_total"] == "361775.39"
    assert Company.objects.count() == LegacyCompany.objects.count() == report["counts"]["created"]
    while deliver_next(now=wall_now()):
        continue
    assert AuditEntry.objects.filter(action="customers imported").count() == 1, "and nobody does it again"
    assert check_books() == []
