"""What others may know of vendors and companies."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from comptoir.kit.lookups import Ids
from comptoir.kit.together import Question

from .errors import VendorNotFound
from .legal_ids import FIELDS, UNKNOWN, LegalIds
from .models import AuditEntry, Company, KnownByLaw, Vendor

CLOCK_MOVED = "test clock moved"


@dataclass(frozen=True, slots=True)
class VendorRow:
    """A vendor, as plain data. ``business_date`` is where a sandbox vendor's test clock stands, else None.

    ``late_penalty`` is in per cent a year.
    """

    id: int
    slug: str
    name: str
    legal_name: str
    currency: str
    time_zone: str
    language: str
    address_lines: tuple[str, ...]
    email: str
    phone: str
    colour: str
    has_logo: bool
    invoice_lead_days: int
    terms_days: int
    business_date: date | None
    ids: LegalIds = UNKNOWN
    late_penalty: Decimal | None = None
    sender_name: str = ""

    @property
    def is_sandbox(self) -> bool:
        """Whether the vendor's business clock can be moved."""
        return self.business_date is not None


@dataclass(frozen=True, slots=True)
class ClockWay:
    """How many of its ``days`` a test clock has lived through on the way to ``to``."""

    to: date
    done: int
    days: int


class CompanyRow(NamedTuple):
    """A company, as plain data; a tuple, since bill runs make many.

    ``billed_since`` is None while the old system bills it.
    """

    id: int
    public_id: UUID
    vendor_id: int
    number: str
    name: str
    language: str
    address_lines: tuple[str, ...]
    billed_since: date | None
    ids: LegalIds = UNKNOWN


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One change on record."""

    recorded_at: datetime
    actor_kind: str
    actor_label: str
    action: str
    subject: str
    reason: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def vendors() -> list[VendorRow]:
    """Return every vendor that the caller may see, by name."""
    return [vendor_row(vendor) for vendor in Vendor.objects.defer("logo").order_by("name")]


def vendor_by_slug(slug: str) -> VendorRow:
    """Return the vendor with that short name. Raises VendorNotFound."""
    return vendor_row(_one_vendor(slug=slug))


def vendor(vendor_id: int) -> VendorRow:
    """Return the vendor with that id. Raises VendorNotFound."""
    return vendor_row(_one_vendor(id=vendor_id))


def vendor_logo(vendor_id: int) -> tuple[bytes, str] | None:
    """Return the logo's content and media type, or None if the vendor has none."""
    found = Vendor.objects.values_list("logo", "logo_media_type").get(id=vendor_id)
    return (bytes(found[0]), found[1]) if found[0] is not None else None


def company(company_id: int) -> CompanyRow:
    """Return the company with that id; it must be there."""
    return company_row(Company.objects.get(id=company_id))


def find_company(*, vendor_id: int, public_id: UUID) -> CompanyRow | None:
    """Return a vendor's company by its public id, or None if the caller may see no such company."""
    found = Company.objects.filter(vendor_id=vendor_id, public_id=public_id).first()
    return company_row(found) if found else None


def company_by_number(*, vendor_id: int, number: str) -> CompanyRow | None:
    """Return a vendor's company by its customer number, or None if the caller may see no such company."""
    found = Company.objects.filter(vendor_id=vendor_id, number=number).first()
    return company_row(found) if found else None


def companies_named(*, vendor_id: int, word: str) -> list[CompanyRow]:
    """Return a vendor's companies whose name has ``word`` in it, at most 50."""
    found = Company.objects.filter(vendor_id=vendor_id, name__icontains=word).order_by("name", "id")
    return [company_row(row) for row in found[:50]]


def companies_by_ids(company_ids: Iterable[int]) -> dict[int, CompanyRow]:
    """Return those of the companies that the caller may see, by id."""
    return _companies(ids=Ids(company_ids)).read()


def _named(ids: Ids) -> "QuerySet[Company, tuple[Any, ...]]":
    return Company.objects.filter(id__any=ids).values_list(
        "id", "public_id", "vendor_id", "number", "name", "language", "address_lines", "billed_since", *FIELDS
    )


