"""Stripe, by its own SDK. All calls go to the vendor's connected account."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import uuid4

import stripe
from django.conf import settings
from django.utils.translation import gettext as _

from . import (
    BadSignature,
    Charge,
    Dispute,
    GatewayNotReady,
    GatewayRefused,
    GatewayUnclear,
    GivenConsent,
    Intent,
    News,
    PageRequest,
    SavedMethod,
    Session,
)
from .stripe_calls import API_VERSION, LISTED_AT_ONCE, ask, the_client, translated
from .stripe_money_back import StripeMoneyBack
from .stripe_shapes import dispute_of, intent_of, method_of, reference_of, session_of

SIGNED_AT_MOST_SECONDS_AGO = 300
KEPT_OF_NEWS = ("id", "object", "mode", "client_reference_id", "payment_intent")
WANTED_EVENTS: tuple[Any, ...] = (
    "checkout.session.completed",
    "checkout.session.expired",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "setup_intent.requires_action",
    "setup_intent.succeeded",
    "setup_intent.setup_failed",
    "setup_intent.canceled",
    "payment_method.updated",
    "payment_method.automatically_updated",
    "payment_intent.requires_action",
    "payment_intent.processing",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "refund.created",
    "refund.updated",
    "refund.failed",
)


class StripeGateway(StripeMoneyBack):
    """One vendor's connected account at Stripe."""

    def create_customer(self, *, reference: str, name: str, number: str) -> str:
        """Create a customer for a company and return its id."""
        asked: Any = {"name": name, "metadata": {"company": reference, "number": number}}
        key = f"customer:{reference}"
        try:
            made = ask(lambda: self._v1.customers.create(asked, self._writing(key)))
        except GatewayUnclear as unclear:
            if not unclear.key_is_spent:
                raise
            # A second customer of that name does no harm; one that is never made does.
            made = ask(lambda: self._v1.customers.create(asked, self._writing(_once(key))))
        return made.id

    def open_setup_page(self, request: PageRequest) -> Session:
        """Open the hosted page on which a payment method is saved."""
        asked = _page(request) | {
            "mode": "setup",
            "currency": request.currency.lower(),
            "setup_intent_data": {"metadata": {"setup": request.reference}},
        }
        return self._open(asked, key=f"setup:{request.reference}")

    def open_payment_page(
        self, request: PageRequest, *, amount_minor: int, description: str, confirmation: str
    ) -> Session:
        """Open the hosted page on which a payment is made once and nothing is saved."""
        price = {
            "currency": request.currency.lower(),
            "unit_amount": amount_minor,
            "product_data": {"name": description},
        }
        asked = _page(request) | {
            "mode": "payment",
            "line_items": [{"price_data": price, "quantity": 1}],
            "payment_intent_data": {
                "metadata": {"payment": request.reference},
                "description": description,
                **_on_statement(request.kind, confirmation),
            },
        }
        return self._open(asked, key=f"payment:{request.reference}")

    def session(self, session_id: str) -> Session:
        """Return a hosted page as it stands."""
        found = ask(
            lambda: self._v1.checkout.sessions.retrieve(
                session_id, {"expand": ["setup_intent.payment_method"]}, self._reading()
            )
        )
        return session_of(found)

    def find_session(self, *, customer_id: str, reference: str) -> Session | None:
        """Return the hosted page that was opened for our reference, if any was."""
        listed = ask(
            lambda: self._v1.checkout.sessions.list({"customer": customer_id, "limit": LISTED_AT_ONCE}, self._reading())
        )
        pages = ask(lambda: list(listed.auto_paging_iter()))
        return next((session_of(page) for page in pages if page.client_reference_id == reference), None)

    def expire_session(self, session_id: str) -> Session:
        """Close a hosted page that is open, and return it as it then stands: it may have been used just before."""
        try:
            once = self._writing(_once(f"expire:{session_id}"))
            ask(lambda: self._v1.checkout.sessions.expire(session_id, None, once))
        except GatewayRefused:
            return self.session(session_id)
        return self.session(session_id)

    def charge(self, charge: Charge) -> Intent:
        """Debit a saved method without its owner present; a refusal by the bank is an answer, not an error."""
        asked: Any = {
            "amount": charge.amount_minor,
            "currency": charge.currency.lower(),
            "customer": charge.customer_id,
            "payment_method": charge.method_id,
            "allowed_payment_method_types": [charge.kind],
            "off_session": True,
            "confirm": True,
            "description": charge.confirmation,
            "metadata": {"payment": charge.reference},
            **_on_statement(charge.kind, charge.confirmation),
        }
        try:
            made = self._v1.payment_intents.create(asked, self._writing(_key_of(charge)))
        except stripe.StripeError as error:
            refused = error.error.payment_intent if error.error else None
            if refused is None:
                raise translated(error, for_payment=True) from error
            return self._made(refused.id)
        return self._made(made.id)

    def _made(self, intent_id: str) -> Intent:
        """Read a payment that was just made: if that is refused, it was made all the same."""
        try:
            return self.intent(intent_id)
        except (GatewayRefused, GatewayNotReady) as refusal:
            raise GatewayUnclear(str(refusal)) from refusal

    def intent(self, intent_id: str) -> Intent:
        """Return a payment as it stands, with the dispute or return that came after it."""
        found = ask(
            lambda: self._v1.payment_intents.retrieve(
                intent_id, {"expand": ["latest_charge", "payment_method"]}, self._reading()
            )
        )
        return intent_of(found, dispute=self._dispute_of(found))

    def find_intent(self, *, customer_id: str, reference: str) -> Intent | None:
        """Return the payment that was made for our reference, if any was."""
        listed = ask(
            lambda: self._v1.payment_intents.list({"customer": customer_id, "limit": LISTED_AT_ONCE}, self._reading())
        )
        for intent in ask(lambda: list(listed.auto_paging_iter())):
            if reference_of(intent) == reference:
                return self.intent(intent.id)
        return None

    def cancel_intent(self, intent_id: str) -> Intent:
        """Call a payment off that waits for its payer, and return it as it then stands."""
        try:
            ask(lambda: self._v1.payment_intents.cancel(intent_id, None, self._writing(_once(f"cancel:{intent_id}"))))
        except GatewayRefused:
            return self.intent(intent_id)
        return self.intent(intent_id)

    def method(self, method_id: str) -> SavedMethod:
        """Return a saved method as it stands: a card's bank may have replaced it."""
        return method_of(ask(lambda: self._v1.payment_methods.retrieve(method_id, None, self._reading())))

    def detach(self, method_id: str) -> None:
        """Take a method out of the customer's vault, for good; one that is out already is left so."""
        found = ask(lambda: self._v1.payment_methods.retrieve(method_id, None, self._reading()))
        if found.customer:
            ask(lambda: self._v1.payment_methods.detach(method_id, None, self._writing(_once(f"detach:{method_id}"))))

    def renew_consent(self, *, reference: str, customer_id: str, method_id: str, given: GivenConsent) -> None:
        """Have a saved bank account debited again by a consent given anew, after the old one was void."""
        online = {"ip_address": given.ip_address or "", "user_agent": given.user_agent}
        accepted = {"type": "online", "online": online} if given.ip_address else {"type": "offline", "offline": {}}
        asked: Any = {
            "customer": customer_id,
            "payment_method": method_id,
            "allowed_payment_method_types": ["us_bank_account"],
            "confirm": True,
            "usage": "off_session",
            "mandate_data": {"customer_acceptance": accepted | {"accepted_at": int(given.at.timestamp())}},
            "metadata": {"consent": reference},
        }
        once = self._writing(_once(f"consent:{reference}"))
        ask(lambda: self._v1.setup_intents.create(asked, once))

    def _open(self, asked: Any, *, key: str) -> Session:
        opened = ask(lambda: self._v1.checkout.sessions.create(asked, self._writing(key)), for_payment=True)
        return session_of(opened)

    def _dispute_of(self, intent: stripe.PaymentIntent) -> Dispute | None:
        charge = intent.latest_charge
        if not isinstance(charge, stripe.Charge) or not charge.disputed:
            return None
        listed = ask(lambda: self._v1.disputes.list({"payment_intent": intent.id, "limit": 1}, self._reading()))
        return dispute_of(listed.data[0]) if listed.data else None


