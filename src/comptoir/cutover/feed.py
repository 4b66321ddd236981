"""What the old system is told, so that it stops billing whom Comptoir bills: a list of services, as CSV."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from comptoir.invoicing.opening import brought
from comptoir.tenancy.queries import vendor

from .models import Handover

COLUMNS = (
    "customer_number",
    "customer",
    "service",
    "last_day_billed_there",
    "first_day_billed_here",
    "moved_on",
    "taken_back_on",
    "open_invoices_collected_here",
)


def moved_feed(*, vendor_id: int, since: date | None = None) -> Iterator[tuple[str, ...]]:
    """Yield the services that the old system stops billing, and those that it takes up again, as COLUMNS.

    With ``since``, those of companies that moved, or were taken back, on that business day or later. Where
    ``taken_back_on`` is said, the old system goes on from ``first_day_billed_here`` itself. It does not collect
    ``open_invoices_collected_here`` any more: their numbers stand with each service of their customer.
    """
    time_zone = ZoneInfo(vendor(vendor_id).time_zone)
    found = (
        Handover.objects.filter(move__wave__vendor_id=vendor_id)
        .select_related("move__company", "subscription")
        .order_by("move__moved_at", "move_id", "subscription_id")
    )
    if since:
        began = datetime.combine(since, time.min, tzinfo=time_zone)
        found = found.filter(Q(move__moved_on__gte=since) | Q(move__taken_back_at__gte=began))
    collected = brought(set(found.values_list("move__company_id", flat=True)))
    for row in found.iterator(chunk_size=2_000):
        move = row.move
        yield (
            move.company.number,
            move.company.name,
            row.subscription.legacy_key or str(row.subscription_id),
            (row.billed_through - timedelta(days=1)).isoformat(),
            row.billed_through.isoformat(),
            str(move.moved_on or ""),
            str(move.taken_back_at.astimezone(time_zone).date()) if move.taken_back_at else "",
            " ".join(collected.get(move.company_id, ())),
        )
