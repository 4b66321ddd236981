"""Where a vendor collects taxes, and who is exempt."""

from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from comptoir.tenancy.audit import Actor, record

from .errors import AlreadyRegistered, CertificateExists, CertificateNotFound, JurisdictionUnknown, RegistrationNotFound
from .models import ExemptionCertificate, Jurisdiction, Registration


def register(*, vendor_id: int, jurisdiction_code: str, since: date, actor: Actor) -> int:
    """Have a vendor collect a jurisdiction's taxes, and those of all below it, from ``since`` on; return the id.

    Raises JurisdictionUnknown, and AlreadyRegistered where it does so on some of those days.
    """
    jurisdiction = _jurisdiction(jurisdiction_code)
    try:
        with transaction.atomic():
            made = Registration.objects.create(vendor_id=vendor_id, jurisdiction=jurisdiction, since=since)
    except IntegrityError as error:
        raise AlreadyRegistered(
            _("The vendor collects the taxes of %(code)s already on some of these days; end that registration first.")
            % {"code": jurisdiction_code}
        ) from error
    record(
        actor=actor,
        action="tax registration added",
        subject=f"registration:{made.id}",
        vendor_id=vendor_id,
        after={"jurisdiction": jurisdiction_code, "since": str(since)},
    )
    return made.id


def end_registration(*, vendor_id: int, registration_id: int, until: date, actor: Actor) -> None:
    """Have a vendor collect no more from ``until`` on. Raises RegistrationNotFound."""
    mine = Registration.objects.filter(id=registration_id, vendor_id=vendor_id, since__lt=until)
    if not mine.update(until=until):
        raise RegistrationNotFound(_("There is no such registration that began before that day."))
    record(
        actor=actor,
        action="tax registration ended",
        subject=f"registration:{registration_id}",
        vendor_id=vendor_id,
        after={"until": str(until)},
    )


def add_certificate(
    *,
    vendor_id: int,
    company_id: int,
    jurisdiction_code: str,
    number: str,
    reason: str,
    valid_from: date,
    valid_until: date | None,
    actor: Actor,
) -> int:
    """Put a company's exemption certificate on record, valid until before ``valid_until``; return its id.

    Raises JurisdictionUnknown, and CertificateExists where the company has one of that number there.
    """
    jurisdiction = _jurisdiction(jurisdiction_code)
    try:
        with transaction.atomic():
            made = ExemptionCertificate.objects.create(
                company_id=company_id,
                jurisdiction=jurisdiction,
                number=number,
                reason=reason,
                valid_from=valid_from,
                valid_until=valid_until,
            )
    except IntegrityError as error:
        raise CertificateExists(
            _("Certificate “%(number)s” is on record already, or lacks its number, reason or days.")
            % {"number": number}
        ) from error
    record(
        actor=actor,
        action="exemption certificate added",
        subject=f"certificate:{made.id}",
        vendor_id=vendor_id,
        company_id=company_id,
        after={"jurisdiction": jurisdiction_code, "number": number, "until": str(valid_until or "")},
        reason=reason,
    )
    return made.id


def end_certificate(*, vendor_id: int, company_id: int, certificate_id: int, until: date, actor: Actor) -> None:
    """Let a certificate count no more from ``until`` on. Raises CertificateNotFound."""
    mine = ExemptionCertificate.objects.filter(id=certificate_id, company_id=company_id, valid_from__lt=until)
    if not mine.update(valid_until=until):
        raise CertificateNotFound(_("The company has no such certificate that began before that day."))
    record(
        actor=actor,
        action="exemption certificate ended",
        subject=f"certificate:{certificate_id}",
        vendor_id=vendor_id,
        company_id=company_id,
        after={"until": str(until)},
    )


def _jurisdiction(code: str) -> Jurisdiction:
    found = Jurisdiction.objects.filter(code=code).first()
    if found is None:
        raise JurisdictionUnknown(
            _("The tax table has no jurisdiction “%(code)s”; codes are like US-PA or US-PA-ALLEGHENY.") % {"code": code}
        )
    return found
