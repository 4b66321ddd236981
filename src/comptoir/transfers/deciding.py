"""What the team decides: to let a change of owner happen on its day, or not. Each must run in a transaction."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from comptoir.ledger.closing import closed_through
from comptoir.tenancy.audit import Actor
from comptoir.tenancy.queries import company, company_by_number

from .errors import TransferNotOpen, TransferRefused
from .models import NewCompany, Prices, Status, Transfer
from .queries import held, location_ids
from .starting import refuse_billed_before, refuse_unless_billed_here
from .telling import tell


def approve(*, public_id: UUID, prices: str, number: str, actor: Actor, now: datetime) -> None:
    """Let the stores pass on their day, at the agreed prices or the plans' own, which stays on record.

    A buyer who is no customer yet becomes one, with the customer ``number``. Raises TransferNotOpen, and
    TransferRefused with the field.
    """
    found = held(public_id)
    if found.status != Status.ACCEPTED:
        raise TransferNotOpen(_("This change of owner is not, or not any more, to be approved; the page shows why."))
    if prices not in Prices.values:
        raise TransferRefused(_("Choose at which prices the buyer takes over."), field="prices")
    closed = closed_through(found.vendor_id)
    if closed is not None and found.takes_effect_on <= closed:
        raise TransferRefused(
            _("The books of that day are closed meanwhile; decline it, and start anew with a later day.")
        )
    if found.buyer_id:
        refuse_unless_billed_here(company(found.buyer_id), on=found.takes_effect_on)
    else:
        _give_number(found, number=number.strip())
    if found.seller_id:
        refuse_billed_before(seller_id=found.seller_id, location_ids=location_ids(found.id), on=found.takes_effect_on)
    found.status, found.approved_at, found.approved_by, found.prices = Status.APPROVED, now, actor.label, prices
    found.save(update_fields=["status", "approved_at", "approved_by", "prices"])
    tell(found, news="approved", actor=actor)


def decline(*, public_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """Turn a change of owner down, with a reason that both sides are told. Raises TransferNotOpen, TransferRefused."""
    found = held(public_id)
    if found.status not in (Status.ASKED, Status.STARTED, Status.ACCEPTED):
        raise TransferNotOpen(_("This change of owner is decided already; the page shows how it stands."))
    if not reason.strip():
        raise TransferRefused(_("Say why; both sides are told."), field="reason")
    found.status, found.declined_at, found.declined_by = Status.DECLINED, now, actor.label
    found.reason = reason.strip()
    found.save(update_fields=["status", "declined_at", "declined_by", "reason"])
    tell(found, news="declined", actor=actor, reason=found.reason)


def _give_number(found: Transfer, *, number: str) -> None:
    if not number:
        raise TransferRefused(_("Give the new company a customer number."), field="number")
    if company_by_number(vendor_id=found.vendor_id, number=number):
        raise TransferRefused(_("This customer number is taken already; choose another."), field="number")
    NewCompany.objects.filter(transfer=found).update(number=number)
