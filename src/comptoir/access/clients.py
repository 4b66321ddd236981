"""Products as clients of the single sign-on: who registers and changes them, and where people are sent back to."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from comptoir.catalog.models import Product
from comptoir.kit.events import emit
from comptoir.tenancy.audit import Actor, record

from .addresses import refuse_unsafe
from .errors import ClientNotFound, ClientNotRegistered
from .models import Application


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
    disabled_at: datetime | None

    @property
    def subject(self) -> str:
        """What the audit trail calls it."""
        return subject_of(self.client_id)


def subject_of(client_id: str) -> str:
    """Return what the audit trail calls a client."""
    return f"client:{client_id}"


@transaction.atomic
def register_client(
    *,
    vendor_id: int,
    product_code: str,
    redirect_uris: Sequence[str],
    post_logout_uris: Sequence[str] = (),
    backchannel_logout_uri: str = "",
    actor: Actor,
) -> Registered:
    """Register a product's program, which logs in with a secret. Raises ClientNotRegistered.

    Addresses are compared letter by letter; each must be https, or on this very machine. People come in by it once
    the worker has seen to it that there is a key to sign with.
    """
    product = Product.objects.filter(vendor_id=vendor_id, code=product_code).first()
    if product is None:
        raise ClientNotRegistered(_("There is no product “%(code)s” in the catalog.") % {"code": product_code})
    addresses = _addresses(redirect_uris, post_logout_uris, backchannel_logout_uri)
    secret = secrets.token_urlsafe(32)
    made = Application.objects.create(
        vendor_id=vendor_id,
        product=product,
        name=product.name,
        client_id=secrets.token_hex(16),  # never begins like an option: commands take it as an argument
        client_secret=hash_of_secret(secret),
        hash_client_secret=False,  # it is hashed already
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        algorithm=Application.RS256_ALGORITHM,
        skip_authorization=True,
        **addresses,
    )
    _changed(made, "sign-on client registered", actor=actor, after={"product": product_code, **addresses})
    return Registered(client_id=made.client_id, secret=secret)


@transaction.atomic
def change_addresses(
    *,
    vendor_id: int,
    client_id: str,
    redirect_uris: Sequence[str],
    post_logout_uris: Sequence[str],
    backchannel_logout_uri: str,
    actor: Actor,
) -> None:
    """Set where a client's people are sent, and where it is told. Raises ClientNotFound, ClientNotRegistered."""
    found = _locked(vendor_id=vendor_id, client_id=client_id)
    after = _addresses(redirect_uris, post_logout_uris, backchannel_logout_uri)
    before = {name: getattr(found, name) for name in after}
    if before == after:
        return
    Application.objects.filter(id=found.pk).update(**after)
    _changed(found, "sign-on client changed", actor=actor, before=before, after=after)


@transaction.atomic
def renew_secret(*, vendor_id: int, client_id: str, actor: Actor) -> Registered:
    """Give a client another secret; the one before is refused from then on. Raises ClientNotFound."""
    found = _locked(vendor_id=vendor_id, client_id=client_id)
    secret = secrets.token_urlsafe(32)
    Application.objects.filter(id=found.pk).update(client_secret=hash_of_secret(secret))
    _changed(found, "sign-on client given another secret", actor=actor)
    return Registered(client_id=client_id, secret=secret)


@transaction.atomic
def disable_client(*, vendor_id: int, client_id: str, actor: Actor, now: datetime) -> None:
    """Let nobody come in by a client, and end what was come in to by it. Raises ClientNotFound."""
    found = _locked(vendor_id=vendor_id, client_id=client_id)
    if found.disabled_at is None:
        Application.objects.filter(id=found.pk).update(disabled_at=now)
        _changed(found, "sign-on client disabled", actor=actor)


@transaction.atomic
def enable_client(*, vendor_id: int, client_id: str, actor: Actor) -> None:
    """Let people come in by a client again. Raises ClientNotFound."""
    found = _locked(vendor_id=vendor_id, client_id=client_id)
    if found.disabled_at is not None:
        Application.objects.filter(id=found.pk).update(disabled_at=None)
        _changed(found, "sign-on client enabled", actor=actor)


@transaction.atomic
def remove_client(*, vendor_id: int, client_id: str, actor: Actor) -> None:
    """Take a client off, with all that was come in to by it. Raises ClientNotFound."""
    _locked(vendor_id=vendor_id, client_id=client_id).delete()
    record(actor=actor, action="sign-on client removed", subject=subject_of(client_id), vendor_id=vendor_id)


def clients_of(vendor_id: int) -> list[ClientRow]:
    """Return a vendor's clients, by product."""
    rows = Application.objects.filter(vendor_id=vendor_id).order_by("name", "id")
    return [
        ClientRow(client_id, name, tuple(back.split()), tuple(after_logout.split()), told, disabled_at)
        for client_id, name, back, after_logout, told, disabled_at in rows.values_list(
            "client_id", "name", "redirect_uris", "post_logout_redirect_uris", "backchannel_logout_uri", "disabled_at"
        )
    ]


def find_client(*, vendor_id: int, client_id: str) -> ClientRow | None:
    """Return one of a vendor's clients, or None."""
    return next((row for row in clients_of(vendor_id) if row.client_id == client_id), None)


def hash_of_secret(secret: str) -> str:
    """Return what a client's secret is known by."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _addresses(back: Sequence[str], after_logout: Sequence[str], told: str) -> dict[str, str]:
    if not back:
        raise ClientNotRegistered(_("Name at least one address that people are sent back to after the login."))
    for uri in (*back, *after_logout):
        refuse_unsafe(uri, is_called=False, refusal=ClientNotRegistered)
    if told:
        refuse_unsafe(told, is_called=True, refusal=ClientNotRegistered)
    return {
        "redirect_uris": " ".join(back),
        "post_logout_redirect_uris": " ".join(after_logout),
        "backchannel_logout_uri": told,
    }


def _locked(*, vendor_id: int, client_id: str) -> Application:
    shown = Application.objects.only(
        "id", "vendor_id", "client_id", "disabled_at", "redirect_uris", "post_logout_redirect_uris",
        "backchannel_logout_uri",
    )  # fmt: skip
    found: Application | None = shown.filter(vendor_id=vendor_id, client_id=client_id).select_for_update().first()
    if found is None:
        raise ClientNotFound(_("There is no such client; the list shows those that there are."))
    return found


def _changed(
    client: Application,
    action: str,
    *,
    actor: Actor,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    subject, vendor_id = subject_of(client.client_id), client.vendor_id
    record(actor=actor, action=action, subject=subject, vendor_id=vendor_id, before=before, after=after)
    emit(name="client_changed", topic=subject, vendor_id=vendor_id, data={"client": client.pk})
