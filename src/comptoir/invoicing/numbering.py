"""Series of numbers: one per vendor and kind of document."""

from comptoir.tenancy.queries import VendorRow

from .models import NumberSeries, SeriesKind

SUFFIXES = {SeriesKind.INVOICE: "", SeriesKind.OPENING: "-OB", SeriesKind.CREDIT_NOTE: "-CN"}


def held_series(*, vendor: VendorRow, kind: str) -> int:
    """Hold the vendor's series of that kind until the transaction ends, and return its id; the first use makes it."""
    prefix = vendor.slug[:3].upper() + SUFFIXES[SeriesKind(kind)]
    NumberSeries.objects.get_or_create(vendor_id=vendor.id, kind=kind, defaults={"prefix": prefix})
    return NumberSeries.objects.select_for_update().get(vendor_id=vendor.id, kind=kind).id


def written_number(*, prefix: str, number: int) -> str:
    """Return a document's number the way it is printed."""
    return f"{prefix}-{number:06d}"
