"""The words by which a customer lets a method be debited; they are kept as they were shown."""

from dataclasses import dataclass
from hashlib import sha256

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comptoir.kit.money import format_money
from comptoir.tenancy.queries import VendorRow

from .policies import Policy

VERSION = "2020-11"


@dataclass(frozen=True, slots=True)
class Terms:
    """The words, in the reader's language, and which version of them it is.

    ``return_fee_minor`` is what a debit that comes back costs by them, in minor units; 0 where they name no fee.
    """

    text: str
    version: str
    return_fee_minor: int = 0

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


def autopay_terms(*, kind: str, company_name: str, vendor: VendorRow, policy: Policy) -> Terms:
    """Return the words by which a company lets a card or bank account be debited for its invoices.

    For a bank account they name what the vendor's ``policy`` charges for a debit that comes back: what is not named is
    not charged (Nacha Operating Rules, 2.14).
    """
    names = {"company": company_name, "vendor": vendor.legal_name}
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
    fee_minor = 0 if kind == "card" else policy.return_fee_minor
    told = return_fee_in_words(policy, vendor=vendor) if fee_minor else ""
    return Terms(text=f"{text % names} {told}".strip(), version=VERSION, return_fee_minor=fee_minor)


def return_fee_in_words(policy: Policy, *, vendor: VendorRow) -> str:
    """Return what a vendor charges for a bank debit that comes back, for whoever authorises one; empty for nothing."""
    if not policy.return_fee_minor:
        return ""
    words = {
        "vendor": vendor.legal_name,
        "fee": _money(policy.return_fee_minor, vendor=vendor),
        "cap": _money(policy.return_fee_cap_minor or 0, vendor=vendor),
    }
    if policy.return_fee_cap_minor:
        return (
            _(
                "If a bank returns a debit because the money is not in the account (return codes R01 and R09), "
                "%(vendor)s charges %(fee)s for it, plus any tax, on the next invoice; at most %(cap)s in a calendar "
                "month."
            )
            % words
        )
    return (
        _(
            "If a bank returns a debit because the money is not in the account (return codes R01 and R09), %(vendor)s "
            "charges %(fee)s for it, plus any tax, on the next invoice."
        )
        % words
    )


def check_fee_in_words(policy: Policy, *, vendor: VendorRow) -> str:
    """Return what a vendor charges for a check that the bank sends back, for whoever sends one; empty for nothing."""
    if not policy.check_fee_minor:
        return ""
    return _("A check that the bank returns unpaid costs %(fee)s, plus any tax, on the next invoice.") % {
        "fee": _money(policy.check_fee_minor, vendor=vendor)
    }


def _money(amount_minor: int, *, vendor: VendorRow) -> str:
    return format_money(amount_minor=amount_minor, currency=vendor.currency, language=get_language() or "en")
