"""The companies that benches bill and show."""

from collections.abc import Sequence
from datetime import date
from uuid import uuid4

from comptoir.kit.copying import copy_rows
from comptoir.tenancy.legal_ids import FIELDS


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
