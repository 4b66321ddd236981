"""Coming in to a product: who it is, for which of the own companies, and why not, if not."""

from dataclasses import dataclass, field
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
from comptoir.look.vendor_cookie import remember_vendor
from comptoir.tenancy import doors

from .openid import has_no_text

BROWSER = "sign_on_browser"
ASKED = ("client_id", "redirect_uri", "response_type", "state", "nonce", "code_challenge", "code_challenge_method")


@dataclass(frozen=True, slots=True)
class Page:
    """A page to be shown, once the door is closed."""

    template: str
    context: dict[str, Any] = field(hash=False)
    status: int = 200


@require_http_methods(["GET", "POST"])
def authorize(request: HttpRequest) -> HttpResponseBase:
    """Send a person back to the product with a code, for the company that they chose or the only one there is."""
    user_id = request.user.pk  # asked for before the door opens, as is the session
    browser = _browser(request) if user_id else None
    with doors.access():
        asking, outcome = _look_at(request, user_id=user_id, browser=browser)
    if isinstance(outcome, Page):
        return render(request, outcome.template, {**outcome.context, "client": asking}, status=outcome.status)
    response = redirect(outcome) if outcome else redirect_to_login(request.get_full_path())
    if asking:
        remember_vendor(request, response, slug=asking.vendor_slug)
    return response


def _look_at(
    request: HttpRequest, *, user_id: int | None, browser: UUID | None
) -> tuple[Client | None, Page | str | None]:
    """Return who asks, and what is to be done: a page to show, an address to go to, or None: log in first."""
    if has_no_text(request):
        return None, Page("sso/unknown_client.html", {"what": "invalid_request"}, status=400)
    try:
        scopes, credentials = OAuthLibMixin().validate_authorization_request(request)
    except OAuthToolkitError as error:
        return None, _refused(error)
    asking = client(credentials["client_id"])
    prompts = request.GET.get("prompt", "").split()
    if user_id is None:
        return asking, _back(credentials, "login_required") if "none" in prompts else None
    if "login" in prompts:
        return asking, _reauthenticate(request)
    own = places(user_id=user_id, vendor_id=asking.vendor_id, product_id=asking.product_id)
    outcome = _decide(own, credentials, chosen=request.POST.get("company", ""), is_silent="none" in prompts)
    if isinstance(outcome, Place):
        return asking, _code(request, scopes, credentials, company_id=outcome.company_id, browser=browser)
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
    request: HttpRequest, scopes: list[str], credentials: dict[str, Any], *, company_id: int, browser: UUID | None
) -> Page | str:
    given = {name: credentials[name] for name in ASKED if credentials.get(name)}
    bound = {"company_id": company_id, "browser": browser}
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
    """Return the page that asks for the password once more, and leads back here."""
    asked = {name: value for name, value in parse_qs(request.META["QUERY_STRING"]).items() if name != "prompt"}
    onward = f"{request.path}?{urlencode(asked, doseq=True)}"
    return f"{reverse('account_reauthenticate')}?{urlencode({'next': onward})}"


def _refused(error: OAuthToolkitError) -> Page | str:
    """Send the mistake back to the product; show it here where the client or its address is unknown."""
    if isinstance(error, FatalClientError):
        return Page("sso/unknown_client.html", {"what": error.oauthlib_error.error}, status=400)
    mistake = error.oauthlib_error
    return _led_back(mistake.redirect_uri, dict(mistake.twotuples))
