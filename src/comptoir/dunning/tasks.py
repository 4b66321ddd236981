"""What the worker does when a payment, a credit, a mail that came back or a word of the team changes how one stands.

A listener decides of one company. What is about many goes by parts, each a transaction of its own, in a job.
"""

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from comptoir.access.queries import standings_of
from comptoir.kit.clocks import wall_now
from comptoir.kit.events import Happened
from comptoir.kit.request_id import current_request_id, under_request_id
from comptoir.kit.urgency import AT_ONCE
from comptoir.tenancy.audit import system
from comptoir.tenancy.queries import business_today, vendor

from .brakes import close_stop_work, waiting_for
from .closings import carry_out_stop
from .deciding import decide_each, decide_standings
from .errors import Undecided
from .facts import companies_in_question
from .models import BrakeStop, Closing
from .policies import policies_of

AGAIN = RetryStrategy(max_attempts=8, exponential_wait=2)
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
    """Follow what the team said of a company; have a job follow what it said of a policy, or of a stop."""
    assert event.vendor_id is not None  # noqa: S101  it is always a vendor's team
    if event.company_id is not None:
        _decide([event.company_id], vendor_id=event.vendor_id)
    for told, task in (("policy", follow_policy), ("stop", follow_stop)):
        if told in event.data:
            task.configure(priority=AT_ONCE).defer(
                vendor_id=event.vendor_id, public_id=event.data[told], request_id=current_request_id()
            )


@app.task(name="dunning.follow_policy", retry=AGAIN)
@under_request_id
def follow_policy(vendor_id: int, public_id: str) -> None:
    """Decide anew of the companies in question that a policy decides of; all others stand well whatever it says."""
    now, seller = wall_now(), vendor(vendor_id)
    chosen = policies_of(companies_in_question(vendor_id), vendor_id=vendor_id)
    own = [each for each, row in chosen.items() if row.public_id == UUID(public_id)]
    if failed := decide_each(own, seller=seller, on=business_today(seller, now=now), now=now):
        raise Undecided(f"of {failed} companies nothing could be decided")


@app.task(name="dunning.follow_stop", retry=AGAIN)
@under_request_id
def follow_stop(vendor_id: int, public_id: str) -> None:
    """Carry out what a second person decided of those whom the brake has stopped."""
    now, seller = wall_now(), vendor(vendor_id)
    stop = BrakeStop.objects.get(vendor_id=vendor_id, public_id=public_id)
    if stop.decided_at is None:
        return
    if stop.approved:
        carry_out_stop(seller=seller, stop=stop.public_id, on=business_today(seller, now=now), now=now)
    _decide(waiting_for(stop.public_id), vendor_id=vendor_id)
    close_stop_work(vendor_id=vendor_id, stop=stop.public_id, actor=system(stop.decided_by), now=now)


def _decide(company_ids: list[int], *, vendor_id: int) -> None:
    now, seller = wall_now(), vendor(vendor_id)
    decide_standings(company_ids, seller=seller, on=business_today(seller, now=now), now=now)


def _is_affected(company_id: int) -> bool:
    return (
        any(row.state != "good" for row in standings_of(company_id))
        or Closing.objects.filter(company_id=company_id, done_at=None, dropped_at=None).exists()
    )
