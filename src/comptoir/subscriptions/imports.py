"""Subscriptions as another system knows them, taken over for many companies that are not billed here yet."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple

from comptoir.catalog.prices import price_on, prices_of
from comptoir.kit.copying import copy_rows
from comptoir.kit.lookups import Ids
from comptoir.kit.taking_away import take_away

from .models import Subscription

FIELDS = (
    "anchor_day",
    "agreed_price_minor",
    "starts_on",
    "ends_on",
    "minimum_term_ends_on",
    "billed_from",
    "billed_through",
)


class ImportedSubscription(NamedTuple):
    """A subscription as the other system describes it; ``key`` is its name there, the same at every import.

    ``price_minor`` is per full period. ``billed_through`` is the first day that the other system did not bill.
    """

    key: str
    location_id: int | None
    plan_id: int
    anchor_day: int
    price_minor: int
    starts_on: date
    billed_through: date
    minimum_term_ends_on: date | None


def put_subscriptions(
    *, vendor_id: int, subscriptions: Mapping[int, Sequence[ImportedSubscription]]
) -> Mapping[int, Mapping[str, object]]:
    """Give companies these subscriptions (by company id), and end others that were imported before.

    One that is not listed any more ends on the day through which it was billed. Returns, by company, what the
    changed ones were before, by key. PostgreSQL refuses a company of which anything was billed here.
    """
    prices = prices_of(wanted.plan_id for owned in subscriptions.values() for wanted in owned)
    list_price = cache(lambda plan_id, day: price_on(prices.get(plan_id, ()), day))
    imported = Subscription.objects.filter(company_id__any=Ids(subscriptions)).exclude(legacy_key="")
    present = {row.legacy_key: row for row in imported}
    before: dict[int, dict[str, object]] = {}
    new: list[tuple[Any, ...]] = []
    changed: list[Subscription] = []
    for company_id, owned in subscriptions.items():
        for wanted in owned:
            row = present.pop(wanted.key, None)
            values = _values(wanted, list_price=list_price(wanted.plan_id, wanted.billed_through))
            if row is None:
                new.append((vendor_id, company_id, wanted.location_id, wanted.plan_id, wanted.key, *values))
            elif (was := _present_values(row)) != values:
                before.setdefault(company_id, {})[wanted.key] = _plain(was)
                changed.append(_with_values(row, values))
    for row in present.values():
        if row.ends_on is None:
            before.setdefault(row.company_id, {})[row.legacy_key] = _plain(_present_values(row))
            changed.append(_ended(row))
    copy_rows(
        table="subscriptions_subscription",
        columns=["vendor_id", "company_id", "location_id", "plan_id", "legacy_key", *FIELDS],
        rows=new,
    )
    Subscription.objects.bulk_update(changed, FIELDS, batch_size=500)
    return before


def take_subscriptions_away(company_ids: Collection[int]) -> int:
    """Delete the subscriptions of companies that go, and return how many went.

    PostgreSQL lets go only of what an import brought that is being undone.
    """
    return take_away(table="subscriptions_subscription", column="company_id", ids=company_ids)


def _values(wanted: ImportedSubscription, *, list_price: int | None) -> tuple[Any, ...]:
    """What a row holds of it, in the order of ``FIELDS``."""
    return (
        wanted.anchor_day,
        None if wanted.price_minor == list_price else wanted.price_minor,
        wanted.starts_on,
        None,
        wanted.minimum_term_ends_on,
        wanted.billed_through,
        wanted.billed_through,
    )


def _present_values(row: Subscription) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in FIELDS)


def _with_values(row: Subscription, values: Sequence[Any]) -> Subscription:
    for name, value in zip(FIELDS, values, strict=True):
        setattr(row, name, value)
    return row


def _ended(row: Subscription) -> Subscription:
    """End where billing stopped; one never billed counts as begun the day before, since it must have begun to end."""
    row.ends_on = row.billed_through
    row.starts_on = min(row.starts_on, row.billed_through - timedelta(days=1))
    return row


def _plain(values: Sequence[Any]) -> dict[str, object]:
    named = zip(FIELDS, values, strict=True)
    return {name: str(value) if isinstance(value, date) else value for name, value in named}
