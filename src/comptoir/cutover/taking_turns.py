"""Imports, comparisons and changes of the same vendor take turns: nobody reads what another is about to change."""

from django.db import connection


def import_alone(*, vendor_id: int) -> None:
    """Wait until nobody else imports for a vendor, or compares its companies, and hold it until the commit."""
    _take("pg_advisory_xact_lock", "comptoir import", vendor_id=vendor_id)


def compare_alone(*, vendor_id: int) -> None:
    """Wait until nobody imports for a vendor, or changes what is compared, and let nobody begin until the commit.

    Whoever changes it takes a share of the second, by PostgreSQL's rule, which outdates what was compared before.
    """
    _take("pg_advisory_xact_lock_shared", "comptoir import", vendor_id=vendor_id)
    _take("pg_advisory_xact_lock", "comptoir comparison", vendor_id=vendor_id)


def _take(lock: str, what: str, *, vendor_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(hashtext(%s), %s)", [what, vendor_id])
