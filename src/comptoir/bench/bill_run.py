"""The real bill run, from plan to issued, beside the fastest way to write the same rows."""

import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

from django.db import connection, transaction

from comptoir.catalog.models import Plan, Price, Product
from comptoir.invoicing.bill_runs import approve_bill_run, divide, issue_parts, plan_parts, request_bill_run
from comptoir.kit.clocks import wall_now
from comptoir.kit.copying import copy_rows, take_ids
from comptoir.subscriptions.calculation.periods import add_months
from comptoir.taxes.models import Jurisdiction, Registration, TaxRate
from comptoir.tenancy.audit import system

from .companies import load_companies, make_vendor
from .forked import in_own_process, start
from .limit import limit, marks, written_since
from .one_company import large_invoice_ms, preview_ms
from .scratch import scratch_database

THROUGH = date(2020, 10, 1)
LEAD_DAYS = 15
ISSUED = THROUGH - timedelta(days=LEAD_DAYS)
STATES = ("IL", "WA", "TX", "NY", "FL")
RATES = {"state": Decimal("0.0625"), "county": Decimal("0.0125"), "city": Decimal("0.01175")}
# Trigger functions that write; all others check.
WRITERS = ("invoicing_cover", "invoicing_invoices_open", "invoicing_move_series")


def run(*, companies: int, workers: int, history_months: int) -> dict[str, float | int]:
    """Measure a bill run over ``companies`` companies with 3 subscriptions each; return the figures.

    ``history_months`` runs go before it, so that the tables are as full as after so many months.
    """
    with scratch_database() as url:
        months = [add_months(THROUGH, months=back, anchor_day=1) for back in range(-history_months, 1)]
        vendor_id = int(in_own_process(load, companies=companies, billed_from=months[0]).result)
        for month in months[:-1]:
            bill(vendor_id=vendor_id, through=month, workers=workers)
        before = marks()
        checked_before = _check_seconds()
        started = time.perf_counter()
        peak_rss_mb = bill(vendor_id=vendor_id, through=THROUGH, workers=workers)
        seconds = time.perf_counter() - started
        check_seconds = _check_seconds() - checked_before
        invoices = _count("invoicing_invoice") - before["invoicing_invoice"]
        limit_seconds, indexed_seconds = limit(url, rows=written_since(before))
        one_preview = preview_ms(vendor_id=vendor_id, billed_through=THROUGH)
        one_large = large_invoice_ms(vendor_id=vendor_id, place=_city, through=THROUGH)
    return {
        "companies": companies,
        "invoices": invoices,
        "history_months": history_months,
        "workers": workers,
        "seconds": round(seconds, 3),
        "limit_seconds": round(limit_seconds, 3),
        "index_seconds": round(indexed_seconds - limit_seconds, 3),
        "check_seconds": round(check_seconds, 3),
        "ratio_to_limit": round(seconds / limit_seconds, 2),
        "invoices_per_second": round(invoices / seconds),
        "preview_ms": one_preview,
        "large_invoice_ms": one_large,
        "peak_rss_mb": peak_rss_mb,
    }


