"""Money that goes back at Stripe: refunds, and what is said about disputes."""

from typing import Any
from uuid import uuid4

from . import DisputeEvidence, Refund, RefundOrder
from .stripe_calls import LISTED_AT_ONCE, Connected, ask
from .stripe_shapes import refund_of

# Stripe takes texts of a dispute up to this length in all.
EVIDENCE_AT_MOST = 20_000


class StripeMoneyBack(Connected):
    """What a vendor's connected account at Stripe does with money that goes back.

    A dispute takes one answer, whatever key it came under; a fixed one would keep an answer of 500.
    """

    def refund(self, order: RefundOrder) -> Refund:
        """Give a payment back, in whole or in part; asked again with the same reference, it is not given twice."""
        asked: Any = {
            "payment_intent": order.intent_id,
            "amount": order.amount_minor,
            "reason": "duplicate" if order.paid_twice else "requested_by_customer",
            "metadata": {"refund": order.reference},
        }
        key = f"refund:{order.reference}" + (f":{order.spent_keys}" if order.spent_keys else "")
        return refund_of(ask(lambda: self._v1.refunds.create(asked, self._writing(key))))

    def find_refund(self, *, intent_id: str, reference: str) -> Refund | None:
        """Return the refund that was made for our reference, if any was."""
        listed = ask(
            lambda: self._v1.refunds.list({"payment_intent": intent_id, "limit": LISTED_AT_ONCE}, self._reading())
        )
        refunds = [refund_of(each) for each in ask(lambda: list(listed.auto_paging_iter()))]
        return next((each for each in refunds if each.reference == reference), None)

    def refund_as_it_stands(self, refund_id: str) -> Refund:
        """Return a refund as it stands: even one that was done may fail days later."""
        return refund_of(ask(lambda: self._v1.refunds.retrieve(refund_id, None, self._reading())))

    def answer_dispute(self, dispute_id: str, *, evidence: DisputeEvidence) -> None:
        """Hand in why a payment was right; the card holder's bank decides. Only once."""
        told: Any = {
            "uncategorized_text": evidence.explanation,
            "access_activity_log": evidence.consent,
            "customer_name": evidence.customer_name,
            "customer_email_address": evidence.customer_email,
            "customer_purchase_ip": evidence.ip_address,
            "product_description": evidence.product,
        }
        asked: Any = {
            "evidence": {name: text[:EVIDENCE_AT_MOST] for name, text in told.items() if text},
            "submit": True,
        }
        ask(lambda: self._v1.disputes.update(dispute_id, asked, self._writing(f"answer:{dispute_id}:{uuid4().hex}")))

    def accept_dispute(self, dispute_id: str) -> None:
        """Give in: the dispute is lost."""
        ask(lambda: self._v1.disputes.close(dispute_id, None, self._writing(f"accept:{dispute_id}:{uuid4().hex}")))
