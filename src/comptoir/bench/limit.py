"""The engine's limit: COPY of the rows that a bill run wrote, into tables with primary keys alone."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from django.db import connection
from psycopg import sql

from .forked import start

# What a bill run writes, and the column that tells its rows from those before: ids only grow.
WRITTEN = {
    "invoicing_billrun": "id",
    "invoicing_billrunpart": "id",
    "invoicing_billrunitem": "run_id",
    "invoicing_invoicebatch": "id",
    "invoicing_invoice": "id",
    "invoicing_invoicebalance": "invoice_id",
    "invoicing_invoiceline": "invoice_id",
    "invoicing_invoicetax": "invoice_id",
    "invoicing_coverage": "invoice_id",
    "invoicing_invoicenumber": "invoice_id",
    "ledger_journalbatch": "id",
    "ledger_journalentry": "id",
    "ledger_posting": "entry_id",
    "kit_event": "id",
    "kit_eventdelivery": "event_id",
}

Server = psycopg.Connection[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a table whose ``column`` is above ``above``."""

    table: str
    column: str
    above: int


def marks(written: Mapping[str, str] = WRITTEN) -> Mapping[str, int]:
    """Return, by table of ``written``, the highest id of its rows."""
    found = {}
    with connection.cursor() as cursor:
        for table, column in written.items():
            cursor.execute(f"SELECT coalesce(max({column}), 0) FROM {table}")
            (found[table],) = cursor.fetchone() or (0,)
    return found


def written_since(before: Mapping[str, int], written: Mapping[str, str] = WRITTEN) -> list[Rows]:
    """Return the rows that came after the marks."""
    return [Rows(table=table, column=column, above=before[table]) for table, column in written.items()]


def limit(url: str, *, rows: Sequence[Rows]) -> tuple[float, float]:
    """Return the seconds that COPY needs for ``rows``: with primary keys alone, and with all secondary indexes too.

    Each is the faster of one stream and two.
    """
    with TemporaryDirectory() as folder, psycopg.connect(url, autocommit=True) as server:
        files = [(one, _save(server, rows=one, folder=Path(folder))) for one in rows]
        bare, indexed = (
            min(_load(url, server, files=files, streams=streams, indexes=indexes) for streams in (1, 2))
            for indexes in (False, True)
        )
        return bare, indexed


def guarded(url: str, *, rows: Sequence[Rows], upon: Sequence[Rows], twin: str) -> float:
    """Return the seconds that COPY of ``rows`` into the real tables takes, up to the commit.

    That is with all their indexes, constraints, foreign keys and triggers. ``twin`` is a copy of the database from
    before the rows came. Parents come before what points at them; what ``rows`` stand ``upon`` is there beforehand.
    """
    with TemporaryDirectory() as folder, psycopg.connect(url) as server:
        before, measured = (
            [(one.table, path) for one in several for path in _save(server, rows=one, folder=Path(folder))]
            for several in (upon, rows)
        )
        _write(twin, before)
        started = time.perf_counter()
        _write(twin, measured)
        return time.perf_counter() - started


def _save(server: Server, *, rows: Rows, folder: Path) -> list[Path]:
    """Put rows into two files of half each, as COPY reads them."""
    halves = [folder / f"{rows.table}.{half}" for half in (0, 1)]
    for half, path in enumerate(halves):
        query = sql.SQL("COPY (SELECT * FROM {table} WHERE {column} > {above} AND {column} % 2 = {half}) TO STDOUT")
        with (
            server.cursor() as cursor,
            cursor.copy(
                query.format(
                    table=sql.Identifier(rows.table),
                    column=sql.Identifier(rows.column),
                    above=sql.Literal(rows.above),
                    half=sql.Literal(half),
                )
            ) as copy,
            path.open("wb") as file,
        ):
            for block in copy:
                file.write(block)
    return halves


def _load(url: str, server: Server, *, files: Sequence[tuple[Rows, list[Path]]], streams: int, indexes: bool) -> float:
    for rows, _halves in files:
        _prepare(server, table=rows.table, indexes=indexes)
    parts = [(f"limit_{rows.table}", path) for rows, halves in files for path in halves]
    shares = [parts] if streams == 1 else [parts[0::2], parts[1::2]]
    started = time.perf_counter()
    writers = [start(_write, url=url, parts=share) for share in shares]
    for writer in writers:
        writer.wait()
    return time.perf_counter() - started


def _prepare(server: Server, *, table: str, indexes: bool) -> None:
    """Make an empty table with the same columns and primary key, and the secondary indexes if asked for."""
    names = {"limit": sql.Identifier(f"limit_{table}"), "table": sql.Identifier(table)}
    server.execute(sql.SQL("DROP TABLE IF EXISTS {limit}").format(**names))
    if indexes:
        server.execute(sql.SQL("CREATE TABLE {limit} (LIKE {table} INCLUDING INDEXES)").format(**names))
        return
    keys = server.execute(
        "SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY(indkey) "
        "WHERE indrelid = %s::regclass AND indisprimary ORDER BY array_position(indkey::int2[], attnum)",
        [table],
    ).fetchall()
    columns = sql.SQL(", ").join(sql.Identifier(str(name)) for (name,) in keys)
    server.execute(
        sql.SQL("CREATE TABLE {limit} (LIKE {table}, PRIMARY KEY ({columns}))").format(columns=columns, **names)
    )


def _write(url: str, parts: Sequence[tuple[str, Path]]) -> None:
    with psycopg.connect(url) as server:
        for table, path in parts:
            with (
                server.cursor() as cursor,
                cursor.copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as copy,
                path.open("rb") as file,
            ):
                while block := file.read(1 << 20):
                    copy.write(block)
