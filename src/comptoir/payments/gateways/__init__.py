"""The port to a payment processor: what Comptoir asks of one, in its own words. ``stripe`` is the one adapter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Protocol

from comptoir.kit.errors import ComptoirError

IntentStatus = Literal["waiting", "action_required", "processing", "succeeded", "canceled"]
SessionStatus = Literal["open", "complete", "expired"]
DisputeStatus = Literal["needs_response", "under_review", "won", "lost"]
RefundState = Literal["processing", "succeeded", "failed"]


class GatewayUnclear(ComptoirError):
    """The processor gave no clear answer: what was asked may or may not have been done.

    ``key_is_spent``: under its idempotency key the processor will give this answer again, whatever was done. Once it is
    known that nothing was, another key is needed.
    """

    def __init__(self, message: str, *, key_is_spent: bool = False) -> None:
        super().__init__(message)
        self.key_is_spent = key_is_spent


class GatewayNotReady(GatewayUnclear):
    """The processor did nothing, for a reason that lies with us: a key, a setting, an account that it restricts.

    It says nothing of whoever was to pay, or of the method. What was asked was not done, and is asked for again once
    somebody has put it right.
    """


class GatewayRefused(ComptoirError):
    """The processor refused, and did nothing. ``code`` is its own word for why."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class BadSignature(ComptoirError):
    """What came in is not signed by the processor, or was signed too long ago."""


@dataclass(frozen=True, slots=True)
class SavedMethod:
    """What may be known of a card or bank account in the vault. ``expires_on`` is a card's first day out of date."""

    id: str
    kind: str
    brand: str
    last4: str
    expires_on: date | None
    holder_type: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What waits until the owner of a bank account says, at ``url``, which small deposits arrived on it."""

    kind: Literal["amounts", "descriptor_code"]
    url: str
    arrives_on: date


@dataclass(frozen=True, slots=True)
class Session:
    """A hosted page as it stands; ``method`` is what was saved there, ``intent_id`` what was paid there.

    ``verification`` is what saving waits for; ``gave_up`` says that it never came.
    """

    id: str
    status: SessionStatus
    url: str
    reference: str
    intent_id: str | None
    method: SavedMethod | None
    verification: Verification | None = None
    gave_up: bool = False


@dataclass(frozen=True, slots=True)
class Dispute:
    """A bank's late return, or a card holder's complaint: the network's code and the processor's word for why.

    ``amount_minor`` was withdrawn, and ``fee_minor`` besides; ``respond_by`` is until when evidence is taken.
    ``is_of_card``: a card holder's, which its bank decides; a bank debit's is lost at once.
    """

    id: str
    status: DisputeStatus
    code: str
    reason: str
    amount_minor: int
    fee_minor: int
    respond_by: datetime | None
    is_of_card: bool
    was_answered: bool = False


@dataclass(frozen=True, slots=True)
class DisputeEvidence:
    """What is said for a payment: the team's own words, the record of the consent, what was paid for, and by whom."""

    explanation: str
    consent: str
    product: str
    customer_name: str
    customer_email: str
    ip_address: str


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """What is to go back of a payment, in minor units; ``reference`` is our refund, and makes it happen once.

    ``spent_keys`` is how often the processor broke over it, did nothing, and would only say so again.
    """

    reference: str
    intent_id: str
    amount_minor: int
    paid_twice: bool
    spent_keys: int


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund as the processor knows it; ``failure_code`` is its word for why it failed."""

    id: str
    reference: str
    status: RefundState
    failure_code: str


@dataclass(frozen=True, slots=True)
class Intent:
    """A payment as the processor knows it. ``waiting`` with a ``failure_code`` means that the last attempt failed.

    ``bank_reference`` is the number by which a payer's bank finds a debit, once there is one.
    """

    id: str
    status: IntentStatus
    reference: str
    failure_code: str
    method: SavedMethod | None
    dispute: Dispute | None
    verification: Verification | None = None
    bank_reference: str = ""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What every hosted page is opened with; ``reference`` is our own id of what it is for."""

    reference: str
    customer_id: str
    kind: str
    currency: str
    language: str
    success_url: str
    cancel_url: str


