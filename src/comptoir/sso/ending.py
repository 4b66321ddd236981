"""Logging out of a product and of Comptoir, from either side: OpenID Connect RP-Initiated Logout 1.0."""

from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from comptoir.access.ending import end_hinted, hint_of, way_back
from comptoir.access.sign_ons import end_elsewhere, end_in_browser
from comptoir.tenancy import doors

from .authorizing import BROWSER
from .openid import has_no_text


@csrf_exempt  # products send people here, by POST, too; without their hint nobody is logged out
@require_http_methods(["GET", "POST"])
def end_everywhere(request: HttpRequest) -> HttpResponse:
    """Log out everywhere: of Comptoir, and of every product that was come in to from this login."""
    asked = QueryDict() if has_no_text(request) else request.POST or request.GET
    browser = request.session.get(BROWSER, "")
    is_logged_in = request.user.is_authenticated
    with doors.access():
        hint = hint_of(asked.get("id_token_hint", ""), client_id=asked.get("client_id", ""))
        back = way_back(hint, client_id=asked.get("client_id", ""), uri=asked.get("post_logout_redirect_uri", ""))
        is_theirs = hint is not None and (not is_logged_in or str(hint.browser) == browser)
        if is_theirs and hint is not None:
            end_hinted(hint)
    if is_logged_in and not is_theirs:
        return render(request, "sso/log_out.html", {"back": back})
    logout(request)
    if back is None:
        return redirect("account_login")
    state = asked.get("state", "")
    return redirect(f"{back}{'&' if urlsplit(back).query else '?'}{urlencode({'state': state})}" if state else back)


def logged_out(request: HttpRequest | None, **_signal: Any) -> None:
    """End what was come in to from a login that ends."""
    if request is not None and hasattr(request, "session"):
        end_what_came_from(request.session)


def end_what_came_from(session: Any) -> None:
    """End what was come in to from a session of a login, given what is kept in it."""
    if browser := session.get(BROWSER):
        with doors.access():
            end_in_browser(UUID(browser), why="logged out")


def end_what_came_from_elsewhere(request: HttpRequest, *, user_id: int) -> None:
    """End what a person came in to, but from the session of this request."""
    here = request.session.get(BROWSER)
    with doors.access():
        end_elsewhere(user_id=user_id, browser=UUID(here) if here else None, why="logged out elsewhere")
