"""The vendor and the companies that benches bill and show."""

from collections.abc import Sequence
from datetime import date
from uuid import uuid4

from comptoir.kit.copying import copy_rows
from comptoir.tenancy.audit import system
from comptoir.tenancy.legal_ids import FIELDS
from comptoir.tenancy.operations import create_vendor


def make_vendor(*, today: date) -> int:
    """Make the sandbox vendor of a bench, whose clock stands at ``today``; return its id."""
    return create_vendor(
        slug="bench",
        name="Bench",
        legal_name="Bench Inc.",
        currency="USD",
        time_zone="America/New_York",
        language="en",
        email="billing@bench.example",
        actor=system("bench"),
        business_date=today,
    )


def load_companies(*, vendor_id: int, company_ids: Sequence[int], billed_since: date) -> None:
    """Load companies that are billed here since a day, and of whose legal ids nothing is known."""
    unknown = ("",) * len(FIELDS)
    copy_rows(
        table="tenancy_company",
        columns=[
            *("id", "public_id", "vendor_id", "number", "name", "language", "address_lines", "billed_since"),
            *FIELDS,
        ],
        rows=(
            (i, uuid4(), vendor_id, str(i), f"Company {i}", "en", '["1 Main St"]', billed_since, *unknown)
            for i in company_ids
        ),
    )
