"""Where tax rates come from: the built-in table, or a service of the operator's own (setting TAX_RATES)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from .calculation import ApplicableRate
from .errors import CountryNeeded, CountyNeeded, RateMissing, StateNeeded
from .places import Place, PlacePart


@dataclass(frozen=True, slots=True)
class Missing:
    """Stands where a rate should: a part of the place is not known, or ``jurisdiction_code`` has no rate.

    ``lacking`` are all jurisdictions, by id, in which the rate is not known, and ``known`` the rates of the others: a
    company that is exempt in all that lack needs no more.
    """

    lacks: PlacePart | Literal["rate"]
    jurisdiction_code: str = ""
    lacking: frozenset[int] = frozenset()
    known: tuple[ApplicableRate, ...] = ()


class Rates(Mapping[tuple[Place, str], tuple[ApplicableRate, ...]]):
    """The rates by place and category. Looking up one that is missing raises RateMissing."""

    __slots__ = ("_exempt", "_found", "_on")

    def __init__(
        self,
        *,
        found: Mapping[tuple[Place, str], tuple[ApplicableRate, ...] | Missing],
        on: date,
        exempt: frozenset[int] = frozenset(),
    ) -> None:
        self._found = found
        self._on = on
        self._exempt = exempt

    def relieved(self, exempt: frozenset[int]) -> "Rates":
        """Return what a company bears that owes nothing to the jurisdictions ``exempt``, by id."""
        return Rates(found=self._found, on=self._on, exempt=exempt)

    def __getitem__(self, key: tuple[Place, str]) -> tuple[ApplicableRate, ...]:
        """Return the rates that a category of products bears at a place. Raises RateMissing, KeyError."""
        rates = self._found[key]
        if isinstance(rates, Missing):
            if not rates.lacking or not rates.lacking <= self._exempt:
                raise _complaint(rates, place=key[0], category=key[1], on=self._on)
            rates = rates.known
        if self._exempt:
            return tuple(rate for rate in rates if rate.jurisdiction_id not in self._exempt)
        return rates

    def taxed(self) -> Mapping[Place, Collection[str]]:
        """Return where the vendor collects taxes, and which categories bear them before anybody is relieved."""
        found: dict[Place, set[str]] = defaultdict(set)
        for (place, category), rates in self._found.items():
            if rates:
                found[place].add(category)
        return dict(found)

    def __iter__(self) -> Iterator[tuple[Place, str]]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


class RateSource(Protocol):
    """What stands behind TAX_RATES. Bill runs call it in their transactions: it must not wait for another machine.

    A service's answers are therefore fetched beforehand, and its jurisdictions made by ``loading.load_table``.
    """

    def __call__(self, *, vendor_id: int, places: Iterable[Place], on: date) -> Rates:
        """Return the rates for every category at ``places`` on a day, where the vendor is registered."""


def rate_source() -> RateSource:
    """Return the source that the setting TAX_RATES names."""
    return cast("RateSource", import_string(settings.TAX_RATES))


def _complaint(missing: Missing, *, place: Place, category: str, on: date) -> RateMissing:
    match missing.lacks:
        case "country":
            return CountryNeeded()
        case "state":
            return StateNeeded(place=str(place))
        case "county":
            return CountyNeeded(place=str(place))
    code = missing.jurisdiction_code
    return RateMissing(category=category, jurisdiction=code, day=on.isoformat(), place=str(place))
