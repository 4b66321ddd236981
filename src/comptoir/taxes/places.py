"""Which jurisdictions a place lies in. Pure: rows come in, matches go out."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

PlacePart = Literal["country", "state", "county"]

COUNTY_WORDS = (" county", " parish", " borough")


class Place(NamedTuple):
    """Where something is supplied: country and state as codes, county and city by name; "" is not known."""

    country: str
    state: str
    county: str
    city: str

    def __str__(self) -> str:
        return ", ".join(part for part in (self.city, self.county, self.state, self.country) if part)


@dataclass(frozen=True, slots=True)
class JurisdictionRow:
    """Who levies a tax, and where. A ``harmonised`` one's rate holds the country's as well."""

    id: int
    code: str
    country: str
    state: str
    county: str
    city: str
    harmonised: bool


class AmbiguousPlace(Exception):
    """A place may lie in several jurisdictions, for want of a part of it.

    It ``lacks`` the country, the state where states levy taxes, or the county where several have a city of that name.
    ``certain`` are the jurisdictions that it lies in whatever is missing, ``possible`` all others.
    """

    def __init__(
        self, *, lacks: PlacePart, certain: tuple[JurisdictionRow, ...], possible: tuple[JurisdictionRow, ...]
    ) -> None:
        super().__init__()
        self.lacks, self.certain, self.possible = lacks, certain, possible


class Gazetteer:
    """Finds the jurisdictions of places among those it was given."""

    def __init__(self, rows: Iterable[JurisdictionRow]) -> None:
        self._areas: dict[tuple[str, str, str], JurisdictionRow] = {}
        self._cities: dict[tuple[str, str, str], dict[str, JurisdictionRow]] = defaultdict(dict)
        self._rows = list(rows)
        for row in self._rows:
            if row.city:
                self._cities[row.country, row.state, fold(row.city)][fold_county(row.county)] = row
            else:
                self._areas[row.country, row.state, fold_county(row.county)] = row

    def jurisdictions_of(self, place: Place) -> tuple[JurisdictionRow, ...]:
        """Return the jurisdictions of a place, from the country down. Raises AmbiguousPlace.

        A county that is not named is the city's own; a city that is not known leaves the county unknown.
        """
        country, state, county = fold(place.country).upper(), fold(place.state).upper(), fold_county(place.county)
        if not state:
            around = [row for row in self._rows if not country or row.country == country]
            if any(row.state or not country for row in around):
                # A state's tax may hold the country's, so that not even that one is certain.
                raise AmbiguousPlace(lacks="state" if country else "country", certain=(), possible=tuple(around))
        found = [self._areas.get((country, "", ""))]
        if state:
            found.append(self._areas.get((country, state, "")))
            cities = self._cities.get((country, state, fold(place.city)), {})
            if not county and len(cities) > 1:
                counties = (self._areas.get((country, state, name)) for name in cities)
                possible = _levying([*counties, *cities.values()])
                raise AmbiguousPlace(lacks="county", certain=_levying(found), possible=possible)
            county = county or next(iter(cities), "")
            found.append(self._areas.get((country, state, county)) if county else None)
            found.append(cities.get(county) or cities.get(""))
        return _levying(found)


def _levying(found: Iterable[JurisdictionRow | None]) -> tuple[JurisdictionRow, ...]:
    """Return those that there are, without the country where a state's tax holds the country's."""
    rows = tuple(row for row in found if row is not None)
    if any(row.harmonised for row in rows):
        return tuple(row for row in rows if row.state)
    return rows


def fold(name: str) -> str:
    """Return a name as it is compared: without regard to capitals and spaces."""
    return " ".join(name.casefold().split())


def fold_county(name: str) -> str:
    """Return a county's name as it is compared, without the word "County" behind it."""
    folded = fold(name)
    for word in COUNTY_WORDS:
        folded = folded.removesuffix(word)
    return folded
