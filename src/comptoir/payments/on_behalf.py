"""The billing team takes a payment for a customer who asked it to: from a saved method, with the consent on record.

Numbers are never typed by the team. For a consumer's bank account and consent by telephone NACHA calls the debit TEL:
the originator must know the customer already (or have been called), and must either record the call or send written
notice of date, amount, account and how to revoke before the debit settles, and keep the proof for two years (NACHA
Operating Rules, section 2.5, on TEL entries). Here the statement is stored for good, and mailed to the customer at
once.
"""

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from comptoir.kit.dates import format_date
from comptoir.kit.events import emit
from comptoir.kit.money import format_money
from comptoir.kit.safe_words import refuse_account_numbers
from comptoir.tenancy.audit import Actor, record
from comptoir.tenancy.queries import CompanyRow, VendorRow

from .beginning import begin
from .consent import return_fee_in_words, revoking_in_words
from .errors import ConsentMissing
from .models import ConsentChannel, MethodKind, Payment, PaymentOrigin, RecordedConsent
from .ordering import Order, shares_of
from .paying import usable_method
from .policies import Policy, policy_of


@dataclass(frozen=True, slots=True)
class Said:
    """How a customer consented: who of the company, through which channel, on which day, in which words."""

    given_by: str
    channel: str
    given_on: date
    words: str


@dataclass(frozen=True, slots=True)
class Clerk:
    """Who of the billing team takes the payment, for which vendor, on which business date, and when."""

    user_id: int
    actor: Actor
    vendor: VendorRow
    today: date
    now: datetime


def pay_on_behalf(*, clerk: Clerk, company: CompanyRow, order: Order, method_public_id: UUID, said: Said) -> UUID:
    """Write down a payment that a customer asked the team to take, with its consent, and have the worker debit.

    Must run in the vendor's door; returns the payment's public id. Raises ConsentMissing, NothingToPay, NotPayable,
    AmountChanged, MethodNotFound, MethodUnusable; AccountNumberFound where one stands in what was said.
    """
    _check(said, today=clerk.today)
    method = usable_method(method_public_id, company_id=company.id)
    policy = policy_of(clerk.vendor.id)
    currency, shares = shares_of(order, company_id=company.id, vendor=clerk.vendor)
    payment = begin(
        company_id=company.id,
        origin=PaymentOrigin.ON_BEHALF,
        kind=method.kind,
        method=method,
        currency=currency,
        amounts=shares.amounts,
        on_account_minor=shares.on_account_minor,
        today=clerk.today,
        now=clerk.now,
        channel=said.channel,
        return_fee_minor=policy.return_fee_minor if method.kind == MethodKind.BANK_ACCOUNT else 0,
    )
    text = _statement(payment, company=company, vendor=clerk.vendor, said=said, policy=policy)
    RecordedConsent.objects.create(
        payment=payment,
        company_id=company.id,
        channel=said.channel,
        given_by=said.given_by.strip(),
        given_on=said.given_on,
        words=said.words.strip(),
        text=text,
        text_sha256=sha256(text.encode()).hexdigest(),
        recorded_by_id=clerk.user_id,
        recorded_by_label=clerk.actor.label,
        recorded_at=clerk.now,
    )
    record(
        actor=clerk.actor,
        action="payment_begun",
        subject=f"payment:{payment.public_id}",
        vendor_id=clerk.vendor.id,
        company_id=company.id,
        after={"confirmation": payment.confirmation, "amount_minor": payment.amount_minor, "kind": payment.kind},
        reason=f"{said.channel}: {said.given_by.strip()}, {said.given_on}",
    )
    emit(
        name="payment_requested",
        topic=f"payment:{payment.public_id}",
        vendor_id=clerk.vendor.id,
        company_id=company.id,
        data={"payment": str(payment.public_id)},
    )
    return payment.public_id


def _check(said: Said, *, today: date) -> None:
    if said.channel not in ConsentChannel.values or not said.given_by.strip() or not said.words.strip():
        raise ConsentMissing(_("Record who consented, how, when and in which words; without that nothing is taken."))
    if said.given_on > today:
        raise ConsentMissing(_("A consent cannot have been given on a day to come."))
    refuse_account_numbers(said.given_by, said.words)


def _statement(payment: Payment, *, company: CompanyRow, vendor: VendorRow, said: Said, policy: Policy) -> str:
    """The statement of what was consented to, in the language of the customer, to whom it is mailed."""
    with translation.override(company.language):
        text = _(
            "On %(day)s, %(person)s authorised %(vendor)s for %(company)s to take %(amount)s once from %(method)s, on "
            "%(initiated)s or the next banking day. Confirmation number: %(confirmation)s."
        ) % {
            "day": format_date(day=said.given_on, language=company.language),
            "person": said.given_by.strip(),
            "vendor": vendor.legal_name,
            "company": company.name,
            "amount": format_money(
                amount_minor=payment.amount_minor, currency=payment.currency, language=company.language
            ),
            "method": payment.method_label,
            "initiated": format_date(day=payment.initiated_on, language=company.language),
            "confirmation": payment.confirmation,
        }
        told = return_fee_in_words(policy, vendor=vendor) if payment.return_fee_minor else ""
        return " ".join(filter(None, (text, revoking_in_words(vendor), told)))
