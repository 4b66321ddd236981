"""What the law wants to read on an invoice, beside what it is for."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from comptoir.documents.data import Paper
from comptoir.kit.countries import EUROPEAN_UNION
from comptoir.kit.money import format_money, percent
from comptoir.tenancy.legal_ids import SIREN, SIRET, LegalIds

US_LETTER = frozenset(("", "US", "CA", "MX"))  # where paper is cut so; elsewhere it is A4
SCHEME_NAMES = {SIREN: "SIREN", SIRET: "SIRET"}
INDEMNITY_MINOR = 40_00  # France: code de commerce, article D441-5, in euros


def paper_of(ids: LegalIds) -> Paper:
    """Return the paper on which a vendor prints."""
    return "us-letter" if ids.country in US_LETTER else "a4"


def printed_ids(ids: LegalIds) -> tuple[tuple[str, str], ...]:
    """Return the numbers, by name, that an invoice shows of who has them: in the European Union.

    Elsewhere none is asked for, and a tax number is better not spread. Must run in the invoice's language.
    """
    if ids.country not in EUROPEAN_UNION:
        return ()
    named = (
        (SCHEME_NAMES.get(ids.registration_scheme) or _("Registration no."), ids.registration_number),
        (_("VAT no."), ids.vat_id),
    )
    return tuple((name, number) for name, number in named if number)


def late_payment_notes(seller: Mapping[str, Any], *, language: str) -> tuple[str, ...]:
    """Return what an invoice says about paying late; ``seller`` is as it was copied when issued.

    A French seller must name the rate, the indemnity and whether paying early is rewarded (code de commerce, article
    L441-9); a seller that has set no rate has that of the law (L441-10). Must run in the invoice's language.
    """
    penalty = seller.get("late_penalty")
    rate = percent(Decimal(penalty) / 100, language=language) if penalty else ""
    if seller.get("ids", {}).get("country") != "FR":
        return (_("What is paid late bears interest of {rate} a year.").format(rate=rate),) if rate else ()
    indemnity = format_money(amount_minor=INDEMNITY_MINOR, currency="EUR", language=language)
    if not rate:
        rate = _("the refinancing rate of the European Central Bank plus 10 points")
    return (
        _(
            "What is paid late bears penalties at a yearly rate of {rate}, and a fixed indemnity of {indemnity} for "
            "the costs of collection. There is no discount for paying early."
        ).format(rate=rate, indemnity=indemnity),
    )
