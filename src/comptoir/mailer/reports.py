"""What providers and mail servers tell of messages afterwards: taken by the recipient's server, come back, unwanted."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import logging
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any, Literal

from anymail.exceptions import AnymailWebhookValidationFailure
from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from comptoir.kit.events import emit

from .errors import BadReport
from .handing_over import message_of, tell
from .marking import mark_address
from .models import DeliveryReport, MarkReason

log = logging.getLogger(__name__)

Kind = Literal["delivered", "bounced", "complained"]
TOLD_BY_PROVIDERS: dict[str, Kind] = {
    "delivered": "delivered",
    "bounced": "bounced",
    "rejected": "bounced",
    "complained": "complained",
}
OUR_REFERENCE = re.compile(r"<?(\d+\.[0-9a-f]{32})@")
LONGEST_DETAIL = 500
FRESH = timedelta(minutes=5)  # Standard Webhooks: an older delivery may be a replayed one


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of one message. ``event_id`` is the same when the same thing is told again."""

    event_id: str
    kind: Kind
    reference: str
    address: str
    detail: str


def read_provider_reports(request: HttpRequest) -> list[Report]:
    """Return what the provider says, once it is proven that it says so. Raises BadReport."""
    if not settings.MAIL_PROVIDER_WEBHOOK:
        raise BadReport(_("No mail provider is configured here."))
    view = import_string(settings.MAIL_PROVIDER_WEBHOOK)()
    try:
        view.run_validators(request)
        events = view.parse_events(request)
    except (AnymailWebhookValidationFailure, ValueError, KeyError) as error:
        raise BadReport(_("This is not signed by the mail provider.")) from error
    return [
        Report(
            event_id=f"{view.esp_name}:{event.event_id or hashlib.sha256(request.body).hexdigest()}",
            kind=TOLD_BY_PROVIDERS[event.event_type],
            reference=str(event.metadata.get("reference", "")) or _reference_in(event.message_id or ""),
            address=event.recipient or "",
            detail=(event.mta_response or event.description or event.reject_reason or "")[:LONGEST_DETAIL],
        )
        for event in events
        if event.event_type in TOLD_BY_PROVIDERS
    ]


def read_mail_report(*, body: bytes, headers: Mapping[str, str], now: datetime) -> list[Report]:
    """Return what a message of the mail system says: one that came back, or a complaint.

    ``body`` is the message as it arrived (RFC 3464, RFC 5965), signed as Standard Webhooks say. Raises BadReport.
    """
    _prove(body=body, headers=headers, now=now)
    message = BytesParser(policy=policy.default).parsebytes(body)
    reference = next(filter(None, map(_reference_in, map(_message_id, _quoted(message)))), "")
    event_id = f"mail:{hashlib.sha256(body).hexdigest()}"
    parts = list(message.walk())
    for part in parts:
        if part.get_content_type() == "message/feedback-report":
            fields = _fields(part)
            if fields.get("feedback-type", "").lower() != "abuse":
                return []
            return [
                Report(
                    event_id=event_id,
                    kind="complained",
                    reference=reference,
                    address=fields.get("original-rcpt-to", "").strip("<>"),
                    detail=_("The recipient called it unwanted."),
                )
            ]
        if part.get_content_type() == "message/delivery-status":
            return _returned(part, event_id=event_id, reference=reference)
    raise BadReport(_("This message reports neither a return nor a complaint."))


