"""The states and provinces whose codes an address has to give, since taxes are found by them."""

import re
import unicodedata

US_STATES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia", "FL": "Florida", "GA": "Georgia",
    "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky",
    "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota",
    "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire",
    "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York", "NC": "North Carolina", "ND": "North Dakota",
    "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island",
    "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont",
    "VA": "Virginia", "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
    "PR": "Puerto Rico", "VI": "Virgin Islands", "GU": "Guam", "AS": "American Samoa",
    "MP": "Northern Mariana Islands",
}  # fmt: skip
PROVINCES = {
    "AB": "Alberta", "BC": "British Columbia", "MB": "Manitoba", "NB": "New Brunswick",
    "NL": "Newfoundland and Labrador", "NS": "Nova Scotia", "NT": "Northwest Territories", "NU": "Nunavut",
    "ON": "Ontario", "PE": "Prince Edward Island", "QC": "Québec", "SK": "Saskatchewan", "YT": "Yukon",
}  # fmt: skip
LISTED = {"US": US_STATES, "CA": PROVINCES}
CODE = re.compile(r"[A-Z0-9]{1,3}", re.ASCII)  # what stands behind the country's in ISO 3166-2


def state_code(written: str, *, country: str) -> str | None:
    """Return the code of a state or province that is written as its code or its name; None if there is no such one.

    The code may have the country's before it, as in US-IL. Of a country whose states are not listed here, whatever
    could be a code is taken for one.
    """
    words = " ".join(written.split())
    code = words.upper().removeprefix(f"{country}-")
    codes = LISTED.get(country)
    if codes is None:
        return code if CODE.fullmatch(code) else None
    return code if code in codes else NAMED[country].get(_fold(words))


def _fold(name: str) -> str:
    """Return a name without accents, as people type it."""
    return unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()


NAMED = {country: {_fold(name): code for code, name in codes.items()} for country, codes in LISTED.items()}
