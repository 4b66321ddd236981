"""How Stripe is called: which version, for how long, in whose name, and what its refusals mean."""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

import stripe
from django.conf import settings
from django.utils.translation import gettext as _

from . import GatewayRefused, GatewayUnclear

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


UNCLEAR = (
    stripe.APIConnectionError,
    stripe.AuthenticationError,
    stripe.IdempotencyError,
    stripe.PermissionError,
    stripe.RateLimitError,
)


def ask(call: Callable[[], Answer]) -> Answer:
    """Ask Stripe, and translate its refusals. Raises GatewayUnclear, GatewayRefused."""
    try:
        return call()
    except stripe.StripeError as error:
        raise translated(error) from error


def translated(error: stripe.StripeError) -> GatewayUnclear | GatewayRefused:
    """Tell a plain no from an answer that leaves open what was done, or that says nothing of what was asked for.

    A key that Stripe does not take is no word of a bank: whoever was to be debited did not fail to pay.
    """
    unclear = isinstance(error, UNCLEAR)
    if unclear or error.http_status is None or error.http_status >= 500 or error.http_status == 409:
        return GatewayUnclear(
            _("The payment processor does not answer clearly right now. Wait a few minutes, then look here again."),
            key_is_spent=error.http_status is not None and error.http_status >= 500,
        )
    return GatewayRefused(
        _("The payment processor refused: %(reason)s") % {"reason": error.user_message or str(error)},
        code=str(error.code or ""),
    )
