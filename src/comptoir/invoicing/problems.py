"""Why a company cannot be billed: kept as a code and its values, and worded in the language of whoever reads it."""

from collections.abc import Mapping
from datetime import date

from django.db import DatabaseError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from comptoir.kit.dates import format_date
from comptoir.kit.errors import ComptoirError
from comptoir.taxes.errors import CountryNeeded, CountyNeeded, RateMissing, StateNeeded

from .calculation.invoices import NoPrice

Problem = Mapping[str, str]

NO_PRICE = _("%(plan)s has no price on %(day)s; add one to its plan.")
REFUSED = _("It was refused: %(what)s")
UNFORESEEN = _(
    "Something went wrong that nobody foresaw (%(what)s). The log says more; let whoever operates this look."
)


def problem_of(error: Exception) -> Problem:
    """Return what stands in the way, as it is kept. Days are written as in 2020-10-01."""
    match error:
        case NoPrice():
            return {"code": "no_price", "plan": error.plan, "day": error.day.isoformat()}
        case CountyNeeded():
            return {"code": "county_needed", **error.values}
        case StateNeeded():
            return {"code": "state_needed", **error.values}
        case CountryNeeded():
            return {"code": "country_needed"}
        case RateMissing():
            return {"code": "rate_missing", **error.values}
        case ComptoirError() | DatabaseError():
            words = str(error).strip().splitlines() or [type(error).__name__]
            return {"code": "refused", "what": words[0]}
    return {"code": "unforeseen", "what": type(error).__name__}


def in_words(problem: Problem) -> str:
    """Return what stands in the way, and what to do about it, in the reader's language."""
    words = {
        "no_price": NO_PRICE,
        "unforeseen": UNFORESEEN,
        "county_needed": CountyNeeded.words,
        "state_needed": StateNeeded.words,
        "place_needed": StateNeeded.words,  # as it was kept before the country had words of its own
        "country_needed": CountryNeeded.words,
        "rate_missing": RateMissing.words,
    }
    values = dict(problem)
    if "day" in values:
        values["day"] = format_date(day=date.fromisoformat(values["day"]), language=get_language() or "en")
    return str(words.get(values.pop("code"), REFUSED)) % values
