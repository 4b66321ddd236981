"""Companies as another system knows them, taken over by the hundred thousand."""

import json
from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import uuid4

from comptoir.kit.copying import copy_rows, take_ids
from comptoir.kit.taking_away import take_away

from .legal_ids import FIELDS

COLUMNS = ("id", "public_id", "vendor_id", "number", "name", "language", "address_lines", *FIELDS)


class NewCompany(NamedTuple):
    """A company that is not billed here yet, and of whose legal ids only the country is known."""

    number: str
    name: str
    language: str
    address_lines: Sequence[str]
    country: str


def put_companies(*, vendor_id: int, companies: Sequence[NewCompany]) -> list[int]:
    """Put down companies of a vendor by COPY, and return their ids in the same order. Their numbers must be new."""
    ids = take_ids(table="tenancy_company", count=len(companies))
    unknown = dict.fromkeys(FIELDS, "")
    copy_rows(
        table="tenancy_company",
        columns=COLUMNS,
        rows=(
            (
                company_id,
                uuid4(),
                vendor_id,
                row.number,
                row.name,
                row.language,
                json.dumps(row.address_lines),
                *(unknown | {"country": row.country}).values(),
            )
            for company_id, row in zip(ids, companies, strict=True)
        ),
    )
    return ids


def take_companies_away(company_ids: Collection[int]) -> int:
    """Delete companies, and return how many went.

    PostgreSQL lets go only of what an import brought that is being undone, and of nobody whom anything points at.
    """
    return take_away(table="tenancy_company", column="id", ids=company_ids)
