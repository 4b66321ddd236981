"""What a person says of a difference."""

from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from comptoir.kit.events import emit
from comptoir.kit.safe_words import refuse_account_numbers
from comptoir.payments.errors import DifferenceNotOpen
from comptoir.payments.models import Difference
from comptoir.tenancy.audit import Actor, record

from .running import put_on_list


def settle_difference(*, vendor_id: int, public_id: UUID, note: str, actor: Actor, today: date, now: datetime) -> None:
    """Close a difference by a person's word, which stays on record; the same difference is not listed again.

    Must run in a transaction. Raises DifferenceNotOpen.
    """
    row = (
        Difference.objects.select_for_update().filter(vendor_id=vendor_id, public_id=public_id, closed_on=None).first()
    )
    if row is None or not note.strip():
        raise DifferenceNotOpen(_("This is settled, or gone. Look at the list again; what settles it needs a note."))
    refuse_account_numbers(note)
    row.closed_on, row.settled_by, row.note = today, actor.label, note.strip()
    row.save(update_fields=["closed_on", "settled_by", "note"])
    record(
        actor=actor,
        action="difference settled",
        subject=f"difference:{public_id}",
        vendor_id=vendor_id,
        before={"ours": row.ours, "theirs": row.theirs},
        reason=row.note,
    )
    put_on_list(vendor_id=vendor_id, now=now)


def ask_to_compare(*, vendor_id: int, on: date, actor: Actor) -> None:
    """Have the worker compare the books once more, through the day before ``on``. Must run in a transaction."""
    record(actor=actor, action="comparison asked for", subject=f"vendor:{vendor_id}", vendor_id=vendor_id)
    emit(
        name="reconciliation_requested",
        topic=f"reconciliation:{vendor_id}",
        vendor_id=vendor_id,
        data={"on": str(on)},
    )
