from typing import Any

from django.apps import AppConfig
from django.http import HttpRequest


class SsoConfig(AppConfig):
    name = "comptoir.sso"

    def ready(self) -> None:
        """Put down what happens at logins, and count what proves a new second factor as this login's second step."""
        from allauth.mfa.signals import authenticator_added
        from django.contrib.auth.signals import user_logged_out

        from . import ending, noting

        user_logged_out.connect(ending.logged_out, dispatch_uid="comptoir.sso.logged_out")
        noting.connect()
        authenticator_added.connect(_took_second_step, dispatch_uid="comptoir.sso")


def _took_second_step(request: HttpRequest, user: Any, authenticator: Any, **_signal: object) -> None:
    from allauth.account.internal.flows.login import record_authentication
    from allauth.mfa.models import Authenticator

    if authenticator.type in (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN):
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)
