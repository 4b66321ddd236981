"""A vendor's books at Stripe: balance transactions, payouts, and payment intents, page by page."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import stripe

from . import GatewayRefused, GatewayUnclear
from .books import Movement, MovementKind, Payout, PayoutStatus, TakenPayment
from .stripe_calls import LISTED_AT_ONCE, Connected, ask
from .stripe_shapes import INTENT_STATUSES, reference_of

# Stripe's words for what moved: https://docs.stripe.com/reports/balance-transaction-types
KINDS: dict[str, MovementKind] = {
    "charge": "payment",
    "payment": "payment",
    "refund": "back",
    "payment_refund": "back",
    "refund_failure": "back",
    "payment_failure_refund": "back",
    "payment_reversal": "back",
    "payout": "payout",
    "payout_cancel": "payout",
    "payout_failure": "payout",
    "stripe_fee": "fee",
    "stripe_fx_fee": "fee",
    "application_fee": "fee",
    "tax_fee": "fee",
}
PAYOUT_STATUSES: dict[str, PayoutStatus] = {
    "pending": "on_its_way",
    "in_transit": "on_its_way",
    "paid": "paid",
    "failed": "failed",
    "canceled": "canceled",
}
MISSING = "resource_missing"
PAUSES_SECONDS = (0.1, 0.4, 1.6, 6.4)


class StripeBooks(Connected):
    """The books of one vendor's connected account."""

    def movements(self, *, since: datetime) -> Iterator[Movement]:
        """Return what moved on the balance, the latest first."""
        asked: Any = {"created": _from(since), "expand": ["data.source"], "limit": LISTED_AT_ONCE}
        return (movement_of(each) for each in self._all(self._v1.balance_transactions, asked))

    def payouts(self, *, since: datetime) -> Iterator[Payout]:
        """Return what was sent to the bank, the latest first."""
        asked: Any = {"created": _from(since), "limit": LISTED_AT_ONCE}
        return (payout_of(each) for each in self._all(self._v1.payouts, asked))

    def paid_out_by(self, payout_id: str) -> Iterator[str]:
        """Return the ids of the movements that a payout pays out, its own aside."""
        asked: Any = {"payout": payout_id, "limit": LISTED_AT_ONCE}
        listed = self._all(self._v1.balance_transactions, asked)
        return (each.id for each in listed if KINDS.get(each.type) != "payout")

    def payments(self, *, since: datetime) -> Iterator[TakenPayment]:
        """Return the payments that were made, whoever made them, the latest first."""
        asked: Any = {"created": _from(since), "limit": LISTED_AT_ONCE}
        return (taken_of(each) for each in self._all(self._v1.payment_intents, asked))

    def payment(self, intent_id: str) -> TakenPayment | None:
        """Return one payment, or None where there is none of that name."""
        try:
            return taken_of(ask(lambda: self._v1.payment_intents.retrieve(intent_id, None, self._reading())))
        except GatewayRefused as refusal:
            if refusal.code == MISSING:
                return None
            raise

    def _all(self, service: Any, asked: Any) -> Iterator[Any]:
        """Return every object of a list, asking for page after page."""
        listed = self._page(service, asked)
        while True:
            yield from listed.data
            if not listed.has_more:
                return
            listed = self._page(service, asked | {"starting_after": listed.data[-1].id})

    def _page(self, service: Any, asked: Any) -> Any:
        """Return one page; of hundreds, some meet a limit or a fault, and all would be read again for one."""
        for seconds in PAUSES_SECONDS:
            try:
                return ask(lambda: service.list(asked, self._reading()))
            except GatewayUnclear:
                time.sleep(seconds)
        return ask(lambda: service.list(asked, self._reading()))


def movement_of(found: stripe.BalanceTransaction) -> Movement:
    """Return one line of Stripe's books; what Stripe takes as an amount of its own is a fee, too."""
    source = found.source
    kind = KINDS.get(found.type, "other")
    intent = getattr(source, "payment_intent", None) if not isinstance(source, str | None) else None
    intent_id = intent.id if isinstance(intent, stripe.PaymentIntent) else intent or ""
    if kind == "other" and intent_id:  # an adjustment: what a dispute takes, or gives back
        kind = "back"
    return Movement(
        id=found.id,
        kind=kind,
        amount_minor=0 if kind == "fee" else found.amount,
        fee_minor=found.fee - found.amount if kind == "fee" else found.fee,
        currency=found.currency.upper(),
        moved_at=_at(found.created),
        intent_id=intent_id,
        is_dispute=isinstance(source, stripe.Dispute),
        source_id=source if isinstance(source, str) else str(getattr(source, "id", "")),
    )


def payout_of(found: stripe.Payout) -> Payout:
    """Return a payout; Stripe dates its arrival in UTC."""
    return Payout(
        id=found.id,
        amount_minor=found.amount,
        currency=found.currency.upper(),
        status=PAYOUT_STATUSES[found.status],
        sent_at=_at(found.created),
        arrives_on=_at(found.arrival_date).date(),
        is_itemised=found.automatic,
    )


def taken_of(found: stripe.PaymentIntent) -> TakenPayment:
    """Return a payment as Stripe lists it."""
    return TakenPayment(
        id=found.id,
        reference=reference_of(found),
        status=INTENT_STATUSES[found.status],
        has_failed=found.last_payment_error is not None,
        amount_minor=found.amount,
        currency=found.currency.upper(),
    )


def _from(since: datetime) -> dict[str, int]:
    return {"gte": int(since.timestamp())}


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)
