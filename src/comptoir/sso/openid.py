"""Where products talk to the single sign-on: its description, its keys, tokens, userinfo."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from oauth2_provider.views.mixins import OAuthLibMixin

from comptoir.access.signing import LEARNED_WITHIN, published_keys
from comptoir.kit.clocks import wall_now
from comptoir.tenancy import doors

Respond = Callable[[HttpRequest], tuple[Any, dict[str, str], str, int]]

CLAIMS = (
    "sub", "sid", "auth_time", "name", "locale", "email", "email_verified", "company", "company_name", "company_number",
    "companies", "stores", "roles", "standing",
)  # fmt: skip


@require_safe
def discovery(request: HttpRequest) -> HttpResponse:
    """Describe the provider (OpenID Connect Discovery 1.0)."""
    described = {
        "issuer": settings.BASE_URL,
        "authorization_endpoint": _address("openid_authorize"),
        "token_endpoint": _address("openid_token"),
        "userinfo_endpoint": _address("openid_userinfo"),
        "jwks_uri": _address("openid_keys"),
        "revocation_endpoint": _address("openid_revoke"),
        "end_session_endpoint": _address("openid_logout"),
        "scopes_supported": ["openid", "profile", "email"],
        "claims_supported": list(CLAIMS),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login"],
        "ui_locales_supported": [code for code, _name in settings.LANGUAGES],
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
    }
    return _for_anybody(JsonResponse(described))


@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """Publish the keys that signatures are verified with."""
    with doors.access():
        published = published_keys(now=wall_now())
    return _for_anybody(JsonResponse({"keys": published}))


@csrf_exempt
@require_POST
@sensitive_post_parameters("client_secret", "code", "refresh_token")
def token(request: HttpRequest) -> HttpResponse:
    """Give tokens for a code or a refresh token."""
    return _answer(request, OAuthLibMixin().create_token_response)


@csrf_exempt
@require_POST
@sensitive_post_parameters("client_secret", "token")
def revoke(request: HttpRequest) -> HttpResponse:
    """Take back a token (RFC 7009)."""
    return _answer(request, OAuthLibMixin().create_revocation_response)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def userinfo(request: HttpRequest) -> HttpResponse:
    """Tell a product who has come in, as it stands now."""
    return _answer(request, OAuthLibMixin().create_userinfo_response)


def _answer(
    request: HttpRequest, respond: Callable[[HttpRequest], tuple[Any, dict[str, str], str, int]]
) -> HttpResponse:
    if has_no_text(request):
        return JsonResponse({"error": "invalid_request"}, status=400)
    with doors.access():
        _uri, headers, body, status = respond(request)
    return HttpResponse(body or "", status=status, headers=headers)


def has_no_text(request: HttpRequest) -> bool:
    """Return whether a parameter has a character in it that is no text to PostgreSQL, nor to anybody else."""
    return any("\0" in value for value in (*request.GET.values(), *request.POST.values()))


def _address(name: str) -> str:
    return f"{settings.BASE_URL}{reverse(name)}"


def _for_anybody(response: HttpResponse) -> HttpResponse:
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = f"public, max-age={int(LEARNED_WITHIN.total_seconds())}"
    return response
