"""How allauth behaves here: nobody signs up, and authenticator secrets are kept encrypted."""

import base64
import hashlib

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no type hints
    """Logins come from the billing team and from moved companies, never from a sign-up form."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse: there is no signing up."""
        return False


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no type hints
    """Second factors are encrypted at rest with a key derived from the installation's secret."""

    def encrypt(self, text: str) -> str:
        """Encrypt an authenticator's secret for storing."""
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypt an authenticator's stored secret."""
        return _fernet().decrypt(encrypted_text.encode()).decode()


def _fernet() -> Fernet:
    key = hashlib.sha256(b"comptoir.mfa:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
