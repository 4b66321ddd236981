"""How one's login is protected, where it is open, and what happened at it: the same page for customers and staff."""

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from comptoir.identity import activity
from comptoir.identity.second_step import second_step_first
from comptoir.kit.clocks import wall_now

from .ending import end_what_came_from, end_what_came_from_elsewhere
from .noting import note

KIND_WORDS: dict[str, str | Promise] = {
    "logged_in": gettext_lazy("Logged in"),
    "login_failed": gettext_lazy("A wrong password was typed"),
    "second_step_failed": gettext_lazy("A wrong code was typed"),
    "password_changed": gettext_lazy("Password changed"),
    "way_added": gettext_lazy("Added"),
    "way_removed": gettext_lazy("Removed"),
    "sessions_ended": gettext_lazy("Logged out elsewhere"),
}
WAY_WORDS: dict[str, str | Promise] = {
    "totp": gettext_lazy("Authenticator app"),
    "webauthn": gettext_lazy("Passkey"),
    "recovery_codes": gettext_lazy("Recovery codes"),
}
ALARMING = ("login_failed", "second_step_failed")


@require_safe
@login_required
@second_step_first
def security(request: HttpRequest) -> HttpResponse:
    """Show password, second step and passkeys, where the login is open, and what happened at it."""
    user_id = _own_id(request)
    ways = list(Authenticator.objects.filter(user_id=user_id).order_by("created_at"))
    events = activity.recent_events(user_id)
    context = {
        "totp": next((way for way in ways if way.type == Authenticator.Type.TOTP), None),
        "passkeys": [way for way in ways if way.type == Authenticator.Type.WEBAUTHN],
        "codes": next((way for way in ways if way.type == Authenticator.Type.RECOVERY_CODES), None),
        "sessions": activity.open_sessions(user_id, this=request.session.session_key or "", now=wall_now()),
        "events": [
            {"row": row, "word": KIND_WORDS[row.kind], "way": WAY_WORDS.get(row.way, ""), "bad": row.kind in ALARMING}
            for row in events
        ],
    }
    return render(request, "sso/security.html", context)


@require_POST
@login_required
@second_step_first
def end_session(request: HttpRequest, session: int) -> HttpResponse:
    """Log out in one other place."""
    kept = activity.end_session(_own_id(request), session_id=session)
    if kept is None:
        raise Http404
    end_what_came_from(kept)
    return _ended(request)


@require_POST
@login_required
@second_step_first
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Log out everywhere but here."""
    activity.end_other_sessions(_own_id(request), this=request.session.session_key or "")
    end_what_came_from_elsewhere(request, user_id=_own_id(request))
    return _ended(request)


def _ended(request: HttpRequest) -> HttpResponse:
    note(request, request.user, "sessions_ended")
    messages.success(request, _("Logged out there. If it was not you, change your password, too."))
    return redirect("security")


def _own_id(request: HttpRequest) -> int:
    assert request.user.is_authenticated  # noqa: S101  login_required has seen to it
    return request.user.id
