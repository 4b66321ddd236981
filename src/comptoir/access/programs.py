"""A vendor's programs: the keys that they ask with, and the address at which they are told of changes."""

import secrets
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from comptoir.inbox.sealing import seal
from comptoir.tenancy.audit import Actor, record

from .addresses import refuse_unsafe
from .clients import hash_of_secret
from .errors import ProgramRefused
from .models import ApiKey, NewsAddress
from .news import settle

KEY_MARK, SECRET_MARK = "ck_", "whsec_"
SECRET_BYTES = 24


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as a list shows it."""

    id: int
    name: str
    ending: str
    made_by: str
    made_at: datetime
    revoked_by: str
    revoked_at: datetime | None


@transaction.atomic
def make_key(*, vendor_id: int, name: str, actor: Actor, now: datetime) -> str:
    """Make a key for a program, and return it: it is known this once. Raises ProgramRefused without a name."""
    name = name.strip()
    if not name:
        raise ProgramRefused(_("Say which program the key is for."))
    key = KEY_MARK + secrets.token_urlsafe(32)
    made = ApiKey.objects.create(
        vendor_id=vendor_id,
        name=name,
        key_hash=hash_of_secret(key),
        ending=key[-4:],
        made_by=actor.label,
        made_at=now,
    )
    record(actor=actor, action="API key made", subject=f"api_key:{made.pk}", vendor_id=vendor_id, after={"name": name})
    return key


@transaction.atomic
def revoke_key(*, vendor_id: int, key_id: int, actor: Actor, now: datetime) -> None:
    """Revoke a key, from now on and for good. Raises ProgramRefused when there is no such key in use."""
    found = ApiKey.objects.filter(vendor_id=vendor_id, id=key_id, revoked_at=None)
    if not found.update(revoked_at=now, revoked_by=actor.label):
        raise ProgramRefused(_("This key is not in use any more."))
    record(actor=actor, action="API key revoked", subject=f"api_key:{key_id}", vendor_id=vendor_id)


def keys_of(vendor_id: int) -> list[KeyRow]:
    """Return a vendor's keys, those in use first, the newest of each before the others."""
    rows = (
        ApiKey.objects.filter(vendor_id=vendor_id)
        .order_by("-id")
        .values_list("id", "name", "ending", "made_by", "made_at", "revoked_by", "revoked_at")
    )
    return sorted((KeyRow(*row) for row in rows), key=lambda row: row.revoked_at is not None)


def vendor_with_key(key: str) -> int | None:
    """Return whose key it is, and narrow the open door to that vendor; None for a key that is unknown or revoked."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT vendor_id, set_config('app.vendor_id', vendor_id::text, true) FROM access_apikey
            WHERE key_hash = %s AND revoked_at IS NULL
            """,
            [hash_of_secret(key)],
        )
        row = cursor.fetchone()
    return row[0] if row else None


@transaction.atomic
def set_news_address(*, vendor_id: int, url: str, actor: Actor, now: datetime) -> str:
    """Have changes told at an address, and return the secret that calls are signed with: it is shown this once.

    An empty address ends it. Raises ProgramRefused for one that is not https, or that leads into the own network.
    """
    if url:
        refuse_unsafe(url, is_called=True, refusal=ProgramRefused)
    before = NewsAddress.objects.filter(vendor_id=vendor_id).first()
    if before:
        settle(before, actor=actor, now=now)
        before.delete()
    record(
        actor=actor,
        action="address for changes of access set",
        subject=f"vendor:{vendor_id}",
        vendor_id=vendor_id,
        after={"url": url},
    )
    if not url:
        return ""
    secret = secrets.token_bytes(SECRET_BYTES)
    made = NewsAddress(vendor_id=vendor_id, url=url, told_through=before.told_through if before else None)
    made.sealed_secret = seal(secret, of=f"news-secret:{made.public_id}")
    made.save()
    return SECRET_MARK + b64encode(secret).decode()


def news_url_of(vendor_id: int) -> str:
    """Return where a vendor's program is told of changes, or nothing."""
    return NewsAddress.objects.filter(vendor_id=vendor_id).values_list("url", flat=True).first() or ""
