"""The port to a payment processor: what Comptoir asks of one, in its own words. ``stripe`` is the one adapter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Protocol

from comptoir.kit.errors import ComptoirError

IntentStatus = Literal["waiting", "action_required", "processing", "succeeded", "canceled"]
SessionStatus = Literal["open", "complete", "expired"]
DisputeStatus = Literal["open", "won", "lost"]


class GatewayUnclear(ComptoirError):
    """The processor gave no clear answer: what was asked may or may not have been done."""


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
    """A bank's late return, or a card holder's complaint, with the network's code for why."""

    status: DisputeStatus
    code: str


@dataclass(frozen=True, slots=True)
class Intent:
    """A payment as the processor knows it. ``waiting`` with a ``failure_code`` means that the last attempt failed."""

    id: str
    status: IntentStatus
    reference: str
    failure_code: str
    method: SavedMethod | None
    dispute: Dispute | None
    verification: Verification | None = None


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
    """A debit of a saved method, in minor units; ``reference`` is our payment, and makes it happen once."""

    reference: str
    customer_id: str
    method_id: str
    kind: str
    amount_minor: int
    currency: str
    description: str


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

    Every call raises GatewayUnclear when no clear answer came, GatewayRefused when the processor said no. What moves
    money is keyed by its reference: asked again with the same, the processor answers what it did the first time.
    """

    def create_customer(self, *, reference: str, name: str, number: str) -> str:
        """Create a customer for a company and return its id."""

    def open_setup_page(self, request: PageRequest) -> Session:
        """Open the hosted page on which a payment method is saved."""

    def open_payment_page(self, request: PageRequest, *, amount_minor: int, description: str) -> Session:
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
