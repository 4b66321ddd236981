"""What a seller or buyer is known by is checked where a slip of the pen can be seen."""

from dataclasses import replace

import pytest

from comptoir.tenancy.errors import LegalIdsRefused
from comptoir.tenancy.legal_ids import LegalIds, checked, from_data

FRENCH = LegalIds(
    country="FR",
    registration_scheme="0002",
    registration_number="732829320",
    vat_id="FR44732829320",
    electronic_scheme="0225",
    electronic_address="732829320",
)


def test_numbers_are_kept_as_they_are_written_in_full() -> None:
    typed = replace(FRENCH, country=" fr", registration_number="732 829 320", vat_id="fr 44 732 829 320")

    assert checked(typed) == FRENCH
    assert checked(LegalIds()) == LegalIds()
    assert checked(LegalIds(country="US", tax_registration="12-3456789")).tax_registration == "12-3456789"
    assert checked(replace(FRENCH, registration_scheme="0009", registration_number="732 829 320 00074"))
    assert from_data(FRENCH.as_data()) == FRENCH


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"country": "XX"}, "no country"),
        ({"registration_number": "732829321"}, "check digit"),
        ({"registration_number": "73282932"}, "9 or 14 digits"),
        ({"registration_number": ""}, "Give the registration number"),
        ({"registration_scheme": "2"}, "four digits"),
        ({"vat_id": "FR45732829320"}, "not a VAT number"),
        ({"vat_id": "FR40303265045"}, "registration number must fit"),
        ({"vat_id": "44732829320"}, "two letters"),
        ({"electronic_address": ""}, "together with its scheme"),
        ({"electronic_scheme": "SIREN"}, "four digits, or EM"),
    ],
)
def test_what_cannot_be_right_is_refused(changes: dict[str, str], says: str) -> None:
    with pytest.raises(LegalIdsRefused, match=says):
        checked(replace(FRENCH, **changes))
