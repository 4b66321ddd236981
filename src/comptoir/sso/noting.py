"""Puts down what happens at logins, so that everybody sees it on the own security page."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib.auth import get_user_model
from django.http import HttpRequest

from comptoir.identity import activity

from .ending import end_what_came_from_elsewhere


def connect() -> None:
    """Listen to what allauth tells."""
    from allauth.account import signals as account
    from allauth.mfa import signals as mfa
    from django.contrib.auth.signals import user_login_failed

    for signal, receiver in (
        (account.user_logged_in, _logged_in),
        (account.password_changed, _password_changed),
        (account.password_set, _password_changed),
        (account.password_reset, _password_changed),
        (user_login_failed, _login_failed),
        (mfa.authentication_failed, _second_step_failed),
        (mfa.authenticator_added, _way_added),
        (mfa.authenticator_reset, _way_added),
        (mfa.authenticator_removed, _way_removed),
    ):
        signal.connect(receiver, dispatch_uid=f"comptoir.sso.{receiver.__name__}")


def note(request: HttpRequest, user: Any, kind: str, *, way: str = "") -> None:
    """Put down what happened at a person's login, and from where."""
    activity.note(
        user_id=user.pk,
        kind=kind,
        way=way,
        ip=get_adapter().get_client_ip(request),
        user_agent=request.headers.get("User-Agent", ""),
    )


def _logged_in(request: HttpRequest, user: Any, **_signal: object) -> None:
    note(request, user, "logged_in")


def _login_failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_signal: object) -> None:
    user = get_user_model()._default_manager.filter(email=str(credentials.get("email", "")).lower()).first()
    if request is not None and user is not None:
        note(request, user, "login_failed")


def _second_step_failed(request: HttpRequest, user: Any, **_signal: object) -> None:
    note(request, user, "second_step_failed")


def _password_changed(request: HttpRequest, user: Any, **_signal: object) -> None:
    """A password that changes ends whatever somebody else may have open with the old one."""
    note(request, user, "password_changed")
    activity.end_other_sessions(user.pk, this=request.session.session_key or "")
    end_what_came_from_elsewhere(request, user_id=user.pk)


def _way_added(request: HttpRequest, user: Any, authenticator: Any, **_signal: object) -> None:
    note(request, user, "way_added", way=authenticator.type)


def _way_removed(request: HttpRequest, user: Any, authenticator: Any, **_signal: object) -> None:
    note(request, user, "way_removed", way=authenticator.type)
