"""What tax offices, registers and machines know a seller or a buyer by. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields

from babel import Locale
from django.utils.translation import gettext as _

from .errors import LegalIdsRefused

SIREN, SIRET = "0002", "0009"  # schemes of ISO 6523
EMAIL = "EM"  # the one scheme of electronic addresses that has letters
SPACES = re.compile(r"[\s.]+")
COUNTRIES = frozenset(filter(re.compile(r"[A-Z]{2}").fullmatch, map(str, Locale("en").territories))) - {"ZZ", "EU"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalIds:
    """What a seller or buyer is known by (EN 16931; in brackets its terms for a seller and a buyer). All may lack.

    ``country`` is a code of ISO 3166-1 (BT-40, BT-55). ``registration_number`` is a register's (BT-30, BT-47), its
    scheme of ISO 6523 ("0002" is SIREN) or empty. ``vat_id`` has the country in front (BT-31, BT-48);
    ``tax_registration`` is another tax number, such as an EIN (BT-32). ``electronic_address`` is where e-invoices go,
    with its scheme (BT-34, BT-49): four digits, or "EM" for an e-mail address.
    """

    country: str = ""
    registration_scheme: str = ""
    registration_number: str = ""
    vat_id: str = ""
    tax_registration: str = ""
    electronic_scheme: str = ""
    electronic_address: str = ""

    def as_data(self) -> dict[str, str]:
        """Return what is known, to be copied onto an invoice."""
        return {name: value for name in FIELDS if (value := getattr(self, name))}


UNKNOWN = LegalIds()
FIELDS = tuple(field.name for field in fields(LegalIds))


def from_data(data: Mapping[str, str]) -> LegalIds:
    """Return what ``as_data`` wrote."""
    return LegalIds(**{name: data[name] for name in FIELDS if name in data})


def checked(ids: LegalIds) -> LegalIds:
    """Return the ids as they are written in full: no spaces in numbers, codes in capitals.

    Raises LegalIdsRefused for what cannot be right: a country that there is none, a number whose check digits differ,
    an address or a scheme without the other.
    """
    written = LegalIds(
        country=ids.country.strip().upper(),
        registration_scheme=ids.registration_scheme.strip(),
        registration_number=SPACES.sub("", ids.registration_number)
        if ids.registration_scheme
        else ids.registration_number.strip(),
        vat_id=SPACES.sub("", ids.vat_id).upper(),
        tax_registration=ids.tax_registration.strip(),
        electronic_scheme=ids.electronic_scheme.strip().upper(),
        electronic_address=ids.electronic_address.strip(),
    )
    if written.country and written.country not in COUNTRIES:
        raise LegalIdsRefused(
            _("“{country}” is no country; give its two letters, such as US or FR.").format(country=written.country),
            field="country",
        )
    _check_registration(written)
    _check_vat_id(written)
    if bool(written.electronic_scheme) != bool(written.electronic_address):
        raise LegalIdsRefused(
            _("Give the electronic address together with its scheme, or neither."), field="electronic_address"
        )
    if written.electronic_scheme != EMAIL and not re.fullmatch(r"([0-9]{4})?", written.electronic_scheme):
        raise LegalIdsRefused(
            _("The scheme of an electronic address is four digits, or EM for an e-mail address."),
            field="electronic_scheme",
        )
    return written


def _check_registration(ids: LegalIds) -> None:
    scheme, number = ids.registration_scheme, ids.registration_number
    if scheme and not re.fullmatch(r"[0-9]{4}", scheme):
        raise LegalIdsRefused(
            _("The scheme of a registration number is four digits, such as 0002 for SIREN."),
            field="registration_scheme",
        )
    if scheme and not number:
        raise LegalIdsRefused(
            _("Give the registration number of that scheme, or no scheme."), field="registration_number"
        )
    digits = {SIREN: 9, SIRET: 14}.get(scheme)
    if digits and not (re.fullmatch(rf"[0-9]{{{digits}}}", number) and _sum_is_right(number[:9])):
        raise LegalIdsRefused(
            _("“{number}” is not a SIREN or SIRET: it has 9 or 14 digits, the ninth a check digit.").format(
                number=number
            ),
            field="registration_number",
        )


def _check_vat_id(ids: LegalIds) -> None:
    """A French one is two check characters and the SIREN."""
    vat_id = ids.vat_id
    if not vat_id:
        return
    is_right = bool(re.fullmatch(r"[A-Z]{2}[0-9A-Z+*]{2,13}", vat_id))
    if is_right and vat_id.startswith("FR"):
        siren, key = vat_id[4:], vat_id[2:4]
        is_right = bool(re.fullmatch(r"[0-9]{9}", siren)) and _sum_is_right(siren)
        is_right = is_right and (not key.isdecimal() or int(key) == (12 + 3 * (int(siren) % 97)) % 97)
        if is_right and ids.registration_scheme in (SIREN, SIRET):
            is_right = ids.registration_number[:9] == siren
    if not is_right:
        raise LegalIdsRefused(
            _(
                "“{vat_id}” is not a VAT number: it begins with the country's two letters, and its check digits "
                "and the registration number must fit."
            ).format(vat_id=vat_id),
            field="vat_id",
        )


def _sum_is_right(number: str) -> bool:
    """Whether the digits pass Luhn's check."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number)))
    return sum(sum(divmod(value, 10)) for value in doubled) % 10 == 0
