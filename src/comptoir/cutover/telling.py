"""Telling of imports: how far one is, while its own transaction shows nothing; that it has changed customers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection

from comptoir.kit.events import emit

from .models import ImportStep

# What is done of how much: lines while the file is read, parts of it while it is written.
Tell = Callable[[ImportStep, int, int], None]

TOLD = """
INSERT INTO cutover_importprogress (read_id, step, done, total)
SELECT id, %(step)s, %(done)s, %(total)s FROM cutover_legacyimport WHERE id = %(read)s
ON CONFLICT (read_id) DO UPDATE SET step = excluded.step, done = excluded.done, total = excluded.total
"""


def tell_nobody(step: ImportStep, done: int, total: int) -> None:
    """Say nothing."""


@contextmanager
def telling(import_id: int) -> Iterator[Tell]:
    """Yield what puts down how far a requested import has come, at once and for everybody, on a connection of its own.

    The import's row must be locked with ``no_key``, or what refers to it waits for its commit.
    """
    own = connection.copy()

    def tell(step: ImportStep, done: int, total: int) -> None:
        with own.cursor() as cursor:
            cursor.execute(TOLD, {"step": step, "done": done, "total": total, "read": import_id})

    try:
        yield tell
    finally:
        own.close()


def tell_customers_imported(vendor_id: int) -> None:
    """Have it known that an import, or the undo of one, has changed customers of a vendor, and their stores."""
    emit(name="customers_imported", topic=f"legacy_imports:{vendor_id}", vendor_id=vendor_id)
