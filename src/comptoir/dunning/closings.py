"""Closing products at their hour, on facts that are read once more."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from comptoir.access.operations import NewStanding, set_standings
from comptoir.tenancy.queries import VendorRow

from .calculation.hours import hour_to_close, is_closed
from .calculation.standing import CLOSED
from .deciding import is_at_night, proof_of, standing_of, verdicts
from .facts import facts_of, lock
from .hours import business_instant, hours_of
from .models import Closing
from .policies import policies_of
from .sending import RULE

log = logging.getLogger(__name__)


def close_due(*, seller: VendorRow, on: date, now: datetime) -> None:
    """Close the products whose hour has come, to the companies that still have not paid; a company at a time.

    What was paid meanwhile is dropped, and what its notice does not prove any more. A worker that comes late to the
    hour, when stores are open again, waits for the next one. One company that fails holds up no other. Again, it does
    nothing new.
    """
    instant = business_instant(seller, on=on, now=now)
    due: dict[int, list[int]] = defaultdict(list)
    for company_id, closing_id in _waiting(seller.id).filter(at__lte=instant).values_list("company_id", "id"):
        due[company_id].append(closing_id)
    for company_id, closing_ids in due.items():
        try:
            with transaction.atomic():
                _close(company_id, closing_ids, seller=seller, on=on, instant=instant)
        except Exception:  # whatever is wrong with one company, the others' hour passes
            log.exception("nothing was closed to company %s, whose hour has come", company_id)


def carry_out_stop(*, seller: VendorRow, stop: UUID, on: date, now: datetime) -> None:
    """Give those whom a second person let through the next hour at which their stores are closed."""
    let_through = list(_waiting(seller.id).filter(stop__public_id=stop).select_related("product"))
    _find_hours(let_through, seller=seller, on=on, now=now)


def look_for_hours(*, seller: VendorRow, on: date, now: datetime) -> None:
    """Look again for an hour where there was none: somebody may have entered other opening hours."""
    if without := list(_waiting(seller.id).filter(at=None).select_related("product")):
        _find_hours(without, seller=seller, on=on, now=now)


def _waiting(vendor_id: int) -> QuerySet[Closing]:
    open_ones = Closing.objects.filter(vendor_id=vendor_id, done_at=None, dropped_at=None)
    return open_ones.filter(Q(stop=None) | Q(stop__approved=True)).order_by("company_id", "id")


def _close(company_id: int, closing_ids: list[int], *, seller: VendorRow, on: date, instant: datetime) -> None:
    lock([company_id])
    (facts,) = facts_of([company_id], vendor=seller, on=on)
    decided = verdicts(facts, on=on)
    hours = hours_of([company_id], vendor=seller, on=on)[company_id]
    closed: dict[datetime, list[NewStanding]] = {}
    waiting = list(Closing.objects.filter(id__in=closing_ids, done_at=None, dropped_at=None))
    beside_one_at_night = any(is_at_night(facts, each.product_id) for each in waiting if each.product_id in decided)
    for closing in waiting:
        verdict = decided.get(closing.product_id)
        if (
            verdict is None
            or verdict.state not in CLOSED
            or proof_of(facts, on=on) != (closing.proof_id, closing.proven_on)
        ):
            closing.dropped_at = instant
            closing.save(update_fields=["dropped_at"])
            continue
        at_night = is_at_night(facts, closing.product_id)
        if not seller.is_sandbox and not is_closed(hours, at=instant, night_only=at_night):
            closing.at = hour_to_close(
                hours, after=instant, night_only=at_night, beside_one_at_night=beside_one_at_night
            )
            closing.save(update_fields=["at"])
            continue
        closing.done_at = instant
        closing.save(update_fields=["done_at"])
        assert closing.at is not None  # noqa: S101  it was due by its hour
        new = standing_of(facts, closing.product_id, verdict, currency=seller.currency, until=None)
        closed.setdefault(closing.at if seller.is_sandbox else instant, []).append(new)
    for at, standings in closed.items():
        set_standings(standings, at=at, by=RULE)


def _find_hours(closings: Sequence[Closing], *, seller: VendorRow, on: date, now: datetime) -> None:
    companies = {closing.company_id for closing in closings}
    hours, policies = hours_of(companies, vendor=seller, on=on), policies_of(companies, vendor_id=seller.id)
    instant = business_instant(seller, on=on, now=now)
    rules = [policies[each.company_id].rule_for(each.product_id, code=each.product.code) for each in closings]
    at_night = {each.company_id for each, rule in zip(closings, rules, strict=True) if rule.night_only}
    for closing, rule in zip(closings, rules, strict=True):
        closing.at = hour_to_close(
            hours[closing.company_id],
            after=instant,
            night_only=rule.night_only,
            beside_one_at_night=closing.company_id in at_night,
        )
    Closing.objects.bulk_update(closings, ["at"])
