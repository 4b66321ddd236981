"""Deciding on mail, and delivering what was decided on."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import formataddr, parseaddr
from smtplib import SMTPException, SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from comptoir.kit.request_id import current_request_id
from comptoir.tenancy.queries import VendorRow

from .errors import UnableToDeliver
from .models import Attachment, Message

log = logging.getLogger(__name__)

FIRST_PERMANENT_REPLY = 500  # SMTP: from here on a server's "no" is for good


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file to go with a message."""

    filename: str
    content: bytes
    media_type: str = "application/pdf"


def send(
    *,
    key: str,
    vendor: VendorRow,
    company_id: int | None,
    to: str,
    subject: str,
    text: str,
    html: str,
    attachments: Sequence[File] = (),
    opens_a_door: bool = False,
) -> bool:
    """This function will put down a message and have the worker deliver it once the caller's transaction commits.

    ``key`` names the news ("invoice:<public id>"): with a key that is known nothing happens, and False is
    returned. The sender's name is written in the language that is active. A message that ``opens_a_door``
    (it holds a link that lets its reader in) is shown to nobody, and its words are forgotten once it is sent.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"the mail {key} must be sent inside the transaction that makes its news true")
    message, is_new = Message.objects.get_or_create(
        key=key,
        defaults={
            "vendor_id": vendor.id,
            "company_id": company_id,
            "to": to,
            "sender_name": _("{vendor} Billing").format(vendor=vendor.name),
            "reply_to": vendor.email,
            "subject": " ".join(subject.splitlines()),
            "text": text,
            "html": html,
            "opens_a_door": opens_a_door,
        },
    )
    if not is_new:
        return False
    Attachment.objects.bulk_create(
        Attachment(message=message, filename=file.filename, media_type=file.media_type, content=file.content)
        for file in attachments
    )
    app.configure_task("mailer.deliver").defer(message_id=message.id, request_id=current_request_id())
    return True


def hand_over(*, message_id: int, now: datetime) -> None:
    """This function will give a message to the mail server, and mark it sent afterwards.

    It must not run inside a transaction. Killed in between, it sends a second time with the same Message-ID,
    by which a mailbox drops the double. Raises UnableToDeliver when trying again may help; an address that the
    server refuses for good is marked as failed.
    """
    message = Message.objects.prefetch_related("attachments").get(id=message_id)
    if message.sent_at or message.failed_at:
        return
    try:
        _as_mail(message).send()
    except SMTPRecipientsRefused as error:
        code, reply = next(iter(error.recipients.values()))
        reason = f"{code} {reply.decode(errors='replace')}"
        if code < FIRST_PERMANENT_REPLY:
            raise UnableToDeliver(reason) from error
        _close(message, failed_at=now, error=reason)
    except (SMTPException, OSError) as error:
        raise UnableToDeliver(f"{type(error).__name__}: {error}") from error
    else:
        _close(message, sent_at=now)


def give_up(*, message_id: int, reason: str, now: datetime) -> None:
    """This function will mark a message as failed after the last attempt, with the reason."""
    message = Message.objects.get(id=message_id)
    if not message.sent_at and not message.failed_at:
        _close(message, failed_at=now, error=reason)


def _close(
    message: Message, *, sent_at: datetime | None = None, failed_at: datetime | None = None, error: str = ""
) -> None:
    """Record what became of the message; its files have done their work."""
    log.info("message %s: %s", message.id, "sent" if sent_at else f"given up, {error}")
    message.sent_at, message.failed_at, message.error = sent_at, failed_at, error
    if message.opens_a_door:
        message.text = message.html = ""
    with transaction.atomic():
        message.save(update_fields=["sent_at", "failed_at", "error", "text", "html"])
        message.attachments.all().delete()


def _as_mail(message: Message) -> EmailMultiAlternatives:
    platform_address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        from_email=formataddr((message.sender_name, platform_address)),
        to=[message.to],
        reply_to=[message.reply_to],
        headers={
            "Message-ID": _message_id(message, domain=platform_address.rpartition("@")[2]),
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(message.html, "text/html")
    for file in message.attachments.all():
        mail.attach(file.filename, bytes(file.content), file.media_type)
    return mail


def _message_id(message: Message, *, domain: str) -> str:
    """The same on every attempt, and not to be guessed from the outside."""
    digest = hashlib.sha256(f"{message.key} {message.created_at.isoformat()}".encode()).hexdigest()[:32]
    return f"<{message.id}.{digest}@{domain}>"
