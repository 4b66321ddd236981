"""The real bill run, from plan to issued, beside the fastest way to write the same rows."""

import json
import multiprocessing
import resource
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import psycopg
from django.db import connection, connections, transaction
from psycopg import sql

from comptoir.catalog.models import Plan, Price, Product
from comptoir.invoicing.bill_runs import approve_bill_run, divide, issue_parts, plan_parts, request_bill_run
from comptoir.kit.clocks import wall_now
from comptoir.kit.copying import copy_rows, take_ids
from comptoir.tenancy.audit import system
from comptoir.tenancy.operations import create_vendor

from .scratch import scratch_database

THROUGH = date(2020, 10, 1)
ISSUED = date(2020, 9, 16)
SUBSCRIPTIONS_PER_COMPANY = 3
WRITTEN_BY_THE_RUN = (
    "invoicing_billrun",
    "invoicing_billrunitem",
    "invoicing_invoicebatch",
    "invoicing_invoice",
    "invoicing_invoicebalance",
    "invoicing_invoiceline",
    "invoicing_coverage",
    "invoicing_invoicenumber",
    "ledger_journalbatch",
    "ledger_journalentry",
    "ledger_posting",
    "kit_event",
    "kit_eventdelivery",
)


def run(*, companies: int, workers: int) -> dict[str, float | int]:
    """Measure a bill run over ``companies`` companies with 3 subscriptions each; return the figures."""
    with scratch_database() as url:
        vendor_id = _load(companies)
        started = time.perf_counter()
        _bill(vendor_id=vendor_id, workers=workers)
        seconds = time.perf_counter() - started
        invoices = _count("invoicing_invoice")
        limit_seconds = _limit(url)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return {
        "companies": companies,
        "invoices": invoices,
        "seconds": round(seconds, 3),
        "limit_seconds": round(limit_seconds, 3),
        "ratio_to_limit": round(seconds / limit_seconds, 2),
        "invoices_per_second": round(invoices / seconds),
        "peak_rss_mb": round(max(own, children) / 1024),
    }


def as_json(figures: dict[str, float | int]) -> str:
    """Return the figures as the one line that programs read."""
    return json.dumps(figures)


def _load(companies: int) -> int:
    vendor_id = create_vendor(
        slug="bench",
        name="Bench",
        legal_name="Bench Inc.",
        currency="USD",
        time_zone="America/New_York",
        language="en",
        email="billing@bench.example",
        actor=system("bench"),
        business_date=ISSUED,
    )
    plans = []
    for name in ("eRestaurant", "Xformity", "NetPOS"):
        product = Product.objects.create(vendor_id=vendor_id, code=name.lower(), name=name)
        sold = Plan.objects.create(
            product=product, vendor_id=vendor_id, code=name.lower(), name=name, cadence="monthly"
        )
        Price.objects.create(plan=sold, valid_from=date(2020, 1, 1), amount_minor=4900)
        plans.append(sold.id)
    with transaction.atomic():
        company_ids = take_ids(table="tenancy_company", count=companies)
        copy_rows(
            table="tenancy_company",
            columns=["id", "public_id", "vendor_id", "number", "name", "language", "address_lines", "billed_since"],
            rows=((i, uuid4(), vendor_id, str(i), f"Company {i}", "en", '["1 Main St"]', ISSUED) for i in company_ids),
        )
        copy_rows(
            table="subscriptions_subscription",
            columns=[
                "vendor_id",
                "company_id",
                "plan_id",
                "legacy_key",
                "anchor_day",
                "starts_on",
                "billed_from",
                "billed_through",
            ],
            rows=(
                (vendor_id, i, plans[n % len(plans)], "", 1, date(2020, 1, 1), THROUGH, THROUGH)
                for i in company_ids
                for n in range(SUBSCRIPTIONS_PER_COMPANY)
            ),
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return vendor_id


def _bill(*, vendor_id: int, workers: int) -> None:
    with transaction.atomic():
        run_id = request_bill_run(vendor_id=vendor_id, through=THROUGH, issue_date=ISSUED, actor=system("bench"))
    divide(run_id=run_id)
    _side_by_side(plan_parts, run_id=run_id, workers=workers)
    with transaction.atomic():
        approve_bill_run(run_id=run_id, actor=system("bench"))
    _side_by_side(issue_parts, run_id=run_id, workers=workers)


def _side_by_side(work: Callable[..., bool], *, run_id: int, workers: int) -> None:
    """Let worker processes do what the queue's jobs do, and see that the last one finished."""
    connections.close_all()
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=_work, args=(work, run_id)) for _worker in range(workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        if process.exitcode:
            raise RuntimeError(f"a worker of the bill run ended with {process.exitcode}")
    if not work(run_id=run_id, now=wall_now()):
        raise RuntimeError("the bill run left companies to do")


def _work(work: Callable[..., bool], run_id: int) -> None:
    work(run_id=run_id, now=wall_now())


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        (count,) = cursor.fetchone() or (0,)
    return int(count)


def _limit(url: str) -> float:
    """Return the seconds that COPY needs for the same rows, primary keys only: the faster of one and two streams."""
    with TemporaryDirectory() as folder, psycopg.connect(url, autocommit=True) as server:
        files = [_save(server, table=table, folder=Path(folder)) for table in WRITTEN_BY_THE_RUN]
        return min(_load_limit(url, files=files, streams=streams) for streams in (1, 2))


def _save(server: "psycopg.Connection[tuple[object, ...]]", *, table: str, folder: Path) -> tuple[str, list[Path]]:
    """Put a table's rows into two files of half each, as COPY reads them."""
    halves = [folder / f"{table}.{half}" for half in (0, 1)]
    key = _primary_key(server, table=table)
    for half, path in enumerate(halves):
        query = sql.SQL("COPY (SELECT * FROM {table} WHERE {key} % 2 = {half}) TO STDOUT").format(
            table=sql.Identifier(table), key=key, half=sql.Literal(half)
        )
        with server.cursor() as cursor, cursor.copy(query) as copy, path.open("wb") as file:
            for block in copy:
                file.write(block)
    return table, halves


def _primary_key(server: "psycopg.Connection[tuple[object, ...]]", *, table: str) -> sql.Identifier:
    key = server.execute(
        "SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0] "
        "WHERE indrelid = %s::regclass AND indisprimary",
        [table],
    ).fetchone()
    if key is None:
        raise RuntimeError(f"{table} has no primary key")
    return sql.Identifier(str(key[0]))


def _load_limit(url: str, *, files: Sequence[tuple[str, list[Path]]], streams: int) -> float:
    with psycopg.connect(url, autocommit=True) as server:
        for table, _halves in files:
            names = {
                "limit": sql.Identifier(f"limit_{table}"),
                "table": sql.Identifier(table),
                "key": _primary_key(server, table=table),
            }
            server.execute(sql.SQL("DROP TABLE IF EXISTS {limit}").format(**names))
            server.execute(sql.SQL("CREATE TABLE {limit} (LIKE {table}, PRIMARY KEY ({key}))").format(**names))
    parts = [(table, path) for table, halves in files for path in halves]
    shares = [parts] if streams == 1 else [parts[0::2], parts[1::2]]
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write, args=(url, share)) for share in shares]
    started = time.perf_counter()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    return time.perf_counter() - started


def _write(url: str, parts: Sequence[tuple[str, Path]]) -> None:
    with psycopg.connect(url) as server:
        for table, path in parts:
            with (
                server.cursor() as cursor,
                cursor.copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(f"limit_{table}"))) as copy,
                path.open("rb") as file,
            ):
                while block := file.read(1 << 20):
                    copy.write(block)
