"""What the worker does when a payment, a credit or a word of the team changes how a company stands: at once."""

from uuid import UUID

from comptoir.access.queries import standings_of
from comptoir.kit.clocks import wall_now
from comptoir.kit.events import Happened
from comptoir.tenancy.audit import system
from comptoir.tenancy.queries import business_today, vendor

from .brakes import close_stop_work, waiting_for
from .closings import carry_out_stop
from .deciding import decide_standings
from .models import BrakeStop, Closing


def follow_company(event: Happened) -> None:
    """Decide the standings of the company that something happened to, where there is anything to decide."""
    if event.vendor_id is None or event.company_id is None:
        return
    helps = event.name in ("payment_succeeded", "payment_processing", "credit_note_issued")
    if helps and not _is_affected(event.company_id):
        return
    _decide([event.company_id], vendor_id=event.vendor_id)


def follow_team(event: Happened) -> None:
    """Carry out what the team said: a hold, a promise, a release, or its word on a stop."""
    assert event.vendor_id is not None  # noqa: S101  it is always a vendor's team
    if event.company_id is not None:
        _decide([event.company_id], vendor_id=event.vendor_id)
    if "stop" in event.data:
        _follow_stop(UUID(event.data["stop"]), vendor_id=event.vendor_id)


def _follow_stop(public_id: UUID, *, vendor_id: int) -> None:
    now, seller = wall_now(), vendor(vendor_id)
    stop = BrakeStop.objects.get(vendor_id=vendor_id, public_id=public_id)
    if stop.decided_at is None:
        return
    if stop.approved:
        carry_out_stop(seller=seller, stop=public_id, on=business_today(seller, now=now), now=now)
    _decide(waiting_for(public_id), vendor_id=vendor_id)
    close_stop_work(vendor_id=vendor_id, stop=public_id, actor=system(stop.decided_by), now=now)


def _decide(company_ids: list[int], *, vendor_id: int) -> None:
    now, seller = wall_now(), vendor(vendor_id)
    decide_standings(company_ids, seller=seller, on=business_today(seller, now=now), now=now)


def _is_affected(company_id: int) -> bool:
    return (
        any(row.state != "good" for row in standings_of(company_id))
        or Closing.objects.filter(company_id=company_id, done_at=None, dropped_at=None).exists()
    )