def open_account(*, reference: str, name: str, clock: date | None) -> str:
    """Open a connected account for a vendor and return its id; ``clock`` is where a sandbox's own clock starts."""
    asked: Any = {
        "country": "US",
        "business_profile": {"name": name},
        "controller": {
            "fees": {"payer": "account"},
            "losses": {"payments": "stripe"},
            "stripe_dashboard": {"type": "full"},
        },
        "metadata": {"vendor": reference} | ({"sandbox_clock": f"{clock}T00:00:00Z"} if clock else {}),
    }
    client = the_client()
    return ask(lambda: client.v1.accounts.create(asked, _platform_writing(f"account:{reference}"))).id


def register_webhook(url: str) -> str:
    """Have the news of all connected accounts sent to ``url``, and return the secret that they are signed with."""
    client = the_client()
    made = ask(
        lambda: client.v1.webhook_endpoints.create(
            {"url": url, "enabled_events": list(WANTED_EVENTS), "connect": True, "api_version": API_VERSION},  # type: ignore[typeddict-item]
            _platform_writing(_once("webhook")),
        )
    )
    return made.secret or ""


def read_news(*, body: bytes, signature: str) -> News:
    """Return what a webhook says, once its signature and time are proven. Raises BadSignature.

    Of the object only what says which one it is: the rest, with names, addresses and bank details, is not ours to keep.
    """
    if not settings.STRIPE_WEBHOOK_SECRET:
        raise BadSignature(_("News of payments cannot be proven here; set STRIPE_WEBHOOK_SECRET."))
    try:
        stripe.WebhookSignature.verify_header(
            body, signature, settings.STRIPE_WEBHOOK_SECRET, SIGNED_AT_MOST_SECONDS_AGO
        )
        payload = json.loads(body)
        told = payload["data"]["object"]
        return News(
            id=str(payload["id"]),
            account_id=str(payload.get("account", "")),
            kind=str(payload["type"]),
            object_id=str(told.get("id", "")),
            payload={"created": payload.get("created"), "data": {"object": _which(told)}},
        )
    except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadSignature(_("This is not signed by the payment processor, or it was signed too long ago.")) from error