def load(*, companies: int, billed_from: date) -> int:
    """Load a vendor's customers: a store each in one of 50 cities, three plans, every second at a price of its own."""
    vendor_id = make_vendor(today=ISSUED)
    _load_taxes(vendor_id)
    plans = [_load_plan(vendor_id, name=name) for name in ("eRestaurant", "Xformity", "NetPOS")]
    with transaction.atomic():
        company_ids = take_ids(table="tenancy_company", count=companies)
        store_ids = take_ids(table="customers_location", count=companies)
        load_companies(vendor_id=vendor_id, company_ids=company_ids, billed_since=billed_from)
        copy_rows(
            table="customers_location",
            columns=[
                "id",
                "public_id",
                "vendor_id",
                "number",
                "name",
                "address",
                "city",
                "county",
                "state",
                "postal_code",
                "country",
            ],
            rows=(
                (i, uuid4(), vendor_id, str(i), f"Store {i}", "1 Main St", *_city(i), "62703", "US") for i in store_ids
            ),
        )
        copy_rows(
            table="customers_ownership",
            columns=["company_id", "location_id", "period"],
            rows=(
                (company_id, store_id, "[2019-01-01,)")
                for company_id, store_id in zip(company_ids, store_ids, strict=True)
            ),
        )
        copy_rows(
            table="subscriptions_subscription",
            columns=[
                "vendor_id",
                "company_id",
                "location_id",
                "plan_id",
                "legacy_key",
                "anchor_day",
                "agreed_price_minor",
                "starts_on",
                "billed_from",
                "billed_through",
            ],
            rows=(
                (
                    vendor_id,
                    company_id,
                    store_id,
                    plan_id,
                    "",
                    1,
                    3_000 + (company_id * 7 + plan_id) % 9_000 if company_id % 2 else None,
                    date(2019, 1, 1),
                    billed_from,
                    billed_from,
                )
                for company_id, store_id in zip(company_ids, store_ids, strict=True)
                for plan_id in plans
            ),
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return vendor_id


def _load_plan(vendor_id: int, *, name: str) -> int:
    product = Product.objects.create(vendor_id=vendor_id, code=name.lower(), name=name)
    sold = Plan.objects.create(
        product=product, vendor_id=vendor_id, code=name.lower(), name=name, cadence="monthly", scope="location"
    )
    Price.objects.create(plan=sold, valid_from=date(2019, 1, 1), amount_minor=4_900)
    return sold.id


def _city(number: int) -> tuple[str, str, str]:
    """Return the city, county and state of a store: 50 cities in five states."""
    return f"City {number % 50}", f"County {number % 50 % 25}", STATES[number % 5]


def _load_taxes(vendor_id: int) -> None:
    """Let state, county and city each levy a tax, and the vendor collect them all."""
    places = {_city(number) for number in range(50)}
    areas = {("", "", state) for _city_, _county, state in places}
    areas |= {("", county, state) for _city_, county, state in places} | places
    for city, county, state in sorted(areas):
        level = "city" if city else "county" if county else "state"
        made = Jurisdiction.objects.create(
            code="-".join(part for part in ("BENCH", state, county, city) if part),
            name=f"{city or county or state} sales tax",
            level=level,
            country="US",
            state=state,
            county=county,
            city=city,
        )
        for category in ("software", "service", "hardware"):
            TaxRate.objects.create(jurisdiction=made, category=category, rate=RATES[level], valid_from=date(2019, 1, 1))
        if level == "state":
            Registration.objects.create(vendor_id=vendor_id, jurisdiction=made, since=date(2019, 1, 1))


def bill(*, vendor_id: int, through: date, workers: int) -> int:
    """Bill all companies, from plan to issued; return the most memory that a worker took, in MB."""
    today = through - timedelta(days=LEAD_DAYS)
    with transaction.atomic():
        run_id = request_bill_run(vendor_id=vendor_id, through=through, issue_date=today, actor=system("bench"))
    divided = in_own_process(divide, run_id=run_id).peak_rss_mb
    planned = _side_by_side(plan_parts, run_id=run_id, workers=workers)
    with transaction.atomic():
        approve_bill_run(run_id=run_id, today=today, actor=system("bench"), now=wall_now())
    return max(divided, planned, _side_by_side(issue_parts, run_id=run_id, workers=workers))


def _side_by_side(work: Callable[..., bool], *, run_id: int, workers: int) -> int:
    """Let worker processes do what the queue's jobs do, and see that the last one finished; return their peak in MB."""
    started = [start(_work, job=work, run_id=run_id) for _worker in range(workers)]
    peak = max(each.wait().peak_rss_mb for each in started)
    if not work(run_id=run_id, now=wall_now()):
        raise RuntimeError("the bill run left companies to do")
    return peak


def _work(*, job: Callable[..., bool], run_id: int) -> None:
    if _may_time_checks():
        with connection.cursor() as cursor:
            cursor.execute("SET track_functions = 'pl'")
    job(run_id=run_id, now=wall_now())


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        (count,) = cursor.fetchone() or (0,)
    return int(count)


def _may_time_checks() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_parameter_privilege('track_functions', 'SET')")
        (may,) = cursor.fetchone() or (False,)
    return bool(may)


def _check_seconds() -> float:
    """Return the seconds that the database's own checks have taken in all sessions, side by side ones added up."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT coalesce(sum(self_time), 0) FROM pg_stat_user_functions WHERE NOT funcname = ANY(%s)",
            [list(WRITERS)],
        )
        (milliseconds,) = cursor.fetchone() or (0,)
    return float(milliseconds) / 1000
