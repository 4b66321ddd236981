"""Writing down what a company's standing with a product has become."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from comptoir.kit.events import emit
from comptoir.tenancy.audit import Actor, record
from comptoir.tenancy.models import Company

from .models import Standing, StandingChange, State
from .reasons import Reason, words_of


@dataclass(frozen=True, slots=True)
class NewStanding:
    """What a company's standing with a product shall be. ``until`` is the day that a warning names, else None."""

    company_id: int
    product_id: int
    state: str
    reason: Reason
    facts: Mapping[str, Any] = field(default_factory=dict)
    until: date | None = None


def set_standing(
    *,
    company_id: int,
    product_id: int,
    state: str,
    reason: Reason,
    facts: Mapping[str, Any],
    until: date | None,
    at: datetime,
    by: Actor,
) -> bool:
    """Set one standing, as ``set_standings`` does; return whether anything changed."""
    new = NewStanding(company_id, product_id, state, reason, facts, until)
    return set_standings([new], at=at, by=by) == 1


@transaction.atomic
def set_standings(wanted: Sequence[NewStanding], *, at: datetime, by: Actor) -> int:
    """Set standings of companies of one vendor, and return how many of them changed.

    What changed is written with its history and the audit trail, and told by one event ``standing_changed``, whose
    data has the ids of the changes. What is as wanted already is left alone. Raises KeyError for a reason without
    its facts.
    """
    for new in wanted:
        words_of(reason=new.reason, facts=new.facts)
    company_ids = {new.company_id for new in wanted}
    # The companies' rows are what two who decide at the same moment wait at: a standing may not be there yet.
    vendors = dict(
        Company.objects.filter(id__in=company_ids)
        .order_by("id")
        .select_for_update(no_key=True)
        .values_list("id", "vendor_id")
    )
    present = {
        (row.company_id, row.product_id): row
        for row in Standing.objects.filter(company_id__in=company_ids).order_by("id")
    }
    changing = [new for new in wanted if _differs(new, present.get((new.company_id, new.product_id)))]
    if not changing:
        return 0
    changes = StandingChange.objects.bulk_create(
        _change(new, present.get((new.company_id, new.product_id)), vendors[new.company_id], at=at, by=by)
        for new in changing
    )
    Standing.objects.bulk_create(
        [_standing(change, present.get((change.company_id, change.product_id))) for change in changes],
        update_conflicts=True,
        unique_fields=["company", "product"],
        update_fields=["state", "since", "reason", "facts", "warned_until", "change"],
    )
    for change in changes:
        _put_on_record(change, by=by)
    (vendor_id,) = set(vendors.values())
    emit(
        name="standing_changed",
        topic=f"standing:{vendor_id}",
        vendor_id=vendor_id,
        company_id=changing[0].company_id if len(company_ids) == 1 else None,
        data={"changes": [change.id for change in changes]},
    )
    return len(changes)


def _differs(new: NewStanding, old: Standing | None) -> bool:
    if old is None:
        return new.state != State.GOOD
    return (new.state, new.reason, dict(new.facts), new.until) != (old.state, old.reason, old.facts, old.warned_until)


def _change(new: NewStanding, old: Standing | None, vendor_id: int, *, at: datetime, by: Actor) -> StandingChange:
    return StandingChange(
        vendor_id=vendor_id,
        company_id=new.company_id,
        product_id=new.product_id,
        before=old.state if old else State.GOOD,
        state=new.state,
        reason=new.reason.value,
        facts=dict(new.facts),
        warned_until=new.until,
        at=at,
        by_kind=by.kind,
        by=by.label,
    )


def _standing(change: StandingChange, old: Standing | None) -> Standing:
    return Standing(
        vendor_id=change.vendor_id,
        company_id=change.company_id,
        product_id=change.product_id,
        state=change.state,
        since=old.since if old and old.state == change.state else change.at,
        reason=change.reason,
        facts=change.facts,
        warned_until=change.warned_until,
        change=change,
    )


def _put_on_record(change: StandingChange, *, by: Actor) -> None:
    record(
        actor=by,
        action="standing changed",
        subject=f"product:{change.product_id}",
        vendor_id=change.vendor_id,
        company_id=change.company_id,
        before={"state": change.before},
        after={"state": change.state, "until": change.warned_until and change.warned_until.isoformat()},
        reason=change.reason,
    )
