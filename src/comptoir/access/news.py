"""Telling a vendor's program of a change of access, by a signed call (Standard Webhooks)."""

import hashlib
import hmac
import json
import logging
from base64 import b64encode
from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from comptoir.inbox.sealing import unseal
from comptoir.kit.events import emit
from comptoir.tenancy.audit import Actor, system
from comptoir.work.operations import close_work, open_work

from .calls import call
from .entitlements import access_at, stores_falling_due
from .models import NewsAddress, StandingChange

log = logging.getLogger("comptoir.worker")


def tell_of_standing(change_id: int, *, now: datetime) -> None:
    """Tell the vendor's program of a change of standing, if it wants to know. Raises NotTaken."""
    change = StandingChange.objects.select_related("company", "product").get(id=change_id)
    _tell(
        vendor_id=change.vendor_id,
        named=f"access_change_{change.id}",
        news={
            "type": "access.changed",
            "timestamp": change.at,
            "data": {
                "company": change.company.public_id,
                "company_number": change.company.number,
                "product": change.product.code,
                "before": change.before,
                "standing": change.state,
                "reason": change.reason,
                "warned_until": change.warned_until,
                "sequence": change.id,
            },
        },
        now=now,
    )


def is_overtaken(change_id: int) -> bool:
    """Return whether the same company's standing with the same product has changed again since."""
    change = StandingChange.objects.get(id=change_id)
    since = StandingChange.objects.filter(company_id=change.company_id, product_id=change.product_id, id__gt=change_id)
    return since.exists()


def tell_of_stores(location_ids: Collection[int], *, vendor_id: int, named: str, now: datetime) -> None:
    """Tell the vendor's program what stores may use now, if it wants to know. Raises NotTaken."""
    stores = [asdict(store) for store in access_at(location_ids, vendor_id=vendor_id, now=now)]
    news = {"type": "stores.changed", "timestamp": now, "data": {"stores": stores}}
    _tell(vendor_id=vendor_id, named=named, news=news, now=now)


def tell_to_ask_again(*, vendor_id: int, named: str, now: datetime) -> None:
    """Tell the vendor's program that any store may have changed: it asks for all. Raises NotTaken."""
    _tell(vendor_id=vendor_id, named=named, news={"type": "stores.ask_again", "timestamp": now, "data": {}}, now=now)


def give_up(*, vendor_id: int, now: datetime) -> None:
    """Have the team look why the vendor's program takes no news: some is not told again."""
    if address := NewsAddress.objects.filter(vendor_id=vendor_id).first():
        open_work(vendor_id=vendor_id, kind="program_not_told", subject=_subject(address), now=now)


def emit_stores_falling_due(*, vendor_id: int, on: date) -> None:
    """Have the vendor's program told of the stores at which a day brings or ends something. Again, it does nothing."""
    with transaction.atomic():
        address = NewsAddress.objects.select_for_update().filter(vendor_id=vendor_id).first()
        if address is None:
            return
        since = address.told_through or on - timedelta(days=1)
        if since >= on:
            return
        found = stores_falling_due(vendor_id=vendor_id, since=since, on=on)
        NewsAddress.objects.filter(id=address.pk).update(told_through=on)
        if found:
            emit(
                name="stores_fell_due", topic=f"stores-due:{vendor_id}", vendor_id=vendor_id, data={"locations": found}
            )


def _tell(*, vendor_id: int, named: str, news: Mapping[str, Any], now: datetime) -> None:
    """Make the call, named the same when it is made again, so that the program can tell."""
    address = NewsAddress.objects.filter(vendor_id=vendor_id).first()
    if address is None:
        return
    body = json.dumps(news, cls=DjangoJSONEncoder)
    secret = unseal(bytes(address.sealed_secret), of=f"news-secret:{address.public_id}")
    at = str(int(now.timestamp()))
    signature = b64encode(hmac.digest(secret, f"{named}.{at}.{body}".encode(), hashlib.sha256)).decode()
    headers = {
        "Content-Type": "application/json",
        "webhook-id": named,
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{signature}",
    }
    log.info("told of %s: %s", named, call(address.url, body, headers=headers))
    with transaction.atomic():
        if settle(address, actor=system("answer of the program"), now=now):
            emit(name="program_answers_again", topic=_subject(address), vendor_id=vendor_id)


def settle(address: NewsAddress, *, actor: Actor, now: datetime) -> bool:
    """Take an address that takes news again, or is given up, off the team's list; return whether it was there."""
    return close_work(
        vendor_id=address.vendor_id, kind="program_not_told", subject=_subject(address), actor=actor, now=now
    )


def _subject(address: NewsAddress) -> str:
    return f"news_address:{address.public_id}"
