"""The words by which a customer lets a method be debited; they are kept as they were shown."""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comptoir.kit.dates import format_date
from comptoir.kit.money import format_money
from comptoir.tenancy.queries import VendorRow

from .errors import TermsChanged
from .policies import Policy

VERSION = "2020-11"


@dataclass(frozen=True, slots=True)
class Terms:
    """The words, in the reader's ``language``, and which version of them it is.

    ``return_fee_minor`` is what a debit that comes back costs by them, in minor units; 0 where they name no fee.
    """

    text: str
    version: str
    language: str
    return_fee_minor: int = 0

    @property
    def sha256(self) -> str:
        """The words' fingerprint: it comes back with the form, so that what was agreed to is what was shown."""
        return sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Agreed:
    """That a person agreed to the words with this fingerprint, and from where."""

    sha256: str
    ip_address: str | None
    user_agent: str


@dataclass(frozen=True, slots=True)
class Consent:
    """Terms that a person agreed to, and from where."""

    terms: Terms
    ip_address: str | None
    user_agent: str


def consent_to(terms: Terms, agreed: Agreed | None) -> Consent:
    """Return the consent to the terms that hold. Raises TermsChanged where other words were agreed to, or none."""
    if agreed is None or agreed.sha256 != terms.sha256:
        raise TermsChanged(
            _("The words of the authorisation changed after this page was opened. Please read them and agree again.")
        )
    return Consent(terms=terms, ip_address=agreed.ip_address, user_agent=agreed.user_agent)


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
    if kind == "card":
        return _terms(text % names)
    return _terms(text % names, return_fee_in_words(policy, vendor=vendor), return_fee_minor=policy.return_fee_minor)


@dataclass(frozen=True, slots=True)
class Debit:
    """A debit that is made once: how much (minor units), on which day, and from what.

    ``method_label`` is empty where the account is typed on the processor's page afterwards.
    """

    amount_minor: int
    currency: str
    day: date
    method_label: str


def debit_terms(debit: Debit, *, company_name: str, vendor: VendorRow, policy: Policy) -> Terms:
    """Return the words by which a company lets a bank account be debited once, and no further.

    They say what the network asks of a single entry's authorisation: that it is one, its amount, day and account, whose
    it is, and how it is revoked (Nacha Operating Rules, 2.3.2.2); and what the vendor charges if it comes back.
    """
    names = _names(debit, company_name=company_name, vendor=vendor)
    if debit.method_label:
        text = _(
            "%(company)s authorises %(vendor)s to debit %(method)s electronically (ACH) once, for %(amount)s, on "
            "%(day)s or the next banking day; and to credit it where this debit was made in error."
        )
    else:
        text = _(
            "%(company)s authorises %(vendor)s to debit the bank account that is given on the payment processor’s next "
            "page electronically (ACH) once, for %(amount)s, on %(day)s or the next banking day; and to credit it "
            "where this debit was made in error."
        )
    return _terms(
        text % names,
        revoking_in_words(vendor),
        return_fee_in_words(policy, vendor=vendor),
        return_fee_minor=policy.return_fee_minor,
    )


def charge_terms(debit: Debit, *, company_name: str, vendor: VendorRow) -> Terms:
    """Return the words by which a company lets a saved card be charged once, and no further."""
    text = _("%(company)s authorises %(vendor)s to charge %(method)s once, for %(amount)s, on %(day)s.")
    return _terms(text % _names(debit, company_name=company_name, vendor=vendor), revoking_in_words(vendor))


def _names(debit: Debit, *, company_name: str, vendor: VendorRow) -> dict[str, str]:
    language = get_language() or "en"
    return {
        "company": company_name,
        "vendor": vendor.legal_name,
        "amount": format_money(amount_minor=debit.amount_minor, currency=debit.currency, language=language),
        "day": format_date(day=debit.day, language=language),
        "method": debit.method_label,
    }


def _terms(*sentences: str, return_fee_minor: int = 0) -> Terms:
    return Terms(
        text=" ".join(filter(None, sentences)),
        version=VERSION,
        language=get_language() or "en",
        return_fee_minor=return_fee_minor,
    )


def revoking_in_words(vendor: VendorRow) -> str:
    """Return how whoever authorised one payment takes that back, or asks."""
    if not vendor.phone:
        return _("To revoke this before it is submitted, or with questions, write to %(email)s.") % {
            "email": vendor.email
        }
    return _("To revoke this before it is submitted, or with questions, write to %(email)s or call %(phone)s.") % {
        "email": vendor.email,
        "phone": vendor.phone,
    }


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
