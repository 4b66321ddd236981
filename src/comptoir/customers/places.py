"""Where a store is: as its owner says it, and as its taxes are found by it."""

import re
from dataclasses import dataclass
from typing import Self

from django.utils.translation import gettext as _

from comptoir.kit.states import LISTED, state_code

from .errors import StoreRefused

COUNTRY = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class SaidPlace:
    """Where a store is, as its owner says."""

    address: str
    city: str
    state: str
    postal_code: str


@dataclass(frozen=True, slots=True)
class StorePlace(SaidPlace):
    """Where a store is on our list: ``state`` and ``country`` are codes; an empty ``county`` is the city's own."""

    county: str = ""
    country: str = "US"

    def moved_to(self, place: SaidPlace) -> Self:
        """Return where the store is if its owner is right, with codes as far as there are any for what was typed.

        The county stays known only where neither city nor state change.
        """
        countries = (self.country, *(country for country in LISTED if country != self.country))
        coded = ((state_code(place.state, country=country), country) for country in countries)
        state, country = next(((code, where) for code, where in coded if code), (place.state, self.country))
        stays = (place.city.casefold(), state) == (self.city.casefold(), self.state)
        return type(self)(
            address=place.address,
            city=place.city,
            state=state,
            postal_code=place.postal_code,
            county=self.county if stays else "",
            country=country,
        )


def in_codes(*, state: str, country: str) -> dict[str, str]:
    """Return state and country as the codes by which taxes are found. Raises StoreRefused."""
    country = country.strip().upper()
    if not COUNTRY.fullmatch(country):
        raise StoreRefused(_("Write the country as its code of two letters, such as US or CA."), field="country")
    code = state_code(state, country=country)
    if code is None:
        raise StoreRefused(
            _("There is no such state or province in %(country)s; write its two letters, such as IL or QC.")
            % {"country": country},
            field="state",
        )
    return {"state": code, "country": country}
