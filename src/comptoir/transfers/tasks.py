"""What the worker does when something happened to a change of owner."""

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

# What waits for the team while a change of owner stands like this.
WAITS_WHILE = {"transfer_to_place": Status.ASKED, "transfer_to_approve": Status.ACCEPTED}


def follow(event: Happened) -> None:
    """Keep the team's list true, make the buyer a company once approved, tell both sides; what is due passes over."""
    found = held(UUID(event.data["transfer"]))
    _follow_work(found)
    if found.status == Status.APPROVED:
        _open_buyer(found)
    tell_sides(row_of(found), news=event.data["news"])
    if found.status == Status.APPROVED:
        now = wall_now()
        pass_over_due(vendor_id=found.vendor_id, on=business_today(vendor(found.vendor_id), now=now), now=now)


def _open_buyer(found: Transfer) -> None:
    try:
        open_buyer(found)
    except ComptoirError:  # its number was taken in between
        _wait(found, kind=STUCK)


def _follow_work(found: Transfer) -> None:
    for kind, status in WAITS_WHILE.items():
        if found.status == status:
            _wait(found, kind=kind)
        else:
            _settle(found, kind=kind)
    if found.status in (Status.DONE, Status.WITHDRAWN):
        _settle(found, kind=STUCK)


def _wait(found: Transfer, *, kind: str) -> None:
    open_work(
        vendor_id=found.vendor_id,
        company_id=found.seller_id or found.buyer_id,
        kind=kind,
        subject=f"transfer:{found.public_id}",
        now=wall_now(),
    )


def _settle(found: Transfer, *, kind: str) -> None:
    subject = f"transfer:{found.public_id}"
    close_work(vendor_id=found.vendor_id, kind=kind, subject=subject, actor=RULE, now=wall_now())
