"""Telling products that somebody's login has ended: OpenID Connect Back-Channel Logout 1.0."""

import logging
from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings

from .calls import call
from .models import SignOn
from .signing import sign

log = logging.getLogger("comptoir.worker")

EVENT = "http://schemas.openid.net/event/backchannel-logout"
TOKEN_LASTS = timedelta(minutes=2)


def tell_product(sign_on_id: int, *, now: datetime) -> None:
    """Tell a product that a sign-on has ended, if it is still there and wants to know. Raises NotTaken."""
    ended = SignOn.objects.select_related("application").filter(id=sign_on_id).first()
    if ended is None or not ended.application.backchannel_logout_uri:
        return
    told = call(ended.application.backchannel_logout_uri, {"logout_token": _logout_token(ended, now=now)})
    log.info("told %s that sign-on %s has ended: %s", ended.application.client_id, ended.public_id, told)


def _logout_token(ended: SignOn, *, now: datetime) -> str:
    claims = {
        "iss": settings.BASE_URL,
        "aud": ended.application.client_id,
        "sub": str(ended.user_id),
        "sid": str(ended.public_id),
        "iat": int(now.timestamp()),
        "exp": int((now + TOKEN_LASTS).timestamp()),
        "jti": str(uuid4()),
        "events": {EVENT: {}},
    }
    return sign(claims, typ="logout+jwt", now=now)
