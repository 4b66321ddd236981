"""The brake: where too many companies would lose access in a day, none does until a second person has said so."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from comptoir.kit.events import emit
from comptoir.tenancy.audit import Actor, record
from comptoir.tenancy.models import Company
from comptoir.tenancy.queries import CompanyRow, VendorRow, companies_by_ids
from comptoir.work.operations import close_work, open_work

from .errors import DunningRefused, NotDecidable
from .models import BrakeStop, Closing, Pause, Policy
from .pausing import LONGEST_PAUSE_DAYS, hold

# However small a vendor is, so many are no mass lock-out.
ALWAYS_ALLOWED = 3


@dataclass(frozen=True, slots=True)
class StopRow:
    """A stop: how many companies wait for the decision, and what became of it."""

    public_id: UUID
    day: date
    companies: int
    approved: bool | None
    decided_by: str
    reason: str


def allowed_in_a_day(policy: Policy, *, companies: int) -> int:
    """Return how many of a vendor's companies may lose access in a day without a second person."""
    share = -(-companies * policy.most_percent // 100)
    return max(min(policy.most_companies, share), ALWAYS_ALLOWED)


def brake_if_too_many(*, seller: VendorRow, on: date, now: datetime) -> None:
    """Stop what was decided on a day and has not happened yet, where it is too much, or where a stop is open already.

    Must run under the vendor's lock, in the transaction that plans.
    """
    today = Closing.objects.filter(vendor_id=seller.id, decided_on=on, dropped_at=None)
    counted = today.aggregate(companies=Count("company_id", distinct=True))["companies"]
    usual = Policy.objects.get(vendor_id=seller.id, is_usual=True)
    billed = Company.objects.filter(vendor_id=seller.id, billed_since__lte=on).count()
    # Whoever decides it at this moment has seen none of today's: then it is decided, and these wait for another.
    stop = BrakeStop.objects.select_for_update().filter(vendor_id=seller.id, decided_at=None).first()
    if stop is None and counted <= allowed_in_a_day(usual, companies=billed):
        return
    if stop is None:
        stop = BrakeStop.objects.create(vendor_id=seller.id, day=on, stopped_at=now)
    today.filter(done_at=None, stop=None).update(stop=stop)
    open_work(vendor_id=seller.id, kind="dunning_brake", subject=f"brake:{stop.public_id}", now=now, urgent=True)


@transaction.atomic
def decide_stop(
    *, vendor_id: int, public_id: UUID, approve: bool, reason: str, actor: Actor, today: date, now: datetime
) -> None:
    """Let those who wait for a decision lose access when their stores are next closed, or hold them all for a week.

    Raises NotDecidable where somebody has decided, DunningRefused without a reason.
    """
    if not reason.strip():
        raise DunningRefused(_("Say why, so that the next reader understands."))
    stop = BrakeStop.objects.select_for_update().filter(vendor_id=vendor_id, public_id=public_id).first()
    if stop is None or stop.decided_at is not None:
        raise NotDecidable(_("Somebody has decided this already."))
    companies = list(waiting_for(stop.public_id))
    stop.approved, stop.decided_at, stop.decided_by, stop.reason = approve, now, actor.label, reason.strip()
    stop.save(update_fields=["approved", "decided_at", "decided_by", "reason"])
    if not approve:
        held = set(
            Pause.objects.filter(company_id__in=companies, kind="hold", released_at=None).values_list(
                "company_id", flat=True
            )
        )
        until = today + timedelta(days=min(7, LONGEST_PAUSE_DAYS))
        for company_id in sorted(set(companies) - held):
            hold(
                vendor_id=vendor_id,
                company_id=company_id,
                until=until,
                reason=reason,
                actor=actor,
                today=today,
                now=now,
            )
    record(
        actor=actor,
        action="suspensions allowed" if approve else "suspensions refused",
        subject=f"brake:{stop.public_id}",
        vendor_id=vendor_id,
        after={"companies": len(companies)},
        reason=reason.strip(),
    )
    emit(
        name="dunning_changed",
        topic=f"brake:{stop.public_id}",
        vendor_id=vendor_id,
        data={"stop": str(stop.public_id)},
    )


def close_stop_work(*, vendor_id: int, stop: UUID, actor: Actor, now: datetime) -> None:
    """Take a stop off the team's list."""
    close_work(vendor_id=vendor_id, kind="dunning_brake", subject=f"brake:{stop}", actor=actor, now=now)


def waiting_for(stop: UUID) -> list[int]:
    """Return the companies that wait for the decision of a stop."""
    waits = Closing.objects.filter(stop__public_id=stop, done_at=None, dropped_at=None)
    return sorted(set(waits.values_list("company_id", flat=True)))


def stops(vendor_id: int, *, limit: int = 20) -> list[StopRow]:
    """Return a vendor's latest stops, open ones first."""
    found = BrakeStop.objects.filter(vendor_id=vendor_id).annotate(
        companies=Count("closings__company_id", distinct=True)
    )
    return [
        StopRow(stop.public_id, stop.day, stop.companies, stop.approved, stop.decided_by, stop.reason)
        for stop in found.order_by("-decided_at", "-id")[:limit]
    ]


def companies_waiting(stop: UUID) -> list[CompanyRow]:
    """Return the companies that wait for the decision of a stop, by number."""
    return sorted(companies_by_ids(waiting_for(stop)).values(), key=lambda row: row.number)
