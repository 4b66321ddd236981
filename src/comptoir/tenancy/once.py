"""What a form asks for happens once, however often the form is sent: by a double click, a reload, from two tabs."""

from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from .errors import AlreadyDone, FormWithoutReference
from .models import DoneOnce


def take_reference(*, vendor_id: int, reference: str) -> None:
    """Keep a form's reference, in the transaction of what the form asks for; so both happen, or neither does.

    The same form sent at the same moment waits here until the first is done. Raises AlreadyDone when the reference was
    taken before, FormWithoutReference when it is none.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tenancy_doneonce (vendor_id, reference) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            [vendor_id, _parsed(reference)],
        )
        if not cursor.rowcount:
            raise _already_done()


def refuse_if_taken(*, vendor_id: int, reference: str) -> None:
    """Raise AlreadyDone if the form of that reference did what it asks for, FormWithoutReference when it is none.

    For before the form is read: what it did may have changed what it would be read against.
    """
    if DoneOnce.objects.filter(vendor_id=vendor_id, reference=_parsed(reference)).exists():
        raise _already_done()


def _already_done() -> AlreadyDone:
    return AlreadyDone(_("This was done already, a moment ago; it was not done twice."))


def _parsed(reference: str) -> UUID:
    try:
        return UUID(reference)
    except ValueError as error:
        raise FormWithoutReference(_("This form is incomplete; open its page again and fill it in anew.")) from error
