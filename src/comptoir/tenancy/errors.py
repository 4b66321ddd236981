"""What tenancy refuses."""

from comptoir.kit.errors import ComptoirError


class VendorNotFound(ComptoirError):
    """No vendor has that short name."""


class VendorExists(ComptoirError):
    """Another vendor has that short name."""


class CompanyExists(ComptoirError):
    """Another company of the vendor has that customer number."""


class ClockRefused(ComptoirError):
    """Only a sandbox vendor's clock can be moved, and only forward."""


class LegalIdsRefused(ComptoirError):
    """A country, a registration or VAT number, or an electronic address cannot be right; ``field`` says which."""

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


class TermsOutOfBounds(ComptoirError):
    """Invoices would be issued too long ahead, or be due too late."""


class AlreadyDone(ComptoirError):
    """The same form was sent before, and did what it asks for."""


class FormWithoutReference(ComptoirError):
    """A form came without the reference by which it is done once."""


class LanguageUnknown(ComptoirError):
    """The language is none of those that there are words in."""


class BrandRefused(ComptoirError):
    """A colour cannot be seen, or a logo is no picture; ``field`` says which of them: colour or logo."""

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field
