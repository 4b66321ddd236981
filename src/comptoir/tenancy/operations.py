"""Making vendors, and moving a sandbox vendor's clock."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from comptoir.kit.events import emit

from .audit import Actor, record
from .errors import (
    ClockRefused,
    CompanyExists,
    LanguageUnknown,
    LegalIdsRefused,
    TermsOutOfBounds,
    VendorExists,
)
from .legal_ids import FIELDS, LegalIds, checked
from .models import LONGEST_LEAD_DAYS, LONGEST_TERMS_DAYS, Company, Vendor
from .queries import CLOCK_MOVED, CompanyRow, legal_ids

BILLING_TERMS_SET = "billing terms set"
LARGEST_PENALTY = 100  # per cent a year


def create_vendor(
    *,
    slug: str,
    name: str,
    legal_name: str,
    currency: str,
    time_zone: str,
    language: str,
    email: str,
    actor: Actor,
    address_lines: Sequence[str] = (),
    phone: str = "",
    colour: str = "#1f5f8b",
    business_date: date | None = None,
) -> int:
    """Create a vendor and return its id. With a ``business_date`` it is a sandbox vendor, whose clock can be moved.

    Raises VendorExists when the short name is taken.
    """
    try:
        with transaction.atomic():
            vendor = Vendor.objects.create(
                slug=slug,
                name=name,
                legal_name=legal_name,
                currency=currency,
                time_zone=time_zone,
                language=language,
                email=email,
                address_lines=list(address_lines),
                phone=phone,
                colour=colour,
                business_date=business_date,
            )
            record(actor=actor, action="vendor created", subject=f"vendor:{vendor.id}", vendor_id=vendor.id)
    except IntegrityError as error:
        if "slug" not in str(error):
            raise
        raise VendorExists(
            _("A vendor “%(slug)s” exists already; choose another short name.") % {"slug": slug}
        ) from error
    return vendor.id


def create_company(
    *,
    vendor_id: int,
    number: str,
    name: str,
    language: str,
    address_lines: Sequence[str],
    billed_since: date,
    actor: Actor,
) -> int:
    """Put down a company that is billed here from a day on, and return its id.

    Raises CompanyExists when the customer number is taken.
    """
    try:
        with transaction.atomic():
            made = Company.objects.create(
                vendor_id=vendor_id,
                number=number,
                name=name,
                language=language,
                address_lines=list(address_lines),
                billed_since=billed_since,
            )
    except IntegrityError as error:
        raise CompanyExists(
            _("The customer number %(number)s is taken already; choose another.") % {"number": number}
        ) from error
    record(
        actor=actor,
        action="company opened",
        subject=f"company:{made.id}",
        vendor_id=vendor_id,
        company_id=made.id,
        after={"number": number, "name": name, "billed_since": str(billed_since)},
    )
    return made.id


def hold_company(company_id: int) -> None:
    """Hold a company until the transaction ends: whoever else holds it waits, and then sees what was done."""
    Company.objects.select_for_update(no_key=True).get(id=company_id)


def set_billing_terms(*, vendor_id: int, invoice_lead_days: int, terms_days: int, actor: Actor) -> None:
    """Set how many days before a period its invoice is issued, and how many after the period's start it is due.

    A company's own terms count before the vendor's. Must run in a transaction. Raises TermsOutOfBounds.
    """
    if not 0 <= invoice_lead_days <= LONGEST_LEAD_DAYS or not 0 <= terms_days <= LONGEST_TERMS_DAYS:
        raise TermsOutOfBounds(
            _("Issue invoices 0 to %(lead)s days ahead, due 0 to %(terms)s days after a period starts.")
            % {"lead": LONGEST_LEAD_DAYS, "terms": LONGEST_TERMS_DAYS}
        )
    vendor = Vendor.objects.select_for_update().get(id=vendor_id)
    before = {"invoice_lead_days": vendor.invoice_lead_days, "terms_days": vendor.terms_days}
    vendor.invoice_lead_days, vendor.terms_days = invoice_lead_days, terms_days
    vendor.save(update_fields=["invoice_lead_days", "terms_days"])
    record(
        actor=actor,
        action=BILLING_TERMS_SET,
        subject=f"vendor:{vendor_id}",
        vendor_id=vendor_id,
        before=before,
        after={"invoice_lead_days": invoice_lead_days, "terms_days": terms_days},
    )


def set_vendor_ids(*, vendor_id: int, ids: LegalIds, late_penalty: Decimal | None, actor: Actor) -> None:
    """Set what a vendor is known by, and the ``late_penalty`` that its invoices name, in per cent a year.

    Invoices that were issued keep what they say. Must run in a transaction. Raises LegalIdsRefused.
    """
    if late_penalty is not None and not 0 < late_penalty < LARGEST_PENALTY:
        raise LegalIdsRefused(
            _("The penalty for late payment lies above 0 and below {largest} per cent a year.").format(
                largest=LARGEST_PENALTY
            ),
            field="late_penalty",
        )
    vendor = Vendor.objects.select_for_update().get(id=vendor_id)
    before = _as_data(vendor)
    vendor.late_penalty = late_penalty
    _write_ids(vendor, checked(ids))
    record(
        actor=actor,
        action="legal ids set",
        subject=f"vendor:{vendor_id}",
        vendor_id=vendor_id,
        before=before,
        after=_as_data(vendor),
    )


def set_company_ids(*, company_id: int, ids: LegalIds, actor: Actor) -> None:
    """Set what a company is known by. Invoices that were issued keep what they say.

    Must run in a transaction. Raises LegalIdsRefused.
    """
    company = Company.objects.select_for_update().get(id=company_id)
    before = legal_ids(company).as_data()
    _write_ids(company, checked(ids))
    record(
        actor=actor,
        action="legal ids set",
        subject=f"company:{company_id}",
        vendor_id=company.vendor_id,
        company_id=company_id,
        before=before,
        after=legal_ids(company).as_data(),
    )


def _write_ids(found: Vendor | Company, ids: LegalIds) -> None:
    for name in FIELDS:
        setattr(found, name, getattr(ids, name))
    found.save(update_fields=[*FIELDS, *(["late_penalty"] if isinstance(found, Vendor) else [])])


def _as_data(vendor: Vendor) -> dict[str, str]:
    penalty = {} if vendor.late_penalty is None else {"late_penalty": str(vendor.late_penalty)}
    return legal_ids(vendor).as_data() | penalty


def set_company_language(*, company: CompanyRow, language: str, actor: Actor) -> None:
    """Write to a company in another language from now on: mail and papers. Must run in a transaction.

    Raises LanguageUnknown. What was written before stays as it is.
    """
    if language not in dict(settings.LANGUAGES):
        raise LanguageUnknown(_("We do not write in this language; choose one of the list."))
    if language == company.language:
        return
    Company.objects.filter(id=company.id).update(language=language)
    record(
        actor=actor,
        action="company language set",
        subject=f"company:{company.id}",
        vendor_id=company.vendor_id,
        company_id=company.id,
        before={"language": company.language},
        after={"language": language},
    )


def request_clock_advance(*, vendor_id: int, to: date, actor: Actor) -> None:
    """Ask the worker to move a sandbox vendor's clock on to ``to``, day by day.

    Raises ClockRefused for a real vendor, or for a day that is not after the clock's.
    """
    business_date = Vendor.objects.values_list("business_date", flat=True).get(id=vendor_id)
    refuse_unless_forward(business_date=business_date, to=to)
    record(
        actor=actor,
        action=CLOCK_MOVED,
        subject=f"vendor:{vendor_id}",
        vendor_id=vendor_id,
        before={"business_date": str(business_date)},
        after={"business_date": str(to)},
    )
    emit(
        name="clock_advance_requested",
        topic=f"clock:{vendor_id}",
        vendor_id=vendor_id,
        data={"to": to.isoformat()},
    )


def refuse_unless_forward(*, business_date: date | None, to: date) -> None:
    """Raise ClockRefused unless ``to`` lies after a sandbox vendor's business date, by a year at most."""
    if business_date is None:
        raise ClockRefused(_("This vendor lives by the calendar; only a sandbox vendor's clock can be moved."))
    if to <= business_date:
        raise ClockRefused(_("The clock only moves forward; choose a day after %(day)s.") % {"day": business_date})
    if (to - business_date).days > 366:
        raise ClockRefused(_("Move the clock by a year at most at a time."))


def set_business_date(*, vendor_id: int, day: date) -> None:
    """Put a sandbox vendor's clock on ``day``. Raises ClockRefused unless it moves forward."""
    vendor = Vendor.objects.select_for_update().get(id=vendor_id)
    refuse_unless_forward(business_date=vendor.business_date, to=day)
    vendor.business_date = day
    vendor.save(update_fields=["business_date"])
