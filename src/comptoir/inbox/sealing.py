"""Words and files as they are kept: sealed with AES-256-GCM, under the newest of the installation's keys.

A sealed value is the mark of its key (4 bytes), a nonce (12 bytes), then what AES-GCM makes of the rest. It is bound to
the row that it belongs to: moved into another row it cannot be opened. Keys come from COMPTOIR_MESSAGE_KEYS, the newest
first; older ones open what they sealed until all of it is sealed anew.
"""

import hashlib
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils.translation import gettext as _

from .errors import NotToBeOpened

MARK_BYTES, NONCE_BYTES, TAG_BYTES, KEY_BYTES = 4, 12, 16, 32


def new_key() -> str:
    """Return a new key, as COMPTOIR_MESSAGE_KEYS has it."""
    return urlsafe_b64encode(AESGCM.generate_key(bit_length=8 * KEY_BYTES)).decode()


def seal(plain: bytes, *, of: str) -> bytes:
    """Return ``plain`` sealed under the newest key for the row ``of``, “message:<public id>”. Raises NotToBeOpened."""
    mark, key = next(iter(_keys(settings.MESSAGE_KEYS).items()))
    nonce = os.urandom(NONCE_BYTES)
    return mark + nonce + AESGCM(key).encrypt(nonce, plain, mark + of.encode())


def unseal(sealed: bytes, *, of: str) -> bytes:
    """Return what was sealed for the row ``of``. Raises NotToBeOpened without its key, or if anything was changed."""
    mark, nonce, rest = sealed[:MARK_BYTES], sealed[MARK_BYTES:][:NONCE_BYTES], sealed[MARK_BYTES + NONCE_BYTES :]
    key = _keys(settings.MESSAGE_KEYS).get(mark)
    if key is None:
        raise NotToBeOpened(
            _("The key for this message is missing; whoever runs Comptoir puts it back into COMPTOIR_MESSAGE_KEYS.")
        )
    try:
        return AESGCM(key).decrypt(nonce, rest, mark + of.encode())
    except InvalidTag as error:
        raise NotToBeOpened(_("This message was damaged where it is kept; restore it from a backup.")) from error


def newest_mark() -> bytes:
    """Return the mark of the key that seals now."""
    return next(iter(_keys(settings.MESSAGE_KEYS)))


@lru_cache(maxsize=4)
def _keys(written: str) -> dict[bytes, bytes]:
    keys = [urlsafe_b64decode(each.strip()) for each in written.split(",") if each.strip()]
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise NotToBeOpened(
            _(
                "COMPTOIR_MESSAGE_KEYS holds no keys that messages can be sealed with; "
                "“comptoir message-keys new” makes one."
            )
        )
    return {hashlib.sha256(b"comptoir inbox" + key).digest()[:MARK_BYTES]: key for key in keys}
