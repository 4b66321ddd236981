"""Giving messages to the mail server, or to the provider: each once, and never again by itself when in doubt."""

from __future__ import annotations

import hashlib
import hmac
import logging
from datetime import datetime
from email.utils import formataddr, parseaddr
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any

from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused, AnymailRequestsAPIError
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction

from comptoir.kit.events import emit

from .errors import UnableToDeliver
from .marking import is_marked, mark_address
from .models import MarkReason, Message

log = logging.getLogger(__name__)

FIRST_PERMANENT_REPLY = 500  # SMTP: from here on a server's "no" is for good
ABOUT_US = "5.7."  # RFC 3463: refused by policy, which says nothing of the mailbox
TOO_MANY, FIRST_SERVER_ERROR = 429, 500  # HTTP
REFERENCE_DIGITS = 32


def hand_over(*, message_id: int, now: datetime) -> None:
    """Give a message to the mail server, and mark it sent afterwards.

    It must not run inside a transaction: that the hand-over begins is committed before it does. A message found
    begun and without an end was under way when its worker died, and nobody knows whether it went out: it is not
    sent again but put on the list of doubts. One to a marked address is kept back. Raises UnableToDeliver when the
    server took nothing, and trying again may help.
    """
    message = Message.objects.prefetch_related("attachments").get(id=message_id)
    if message.sent_at or message.failed_at or message.held_at or message.doubted_at:
        return
    if message.sending_at:
        _doubt(message, now=now)
        return
    if is_marked(vendor_id=message.vendor_id, address=message.to):
        _hold(message, now=now)
        return
    mail = _as_mail(message)
    mail.message()  # what can never be written as mail fails here, before anything may have gone out
    mail_server = get_connection()
    try:
        mail_server.open()  # whoever cannot be reached has taken nothing
    except (SMTPException, OSError) as error:
        raise UnableToDeliver(f"{type(error).__name__}: {error}") from error
    try:
        if _begin(message, now=now):
            _give(message, mail, mail_server=mail_server, now=now)
    finally:
        mail_server.close()


def give_up(*, message_id: int, reason: str, now: datetime) -> None:
    """Mark a message as failed after the last attempt, with the reason.

    One whose hand-over was begun and not taken back may have gone out: that is a doubt, and for a person.
    """
    message = Message.objects.get(id=message_id)
    if message.sent_at or message.failed_at or message.doubted_at:
        return
    if message.sending_at:
        _doubt(message, now=now)
    else:
        _close(message, failed_at=now, error=reason)


def reference_of(message: Message) -> str:
    """Return the message's mark: the same on every attempt, and not to be guessed from outside."""
    digest = hashlib.sha256(f"{message.key} {message.created_at.isoformat()}".encode()).hexdigest()
    return f"{message.id}.{digest[:REFERENCE_DIGITS]}"


def message_of(reference: str) -> Message | None:
    """Return the message with that mark, or None."""
    number = reference.partition(".")[0]
    if not number.isdecimal() or len(number) > 18:
        return None
    message = Message.objects.filter(id=int(number)).first()
    return message if message and hmac.compare_digest(reference_of(message), reference) else None


def _give(message: Message, mail: EmailMultiAlternatives, *, mail_server: Any, now: datetime) -> None:
    try:
        mail_server.send_messages([mail])
    except SMTPRecipientsRefused as error:
        code, reply = next(iter(error.recipients.values()))
        reason = f"{code} {reply.decode(errors='replace')}"
        if code < FIRST_PERMANENT_REPLY:
            _take_back(message, reason=reason, cause=error)
        _refused(message, reason=reason, now=now)
    except (SMTPServerDisconnected, AnymailAPIError, OSError) as error:
        _without_clear_answer(message, error=error, now=now)
    except SMTPException as error:
        _take_back(message, reason=f"{type(error).__name__}: {error}", cause=error)
    except AnymailRecipientsRefused as error:
        _refused(message, reason=str(error), now=now)
    else:
        _close(message, sent_at=now)


def _without_clear_answer(message: Message, *, error: Exception, now: datetime) -> None:
    """Go by the provider's answer, if there was one; a line cut in the middle leaves it open whether it was taken."""
    reason = f"{type(error).__name__}: {error}"
    status = error.status_code if isinstance(error, AnymailRequestsAPIError) else None
    if status is None:
        log.warning("message %s: %s", message.id, reason)
        _doubt(message, now=now)
    elif status == TOO_MANY or status >= FIRST_SERVER_ERROR:
        _take_back(message, reason=reason, cause=error)
    else:
        _close(message, failed_at=now, error=reason)


def _begin(message: Message, *, now: datetime) -> bool:
    """Put down that the hand-over begins; False where another worker was quicker."""
    begun = Message.objects.filter(id=message.id, sending_at=None, sent_at=None, failed_at=None, held_at=None)
    if not begun.update(sending_at=now):
        return False
    message.sending_at = now
    return True


def _take_back(message: Message, *, reason: str, cause: Exception) -> None:
    """Nothing was taken: it waits for the next attempt."""
    Message.objects.filter(id=message.id).update(sending_at=None)
    raise UnableToDeliver(reason) from cause


def _refused(message: Message, *, reason: str, now: datetime) -> None:
    with transaction.atomic():
        _close(message, failed_at=now, error=reason)
        if ABOUT_US not in reason:
            mark_address(message=message, reason=MarkReason.BOUNCED, detail=reason, now=now)


def _doubt(message: Message, *, now: datetime) -> None:
    log.warning("message %s was under way, and nobody knows whether it went out", message.id)
    with transaction.atomic():
        message.doubted_at = now
        message.save(update_fields=["doubted_at"])
        tell("mail_in_doubt", message)


def _hold(message: Message, *, now: datetime) -> None:
    """Keep the message back; one that opens a door is not kept, and must be asked for anew."""
    if message.opens_a_door:
        _close(message, failed_at=now, error="mail to this address came back")
        return
    log.info("message %s is kept back: mail to its address came back", message.id)
    message.held_at = now
    message.save(update_fields=["held_at"])


def _close(
    message: Message, *, sent_at: datetime | None = None, failed_at: datetime | None = None, error: str = ""
) -> None:
    """Record what became of the message; its files have done their work."""
    log.info("message %s: %s", message.id, "sent" if sent_at else f"given up, {error}")
    message.sent_at, message.failed_at, message.error = sent_at, failed_at, error
    message.doubted_at = None
    if message.opens_a_door:
        message.text = message.html = ""
    with transaction.atomic():
        message.save(update_fields=["doubted_at", "sent_at", "failed_at", "error", "text", "html"])
        message.attachments.all().delete()
        if failed_at:
            tell("mail_failed", message)


def tell(name: str, message: Message) -> None:
    """Let others know what became of a message. Must run in the transaction that makes it true."""
    emit(
        name=name,
        topic=f"message:{message.id}",
        vendor_id=message.vendor_id,
        company_id=message.company_id,
        data={"message": message.id},
    )


def _as_mail(message: Message) -> EmailMultiAlternatives:
    platform_address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    reference = reference_of(message)
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        from_email=formataddr((message.sender_name, platform_address)),
        to=[message.to],
        reply_to=[message.reply_to],
        headers={
            "Message-ID": f"<{reference}@{platform_address.rpartition('@')[2]}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(message.html, "text/html")
    for file in message.attachments.all():
        mail.attach(file.filename, bytes(file.content), file.media_type)
    mail.metadata = {"reference": reference}  # type: ignore[attr-defined]  # what a provider sends back with its reports
    return mail
