"""Having it known that something is taken or owned at stores from, or until, another day than before."""

from collections.abc import Iterable
from datetime import date

from comptoir.kit.events import emit


def tell_stores_changed(
    *, vendor_id: int, company_id: int, location_ids: Iterable[int], on: date, whole_company: bool = False
) -> None:
    """Have it known what changes at stores ``on`` a day; with ``whole_company``, at whichever the company owns then."""
    emit(
        name="stores_changed",
        topic=f"stores:{company_id}",
        vendor_id=vendor_id,
        company_id=company_id,
        data={"on": on.isoformat(), "locations": sorted(location_ids), "whole_company": whole_company},
    )
