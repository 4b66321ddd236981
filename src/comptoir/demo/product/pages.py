"""A product's pages: welcome, or the way in; where people come back to; where it hears that a login has ended."""

import time
from importlib import import_module
from typing import Any
from urllib.parse import urlencode

import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.django_client import OAuth
from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST, require_safe
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from .settings import REGISTERED

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
SHOWN = ("name", "email", "company_name", "stores", "standing")
SESSION_SECONDS = 12 * 60 * 60
WAIT_SECONDS = 20
CLOCKS_DIFFER_SECONDS = 120

Session = import_module(settings.SESSION_ENGINE).SessionStore
oauth = OAuth()
for code, registered in REGISTERED["products"].items():
    oauth.register(
        code,
        client_id=registered["client_id"],
        client_secret=registered["secret"],
        server_metadata_url=f"{REGISTERED['issuer']}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256"},
    )


@require_safe
def home(request: HttpRequest, code: str) -> HttpResponse:
    """Welcome whoever came in; show others the way in."""
    product, came = _product(code), request.session.get(code)
    if came and came["expires_at"] < time.time():
        came = _refreshed(request, code, came)
    return render(request, "product/home.html", {"product": product, "code": code, "who": came and came["who"]})


@require_GET
def log_in(request: HttpRequest, code: str) -> HttpResponseBase:
    """Send a browser to the single sign-on."""
    _product(code)
    answer: HttpResponseBase = oauth.create_client(code).authorize_redirect(request, _here(request, "back", code))
    return answer


@require_GET
def back(request: HttpRequest, code: str) -> HttpResponse:
    """Take in whoever comes back with a code."""
    product = _product(code)
    try:
        tokens = oauth.create_client(code).authorize_access_token(request)
    except OAuthError as refused:
        return render(
            request, "product/home.html", {"product": product, "code": code, "refused": refused.error}, status=403
        )
    _keep(request, code, tokens, who=tokens["userinfo"])
    return redirect("home", code=code)


@require_safe
def look_again(request: HttpRequest, code: str) -> HttpResponse:
    """Go on with fresh tokens at once, which say how the company stands now."""
    _product(code)
    if came := request.session.get(code):
        _refreshed(request, code, came)
    return redirect("home", code=code)


@require_safe
def log_out(request: HttpRequest, code: str) -> HttpResponse:
    """Log out here, and at the single sign-on."""
    _product(code)
    came = request.session.pop(code, None)
    if came is None:
        return redirect("home", code=code)
    asked = {"id_token_hint": came["id_token"], "post_logout_redirect_uri": _here(request, "home", code)}
    return redirect(f"{_described(code)['end_session_endpoint']}?{urlencode(asked)}")


@require_POST
def hear_of_logout(request: HttpRequest, code: str) -> HttpResponse:
    """End the session of a login that has ended (OpenID Connect Back-Channel Logout 1.0)."""
    _product(code)
    try:
        read = jwt.decode(request.POST.get("logout_token", ""), _keys(code), algorithms=["RS256"])
        jwt.JWTClaimsRegistry(
            leeway=CLOCKS_DIFFER_SECONDS,
            iss={"essential": True, "value": REGISTERED["issuer"]},
            aud={"essential": True, "value": REGISTERED["products"][code]["client_id"]},
        ).validate(read.claims)
    except (JoseError, ValueError):
        return HttpResponse(status=400)
    if LOGOUT_EVENT not in read.claims.get("events", {}) or "nonce" in read.claims:
        return HttpResponse(status=400)
    key = cache.get(f"sid:{read.claims['sid']}")
    if key:
        session = Session(key)
        session.pop(code, None)
        session.save()
    return HttpResponse(headers={"Cache-Control": "no-store"})


def _keep(request: HttpRequest, code: str, tokens: dict[str, Any], *, who: dict[str, Any]) -> dict[str, Any]:
    came = {
        "who": {
            name: who.get(name) for name in ("name", "email", "company_name", "stores", "roles", "standing", "sid")
        },
        "id_token": tokens["id_token"],
        "refresh_token": tokens["refresh_token"],
        "expires_at": time.time() + int(tokens["expires_in"]),
    }
    request.session[code] = came
    if not request.session.session_key:
        request.session.create()
    cache.set(f"sid:{who['sid']}", request.session.session_key, SESSION_SECONDS)
    return came


def _refreshed(request: HttpRequest, code: str, came: dict[str, Any]) -> dict[str, Any] | None:
    """Go on with fresh tokens, or let go of whoever may not."""
    registered = REGISTERED["products"][code]
    answer = requests.post(
        _described(code)["token_endpoint"],
        {"grant_type": "refresh_token", "refresh_token": came["refresh_token"]},
        auth=(registered["client_id"], registered["secret"]),
        timeout=WAIT_SECONDS,
    )
    if not answer.ok:
        del request.session[code]
        return None
    tokens = answer.json()
    return _keep(request, code, tokens, who=dict(jwt.decode(tokens["id_token"], _keys(code)).claims))


def _product(code: str) -> dict[str, Any]:
    found: dict[str, Any] | None = REGISTERED["products"].get(code)
    if found is None:
        raise Http404
    return found


def _described(code: str) -> dict[str, Any]:
    described: dict[str, Any] = oauth.create_client(code).load_server_metadata()
    return described


def _keys(code: str) -> KeySet:
    return KeySet.import_key_set(requests.get(_described(code)["jwks_uri"], timeout=WAIT_SECONDS).json())


def _here(request: HttpRequest, name: str, code: str) -> str:
    return request.build_absolute_uri(reverse(name, kwargs={"code": code}))


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Say that all is well."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns = [
    path("healthz", health, name="health"),
    path("<slug:code>/", home, name="home"),
    path("<slug:code>/login", log_in, name="log_in"),
    path("<slug:code>/back", back, name="back"),
    path("<slug:code>/again", look_again, name="look_again"),
    path("<slug:code>/logout", log_out, name="log_out"),
    path("<slug:code>/ended", hear_of_logout, name="ended"),
]
