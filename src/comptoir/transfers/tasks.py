"""What the worker does when something happened to a change of owner."""

from datetime import datetime
from uuid import UUID

from comptoir.kit.clocks import wall_now
from comptoir.kit.errors import ComptoirError
from comptoir.kit.events import Happened
from comptoir.tenancy.queries import business_today, vendor
from comptoir.work.operations import close_work, open_work

from .mails import tell_sides
from .models import Status, Transfer
from .passing import RULE, STUCK, open_buyer, pass_over_due
from .queries import held, row_of

TO_PLACE, TO_APPROVE = "transfer_to_place", "transfer_to_approve"


def follow(event: Happened) -> None:
    """Keep the team's list true, make the buyer a company once approved, tell both sides; what is due passes over."""
    now = wall_now()
    found = held(UUID(event.data["transfer"]))
    _follow_work(found, now=now)
    if found.status == Status.APPROVED:
        _open_buyer(found, now=now)
    tell_sides(row_of(found), news=event.data["news"])
    if found.status == Status.APPROVED:
        pass_over_due(vendor_id=found.vendor_id, on=business_today(vendor(found.vendor_id), now=now), now=now)


def _open_buyer(found: Transfer, *, now: datetime) -> None:
    subject = f"transfer:{found.public_id}"
    try:
        open_buyer(found)
    except ComptoirError:  # its number was taken in between
        open_work(
            vendor_id=found.vendor_id, company_id=found.seller_id, kind="transfer_stuck", subject=subject, now=now
        )


def _follow_work(found: Transfer, *, now: datetime) -> None:
    """Have it on the team's list while it waits for the team, and no longer."""
    subject, vendor_id = f"transfer:{found.public_id}", found.vendor_id
    waits = {
        TO_PLACE: found.status == Status.ASKED,
        TO_APPROVE: found.status == Status.ACCEPTED,
        STUCK: found.status == Status.APPROVED,
    }
    for kind in (kind for kind, does in waits.items() if not does):
        close_work(vendor_id=vendor_id, kind=kind, subject=subject, actor=RULE, now=now)
    if waits[TO_PLACE]:
        open_work(vendor_id=vendor_id, company_id=found.buyer_id, kind="transfer_to_place", subject=subject, now=now)
    if waits[TO_APPROVE]:
        open_work(vendor_id=vendor_id, company_id=found.seller_id, kind="transfer_to_approve", subject=subject, now=now)
