"""What is set up once at the processor: a vendor's account, where its news is sent, and its test clock."""

import json
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from comptoir.kit.request_id import current_request_id
from comptoir.tenancy.queries import vendor as vendor_row

from .errors import GatewayAccountMissing
from .gateways import Gateway, News, sandbox_clock, stripe
from .gateways.books import ProcessorBooks
from .gateways.stripe_books import StripeBooks
from .models import GatewayAccount
from .queries import gateway_account


def open_gateway_account(*, vendor_id: int, account_id: str = "") -> str:
    """Give a vendor its own account at the processor and return its id; a vendor that has one keeps it.

    Without ``account_id`` one is opened there; a sandbox vendor's starts with the vendor's test clock. Calls the
    processor: must not run in a transaction. Raises GatewayUnclear, GatewayRefused.
    """
    known = gateway_account(vendor_id)
    if known is not None:
        return known
    found = vendor_row(vendor_id)
    made = account_id or stripe.open_account(reference=found.slug, name=found.name, clock=found.business_date)
    GatewayAccount.objects.bulk_create([GatewayAccount(vendor_id=vendor_id, account_id=made)], ignore_conflicts=True)
    return made


def register_webhook(url: str) -> str:
    """Have the processor send its news to ``url``; return the secret, to be set as STRIPE_WEBHOOK_SECRET."""
    return stripe.register_webhook(url)


def advance_gateway_clock(*, vendor_id: int, now: datetime) -> None:
    """Set a sandbox vendor's account to ``now`` at the processor, and wait until it has told what fell due.

    Does nothing where the processor is the real one, or knows no account of the vendor.
    """
    account_id = gateway_account(vendor_id)
    if account_id is not None and settings.STRIPE_API_BASE:
        sandbox_clock.move_clock(account_id, now=now)


def gateway_of(vendor_id: int) -> Gateway:
    """Return the way to the vendor's account at the processor. Raises GatewayAccountMissing."""
    account_id = gateway_account(vendor_id)
    if account_id is None:
        raise GatewayAccountMissing(
            _("This vendor cannot take payments here yet: its account at the payment processor is missing.")
        )
    return stripe.StripeGateway(account_id)


def books_of(vendor_id: int) -> ProcessorBooks:
    """Return the way to the processor's own books of a vendor. Raises GatewayAccountMissing."""
    account_id = gateway_account(vendor_id)
    if account_id is None:
        raise GatewayAccountMissing(
            _("This vendor cannot take payments here yet: its account at the payment processor is missing.")
        )
    return StripeBooks(account_id)


def read_news(*, body: bytes, signature: str) -> News:
    """Return what the processor says, once it is proven that it says so. Raises BadSignature."""
    return stripe.read_news(body=body, signature=signature)


def put_down(news: News) -> bool:
    """Keep what the processor says, once, and have the worker look; return False for what was said before.

    It is committed when this returns. One statement does it all: news comes in hundreds a second. Takes no door, since
    the web's own login may do nothing but call this one function of the database.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT payments_take_news(%s, %s, %s, %s, %s::jsonb, %s, %s)",
            [
                news.id,
                news.account_id,
                news.kind,
                news.object_id,
                json.dumps(news.payload),
                current_request_id(),
                settings.EVENT_LISTENERS["webhook_received"],
            ],
        )
        (is_new,) = cursor.fetchone() or (False,)
    return bool(is_new)
