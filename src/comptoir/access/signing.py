"""What id tokens and logout tokens are signed with: RS256, under the newest key that everybody had time to learn.

A new key is published an hour before it signs, as long as clients keep the list of keys; an old one stays published
for a day after its last signature, though what it signed ends sooner.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import transaction
from jwcrypto.common import JWException
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS
from jwcrypto.jwt import JWT

from comptoir.inbox.sealing import seal, unseal

from .errors import NoSigningKey
from .models import SigningKey

LEARNED_WITHIN = timedelta(hours=1)
PUBLISHED_AFTERWARDS = timedelta(days=1)
SIGNS_FOR = timedelta(days=90)
# A table, its sealed column, and what its rows are bound to, for sealing anew.
SEALED = (
    ("access_signingkey", "sealed_key", "signing-key"),
    ("access_newsaddress", "sealed_secret", "news-secret"),
)


def sign(claims: Mapping[str, Any], *, typ: str = "JWT", now: datetime) -> str:
    """Return ``claims`` as a signed token. Raises NoSigningKey."""
    of_age = SigningKey.objects.filter(signs_from__lte=now).order_by("-signs_from").first()
    # The very first one may come from a machine whose clock is ahead of this one's; there is no other.
    row = of_age or SigningKey.objects.order_by("signs_from").first()
    if row is None:
        raise NoSigningKey("there is no key to sign with yet; “comptoir single-sign-on rotate-key” makes one")
    token = JWT(header={"typ": typ, "alg": "RS256", "kid": row.kid}, claims=json.dumps(claims))
    token.make_signed_token(_private_key(str(row.public_id), bytes(row.sealed_key)))
    return str(token.serialize())


def read_signed(token: str, *, typ: str = "JWT") -> dict[str, Any] | None:
    """Return the claims of a token of a type that was signed here, even if it has expired; None for anything else."""
    if token.count(".") != 2:
        return None
    keys = dict(SigningKey.objects.values_list("kid", "public_jwk"))
    try:
        unread = JWS()
        unread.deserialize(token)
        named = unread.jose_header.get("kid")
        if unread.jose_header.get("typ") != typ or not isinstance(named, str) or named not in keys:
            return None
        read = JWT(jwt=token, key=JWK(**keys[named]), algs=["RS256"], check_claims={})
        claims: dict[str, Any] = json.loads(read.claims)
    except (JWException, ValueError):
        return None
    return claims


def published_keys(*, now: datetime) -> list[dict[str, Any]]:
    """Return the public keys that clients verify with, the newest first."""
    rows = SigningKey.objects.order_by("-signs_from").values_list("public_jwk", "signs_from")
    keys, follower = [], None
    for public_jwk, signs_from in rows:
        if follower is None or follower + PUBLISHED_AFTERWARDS > now:
            keys.append(public_jwk)
        follower = signs_from
    return keys


@transaction.atomic
def rotate(*, now: datetime) -> str:
    """Make a new key, and return its id. It signs after an hour; the very first one at once."""
    key = JWK.generate(kty="RSA", size=2048, use="sig", alg="RS256")
    kid = key.thumbprint()
    row = SigningKey(kid=kid, public_jwk={**key.export_public(as_dict=True), "kid": kid})
    row.sealed_key = seal(key.export_private().encode(), of=f"signing-key:{row.public_id}")
    row.signs_from = now + LEARNED_WITHIN if SigningKey.objects.exists() else now
    row.save()
    return str(kid)


def rotate_if_old(*, now: datetime) -> None:
    """Make a new key if there is none, or the newest has signed for three months."""
    if not SigningKey.objects.filter(signs_from__gt=now - SIGNS_FOR).exists():
        rotate(now=now)


@lru_cache(maxsize=8)
def _private_key(public_id: str, sealed: bytes) -> JWK:
    return JWK.from_json(unseal(sealed, of=f"signing-key:{public_id}").decode())
