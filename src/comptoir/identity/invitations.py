"""An invitation's token: never stored, and made again from the invitation when its mail is written."""

from hashlib import sha256
from uuid import UUID

from django.utils.crypto import salted_hmac

SALT = "comptoir.identity.staff-invitation"


def token_of(public_id: UUID) -> str:
    """Return the secret that opens an invitation; whoever does not know the installation's key cannot make it."""
    return salted_hmac(SALT, str(public_id), algorithm="sha256").hexdigest()


def hash_of(token: str) -> str:
    """Return what the database knows of a token."""
    return sha256(token.encode()).hexdigest()
