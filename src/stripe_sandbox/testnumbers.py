"""The numbers that the stand-in accepts, and what each of them does. Any other number is refused unseen."""

from dataclasses import dataclass
from hashlib import sha256

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ROUTING_NUMBER = "110000000"
BANK_NAME = "STRIPE TEST BANK"
SETTLES_AFTER_BANKING_DAYS = 4
LATE_RETURN_AFTER_BANKING_DAYS = 2


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a payment or a setup fails, in Stripe's words and, for bank debits, in the network's."""

    code: str
    decline_code: str
    message: str
    network_code: str | None = None


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """The dispute that follows a successful payment."""

    reason: str
    network_reason_code: str | None
    banking_days_later: int = 0


@dataclass(frozen=True, kw_only=True)
class TestNumber:
    """A number of the sandbox. ``name`` is what is stored instead of it."""

    name: str
    number: str
    kind: str
    label: str | Promise
    setup_failure: Failure | None = None
    payment_failure: Failure | None = None
    complaint: Complaint | None = None
    refund_waits: bool = False
    refund_fails: bool = False
    brand: str = "visa"

    @property
    def last4(self) -> str:
        """The digits that may be shown."""
        return self.number[-4:]

    @property
    def fingerprint(self) -> str:
        """What tells whether two payment methods are the same account or card."""
        return sha256(f"{self.kind}:{self.number}".encode()).hexdigest()[:16]


_DECLINED = Failure(code="card_declined", decline_code="generic_decline", message="Your card was declined.")
_CARD_FUNDS = Failure(
    code="card_declined", decline_code="insufficient_funds", message="Your card has insufficient funds."
)
_EXPIRED = Failure(code="expired_card", decline_code="expired_card", message="Your card has expired.")

_BANK_FUNDS = Failure(
    code="insufficient_funds",
    decline_code="insufficient_funds",
    network_code="R01",
    message="The customer's account has insufficient funds to cover this payment.",
)
_CLOSED = Failure(
    code="account_closed",
    decline_code="bank_account_closed",
    network_code="R02",
    message="The customer's bank account has been closed.",
)
_NO_ACCOUNT = Failure(
    code="no_account",
    decline_code="bank_account_invalid_details",
    network_code="R03",
    message="The customer's bank account could not be located.",
)
_NOT_AUTHORIZED = Failure(
    code="debit_not_authorized",
    decline_code="debit_not_authorized",
    network_code="R10",
    message="The customer has notified their bank that this payment was unauthorized.",
)

NUMBERS = (
    TestNumber(name="card_success", number="4242424242424242", kind="card", label=_("Succeeds at once")),
    TestNumber(
        name="card_declined",
        number="4000000000000002",
        kind="card",
        label=_("Is declined"),
        setup_failure=_DECLINED,
        payment_failure=_DECLINED,
    ),
    TestNumber(
        name="card_insufficient_funds",
        number="4000000000009995",
        kind="card",
        label=_("Is declined: insufficient funds"),
        setup_failure=_CARD_FUNDS,
        payment_failure=_CARD_FUNDS,
    ),
    TestNumber(
        name="card_expired",
        number="4000000000000069",
        kind="card",
        label=_("Is declined: expired"),
        setup_failure=_EXPIRED,
        payment_failure=_EXPIRED,
    ),
    TestNumber(
        name="card_fails_later",
        number="4000000000000341",
        kind="card",
        label=_("Can be saved, then every payment fails"),
        payment_failure=_DECLINED,
    ),
    TestNumber(
        name="card_dispute",
        number="4000000000000259",
        kind="card",
        label=_("Succeeds, then is disputed"),
        complaint=Complaint(reason="fraudulent", network_reason_code="10.4"),
    ),
    TestNumber(
        name="card_refund_waits",
        number="4000000000007726",
        kind="card",
        label=_("Succeeds; a refund of it takes days"),
        refund_waits=True,
    ),
    TestNumber(
        name="card_refund_fails",
        number="4000000000005126",
        kind="card",
        label=_("Succeeds; a refund of it fails days later"),
        refund_fails=True,
    ),
    TestNumber(
        name="bank_success",
        number="000123456789",
        kind="us_bank_account",
        label=_("Succeeds after 4 banking days"),
    ),
    TestNumber(
        name="bank_insufficient_funds",
        number="000222222227",
        kind="us_bank_account",
        label=_("Fails: insufficient funds (R01)"),
        payment_failure=_BANK_FUNDS,
    ),
    TestNumber(
        name="bank_closed",
        number="000111111113",
        kind="us_bank_account",
        label=_("Fails: account closed (R02)"),
        payment_failure=_CLOSED,
    ),
    TestNumber(
        name="bank_no_account",
        number="000111111116",
        kind="us_bank_account",
        label=_("Fails: no such account (R03)"),
        payment_failure=_NO_ACCOUNT,
    ),
    TestNumber(
        name="bank_not_authorized",
        number="000333333335",
        kind="us_bank_account",
        label=_("Fails: debit not authorized (R10; a company's bank says R29)"),
        payment_failure=_NOT_AUTHORIZED,
    ),
    TestNumber(
        name="bank_dispute",
        number="000555555559",
        kind="us_bank_account",
        label=_("Succeeds, then is disputed (R10; a company's bank says R29)"),
        complaint=Complaint(reason="debit_not_authorized", network_reason_code="R10"),
    ),
    TestNumber(
        name="bank_late_return",
        number="000444444440",
        kind="us_bank_account",
        label=_("Succeeds, then comes back 2 banking days later (R01)"),
        complaint=Complaint(
            reason="insufficient_funds",
            network_reason_code="R01",
            banking_days_later=LATE_RETURN_AFTER_BANKING_DAYS,
        ),
    ),
    TestNumber(
        name="bank_refund_fails",
        number="000666666664",
        kind="us_bank_account",
        label=_("Succeeds after 4 banking days; a refund of it fails"),
        refund_fails=True,
    ),
)

_BY_NUMBER = {each.number: each for each in NUMBERS}
_BY_NAME = {each.name: each for each in NUMBERS}


def numbers_of(kind: str) -> list[TestNumber]:
    """Give the numbers of a kind of payment method."""
    return [each for each in NUMBERS if each.kind == kind]


def recognise(number: str, *, kind: str) -> TestNumber | None:
    """Give what a typed number stands for, or None."""
    known = _BY_NUMBER.get(number)
    return known if known and known.kind == kind else None


def named(name: str) -> TestNumber:
    """Give the number that was stored under its name."""
    return _BY_NAME[name]