def put_down(report: Report) -> bool:
    """Keep a report, once, and have the worker look; False for what was told before.

    Must run in the transaction that is committed before the sender is answered.
    """
    values = {name: text.replace("\0", " ") for name, text in asdict(report).items()}  # PostgreSQL has no such text
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO mailer_deliveryreport (event_id, kind, reference, address, detail)
            VALUES (%(event_id)s, %(kind)s, %(reference)s, %(address)s, %(detail)s) ON CONFLICT DO NOTHING
            """,
            values,
        )
        if not cursor.rowcount:
            return False
    emit(name="mail_reported", topic=f"mail:{values['reference']}", vendor_id=None, data={"event": values["event_id"]})
    return True


def take_in(*, event_id: str, now: datetime) -> None:
    """Note on its message what was reported, and mark the address where it came back."""
    report = DeliveryReport.objects.get(event_id=event_id)
    message = message_of(report.reference)
    if message is None:
        log.warning("a delivery report is about no message of ours: %s", event_id)
        return
    if report.kind == "delivered":
        message.delivered_at = message.delivered_at or now
        message.save(update_fields=["delivered_at"])
        return
    if message.returned_at is None:
        message.returned_at = now
        message.save(update_fields=["returned_at"])
        tell("mail_returned", message)
    reason = MarkReason.BOUNCED if report.kind == "bounced" else MarkReason.COMPLAINED
    mark_address(message=message, reason=reason, detail=report.detail, now=now)


def sign(*, body: bytes, event_id: str, now: datetime) -> dict[str, str]:
    """Return the headers with which a mail server's own script signs what it forwards."""
    stamp = str(int(now.timestamp()))
    return {"webhook-id": event_id, "webhook-timestamp": stamp, "webhook-signature": _signature(event_id, stamp, body)}


def _prove(*, body: bytes, headers: Mapping[str, str], now: datetime) -> None:
    if not settings.MAIL_WEBHOOK_SECRET:
        raise BadReport(_("No secret for delivery reports is configured here."))
    event_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    expected = _signature(event_id, stamp, body)
    given = headers.get("webhook-signature", "").split()
    if not any(hmac.compare_digest(expected, each) for each in given):
        raise BadReport(_("This is not signed with the secret of EMAIL_URL."))
    if not stamp.isdecimal() or abs(now.timestamp() - int(stamp)) > FRESH.total_seconds():
        raise BadReport(_("This was signed too long ago."))


def _signature(event_id: str, stamp: str, body: bytes) -> str:
    """Sign as https://www.standardwebhooks.com says, with the secret's own characters where they are no base64."""
    secret = settings.MAIL_WEBHOOK_SECRET.removeprefix("whsec_")
    try:
        key = base64.b64decode(secret, validate=True)
    except binascii.Error:
        key = secret.encode()
    digest = hmac.new(key, b".".join([event_id.encode(), stamp.encode(), body]), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def _returned(status: EmailMessage, *, event_id: str, reference: str) -> list[Report]:
    """One report for each recipient that the message will never reach; delays are no news."""
    groups: Any = status.get_payload()
    return [
        Report(
            event_id=f"{event_id}:{place}",
            kind="bounced",
            reference=reference,
            address=str(group["Final-Recipient"]).rpartition(";")[2].strip(),
            detail=" ".join(str(group["Diagnostic-Code"] or group["Status"] or "").split())[:LONGEST_DETAIL],
        )
        for place, group in enumerate(groups)
        if str(group.get("Action", "")).lower() == "failed"
    ]


def _quoted(message: EmailMessage) -> list[Any]:
    """The headers of the message that the report is about, which it quotes at its end."""
    found: list[Any] = []
    for part in message.walk():
        if part is message:
            continue
        if part.get_content_type() == "text/rfc822-headers":
            quoted = part.get_payload(decode=True)
            if isinstance(quoted, bytes):
                found.append(BytesParser(policy=policy.default).parsebytes(quoted, headersonly=True))
        else:
            found.append(part)
    return found


def _message_id(quoted: Any) -> str:
    """The header as it was written: read as an identifier, a damaged one would raise."""
    return next((str(value) for name, value in quoted.raw_items() if name.lower() == "message-id"), "")


def _fields(part: EmailMessage) -> dict[str, str]:
    payload = part.get_payload()
    inner: Any = payload[0] if isinstance(payload, list) else None
    if inner is None:
        return {}
    lines = inner.as_string() if hasattr(inner, "as_string") else str(inner)
    return {
        name.strip().lower(): value.strip()
        for name, _colon, value in (line.partition(":") for line in lines.splitlines())
        if value
    }


def _reference_in(message_id: str) -> str:
    found = OUR_REFERENCE.search(message_id)
    return found.group(1) if found else ""
