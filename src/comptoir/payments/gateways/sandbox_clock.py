"""Moving the clock of an account in the stand-in for the processor; the processor itself has no such thing."""

import json
from datetime import datetime
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from django.conf import settings
from django.utils.translation import gettext as _

from . import GatewayRefused, GatewayUnclear

SECONDS = 60.0


def move_clock(account_id: str, *, now: datetime) -> None:
    """Set the account's clock to ``now``, and wait until the webhooks of what fell due are taken.

    Raises GatewayUnclear when the sandbox does not answer or its webhooks are not taken, GatewayRefused when the clock
    would go backwards.
    """
    url = f"{settings.STRIPE_API_BASE}/sandbox/accounts/{account_id}/clock"
    told = json.dumps({"now": now.isoformat()}).encode()
    request = Request(url, data=told, headers={"Content-Type": "application/json"})  # noqa: S310  our own setting
    try:
        with urlopen(request, timeout=SECONDS) as response:  # noqa: S310  our own setting
            left = json.load(response)["undelivered"]
    except HTTPError as error:
        with error:
            raise GatewayRefused(_("The sandbox's clock stays where it is: it never goes backwards.")) from error
    except (OSError, HTTPException) as error:
        raise GatewayUnclear(_("The processor's sandbox does not answer; is it running?")) from error
    if left:
        raise GatewayUnclear(_("The sandbox's webhooks are not taken; is the web server running?"))
