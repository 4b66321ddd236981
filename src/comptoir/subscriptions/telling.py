"""Having it known what is taken from, or until, another day than before."""

from collections.abc import Iterable
from datetime import date

from comptoir.customers.telling import tell_stores_changed

from .models import Subscription


def tell_changed(rows: Iterable[Subscription], *, on: date) -> None:
    """Have it known that subscriptions begin or end ``on`` a day: at which stores, or for which whole companies."""
    stores: dict[tuple[int, int], set[int | None]] = {}
    for row in rows:
        stores.setdefault((row.vendor_id, row.company_id), set()).add(row.location_id)
    for (vendor_id, company_id), locations in stores.items():
        tell_stores_changed(
            vendor_id=vendor_id,
            company_id=company_id,
            location_ids=(each for each in locations if each is not None),
            on=on,
            whole_company=None in locations,
        )
