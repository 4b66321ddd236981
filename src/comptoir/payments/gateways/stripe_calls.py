"""How Stripe is called: which version, for how long, in whose name, and what its refusals mean."""

import logging
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

import stripe
from django.conf import settings
from django.utils.translation import gettext as _

from . import GatewayNotReady, GatewayRefused, GatewayUnclear

log = logging.getLogger(__name__)

API_VERSION = "2026-10-28.endive"
CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 30.0
RETRIES_WHEN_READING = 2
LISTED_AT_ONCE = 100

Answer = TypeVar("Answer")


class Connected:
    """One vendor's connected account: every call is in its name."""

    def __init__(self, account_id: str) -> None:
        self._account_id = account_id
        self._v1 = the_client().v1

    def _writing(self, key: str) -> stripe.RequestOptions:
        """Whether to try again is ours to decide, so the SDK never does."""
        return {"stripe_account": self._account_id, "idempotency_key": key, "max_network_retries": 0}

    def _reading(self) -> stripe.RequestOptions:
        return {"stripe_account": self._account_id, "max_network_retries": RETRIES_WHEN_READING}


def the_client() -> stripe.StripeClient:
    """Return the SDK's client for this installation's key."""
    return _client(settings.STRIPE_API_KEY, settings.STRIPE_API_BASE)


@lru_cache(maxsize=4)
def _client(api_key: str, api_base: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        api_key or "unset",
        stripe_version=API_VERSION,
        base_addresses={"api": api_base} if api_base else {},
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=(CONNECT_SECONDS, ANSWER_SECONDS)),
    )


UNCLEAR = (stripe.APIConnectionError, stripe.IdempotencyError, stripe.RateLimitError)
NOT_READY = (stripe.AuthenticationError, stripe.PermissionError)
# What Stripe may have against one payment: its amount, or the method that it is from. Nothing else that it refuses a
# payment for is its payer's doing: it lies between Stripe and the vendor.
AGAINST_PAYMENT = frozenset(
    {
        "amount_too_small",
        "amount_too_large",
        "bank_account_restricted",
        "bank_account_unusable",
        "bank_account_unverified",
        "payment_intent_incompatible_payment_method",
        "payment_intent_mandate_invalid",
        "payment_intent_unexpected_state",
        "payment_method_customer_decline",
    }
)


def ask(call: Callable[[], Answer], *, for_payment: bool = False) -> Answer:
    """Ask Stripe, and translate its refusals; ``for_payment``: to take one. Raises GatewayUnclear, GatewayRefused."""
    try:
        return call()
    except stripe.StripeError as error:
        raise translated(error, for_payment=for_payment) from error


def translated(error: stripe.StripeError, *, for_payment: bool = False) -> GatewayUnclear | GatewayRefused:
    """Tell a plain no from an answer that leaves open what was done, or that says nothing of what was asked for.

    A key that Stripe does not take, or an account that it restricts, is no word of a bank: whoever was to be debited
    did not fail to pay.
    """
    unclear = isinstance(error, UNCLEAR)
    if unclear or error.http_status is None or error.http_status >= 500 or error.http_status == 409:
        return GatewayUnclear(
            _("The payment processor does not answer clearly right now. Wait a few minutes, then look here again."),
            key_is_spent=error.http_status is not None and error.http_status >= 500,
        )
    if isinstance(error, NOT_READY) or (for_payment and not _is_against_payment(error)):
        log.error("the payment processor takes nothing from us: %s", error)
        return GatewayNotReady(
            _("The payment processor takes no payments here right now. Nothing was taken; the billing team is told.")
        )
    return GatewayRefused(
        _("The payment processor refused: %(reason)s") % {"reason": error.user_message or str(error)},
        code=str(error.code or ""),
    )


def _is_against_payment(error: stripe.StripeError) -> bool:
    if not isinstance(error, stripe.InvalidRequestError):
        return isinstance(error, stripe.CardError)
    return error.code in AGAINST_PAYMENT or (error.code == "resource_missing" and error.param == "payment_method")