@dataclass(frozen=True, slots=True)
class Charge:
    """A debit of a saved method, in minor units; ``reference`` is our payment, and makes it happen once.

    ``confirmation`` is the number that its payer can quote, and may read on the bank's statement.
    ``spent_keys`` is how often the processor broke over it, did nothing, and would only say so again.
    """

    reference: str
    customer_id: str
    method_id: str
    kind: str
    amount_minor: int
    currency: str
    confirmation: str
    spent_keys: int = 0


@dataclass(frozen=True, slots=True)
class GivenConsent:
    """When and from where a customer agreed on our own page to have a saved bank account debited."""

    at: datetime
    ip_address: str | None
    user_agent: str


@dataclass(frozen=True, slots=True)
class News:
    """What a webhook says: that something happened to an object of an account."""

    id: str
    account_id: str
    kind: str
    object_id: str
    payload: Mapping[str, Any]


class Gateway(Protocol):
    """One vendor's account at the processor.

    Every call raises GatewayUnclear when no clear answer came, GatewayNotReady when nothing was done for a reason that
    lies with us, GatewayRefused when the processor said no to what was asked. What moves money is keyed by its
    reference: asked again with the same, the processor answers what it did the first time.
    """

    def create_customer(self, *, reference: str, name: str, number: str) -> str:
        """Create a customer for a company and return its id."""

    def open_setup_page(self, request: PageRequest) -> Session:
        """Open the hosted page on which a payment method is saved."""

    def open_payment_page(
        self, request: PageRequest, *, amount_minor: int, description: str, confirmation: str
    ) -> Session:
        """Open the hosted page on which a payment is made once and nothing is saved."""

    def session(self, session_id: str) -> Session:
        """Return a hosted page as it stands."""

    def find_session(self, *, customer_id: str, reference: str) -> Session | None:
        """Return the hosted page that was opened for our reference, if any was."""

    def expire_session(self, session_id: str) -> Session:
        """Close a hosted page that is open, and return it as it then stands: it may have been used just before."""

    def charge(self, charge: Charge) -> Intent:
        """Debit a saved method without its owner present; a refusal by the bank is an answer, not an error."""

    def intent(self, intent_id: str) -> Intent:
        """Return a payment as it stands, with the dispute or return that came after it."""

    def find_intent(self, *, customer_id: str, reference: str) -> Intent | None:
        """Return the payment that was made for our reference, if any was."""

    def cancel_intent(self, intent_id: str) -> Intent:
        """Call a payment off that waits for its payer, and return it as it then stands."""

    def method(self, method_id: str) -> SavedMethod:
        """Return a saved method as it stands: a card's bank may have replaced it."""

    def detach(self, method_id: str) -> None:
        """Take a method out of the customer's vault, for good; one that is out already is left so."""

    def renew_consent(self, *, reference: str, customer_id: str, method_id: str, given: GivenConsent) -> None:
        """Have a saved bank account debited again by a consent given anew, after the old one was void."""

    def refund(self, order: RefundOrder) -> Refund:
        """Give a payment back, in whole or in part; asked again with the same reference, it is not given twice."""

    def find_refund(self, *, intent_id: str, reference: str) -> Refund | None:
        """Return the refund that was made for our reference, if any was."""

    def refund_as_it_stands(self, refund_id: str) -> Refund:
        """Return a refund as it stands: even one that was done may fail days later."""

    def answer_dispute(self, dispute_id: str, *, evidence: DisputeEvidence) -> None:
        """Hand in why a payment was right; the card holder's bank decides. Only once."""

    def accept_dispute(self, dispute_id: str) -> None:
        """Give in: the dispute is lost."""
