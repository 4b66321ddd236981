"""Coming in to a product: who it is, for which of the own companies, and why not, if not."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from oauth2_provider.exceptions import FatalClientError, OAuthToolkitError
from oauth2_provider.views.mixins import OAuthLibMixin

from comptoir.access.sign_ons import Client, Place, client, places
from comptoir.identity.second_step import authenticated_at
from comptoir.kit.clocks import wall_now
from comptoir.look.vendor_cookie import remember_vendor
from comptoir.tenancy import doors

from .openid import has_no_text

BROWSER = "sign_on_browser"
MAX_AGE = re.compile("[0-9]{1,9}")
ASKED = ("client_id", "redirect_uri", "response_type", "state", "nonce", "code_challenge", "code_challenge_method")


@dataclass(frozen=True, slots=True)
class Page:
    """A page to be shown, once the door is closed."""

    template: str
    context: dict[str, Any] = field(hash=False)
    status: int = 200


@dataclass(frozen=True, slots=True)
class Login:
    """The login to Comptoir that somebody comes in by."""

    user_id: int
    browser: UUID
    at: datetime | None

    def is_too_old(self, max_age: str | None) -> bool:
        """Return whether the person is to prove anew who they are, since longer ago than ``max_age`` seconds."""
        if self.at is None:
            return True
        return max_age is not None and (wall_now() - self.at).total_seconds() > int(max_age)


@require_http_methods(["GET", "POST"])
def authorize(request: HttpRequest) -> HttpResponseBase:
    """Send a person back to the product with a code, for the company that they chose or the only one there is."""
    login = _login(request)  # asked for before the door opens
    with doors.access():
        asking, outcome = _look_at(request, login)
    if isinstance(outcome, Page):
        return render(request, outcome.template, {**outcome.context, "client": asking}, status=outcome.status)
    response = redirect(outcome) if outcome else redirect_to_login(request.get_full_path())
    if asking:
        remember_vendor(request, response, slug=asking.vendor_slug)
    return response


def _login(request: HttpRequest) -> Login | None:
    if not request.user.is_authenticated:
        return None
    return Login(request.user.pk, _browser(request), authenticated_at(request))


def _look_at(request: HttpRequest, login: Login | None) -> tuple[Client | None, Page | str | None]:
    """Return who asks, and what is to be done: a page to show, an address to go to, or None: log in first."""
    if has_no_text(request):
        return None, Page("sso/unknown_client.html", {"what": "invalid_request"}, status=400)
    try:
        scopes, credentials = OAuthLibMixin().validate_authorization_request(request)
    except OAuthToolkitError as error:
        return None, _refused(error)
    asking = client(credentials["client_id"])
    prompts, max_age = request.GET.get("prompt", "").split(), request.GET.get("max_age", "0")
    is_silent = "none" in prompts
    if not MAX_AGE.fullmatch(max_age):
        return asking, _back(credentials, "invalid_request")
    if login is None:
        return asking, _back(credentials, "login_required") if is_silent else None
    if "login" in prompts or login.is_too_old(request.GET.get("max_age")):
        return asking, _back(credentials, "login_required") if is_silent else _reauthenticate(request)
    own = places(user_id=login.user_id, vendor_id=asking.vendor_id, product_id=asking.product_id)
    outcome = _decide(own, credentials, chosen=request.POST.get("company", ""), is_silent=is_silent)
    if isinstance(outcome, Place):
        return asking, _code(request, scopes, credentials, company_id=outcome.company_id, login=login)
    return asking, outcome


def _browser(request: HttpRequest) -> UUID:
    """Return what this login to Comptoir is known by among sign-ons; it ends with the session."""
    if BROWSER not in request.session:
        request.session[BROWSER] = str(uuid4())
    return UUID(request.session[BROWSER])


def _decide(own: list[Place], credentials: dict[str, Any], *, chosen: str, is_silent: bool) -> Place | Page | str:
    """Return the company for which to come in, or what else is to be done."""
    place = own[0] if len(own) == 1 else next((one for one in own if str(one.public_id) == chosen), None)
    if place and not place.is_closed:
        return place
    if is_silent:
        return _back(credentials, "interaction_required" if own and not place else "access_denied")
    back = _back(credentials, "access_denied")
    if place:
        return Page("sso/closed.html", {"place": place, "back": back, "others": len(own) > 1}, status=403)
    if own:
        return Page("sso/choose_company.html", {"places": own, "back": back})
    return Page("sso/no_company.html", {"back": back}, status=403)


def _code(
    request: HttpRequest, scopes: list[str], credentials: dict[str, Any], *, company_id: int, login: Login
) -> Page | str:
    given = {name: credentials[name] for name in ASKED if credentials.get(name)}
    bound = {"company_id": company_id, "browser": login.browser, "authenticated_at": login.at}
    try:
        uri, *_rest = OAuthLibMixin().create_authorization_response(
            request, scopes=" ".join(scopes), credentials={**given, **bound}, allow=True
        )
    except OAuthToolkitError as error:
        return _refused(error)
    return str(uri)


def _back(credentials: dict[str, Any], error: str) -> str:
    """Return the way back to the product without a code, at the address that was found to be registered."""
    return _led_back(credentials["redirect_uri"], {"error": error, "state": credentials.get("state")})


def _led_back(where: str, answer: dict[str, str | None]) -> str:
    """Return an address of the product's with an answer, which says whose it is (RFC 9207)."""
    said = {name: value for name, value in {**answer, "iss": settings.BASE_URL}.items() if value}
    return f"{where}{'&' if urlsplit(where).query else '?'}{urlencode(said)}"


def _reauthenticate(request: HttpRequest) -> str:
    """Return the page that asks for the password once more, and leads back here.

    What asks for it is left out there: a ``max_age`` of 0 would go in a circle. The product sees it by ``auth_time``.
    """
    asked = parse_qs(request.META["QUERY_STRING"])
    asked = {name: value for name, value in asked.items() if name not in ("prompt", "max_age")}
    onward = f"{request.path}?{urlencode(asked, doseq=True)}"
    return f"{reverse('account_reauthenticate')}?{urlencode({'next': onward})}"


def _refused(error: OAuthToolkitError) -> Page | str:
    """Send the mistake back to the product; show it here where the client or its address is unknown."""
    if isinstance(error, FatalClientError):
        return Page("sso/unknown_client.html", {"what": error.oauthlib_error.error}, status=400)
    mistake = error.oauthlib_error
    return _led_back(mistake.redirect_uri, dict(mistake.twotuples))
