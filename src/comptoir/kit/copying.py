"""COPY: the fast way in for rows computed in bulk."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from psycopg import sql


def copy_rows(*, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write ``rows`` into ``table`` in the present transaction, by COPY; triggers and constraints hold as ever.

    The connection is busy until the last row is written: ``rows`` must be computed without asking the database.
    """
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    # What the rows break is told when the copy ends, outside of the call that Django translates errors of.
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def take_ids(*, table: str, count: int) -> list[int]:
    """Take ``count`` ids from the sequence of ``table``'s primary key ``id``, ascending; a rollback leaves holes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval((SELECT pg_get_serial_sequence(%s, 'id'))::regclass) FROM generate_series(1, %s)",
            [table, count],
        )
        return [row[0] for row in cursor.fetchall()]
