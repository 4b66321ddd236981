"""Having it known what is taken from, or until, another day than before."""

from collections.abc import Iterable
from datetime import date

from comptoir.kit.events import emit

from .models import Subscription


def tell_changed(rows: Iterable[Subscription], *, on: date) -> None:
    """Have it known that subscriptions begin or end ``on`` a day: at which stores, or for which whole companies."""
    stores: dict[tuple[int, int], set[int | None]] = {}
    for row in rows:
        stores.setdefault((row.vendor_id, row.company_id), set()).add(row.location_id)
    for (vendor_id, company_id), locations in stores.items():
        emit(
            name="subscriptions_changed",
            topic=f"subscriptions:{company_id}",
            vendor_id=vendor_id,
            company_id=company_id,
            data={
                "vendor": vendor_id,
                "company": company_id,
                "on": on.isoformat(),
                "locations": sorted(each for each in locations if each is not None),
                "whole_company": None in locations,
            },
        )
