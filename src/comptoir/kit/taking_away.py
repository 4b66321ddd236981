"""Deleting rows by the hundred thousand: one statement, and the database alone says what may go."""

from collections.abc import Iterable

from django.db import connection
from psycopg import sql

from .lookups import Ids


def take_away(*, table: str, column: str, ids: Iterable[int]) -> int:
    """Delete the rows of ``table`` whose ``column`` is among the ids, in the present transaction; return how many.

    Nothing that points at them is looked for or deleted: foreign keys and triggers refuse what may not go.
    """
    statement = sql.SQL("DELETE FROM {} WHERE {} = ANY(%s)").format(sql.Identifier(table), sql.Identifier(column))
    with connection.cursor() as cursor:
        cursor.execute(statement, [Ids(ids).literal])
        return int(cursor.rowcount)
