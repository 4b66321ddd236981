"""What one company costs: a preview of its next invoice, and the bill of one with 300 stores."""

import time
from collections.abc import Callable
from datetime import date
from statistics import median
from uuid import uuid4

from django.db import connection, transaction

from comptoir.catalog.models import Plan
from comptoir.invoicing.bill_runs import approve_bill_run, divide, issue_parts, plan_parts, request_bill_run
from comptoir.invoicing.preview import preview
from comptoir.kit.clocks import wall_now
from comptoir.kit.copying import copy_rows, take_ids
from comptoir.subscriptions.calculation.periods import add_months
from comptoir.tenancy.audit import system
from comptoir.tenancy.models import Company

STORES = 300
TIMES = 21
BENCH = system("bench")


def preview_ms(*, vendor_id: int, billed_through: date) -> float:
    """Return the milliseconds, in the middle of 21 tries, that a preview of a company's next month takes."""
    company_id = Company.objects.filter(vendor_id=vendor_id).order_by("id").values_list("id", flat=True)[0]
    through = add_months(billed_through, months=1, anchor_day=1)

    def look() -> None:
        if not preview(company_id=company_id, through=through):
            raise RuntimeError("the preview shows no invoice")

    return round(median(_milliseconds(look) for _try in range(TIMES)), 1)


def large_invoice_ms(*, vendor_id: int, place: Callable[[int], tuple[str, str, str]], through: date) -> float:
    """Return the milliseconds from plan to issued for one company of 300 stores with 3 subscriptions each."""
    _load(vendor_id=vendor_id, place=place, billed_from=through)
    with transaction.atomic():
        run_id = request_bill_run(vendor_id=vendor_id, through=through, issue_date=through, actor=BENCH)
    divide(run_id=run_id)
    planned = _milliseconds(lambda: plan_parts(run_id=run_id, now=wall_now()))
    with transaction.atomic():
        approve_bill_run(run_id=run_id, today=through, actor=BENCH, now=wall_now())
    return round(planned + _milliseconds(lambda: issue_parts(run_id=run_id, now=wall_now())), 1)


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def _load(*, vendor_id: int, place: Callable[[int], tuple[str, str, str]], billed_from: date) -> None:
    plans = list(Plan.objects.filter(vendor_id=vendor_id).values_list("id", flat=True))
    company = Company.objects.create(
        vendor_id=vendor_id, number="large", name="Large", address_lines=["1 Main St"], billed_since=billed_from
    )
    with transaction.atomic():
        store_ids = take_ids(table="customers_location", count=STORES)
        copy_rows(
            table="customers_location",
            columns=["id", "public_id", "vendor_id", "number", "name", "address", "city", "county", "state",
                     "postal_code", "country"],
            rows=(
                (i, uuid4(), vendor_id, f"L{i}", f"Store {i}", "1 Main St", *place(i), "62703", "US") for i in store_ids
            ),
        )  # fmt: skip
        copy_rows(
            table="customers_ownership",
            columns=["company_id", "location_id", "period"],
            rows=((company.id, store_id, "[2019-01-01,)") for store_id in store_ids),
        )
        copy_rows(
            table="subscriptions_subscription",
            columns=["vendor_id", "company_id", "location_id", "plan_id", "legacy_key", "anchor_day", "starts_on",
                     "billed_from", "billed_through"],
            rows=(
                (vendor_id, company.id, store_id, plan_id, "", 1, date(2019, 1, 1), billed_from, billed_from)
                for store_id in store_ids
                for plan_id in plans
            ),
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
