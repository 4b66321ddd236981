"""The worker that imports is killed, at every step that writes: nothing is half there, and the next one does it all."""

import multiprocessing
import time
from multiprocessing.synchronize import Event as Signal

from django.db import connections, transaction

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


def deliver_as_far_as(module: object, step: str, reached: Signal) -> None:
    """Do the worker's work up to the end of a step, and no further."""
    real = getattr(module, step)

    def stop_after(*args: object, **kwargs: object) -> None:
        real(*args, **kwargs)
        reached.set()
        time.sleep(60)

    setattr(module, step, stop_after)
    deliver_next(now=wall_now())


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
    fork = multiprocessing.get_context("fork")
    for module, step in STEPS:
        connections.close_all()
        reached = fork.Event()
        worker = fork.Process(target=deliver_as_far_as, args=(module, step, reached))
        worker.start()
        assert reached.wait(timeout=10), step
        worker.kill()
        worker.join()
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
    assert AuditEntry.objects.filter(action="customers imported").count() == 1
    assert not deliver_next(now=wall_now()), "and nobody does it again"
    assert check_books() == []
