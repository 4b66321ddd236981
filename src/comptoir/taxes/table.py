"""The built-in source of rates: the table in the database."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from .calculation import ApplicableRate
from .models import TAXED_CATEGORIES, TaxCategory
from .places import AmbiguousPlace, Gazetteer, JurisdictionRow, Place
from .port import Missing, Rates

# A registration covers what lies below it; a country's covers, of the states, those that collect its tax with theirs.
COLLECTED = """
    SELECT j.id, j.code, j.country, j.state, j.county, j.city, j.harmonised
    FROM taxes_jurisdiction j
    WHERE (j.country = ANY(%(countries)s) AND (j.state = ANY(%(states)s) OR j.country = ANY(%(stateless)s))
           OR '' = ANY(%(stateless)s)) AND EXISTS (
        SELECT 1 FROM taxes_registration r JOIN taxes_jurisdiction o ON o.id = r.jurisdiction_id
        WHERE r.vendor_id = %(vendor)s AND r.since <= %(day)s AND (r.until IS NULL OR %(day)s < r.until)
          AND o.country = j.country
          AND CASE WHEN o.state = '' THEN j.state = '' OR j.harmonised
              ELSE o.state = j.state AND o.county IN ('', j.county) AND o.city IN ('', j.city) END)
"""
IN_FORCE = """
    SELECT DISTINCT ON (jurisdiction_id, category) jurisdiction_id, category, rate FROM taxes_taxrate
    WHERE jurisdiction_id = ANY(%(ids)s) AND valid_from <= %(day)s
    ORDER BY jurisdiction_id, category, valid_from DESC
"""

ByCategory = Mapping[str, tuple[ApplicableRate, ...] | Missing]


def applicable_rates(*, vendor_id: int, places: Iterable[Place], on: date) -> Rates:
    """Return the rates for every category at ``places`` on a day, where the vendor is registered: two queries."""
    wanted = set(places)
    collected = _collected(vendor_id=vendor_id, places=wanted, on=on)
    in_force = _in_force(collected, on=on)
    gazetteer = Gazetteer(collected)
    by_jurisdictions: dict[tuple[JurisdictionRow, ...], ByCategory] = {}
    found: dict[tuple[Place, str], tuple[ApplicableRate, ...] | Missing] = {}
    for place in wanted:
        try:
            where = gazetteer.jurisdictions_of(place)
        except AmbiguousPlace as unclear:
            by_category = _by_category(unclear.certain, in_force, unclear=unclear)
        else:
            if where not in by_jurisdictions:
                by_jurisdictions[where] = _by_category(where, in_force)
            by_category = by_jurisdictions[where]
        for category, rates in by_category.items():
            found[place, category] = rates
    return Rates(found=found, on=on)


def _collected(*, vendor_id: int, places: Iterable[Place], on: date) -> list[JurisdictionRow]:
    """Return the jurisdictions around the places whose taxes the vendor collects."""
    parameters: dict[str, Any] = {
        "vendor": vendor_id,
        "day": on,
        "countries": sorted({place.country.strip().upper() for place in places}),
        "states": sorted({place.state.strip().upper() for place in places} | {""}),
        "stateless": sorted({place.country.strip().upper() for place in places if not place.state.strip()}),
    }
    with connection.cursor() as cursor:
        cursor.execute(COLLECTED, parameters)
        return [JurisdictionRow(*row) for row in cursor.fetchall()]


def _in_force(jurisdictions: Sequence[JurisdictionRow], *, on: date) -> Mapping[tuple[int, str], ApplicableRate]:
    if not jurisdictions:
        return {}
    codes = {row.id: row.code for row in jurisdictions}
    with connection.cursor() as cursor:
        cursor.execute(IN_FORCE, {"ids": list(codes), "day": on})
        rates: list[tuple[int, str, Decimal]] = cursor.fetchall()
    return {
        (jurisdiction_id, category): ApplicableRate(
            jurisdiction_id=jurisdiction_id,
            jurisdiction_code=codes[jurisdiction_id],
            category=category,
            rate=rate,
        )
        for jurisdiction_id, category, rate in rates
    }


def _by_category(
    where: Sequence[JurisdictionRow],
    in_force: Mapping[tuple[int, str], ApplicableRate],
    *,
    unclear: AmbiguousPlace | None = None,
) -> ByCategory:
    """Return what each category bears in these jurisdictions together; a rate of 0 is left out.

    Where it is unclear in which others the place lies, the rate is missing.
    """
    found: dict[str, tuple[ApplicableRate, ...] | Missing] = {TaxCategory.EXEMPT.value: ()}
    for category in TAXED_CATEGORIES:
        rates = [in_force.get((row.id, category)) for row in where]
        known = tuple(rate for rate in rates if rate is not None and rate.millionths)
        lacking = [row for row, rate in zip(where, rates, strict=True) if rate is None]
        if unclear:
            somewhere = frozenset(row.id for row in (*unclear.possible, *lacking))
            found[category] = Missing(lacks=unclear.lacks, lacking=somewhere, known=known)
        elif lacking:
            ids = frozenset(row.id for row in lacking)
            found[category] = Missing(lacks="rate", jurisdiction_code=lacking[0].code, lacking=ids, known=known)
        else:
            found[category] = known
    return found
