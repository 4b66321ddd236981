"""What others may know of taxes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Q, QuerySet

from comptoir.kit.lookups import Ids
from comptoir.kit.together import Question

from .models import ExemptionCertificate, Jurisdiction, JurisdictionLevel, Registration
from .places import Place
from .port import Rates, rate_source

COVERED_BY_CERTIFICATES = """
    SELECT c.company_id, below.id
    FROM taxes_exemptioncertificate c
    JOIN taxes_jurisdiction j ON j.id = c.jurisdiction_id
    JOIN taxes_jurisdiction below ON below.country = j.country AND j.state IN ('', below.state)
        AND j.county IN ('', below.county) AND j.city IN ('', below.city)
    WHERE c.company_id = ANY(%s) AND c.valid_from <= %s AND (c.valid_until IS NULL OR %s < c.valid_until)
"""


@dataclass(frozen=True, slots=True)
class RegistrationRow:
    """Where a vendor collects taxes, from ``since`` until before ``until`` (None while it lasts)."""

    id: int
    jurisdiction_code: str
    jurisdiction_name: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """An exemption certificate of a company, valid until before ``valid_until`` (None: without an end)."""

    id: int
    jurisdiction_code: str
    jurisdiction_name: str
    number: str
    reason: str
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class JurisdictionChoice:
    """A jurisdiction to choose: its code, and its tax's name."""

    code: str
    name: str


def applicable_rates(*, vendor_id: int, places: Iterable[Place], on: date) -> Rates:
    """Return the rates by place and category (all of them) on a day, from the source that the setting names.

    A place where the vendor is not registered has no rates. A place that should have one and has none raises
    RateMissing when it is looked up. The ApplicableRate objects are shared between places.
    """
    return rate_source()(vendor_id=vendor_id, places=places, on=on)


def exemptions(*, company_ids: Sequence[int], on: date) -> Mapping[int, frozenset[int]]:
    """Return the jurisdictions, with all below, that each company's certificates exempt it from on a day.

    Companies without any are missing.
    """
    found: dict[int, set[int]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(COVERED_BY_CERTIFICATES, [Ids(company_ids).literal, on, on])
        for company_id, jurisdiction_id in cursor.fetchall():
            found[company_id].add(jurisdiction_id)
    return {company_id: frozenset(ids) for company_id, ids in found.items()}


def jurisdiction_names(ids: Iterable[int]) -> Mapping[int, str]:
    """Return what invoices call the taxes of jurisdictions, by id."""
    return _names(ids=Ids(set(ids))).read()


def _named(ids: Ids) -> "QuerySet[Jurisdiction, tuple[int, str]]":
    return Jurisdiction.objects.filter(id__any=ids).values_list("id", "name")


_names: Question[dict[int, str]] = Question(_named, lambda rows: dict(rows))


def registrations(vendor_id: int) -> list[RegistrationRow]:
    """Return where a vendor collects or collected taxes, by code and day."""
    rows = Registration.objects.filter(vendor_id=vendor_id).order_by("jurisdiction__code", "since")
    return [
        RegistrationRow(*row)
        for row in rows.values_list("id", "jurisdiction__code", "jurisdiction__name", "since", "until")
    ]


def certificates(company_id: int) -> list[CertificateRow]:
    """Return a company's exemption certificates, by code and day."""
    rows = ExemptionCertificate.objects.filter(company_id=company_id).order_by("jurisdiction__code", "valid_from")
    return [
        CertificateRow(*row)
        for row in rows.values_list(
            "id", "jurisdiction__code", "jurisdiction__name", "number", "reason", "valid_from", "valid_until"
        )
    ]


def countries_and_states() -> list[JurisdictionChoice]:
    """Return the jurisdictions that vendors register in and certificates are made out for, by code."""
    levels = Q(level__in=[JurisdictionLevel.COUNTRY, JurisdictionLevel.STATE])
    rows = Jurisdiction.objects.filter(levels).order_by("code").values_list("code", "name")
    return [JurisdictionChoice(*row) for row in rows]