def _by_id(rows: list[tuple[Any, ...]]) -> dict[int, CompanyRow]:
    return {
        row_id: CompanyRow(
            row_id, public_id, vendor_id, number, name, language, tuple(address_lines), billed_since, _known(tuple(ids))
        )
        for row_id, public_id, vendor_id, number, name, language, address_lines, billed_since, *ids in rows
    }


_companies = Question(_named, _by_id)


def business_today(vendor: VendorRow, *, now: datetime) -> date:
    """Return the vendor's business date: its test clock's, or today's in its own time zone."""
    return business_date_of(business_date=vendor.business_date, time_zone=vendor.time_zone, now=now)


def business_date_of(*, business_date: date | None, time_zone: str, now: datetime) -> date:
    """Return the business date of a vendor of which no more is known than its test clock, if any, and time zone."""
    return business_date or now.astimezone(ZoneInfo(time_zone)).date()


def clock_on_its_way(vendor: VendorRow) -> ClockWay | None:
    """Return how far a sandbox vendor's test clock is where it was last asked to go; None where it stands still."""
    asked = next(iter(trail_of(subject=f"vendor:{vendor.id}", action=CLOCK_MOVED, limit=1)), None)
    if asked is None or vendor.business_date is None:
        return None
    since, to = (date.fromisoformat(each["business_date"]) for each in (asked.before, asked.after))
    if to <= vendor.business_date:
        return None
    return ClockWay(to=to, done=(vendor.business_date - since).days, days=(to - since).days)


def audit_trail(*, company_id: int, limit: int = 50, offset: int = 0) -> list[AuditRow]:
    """Return the latest changes on record for a company, newest first."""
    found = AuditEntry.objects.filter(company_id=company_id).order_by("-id")
    return [_audit_row(entry) for entry in found[offset : offset + limit]]


def trail_of(*, subject: str, action: str = "", limit: int = 50) -> list[AuditRow]:
    """Return the latest changes on record of one thing ("payment:…"), newest first; of one kind, if it is named."""
    found = AuditEntry.objects.filter(subject=subject)
    if action:
        found = found.filter(action=action)
    return [_audit_row(entry) for entry in found.order_by("-id")[:limit]]


def _audit_row(entry: AuditEntry) -> AuditRow:
    return AuditRow(
        recorded_at=entry.recorded_at,
        actor_kind=entry.actor_kind,
        actor_label=entry.actor_label,
        action=entry.action,
        subject=entry.subject,
        reason=entry.reason,
        before=entry.before or {},
        after=entry.after or {},
    )


def company_row(found: Company) -> CompanyRow:
    """Return a company as plain data."""
    return CompanyRow(
        id=found.id,
        public_id=found.public_id,
        vendor_id=found.vendor_id,
        number=found.number,
        name=found.name,
        language=found.language,
        address_lines=tuple(found.address_lines),
        billed_since=found.billed_since,
        ids=legal_ids(found),
    )


def legal_ids(found: KnownByLaw) -> LegalIds:
    """Return what a vendor or a company is known by."""
    return _known(tuple(getattr(found, name) for name in FIELDS))


@lru_cache(maxsize=256)
def _known(values: tuple[str, ...]) -> LegalIds:
    """Most companies of a bill run are known by the same: their country alone, or nothing."""
    return LegalIds(**dict(zip(FIELDS, values, strict=True)))


def _one_vendor(**by: object) -> Vendor:
    try:
        return Vendor.objects.defer("logo").get(**by)
    except Vendor.DoesNotExist as error:
        raise VendorNotFound(
            _("There is no such vendor; “comptoir vendor create” makes one, and the console lists yours.")
        ) from error


def vendor_row(found: Vendor) -> VendorRow:
    """Return a vendor as plain data."""
    return VendorRow(
        id=found.id,
        slug=found.slug,
        name=found.name,
        legal_name=found.legal_name,
        currency=found.currency,
        time_zone=found.time_zone,
        language=found.language,
        address_lines=tuple(found.address_lines),
        email=found.email,
        phone=found.phone,
        colour=found.colour,
        has_logo=bool(found.logo_media_type),
        invoice_lead_days=found.invoice_lead_days,
        terms_days=found.terms_days,
        business_date=found.business_date,
        ids=legal_ids(found),
        late_penalty=found.late_penalty,
        sender_name=found.sender_name,
    )