def _which(told: Mapping[str, Any]) -> dict[str, Any]:
    metadata = told.get("metadata") or {}
    ours = {name: metadata.get(name) for name in ("payment", "setup", "refund")}
    return {name: told.get(name) for name in KEPT_OF_NEWS} | {"metadata": ours}


def _platform_writing(key: str) -> stripe.RequestOptions:
    return {"idempotency_key": key, "max_network_retries": 0}


def _key_of(charge: Charge) -> str:
    return f"payment:{charge.reference}" + (f":{charge.spent_keys}" if charge.spent_keys else "")


def _once(what: str) -> str:
    """Return a key for what comes to the same however often it is done: a fixed one would keep an answer of 500."""
    return f"{what}:{uuid4().hex}"


def _on_statement(kind: str, confirmation: str) -> dict[str, str]:
    """What a card's statement says after the vendor's own name: the confirmation number, without its hyphen.

    These ten characters are what is left of 22 beside a prefix of ten and "* ". What Stripe refuses there is left out.
    A bank's statement has no room for it: the name that Stripe lets be replaced is the one by which a debit is known.
    """
    letters = confirmation.replace("-", "")
    return {"statement_descriptor_suffix": letters} if kind == "card" and not letters.isdecimal() else {}


def _page(request: PageRequest) -> dict[str, Any]:
    return {
        "client_reference_id": request.reference,
        "customer": request.customer_id,
        "allowed_payment_method_types": [request.kind],
        "locale": request.language,
        "success_url": request.success_url,
        "cancel_url": request.cancel_url,
    }
