"""What a bill run reads of subscriptions, by the hundred thousand: tuples, and no more columns than it needs."""

from datetime import date
from typing import NamedTuple


class SubscriptionDue(NamedTuple):
    """A subscription with a period to bill: the first day not yet billed, the first without service (or None)."""

    id: int
    company_id: int
    location_id: int | None
    plan_id: int
    anchor_day: int
    agreed_price_minor: int | None
    billed_through: date
    ends_on: date | None


class ChargeDue(NamedTuple):
    """A one-off charge to bill, in minor units."""

    id: int
    company_id: int
    location_id: int | None
    description: str
    tax_category: str
    amount_minor: int
    charge_on: date
