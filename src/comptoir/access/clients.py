"""Products as clients of the single sign-on: who registers them, and where people are sent back to."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from comptoir.catalog.models import Product
from comptoir.tenancy.audit import Actor, record

from .addresses import refuse_unsafe
from .errors import ClientNotRegistered
from .models import Application
from .signing import rotate_if_old


@dataclass(frozen=True, slots=True)
class Registered:
    """What a product's own configuration needs. The secret is shown once, and kept by its hash alone."""

    client_id: str
    secret: str


@dataclass(frozen=True, slots=True)
class ClientRow:
    """A registered client, for lists."""

    client_id: str
    product_name: str
    redirect_uris: tuple[str, ...]
    post_logout_uris: tuple[str, ...]
    backchannel_logout_uri: str


@transaction.atomic
def register_client(
    *,
    vendor_id: int,
    product_code: str,
    redirect_uris: Sequence[str],
    post_logout_uris: Sequence[str] = (),
    backchannel_logout_uri: str = "",
    actor: Actor,
    now: datetime,
) -> Registered:
    """Register a product's program, which logs in with a secret. Raises ClientNotRegistered.

    Addresses are compared letter by letter; each must be https, or on this very machine.
    """
    product = Product.objects.filter(vendor_id=vendor_id, code=product_code).first()
    if product is None:
        raise ClientNotRegistered(_("There is no product “%(code)s” in the catalog.") % {"code": product_code})
    if not redirect_uris:
        raise ClientNotRegistered(_("Name at least one address that people are sent back to after the login."))
    for uri in (*redirect_uris, *post_logout_uris):
        refuse_unsafe(uri, is_called=False, refusal=ClientNotRegistered)
    if backchannel_logout_uri:
        refuse_unsafe(backchannel_logout_uri, is_called=True, refusal=ClientNotRegistered)
    secret = secrets.token_urlsafe(32)
    made = Application.objects.create(
        vendor_id=vendor_id,
        product=product,
        name=product.name,
        client_id=secrets.token_urlsafe(16),
        client_secret=hash_of_secret(secret),
        hash_client_secret=False,  # it is hashed already
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        algorithm=Application.RS256_ALGORITHM,
        skip_authorization=True,
        redirect_uris=" ".join(redirect_uris),
        post_logout_redirect_uris=" ".join(post_logout_uris),
        backchannel_logout_uri=backchannel_logout_uri,
    )
    rotate_if_old(now=now)
    record(
        actor=actor,
        action="sign-on client registered",
        subject=f"client:{made.client_id}",
        vendor_id=vendor_id,
        after={"product": product_code, "redirect_uris": list(redirect_uris)},
    )
    return Registered(client_id=made.client_id, secret=secret)


@transaction.atomic
def remove_client(*, vendor_id: int, client_id: str, actor: Actor) -> None:
    """Take a client off, with all that was come in to by it. Raises ClientNotRegistered."""
    removed, _rows = Application.objects.filter(vendor_id=vendor_id, client_id=client_id).delete()
    if not removed:
        raise ClientNotRegistered(_("There is no such client; “list” shows those that there are."))
    record(actor=actor, action="sign-on client removed", subject=f"client:{client_id}", vendor_id=vendor_id)


def clients_of(vendor_id: int) -> list[ClientRow]:
    """Return a vendor's clients, by product."""
    rows = Application.objects.filter(vendor_id=vendor_id).order_by("name", "id")
    return [
        ClientRow(client_id, name, tuple(back.split()), tuple(after_logout.split()), told)
        for client_id, name, back, after_logout, told in rows.values_list(
            "client_id", "name", "redirect_uris", "post_logout_redirect_uris", "backchannel_logout_uri"
        )
    ]


def hash_of_secret(secret: str) -> str:
    """Return what a client's secret is known by."""
    return hashlib.sha256(secret.encode()).hexdigest()
