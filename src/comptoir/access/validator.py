"""What decides over codes and tokens: the one class that django-oauth-toolkit asks at every step.

Whoever was admitted at authorisation is looked at again at code exchange, at refresh (whatever scope it asks for) and
at userinfo: the person must act for the company still, and the company must not be suspended. All of it happens in one
transaction per request (``doors.access``), in which the sign-on of a code or refresh token that is used is locked.
"""

import hashlib
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone
from django.utils.crypto import constant_time_compare
from jwcrypto.jwk import JWK
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.settings import oauth2_settings
from oauthlib.oauth2.rfc6749.errors import InvalidRequestError

from comptoir.tenancy import doors

from .clients import hash_of_secret
from .models import AccessToken, Grant, IDToken, RefreshToken, SignOn
from .sign_ons import claims_of, end_sign_ons, hash_of_code, is_admitted, locked
from .signing import sign

LENGTH_OF_S256 = 43
LONGEST_NONCE = 255
OURS = ("sid", "company", "company_name", "company_number", "companies", "stores", "roles", "standing")


class Validator(OAuth2Validator):  # type: ignore[misc]  # django-oauth-toolkit has no type hints
    """Binds codes and tokens to a sign-on, and refuses those whose sign-on may not go on."""

    oidc_claim_scope = {**OAuth2Validator.oidc_claim_scope, **dict.fromkeys(OURS, "openid")}

    def _load_application(self, client_id: str, request: Any) -> Any:
        if "\0" in (client_id or ""):  # PostgreSQL has no such text
            return None
        client = super()._load_application(client_id, request)
        if client is not None:
            doors.narrow(vendor_id=client.vendor_id)
        return client

    def _check_secret(self, provided_secret: str, stored_secret: str) -> bool:
        """Compare with the hash. Secrets are made here, from 32 random bytes, so one quick hash will do."""
        return constant_time_compare(hash_of_secret(provided_secret), stored_secret)

    def validate_silent_login(self, request: Any) -> bool:
        """Leave it to the page, which knows whether anybody is logged in."""
        return True

    def validate_silent_authorization(self, request: Any) -> bool:
        """Leave it to the page: nobody is asked to consent to the own vendor's products."""
        return True

    def _create_authorization_code(self, request: Any, code: Any, expires: Any = None) -> Any:
        if request.code_challenge_method != "S256" or len(request.code_challenge) != LENGTH_OF_S256:
            raise InvalidRequestError(description="code_challenge must be made by S256", request=request)
        if len(request.nonce or "") > LONGEST_NONCE:
            raise InvalidRequestError(description="nonce is too long", request=request)
        now = timezone.now()
        sign_on = SignOn.objects.create(
            user=request.user,
            application=request.client,
            company_id=request.company_id,
            browser=request.browser,
            authenticated_at=request.authenticated_at,
            code_hash=hash_of_code(code["code"]),
            started_at=now,
        )
        return Grant.objects.create(
            sign_on=sign_on,
            application=request.client,
            user=request.user,
            code=code["code"],
            expires=now + timedelta(seconds=oauth2_settings.AUTHORIZATION_CODE_EXPIRE_SECONDS),
            redirect_uri=request.redirect_uri,
            scope=" ".join(request.scopes),
            code_challenge=request.code_challenge,
            code_challenge_method=request.code_challenge_method,
            nonce=request.nonce or "",
        )

    def validate_code(self, client_id: str, code: str, client: Any, request: Any, *args: Any, **kwargs: Any) -> bool:
        """Refuse a code that is unknown, used or expired, or whose sign-on may not go on; one used before ends it."""
        sign_on = locked(SignOn.objects.filter(code_hash=hash_of_code(code), application=client))
        if sign_on is None:
            return False
        if not Grant.objects.filter(sign_on=sign_on).exists():  # one of the two who have it stole it (RFC 6749, 4.1.2)
            end_sign_ons(SignOn.objects.filter(id=sign_on.pk), why="code replayed")
            return False
        request.sign_on = sign_on
        return is_admitted(sign_on) and super().validate_code(client_id, code, client, request, *args, **kwargs)

    def validate_refresh_token(self, refresh_token: str, client: Any, request: Any, *args: Any, **kwargs: Any) -> bool:
        """Refuse a token that is unknown or used, or whose sign-on may not go on; one used before ends its family."""
        known_by = hashlib.sha256(refresh_token.encode()).hexdigest()
        given = RefreshToken.objects.filter(token_checksum=known_by, application=client)
        sign_on = locked(SignOn.objects.filter(id__in=given.values("sign_on")))
        if sign_on is None:
            return False
        if not given.filter(revoked=None).exists():
            end_sign_ons(SignOn.objects.filter(id=sign_on.pk), why="refresh token replayed")
            return False
        request.sign_on = sign_on
        return is_admitted(sign_on) and super().validate_refresh_token(refresh_token, client, request, *args, **kwargs)

    def validate_bearer_token(self, token: str, scopes: Any, request: Any) -> bool:
        """Refuse a token that has ended, or whose sign-on may not go on."""
        if not super().validate_bearer_token(token, scopes, request):
            return False
        request.sign_on = request.access_token.sign_on
        return is_admitted(request.sign_on)

    def _load_access_token(self, token: str) -> Any:
        known_by = hashlib.sha256(token.encode()).hexdigest()
        found = AccessToken.objects.filter(token_checksum=known_by).values_list("application__vendor_id", flat=True)
        if vendor_id := found.first():
            doors.narrow(vendor_id=vendor_id)
        return super()._load_access_token(token)

    def _create_access_token(self, expires: Any, request: Any, token: Any, source_refresh_token: Any = None) -> Any:
        access_token = AccessToken(
            sign_on=request.sign_on,
            user=request.user,
            scope=token["scope"],
            expires=expires,
            id_token=getattr(request, "id_token", None),
            application=request.client,
            source_refresh_token=source_refresh_token,
        )
        self._set_token_value(access_token, token["access_token"])
        access_token.save()
        return access_token

    def _create_refresh_token(self, request: Any, refresh_token_code: str, access_token: Any, previous: Any) -> Any:
        refresh_token = RefreshToken(
            sign_on=request.sign_on,
            user=request.user,
            application=request.client,
            access_token=access_token,
            token_family=request.sign_on.public_id,
        )
        self._set_token_value(refresh_token, refresh_token_code)
        refresh_token.save()
        return refresh_token

    def get_additional_claims(self, request: Any) -> dict[str, Any]:
        """Return what a product learns; ``oidc_claim_scope`` says by which scope."""
        return claims_of(request.sign_on, now=timezone.now())

    def finalize_id_token(self, id_token: dict[str, Any], token: Any, token_handler: Any, request: Any) -> str:
        """Sign an id token under the present key, and put down that it was given."""
        claims, expires = self.get_id_token_dictionary(token, token_handler, request)
        claims["jti"] = jti = str(uuid4())
        claims["auth_time"] = int(request.sign_on.authenticated_at.timestamp())
        if request.nonce:
            claims["nonce"] = request.nonce
        request.id_token = IDToken.objects.create(
            sign_on=request.sign_on,
            user=request.user,
            scope=" ".join(request.scopes),
            expires=expires,
            jti=jti,
            application=request.client,
        )
        return sign({**id_token, **claims}, now=timezone.now())

    def _get_key_for_token(self, token: str) -> JWK | None:
        """Return none: an id token says who somebody is; it opens nothing."""
        return None
