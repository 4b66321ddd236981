"""How allauth behaves here: nobody signs up, mail speaks the person's language, secrets are kept encrypted."""

import base64
import hashlib
from datetime import timedelta
from email.utils import formataddr, parseaddr
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation

from comptoir.identity.second_step import authenticated_at, has_second_step
from comptoir.kit.clocks import wall_now
from comptoir.look.brand import DEFAULT_COLOUR, tokens
from comptoir.mailer.operations import sender_name

from .front_door import vendor_at_door, vendor_of_person
from .language import remember_language


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no type hints
    """Logins come from the billing team and from moved companies, never from a sign-up form."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse: there is no signing up."""
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Return whether an address leads to a page of ours; what is no address does not."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link's address on this installation, whatever host the request claimed to be for."""
        uid, _dash, token = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})
        return f"{settings.BASE_URL}{path}"

    def send_password_reset_mail(self, user: Any, email: str, context: dict[str, Any]) -> None:
        """Send the link in the person's own language, under the name of the vendor that the person knows."""
        vendor = vendor_of_person(self.request, user_id=user.pk)
        with translation.override(user.language):
            super().send_password_reset_mail(user, email, {**context, "vendor": vendor})

    def render_mail(self, template_prefix: str, email: str, context: dict[str, Any], headers: Any = None) -> Any:
        """Write a mail under a vendor's name: the given one's, or else that of the page on which it was asked for."""
        vendor = context["vendor"] if "vendor" in context else vendor_at_door(self.request)
        light = tokens(colour=vendor.colour if vendor else DEFAULT_COLOUR, dark=False)
        message = super().render_mail(template_prefix, email, {**context, "vendor": vendor, "light": light}, headers)
        if vendor:
            message.from_email = formataddr((sender_name(vendor), parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))
            message.reply_to = [vendor.email]
        return message

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not for setting up the first second factor right after logging in: the password was typed just now."""
        if not super().is_reauthentication_required(app=app, **kwargs):
            return False
        at = authenticated_at(self.request)
        is_fresh = at is not None and wall_now() - at < timedelta(seconds=app_settings.REAUTHENTICATION_TIMEOUT)
        return not is_fresh or has_second_step(self.request)

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """Go on in the person's own language."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        remember_language(response, user.language)
        return response


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
