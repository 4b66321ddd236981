"""Control totals signed off: the old system's own total beside what was read, by a manager, on record."""

from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from comptoir.tenancy.audit import Actor, record

from .errors import ImportRefused
from .models import ImportSignOff
from .queries import import_row


def sign_off(*, vendor_id: int, import_id: int, their_total: Decimal, actor: Actor, now: datetime) -> None:
    """Sign that ``their_total``, which the old system itself says, is the control total of a finished import.

    Raises ImportNotFound; ImportRefused for another total, a trial, an import that is not done, or signed already.
    """
    row = import_row(vendor_id=vendor_id, import_id=import_id)
    if row.is_trial or not row.counts or actor.user_id is None:
        raise ImportRefused(_("Only what an import has taken is signed off."))
    if row.is_undone:
        raise ImportRefused(_("What this import brought was taken away again; there is nothing to sign off."))
    ours = str(row.counts["control_total"])
    if Decimal(ours) != their_total:
        raise ImportRefused(
            _("The import has read %(ours)s, and the old system says %(theirs)s; find what is missing first.")
            % {"ours": ours, "theirs": their_total}
        )
    try:
        with transaction.atomic():
            ImportSignOff.objects.create(
                read_id=import_id,
                control_total=ours,
                signed_by_id=actor.user_id,
                signed_by_name=actor.label,
                signed_at=now,
            )
    except IntegrityError as error:
        raise ImportRefused(_("This import is signed off already, or you may not sign it off.")) from error
    record(
        actor=actor,
        action="import signed off",
        subject=f"legacy_import:{import_id}",
        vendor_id=vendor_id,
        after={"control_total": ours},
    )
