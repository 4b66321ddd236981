"""What others may know of subscriptions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """A subscription with what it is for. ``billed_through`` is the first day not yet billed."""

    id: int
    company_id: int
    location_id: int | None
    location_label: str
    plan_id: int
    plan_name: str
    cadence: str
    anchor_day: int
    agreed_price_minor: int | None
    ends_on: date | None
    billed_through: date


COLUMNS = """
    SELECT s.id, s.company_id, s.location_id, coalesce(l.number || ' ' || l.name, ''), s.plan_id, p.name, p.cadence,
           s.anchor_day, s.agreed_price_minor, s.ends_on, s.billed_through
    FROM subscriptions_subscription s
    JOIN catalog_plan p ON p.id = s.plan_id
    LEFT JOIN customers_location l ON l.id = s.location_id
"""


def companies_with_periods_due(*, vendor_id: int, through: date) -> list[int]:
    """Return the companies billed here that have a period starting on or before ``through`` that is not billed yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT s.company_id FROM subscriptions_subscription s
            JOIN tenancy_company c ON c.id = s.company_id
            WHERE s.vendor_id = %s AND s.billed_through <= %s AND c.billed_since IS NOT NULL
              AND (s.ends_on IS NULL OR s.billed_through < s.ends_on)
            ORDER BY s.company_id
            """,
            [vendor_id, through],
        )
        return [row[0] for row in cursor.fetchall()]


def with_periods_due(*, company_ids: Sequence[int], through: date) -> list[SubscriptionRow]:
    """Return the companies' subscriptions that have a period starting on or before ``through``, by company and id."""
    return _select(
        "WHERE s.company_id = ANY(%s) AND s.billed_through <= %s"
        " AND (s.ends_on IS NULL OR s.billed_through < s.ends_on) ORDER BY s.company_id, s.id",
        [list(company_ids), through],
    )


def of_company(company_id: int) -> list[SubscriptionRow]:
    """Return all subscriptions of a company."""
    return _select("WHERE s.company_id = %s ORDER BY 4, p.name, s.id", [company_id])


def lock(*, company_ids: Sequence[int]) -> None:
    """Hold the companies' subscriptions, in the order of their ids, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM subscriptions_subscription WHERE company_id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
            [list(company_ids)],
        )


def _select(condition: str, parameters: list[Any]) -> list[SubscriptionRow]:
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS + condition, parameters)
        return [SubscriptionRow(*row) for row in cursor.fetchall()]
