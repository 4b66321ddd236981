"""An import and a comparison of the same vendor take turns: neither reads what the other is about to change."""

from django.db import connection


def import_alone(*, vendor_id: int) -> None:
    """Wait until nobody else imports for a vendor, or compares its companies, and hold it until the commit."""
    _take("pg_advisory_xact_lock", vendor_id=vendor_id)


def compare_between_imports(*, vendor_id: int) -> None:
    """Wait until nobody imports for a vendor, and let nobody begin until the commit."""
    _take("pg_advisory_xact_lock_shared", vendor_id=vendor_id)


def _take(lock: str, *, vendor_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(hashtext('comptoir import'), %s)", [vendor_id])
