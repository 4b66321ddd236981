"""Postal addresses from an export's cells, with the mends that spreadsheets make necessary."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from comptoir.cutover.legacy.fields import fold
from comptoir.cutover.legacy.profile import Profile
from comptoir.cutover.legacy.records import LegacyAddress
from comptoir.cutover.legacy.row import Row
from comptoir.kit.states import LISTED, state_code

COUNTRY = re.compile(r"[A-Z]{2}")
US_ZIP = re.compile(r"\d{5}(-\d{4})?", re.ASCII)
US_ZIP_WITHOUT_ZERO = re.compile(r"\d{3,4}", re.ASCII)


def read_address(*, profile: Profile, row: Row, prefix: str = "") -> LegacyAddress:
    """Read the address whose fields begin with `prefix` ("store_").

    A state is written as its code or its name. One that does not exist refuses the row, since taxes depend on it; a
    city without one, and an odd ZIP, is a warning.
    """
    country = row.text(f"{prefix}country") or row.text("country")
    country = _spelling(profile=profile, field="country", value=country).upper()
    if not COUNTRY.fullmatch(country):
        row.refuse(f"{prefix}country", reason=_("This is not a country's code of two letters."))
    return LegacyAddress(
        street=row.text(f"{prefix}address"),
        city=row.text(f"{prefix}city"),
        state=_state(profile=profile, row=row, prefix=prefix, country=country),
        zip=_zip(row=row, name=f"{prefix}zip", country=country),
        country=country,
        county=row.text(f"{prefix}county"),
    )


def _state(*, profile: Profile, row: Row, prefix: str, country: str) -> str:
    name = f"{prefix}state"
    written = _spelling(profile=profile, field="state", value=row.text(name))
    if not written:
        if country in LISTED and row.text(f"{prefix}city"):
            row.warn(
                name,
                reason=_("There is no state."),
                done=_("Where the vendor collects taxes, nothing is billed for the place until it has one."),
            )
        return ""
    code = state_code(written, country=country)
    if code is None and country in LISTED:
        reason = _("There is no such state or province in %(country)s; write its name, or its two letters.")
        row.refuse(name, reason=reason % {"country": country})
    elif code is None:
        reason = _("This is not a state's code of up to three signs; say in the profile what it means (“words.state”).")
        row.refuse(name, reason=reason)
    return code or ""


def _spelling(*, profile: Profile, field: str, value: str) -> str:
    return profile.words[field].get(fold(value), value)


def _zip(*, row: Row, name: str, country: str) -> str:
    value = row.text(name)
    if country != "US" or not value or US_ZIP.fullmatch(value):
        return value
    if US_ZIP_WITHOUT_ZERO.fullmatch(value):
        row.warn(
            name,
            reason=_("A leading zero is missing, as spreadsheets do."),
            done=_("It is read as %(zip)s.") % {"zip": value.zfill(5)},
        )
        return value.zfill(5)
    row.warn(name, reason=_("This is not a ZIP code."), done=_("It is kept as it stands."))
    return value
