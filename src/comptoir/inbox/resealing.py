"""Sealing everything anew under the newest key, a batch at a time, while all goes on."""

from collections.abc import Iterator, Sequence

from django.db import connection, transaction

from .sealing import newest_mark, seal, unseal

# A table, its sealed column, and what its rows are bound to.
SealedColumn = tuple[str, str, str]
SEALED: tuple[SealedColumn, ...] = (
    ("inbox_thread", "sealed_subject", "thread"),
    ("inbox_message", "sealed_text", "message"),
    ("inbox_attachment", "sealed_name", "file-name"),
    ("inbox_attachment", "sealed_content", "file"),
    ("inbox_keptfile", "sealed_name", "kept-file-name"),
    ("inbox_keptfile", "sealed_content", "kept-file"),
)
ROWS_AT_ONCE = 50


def reseal(*, also: Sequence[SealedColumn] = ()) -> Iterator[tuple[str, int]]:
    """Seal what lies under older keys under the newest; yield, batch by batch, a table's name and how many were done.

    ``also``: what packages above keep sealed under the same keys.
    Killed in between, the next run does the rest. Must not run in a transaction. Raises NotToBeOpened where the key of
    something is missing.
    """
    for table, column, bound_to in (*SEALED, *also):
        while done := _reseal_some(table, column, bound_to=bound_to):
            yield table, done


def under_older_keys(*, also: Sequence[SealedColumn] = ()) -> int:
    """Return how much lies under a key that is not the newest."""
    with connection.cursor() as cursor:
        counts = []
        for table, column, _bound_to in (*SEALED, *also):
            cursor.execute(f"SELECT count(*) FROM {table} WHERE substring({column}, 1, 4) <> %s", [newest_mark()])
            counts.append(cursor.fetchone()[0])
    return sum(counts)


def _reseal_some(table: str, column: str, *, bound_to: str) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, public_id, {column} FROM {table} WHERE substring({column}, 1, 4) <> %s"
            f" ORDER BY id LIMIT {ROWS_AT_ONCE} FOR UPDATE SKIP LOCKED",
            [newest_mark()],
        )
        rows = cursor.fetchall()
        for row_id, public_id, sealed in rows:
            row = f"{bound_to}:{public_id}"
            anew = seal(unseal(bytes(sealed), of=row), of=row)
            cursor.execute(f"UPDATE {table} SET {column} = %s WHERE id = %s", [anew, row_id])
    return len(rows)
