"""What a payer agrees to on a page: the words that hold for one debit, and what is written down of a consent."""

from django.utils import translation

from .consent import Consent, Debit, Terms, charge_terms, debit_terms
from .models import Authorisation, MethodKind, Payment
from .payer import Payer
from .policies import policy_of


def words_of_debit(payer: Payer, *, kind: str, amount_minor: int, currency: str, method_label: str) -> Terms | None:
    """Return the words by which a payer lets a bank account, or a saved card, be debited once today, in its language.

    None for a card that is typed on the processor's page, which needs no such words. Without ``method_label`` the bank
    account is typed there. Must run in the payer's door.
    """
    if kind != MethodKind.BANK_ACCOUNT and not method_label:
        return None
    debit = Debit(amount_minor=amount_minor, currency=currency, day=payer.today, method_label=method_label)
    policy = policy_of(payer.vendor.id)
    with translation.override(payer.language):
        if kind != MethodKind.BANK_ACCOUNT:
            return charge_terms(debit, company_name=payer.company.name, vendor=payer.vendor)
        return debit_terms(debit, company_name=payer.company.name, vendor=payer.vendor, policy=policy)


def write_down(payer: Payer, consent: Consent, *, payment: Payment | None = None) -> Authorisation:
    """Keep what a payer agreed to, for good; without a ``payment`` it is to stand for a method.

    Must run in the payer's door.
    """
    return Authorisation.objects.create(
        company_id=payer.company.id,
        payment=payment,
        text=consent.terms.text,
        text_version=consent.terms.version,
        text_language=consent.terms.language,
        text_sha256=consent.terms.sha256,
        return_fee_minor=consent.terms.return_fee_minor,
        given_by_id=payer.user_id,
        given_by_label=payer.actor.label,
        given_at=payer.now,
        ip_address=consent.ip_address,
        user_agent=consent.user_agent,
    )
