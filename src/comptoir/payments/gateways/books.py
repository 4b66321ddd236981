"""The port to the processor's own books: what it took, what it moved on the vendor's balance, what it paid out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from . import IntentStatus

# Money of a payment that came; that went back (a refund, a return, a dispute), or came back from there; the vendor's
# own, on its way to its bank, or back; what the processor kept; and what belongs to nothing that is known here.
MovementKind = Literal["payment", "back", "payout", "fee", "other"]
PayoutStatus = Literal["on_its_way", "paid", "failed", "canceled"]


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of the processor's books of a vendor, in minor units: what it moved, and what it kept of it.

    ``intent_id`` is the payment that it belongs to, empty for none; ``is_dispute``: a bank took it, or gave it back.
    """

    id: str
    kind: MovementKind
    amount_minor: int
    fee_minor: int
    currency: str
    moved_at: datetime
    intent_id: str
    source_id: str
    is_dispute: bool = False


@dataclass(frozen=True, slots=True)
class Payout:
    """What the processor sent to the vendor's bank, in minor units; ``is_itemised``: it tells what it pays out."""

    id: str
    amount_minor: int
    currency: str
    status: PayoutStatus
    sent_at: datetime
    arrives_on: date
    is_itemised: bool


@dataclass(frozen=True, slots=True)
class TakenPayment:
    """A payment as the processor lists it, in minor units; ``reference`` is ours, empty for one not of our making."""

    id: str
    reference: str
    status: IntentStatus
    has_failed: bool
    amount_minor: int
    currency: str


class ProcessorBooks(Protocol):
    """The books of one vendor's account at the processor. Each call raises GatewayUnclear, GatewayRefused."""

    def movements(self, *, since: datetime) -> Iterator[Movement]:
        """Return what moved on the balance."""

    def payouts(self, *, since: datetime) -> Iterator[Payout]:
        """Return what was sent to the bank."""

    def paid_out_by(self, payout_id: str) -> Iterator[str]:
        """Return the ids of the movements that a payout pays out, its own aside."""

    def payments(self, *, since: datetime) -> Iterator[TakenPayment]:
        """Return the payments that were made, whoever made them."""

    def payment(self, intent_id: str) -> TakenPayment | None:
        """Return one payment, or None where there is none of that name."""
