"""What links in mail open, for whoever has them: before any door is open, so by functions of the database alone.

A link's token is never stored: it is made again from what it opens when its mail is written, and the database knows its
hash. A function that opens or uses one sees to it that it has not expired, and that it is used once.
"""

from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.crypto import salted_hmac

from .request_id import current_request_id


def token_of(public_id: UUID, *, opens: str) -> str:
    """Return the secret in a link; whoever does not know the installation's key cannot make it.

    ``opens`` names the kind of thing that it opens, and what for: the same id has another secret for each.
    """
    return salted_hmac(f"comptoir.{opens}", str(public_id), algorithm="sha256").hexdigest()


def hash_of(token: str) -> str:
    """Return what the database knows of a token."""
    return sha256(token.encode()).hexdigest()


def opened_by(token: str, *, function: str) -> tuple[Any, ...] | None:
    """Return the row that a function of the database shows to whoever has a token, or None."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {function}(%s)", [hash_of(token)])
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


def used_by(token: str, *said: Any, function: str) -> Any:
    """Return what a function of the database answers to whoever uses a token, and says this; the request goes along."""
    arguments = [hash_of(token), *said, current_request_id()]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}({', '.join(['%s'] * len(arguments))})", arguments)
        (answer,) = cursor.fetchone() or (None,)
    return answer
