"""Proofs of the books: questions to the whole database whose right answer is nothing."""

from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True, slots=True)
class BookCheck:
    """A rule, in words, and the SQL that returns the rows that break it."""

    rule: str
    sql: str


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that does not hold, and the first rows that show it."""

    rule: str
    rows: tuple[tuple[object, ...], ...]


def find_breach(check: BookCheck) -> Breach | None:
    """Ask one question; return the breach with at most five rows of proof, or None."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({check.sql}) AS offending LIMIT 5")
        rows = tuple(tuple(row) for row in cursor.fetchall())
    return Breach(rule=check.rule, rows=rows) if rows else None
