"""Subscriptions as another system knows them, taken over for many companies that are not billed here yet."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

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


@dataclass(frozen=True, slots=True)
class ImportedSubscription:
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
    imported = Subscription.objects.filter(company_id__any=Ids(subscriptions)).exclude(legacy_key="")
    present = {row.legacy_key: row for row in imported}
    before: dict[int, dict[str, object]] = {}
    new: list[tuple[Any, ...]] = []
    changed: list[Subscription] = []
    for company_id, owned in subscriptions.items():
        for wanted in owned:
            row = present.pop(wanted.key, None)
            list_price = price_on(prices.get(wanted.plan_id, ()), wanted.billed_through)
            values = _values(wanted, list_price=list_price)
            if row is None:
                new.append((vendor_id, company_id, wanted.location_id, wanted.plan_id, wanted.key, *values.values()))
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


def _values(wanted: ImportedSubscription, *, list_price: int | None) -> dict[str, object]:
    return {
        "anchor_day": wanted.anchor_day,
        "agreed_price_minor": None if wanted.price_minor == list_price else wanted.price_minor,
        "starts_on": wanted.starts_on,
        "ends_on": None,
        "minimum_term_ends_on": wanted.minimum_term_ends_on,
        "billed_from": wanted.billed_through,
        "billed_through": wanted.billed_through,
    }


def _present_values(row: Subscription) -> dict[str, object]:
    return {name: getattr(row, name) for name in FIELDS}


def _with_values(row: Subscription, values: Mapping[str, object]) -> Subscription:
    for name, value in values.items():
        setattr(row, name, value)
    return row


def _ended(row: Subscription) -> Subscription:
    """End where billing stopped; one never billed counts as begun the day before, since it must have begun to end."""
    row.ends_on = row.billed_through
    row.starts_on = min(row.starts_on, row.billed_through - timedelta(days=1))
    return row


def _plain(values: Mapping[str, object]) -> dict[str, object]:
    return {name: str(value) if isinstance(value, date) else value for name, value in values.items()}
