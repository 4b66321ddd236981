"""Telling a vendor's program of a change of standing, by a signed call (Standard Webhooks)."""

import hashlib
import hmac
import json
import logging
from base64 import b64encode
from datetime import datetime

from comptoir.inbox.sealing import unseal

from .calls import call
from .models import NewsAddress, StandingChange

log = logging.getLogger("comptoir.worker")


def tell_program(change_id: int, *, now: datetime) -> None:
    """Tell the vendor's program of a change, if it wants to know. Raises NotTaken.

    The id of the call stays the same when it is made again, so that the program can tell.
    """
    change = StandingChange.objects.select_related("company", "product").get(id=change_id)
    address = NewsAddress.objects.filter(vendor_id=change.vendor_id).first()
    if address is None:
        return
    body = json.dumps(
        {
            "type": "access.changed",
            "timestamp": change.at.isoformat(),
            "data": {
                "company": str(change.company.public_id),
                "company_number": change.company.number,
                "product": change.product.code,
                "before": change.before,
                "standing": change.state,
                "reason": change.reason,
                "warned_until": change.warned_until and change.warned_until.isoformat(),
            },
        }
    )
    secret = unseal(bytes(address.sealed_secret), of=f"news-secret:{address.public_id}")
    named, at = f"access_change_{change.id}", str(int(now.timestamp()))
    signature = b64encode(hmac.digest(secret, f"{named}.{at}.{body}".encode(), hashlib.sha256)).decode()
    headers = {
        "Content-Type": "application/json",
        "webhook-id": named,
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{signature}",
    }
    log.info("told of %s: %s", named, call(address.url, body, headers=headers))
