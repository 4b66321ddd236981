"""The words by which a customer lets a method be debited; they are kept as they were shown."""

from dataclasses import dataclass
from hashlib import sha256

from django.utils.translation import gettext as _

VERSION = "2020-09"


@dataclass(frozen=True, slots=True)
class Terms:
    """The words, in the reader's language, and which version of them it is."""

    text: str
    version: str

    @property
    def sha256(self) -> str:
        """The words' fingerprint: it comes back with the form, so that what was agreed to is what was shown."""
        return sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Consent:
    """Terms that a person agreed to, and from where."""

    terms: Terms
    ip_address: str | None
    user_agent: str


def autopay_terms(*, kind: str, company_name: str, vendor_name: str) -> Terms:
    """Return the words by which a company lets a card or bank account be debited for its invoices."""
    names = {"company": company_name, "vendor": vendor_name}
    if kind == "card":
        text = _(
            "%(company)s authorises %(vendor)s to charge this card for the open amount of each of its invoices, on the "
            "invoice’s due date, and for invoices that are due already, on the next day. This holds until it is "
            "turned off on this site, which is possible at any time and counts for every payment not yet submitted."
        )
    else:
        text = _(
            "%(company)s authorises %(vendor)s to debit this bank account electronically (ACH) for the open amount of "
            "each of its invoices, on the invoice’s due date or the next banking day, and for invoices that are due "
            "already, on the next banking day; and to credit it where a debit was made in error. This holds until it "
            "is turned off on this site, which is possible at any time and counts for every payment not yet submitted."
        )
    return Terms(text=text % names, version=VERSION)
