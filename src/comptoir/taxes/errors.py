"""What taxes refuses."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from comptoir.kit.errors import ComptoirError


class RateMissing(ComptoirError):
    """The vendor collects tax at a place, and the table has no rate for it on that day.

    The ``values`` may be kept, and put into the ``words`` when somebody reads them, in that reader's language.
    """

    words: Promise = _(
        "The tax table has no rate for “%(category)s” in %(jurisdiction)s on %(day)s, which %(place)s needs; "
        "add the rate (0 where nothing is due), then try again."
    )

    def __init__(self, **values: str) -> None:
        super().__init__(values)
        self.values = values

    def __str__(self) -> str:
        return str(self.words) % self.values


class CountyNeeded(RateMissing):
    """A city of that name lies in several counties, so the rate depends on the county."""

    words = _("%(place)s lies in several counties with taxes of their own; give the store's county.")


class StateNeeded(RateMissing):
    """The vendor collects taxes there that states levy, and the state is not known."""

    words = _(
        "Taxes depend on the state, and none is known (%(place)s); give the store's state, or open the company's store."
    )


class CountryNeeded(RateMissing):
    """The vendor collects taxes, and not even the country is known: the company has neither store nor country."""

    words = _(
        "Taxes depend on the country, and none is known; open the company's store, or give the company's country."
    )


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
