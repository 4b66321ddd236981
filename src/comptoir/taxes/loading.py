"""Bringing a table of rates into the database: the built-in one, or an operator's own of the same columns."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from .errors import TaxTableInvalid
from .models import TAXED_CATEGORIES, Jurisdiction, JurisdictionLevel, TaxRate

BUILT_IN = Path(__file__).with_name("data") / "rates.csv"
COLUMNS = ("country", "state", "county", "city", "name", "harmonised", "category", "rate", "valid_from")


@dataclass(frozen=True, slots=True)
class RateLine:
    """A line of a table: who levies how much of a category, from which day."""

    country: str
    state: str
    county: str
    city: str
    name: str
    harmonised: bool
    category: str
    rate: Decimal
    valid_from: date

    @property
    def code(self) -> str:
        """The jurisdiction's code, e.g. US-IL-COOK-CHICAGO."""
        areas = (self.country, self.state, self.county, self.city)
        return "-".join(area.upper().replace(" ", "_") for area in areas if area)

    @property
    def level(self) -> JurisdictionLevel:
        """How far down the jurisdiction reaches."""
        if self.city:
            return JurisdictionLevel.CITY
        if self.county:
            return JurisdictionLevel.COUNTY
        return JurisdictionLevel.STATE if self.state else JurisdictionLevel.COUNTRY


def read_table(path: Path) -> list[RateLine]:
    """Read a table in CSV. Raises TaxTableInvalid, with the line, for one that cannot be read."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if tuple(rows.fieldnames or ()) != COLUMNS:
            raise TaxTableInvalid(_("A tax table has the columns %(columns)s.") % {"columns": ", ".join(COLUMNS)})
        return [_line(row, number=number) for number, row in enumerate(rows, 2)]


@transaction.atomic
def load_table(lines: Iterable[RateLine]) -> int:
    """Bring a table into the database; return how many rates are new. What is there already stays as it is.

    Raises TaxTableInvalid where a rate differs from the one that holds from the same day: past invoices bear it.
    """
    ordered = sorted(lines, key=lambda line: (line.code, line.category, line.valid_from))
    jurisdictions = _jurisdictions(ordered)
    known = {
        (jurisdiction_id, category, valid_from): rate
        for jurisdiction_id, category, valid_from, rate in TaxRate.objects.filter(
            jurisdiction_id__in=jurisdictions.values()
        ).values_list("jurisdiction_id", "category", "valid_from", "rate")
    }
    new = []
    for line in ordered:
        there = known.get((jurisdictions[line.code], line.category, line.valid_from))
        if there is None:
            new.append(
                TaxRate(
                    jurisdiction_id=jurisdictions[line.code],
                    category=line.category,
                    rate=line.rate,
                    valid_from=line.valid_from,
                )
            )
        elif there != line.rate:
            raise TaxTableInvalid(
                _(
                    "%(code)s, %(category)s: from %(day)s the rate is %(there)s already, not %(rate)s; "
                    "a rate changes from a later day on."
                )
                % {
                    "code": line.code,
                    "category": line.category,
                    "day": line.valid_from,
                    "there": there,
                    "rate": line.rate,
                }
            )
    TaxRate.objects.bulk_create(new)
    return len(new)


def _jurisdictions(lines: Sequence[RateLine]) -> dict[str, int]:
    """Return the ids of the jurisdictions by code; those that are missing are made."""
    Jurisdiction.objects.bulk_create(
        {
            line.code: Jurisdiction(
                code=line.code,
                name=line.name,
                level=line.level,
                country=line.country,
                state=line.state,
                county=line.county,
                city=line.city,
                harmonised=line.harmonised,
            )
            for line in lines
        }.values(),
        ignore_conflicts=True,
    )
    return dict(Jurisdiction.objects.filter(code__in={line.code for line in lines}).values_list("code", "id"))


def _line(row: dict[str, str], *, number: int) -> RateLine:
    try:
        line = RateLine(
            country=row["country"],
            state=row["state"],
            county=row["county"],
            city=row["city"],
            name=row["name"],
            harmonised=row["harmonised"] == "yes",
            category=row["category"],
            rate=Decimal(row["rate"]),
            valid_from=date.fromisoformat(row["valid_from"]),
        )
    except (InvalidOperation, ValueError, TypeError) as error:
        raise TaxTableInvalid(
            _("Line %(line)s of the tax table cannot be read: give a rate like 0.0625 and a day like 2021-01-01.")
            % {"line": number}
        ) from error
    if line.category not in TAXED_CATEGORIES:
        raise TaxTableInvalid(
            _("Line %(line)s of the tax table: the category is one of %(categories)s.")
            % {"line": number, "categories": ", ".join(TAXED_CATEGORIES)}
        )
    return line
