"""From subscriptions and prices to what the calculation needs, for many companies at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from comptoir.catalog.prices import prices_of
from comptoir.subscriptions.queries import with_periods_due

from .calculation.invoices import Billable


def billables(*, company_ids: Sequence[int], through: date) -> Mapping[int, Sequence[Billable]]:
    """Return, by company, what has a period that starts on or before ``through`` and is not billed yet."""
    rows = with_periods_due(company_ids=company_ids, through=through)
    prices = prices_of(row.plan_id for row in rows)
    found: dict[int, list[Billable]] = defaultdict(list)
    for row in rows:
        found[row.company_id].append(
            Billable(
                subscription_id=row.id,
                location_id=row.location_id,
                location_label=row.location_label,
                description=row.plan_name,
                cadence=row.cadence,
                anchor_day=row.anchor_day,
                billed_through=row.billed_through,
                ends_on=row.ends_on,
                agreed_price_minor=row.agreed_price_minor,
                prices=prices.get(row.plan_id, ()),
            )
        )
    return found
