"""Closing products at their hour, on facts that are read once more."""

from collections import defaultdict
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from comptoir.access.operations import set_standings
from comptoir.tenancy.models import Company
from comptoir.tenancy.queries import VendorRow, vendor

from .calculation.hours import is_closed, next_closed
from .calculation.standing import CLOSED
from .deciding import is_at_night, standing_of, verdicts
from .facts import facts_of
from .hours import business_instant, hours_of
from .models import Closing
from .sending import RULE


def close_due(*, vendor_id: int, on: date, now: datetime) -> None:
    """Close the products whose hour has come, to the companies that still have not paid; a company at a time.

    What was paid meanwhile is dropped. A worker that comes late to the hour, when stores are open again, waits for the
    next one. Again, it does nothing new.
    """
    seller = vendor(vendor_id)
    instant = business_instant(seller, on=on, now=now)
    due: dict[int, list[int]] = defaultdict(list)
    for company_id, closing_id in _waiting(vendor_id).filter(at__lte=instant).values_list("company_id", "id"):
        due[company_id].append(closing_id)
    for company_id, closing_ids in due.items():
        with transaction.atomic():
            _close(company_id, closing_ids, seller=seller, on=on, instant=instant)


def carry_out_stop(*, vendor_id: int, stop: UUID, on: date, now: datetime) -> None:
    """Give those whom a second person let through the next hour at which their stores are closed."""
    seller = vendor(vendor_id)
    instant = business_instant(seller, on=on, now=now)
    for closing in _waiting(vendor_id).filter(stop__public_id=stop).select_related("product"):
        _plan_again(closing, seller=seller, on=on, instant=instant)


def _waiting(vendor_id: int) -> QuerySet[Closing]:
    open_ones = Closing.objects.filter(vendor_id=vendor_id, done_at=None, dropped_at=None)
    return open_ones.filter(Q(stop=None) | Q(stop__approved=True)).order_by("company_id", "id")


def _close(company_id: int, closing_ids: list[int], *, seller: VendorRow, on: date, instant: datetime) -> None:
    Company.objects.select_for_update(no_key=True).get(id=company_id)
    (facts,) = facts_of([company_id], vendor=seller, on=on)
    decided = verdicts(facts, on=on)
    hours = hours_of([company_id], vendor=seller, on=on)[company_id]
    for closing in Closing.objects.filter(id__in=closing_ids, done_at=None, dropped_at=None):
        verdict = decided.get(closing.product_id)
        if verdict is None or verdict.state not in CLOSED:
            closing.dropped_at = instant
            closing.save(update_fields=["dropped_at"])
            continue
        at_night = is_at_night(facts, closing.product_id)
        if not seller.is_sandbox and not is_closed(hours, at=instant, night_only=at_night):
            closing.at = next_closed(hours, after=instant, night_only=at_night)
            closing.save(update_fields=["at"])
            continue
        closing.done_at = instant
        closing.save(update_fields=["done_at"])
        assert closing.at is not None  # noqa: S101  it was due by its hour
        new = standing_of(facts, closing.product_id, verdict, currency=seller.currency, until=None)
        set_standings([new], at=closing.at if seller.is_sandbox else instant, by=RULE)


def _plan_again(closing: Closing, *, seller: VendorRow, on: date, instant: datetime) -> None:
    (facts,) = facts_of([closing.company_id], vendor=seller, on=on)
    hours = hours_of([closing.company_id], vendor=seller, on=on)[closing.company_id]
    at_night = facts.policy.rule_for(closing.product_id, code=closing.product.code).night_only
    closing.at = next_closed(hours, after=instant, night_only=at_night)
    closing.save(update_fields=["at"])
