"""“Forgot password”, which is also how everybody sets the first one."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm
from allauth.account.forms import default_token_generator
from allauth.account.internal.flows.password_reset import request_password_reset
from django.contrib.auth import get_user_model
from django.http import HttpRequest

from comptoir.identity.queries import logins_for_address


class ResetPasswordForm(AllauthResetPasswordForm):  # type: ignore[misc]  # allauth has no type hints
    """Takes the login's address, or any other that is known to open it; the link goes to the login's own.

    The answer is the same whoever asks. Someone unknown gets a mail too, which says whom to ask.
    """

    def clean_email(self) -> str:
        """Return the address in lower case; whether anybody has it is not told here."""
        return str(self.cleaned_data["email"]).strip().lower()

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Send the link to every login that the address opens, or else word that it opens none."""
        address: str = self.cleaned_data["email"]
        logins = [login.user_id for login in logins_for_address(address)]
        for user in get_user_model()._default_manager.filter(pk__in=logins):
            request_password_reset(request, user.email, [user], default_token_generator)
        if not logins:
            get_adapter(request).send_mail("account/email/unknown_account", address, {})
        return address
