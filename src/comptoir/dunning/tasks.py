"""What the worker does when a payment, a credit, a mail that came back or a word of the team changes how one stands."""

from uuid import UUID

from comptoir.access.queries import standings_of
from comptoir.kit.clocks import wall_now
from comptoir.kit.events import Happened
from comptoir.tenancy.audit import system
from comptoir.tenancy.queries import business_today, vendor

from .brakes import close_stop_work, waiting_for
from .closings import carry_out_stop
from .deciding import decide_standings
from .facts import companies_in_question
from .models import BrakeStop, Closing
from .policies import policies_of

# What can only make things better: nothing to decide where all is well.
ONLY_HELPS = (
    "payment_succeeded",
    "payment_processing",
    "credit_note_issued",
    "invoice_written_off",
    "mail_returned",
)


def follow_company(event: Happened) -> None:
    """Decide the standings of the company that something happened to, where there is anything to decide."""
    if event.vendor_id is None or event.company_id is None:
        return
    if event.name in ONLY_HELPS and not _is_affected(event.company_id):
        return
    _decide([event.company_id], vendor_id=event.vendor_id)


def follow_team(event: Happened) -> None:
    """Carry out what the team said: of a company, of a policy, or of a stop."""
    assert event.vendor_id is not None  # noqa: S101  it is always a vendor's team
    if event.company_id is not None:
        _decide([event.company_id], vendor_id=event.vendor_id)
    if "policy" in event.data:
        _decide(_who_goes_by(UUID(event.data["policy"]), vendor_id=event.vendor_id), vendor_id=event.vendor_id)
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


def _who_goes_by(policy: UUID, *, vendor_id: int) -> list[int]:
    """Return the companies in question that a policy decides of; all others are in good standing whatever it says."""
    chosen = policies_of(companies_in_question(vendor_id), vendor_id=vendor_id)
    return [company_id for company_id, row in chosen.items() if row.public_id == policy]


def _is_affected(company_id: int) -> bool:
    return (
        any(row.state != "good" for row in standings_of(company_id))
        or Closing.objects.filter(company_id=company_id, done_at=None, dropped_at=None).exists()
    )
