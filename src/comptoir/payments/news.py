"""What the processor's news is about. It only says where to look: what is done follows from what is true there."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from .keeping import look_at_method
from .models import GatewayAccount, Payment, PaymentMethod, Refund, SetupSession, WebhookEvent
from .operations import gateway_of
from .refunds.sending import look_at_refund
from .saving import look_at_setup
from .truth import look_at_payment


def look_at_news(*, event_id: str, now: datetime) -> None:
    """Look at what an event is about, and do what follows; an event that was looked at already is left alone.

    Calls the processor: must not run in a transaction. Raises GatewayUnclear, to be tried again.
    """
    event = WebhookEvent.objects.get(event_id=event_id)
    vendor_id = GatewayAccount.objects.filter(account_id=event.account_id).values_list("vendor_id", flat=True).first()
    if event.handled_at is not None:
        return
    look = _where_to_look(event, vendor_id=vendor_id, now=now) if vendor_id is not None else None
    if look is not None:
        look()
    WebhookEvent.objects.filter(event_id=event_id).update(handled_at=now)


def _where_to_look(event: WebhookEvent, *, vendor_id: int, now: datetime) -> Callable[[], None] | None:
    """The setup or payment of that vendor that the event is about; None for what is not of our making."""
    told = event.payload["data"]["object"]
    if event.kind.startswith("payment_method."):
        kept = PaymentMethod.objects.filter(gateway_id=event.object_id, company__vendor_id=vendor_id).first()
        return (lambda: look_at_method(kept.id, now=now)) if kept else None
    if event.kind.startswith("refund."):
        back_id = read_reference(told["metadata"].get("refund"))
        back = Refund.objects.filter(public_id=back_id, company__vendor_id=vendor_id).first() if back_id else None
        return (lambda: look_at_refund(refund_id=back.id, now=now)) if back else None
    reference = _our_reference(event.kind, told, vendor_id=vendor_id)
    if reference is None:
        return None
    if told.get("mode") == "setup" or told.get("object") == "setup_intent":
        setup = SetupSession.objects.filter(public_id=reference, company__vendor_id=vendor_id).first()
        page_id = told["id"] if told.get("mode") == "setup" else setup and setup.session_id
        return (lambda: look_at_setup(setup_id=setup.id, session_id=page_id, now=now)) if setup and page_id else None
    payment = Payment.objects.filter(public_id=reference, company__vendor_id=vendor_id).first()
    return (lambda: look_at_payment(payment_id=payment.id, now=now)) if payment else None


def _our_reference(kind: str, told: Mapping[str, Any], *, vendor_id: int) -> UUID | None:
    if kind.startswith("checkout.session."):
        return read_reference(told.get("client_reference_id"))
    if kind.startswith("setup_intent."):
        return read_reference(told["metadata"].get("setup"))
    if kind.startswith("payment_intent."):
        return read_reference(told["metadata"].get("payment"))
    if kind.startswith("charge.dispute.") and told.get("payment_intent"):
        return read_reference(gateway_of(vendor_id).intent(told["payment_intent"]).reference)
    return None


def read_reference(told: str | None) -> UUID | None:
    """Our own id, where the processor's object carries one; others may make objects on the account, too."""
    try:
        return UUID(told or "")
    except ValueError:
        return None
