"""A letter's link, for whoever has it: before a login, it says which vendor's it is, and that it was used."""

from datetime import datetime
from uuid import UUID

from django.db import connection


def vendor_of_letter(link: UUID) -> str | None:
    """Return the short name of the vendor whose letter has this link, or None for a link that no letter has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT cutover_letter_vendor(%s)", [link])
        row: tuple[str | None] | None = cursor.fetchone()
    return row[0] if row else None


def note_letter_opened(link: UUID, *, now: datetime) -> None:
    """Note that somebody came by a letter's link; the first time counts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT cutover_note_opened(%s, %s)", [link, now])
