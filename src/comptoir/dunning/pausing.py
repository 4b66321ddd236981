"""What a person stops: a hold until a day, or a customer's promise to pay by one."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from comptoir.kit.events import emit
from comptoir.tenancy.audit import Actor, record

from .errors import DunningRefused, NotDecidable
from .models import Pause, PauseKind

LONGEST_PAUSE_DAYS = 90


def hold(
    *, vendor_id: int, company_id: int, until: date, reason: str, actor: Actor, today: date, now: datetime
) -> None:
    """Stop reminders and suspensions of a company until a day is over. Raises DunningRefused."""
    _pause(
        Pause(vendor_id=vendor_id, company_id=company_id, kind=PauseKind.HOLD, until=until, reason=reason.strip()),
        actor=actor,
        today=today,
        now=now,
    )


def note_promise(
    *,
    vendor_id: int,
    company_id: int,
    amount_minor: int,
    until: date,
    reason: str,
    actor: Actor,
    today: date,
    now: datetime,
) -> None:
    """Keep a customer's word to pay an amount by a day; until it is over, nothing is sent or closed.

    ``reason`` is who said it, and how. Raises DunningRefused.
    """
    if amount_minor <= 0:
        raise DunningRefused(_("A promise is about an amount above zero."))
    _pause(
        Pause(
            vendor_id=vendor_id,
            company_id=company_id,
            kind=PauseKind.PROMISE,
            until=until,
            amount_minor=amount_minor,
            reason=reason.strip(),
        ),
        actor=actor,
        today=today,
        now=now,
    )


@transaction.atomic
def release(*, vendor_id: int, public_id: UUID, actor: Actor, reason: str, now: datetime) -> None:
    """End a hold or a promise before its day. Raises NotDecidable where it has ended."""
    found = Pause.objects.select_for_update().filter(vendor_id=vendor_id, public_id=public_id, released_at=None).first()
    if found is None:
        raise NotDecidable(_("This has ended already."))
    _end(found, by=actor.label, now=now)
    _tell(found, action="dunning released", actor=actor, reason=reason)


@transaction.atomic
def _pause(pause: Pause, *, actor: Actor, today: date, now: datetime) -> None:
    if not today <= pause.until <= today + timedelta(days=LONGEST_PAUSE_DAYS):
        raise DunningRefused(_("Choose a day between today and {days} days from now.").format(days=LONGEST_PAUSE_DAYS))
    if not pause.reason:
        raise DunningRefused(_("Say why, so that the next reader understands."))
    for earlier in Pause.objects.filter(company_id=pause.company_id, kind=pause.kind, released_at=None):
        _end(earlier, by=actor.label, now=now)
    pause.made_on, pause.made_at, pause.made_by = today, now, actor.label
    pause.save()
    action = "promise to pay noted" if pause.kind == PauseKind.PROMISE else "dunning held"
    _tell(pause, action=action, actor=actor, reason=pause.reason)


def _end(pause: Pause, *, by: str, now: datetime) -> None:
    pause.released_at, pause.released_by = now, by
    pause.save(update_fields=["released_at", "released_by"])


def _tell(pause: Pause, *, action: str, actor: Actor, reason: str) -> None:
    record(
        actor=actor,
        action=action,
        subject=f"company:{pause.company_id}",
        vendor_id=pause.vendor_id,
        company_id=pause.company_id,
        after={"until": pause.until.isoformat(), "amount_minor": pause.amount_minor},
        reason=reason,
    )
    emit(
        name="dunning_changed",
        topic=f"company:{pause.company_id}",
        vendor_id=pause.vendor_id,
        company_id=pause.company_id,
        data={},
    )
