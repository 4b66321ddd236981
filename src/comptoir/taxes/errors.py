"""What taxes refuses."""

from comptoir.kit.errors import ComptoirError


class RateMissing(ComptoirError):
    """The vendor collects tax at a place, and the table has no rate for it on that day."""


class CountyNeeded(RateMissing):
    """A city of that name lies in several counties, so the rate depends on the county."""


class JurisdictionUnknown(ComptoirError):
    """The table has no jurisdiction of that code."""


class AlreadyRegistered(ComptoirError):
    """The vendor is registered there on some of those days."""


class RegistrationNotFound(ComptoirError):
    """The vendor has no such registration."""


class CertificateExists(ComptoirError):
    """The company has a certificate of that number there."""


class CertificateNotFound(ComptoirError):
    """The company has no such certificate."""


class TaxTableInvalid(ComptoirError):
    """A tax table cannot be read, or contradicts what holds already."""
