"""Deciding on mail: putting it down, and what a person decides when it did not simply arrive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from django.db import connection
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from comptoir.kit.events import emit
from comptoir.kit.request_id import current_request_id
from comptoir.tenancy.audit import Actor, record
from comptoir.tenancy.brand import PublicBrand
from comptoir.tenancy.queries import VendorRow

from .errors import NothingToDecide
from .models import Attachment, MarkedAddress, Message

Decision = Literal["send", "arrived", "drop"]
DECISIONS: tuple[Decision, ...] = get_args(Decision)


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
    """Put down a message and have the worker deliver it once the caller's transaction commits.

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
            "sender_name": sender_name(vendor),
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


def sender_name(vendor: VendorRow | PublicBrand) -> str:
    """Return whom a vendor's mail is from, in the language that is active."""
    return vendor.sender_name or _("{vendor} Billing").format(vendor=vendor.name)


def request_decision(*, vendor_id: int, message_id: int, decision: Decision, actor: Actor) -> None:
    """Have the worker do what a person decides of a message, and put on record who decided.

    *send*: hand it over, once more where it is in doubt. *arrived*: one in doubt did go out. *drop*: it is not
    wanted any more. Raises NothingToDecide for a message that is neither in doubt nor kept back.
    """
    message = Message.objects.filter(id=message_id, vendor_id=vendor_id).first()
    if message is None or not may_be_decided(message, decision=decision):
        raise NothingToDecide(_("This message does not wait for anybody’s decision any more."))
    record(
        actor=actor,
        action=f"mail_{decision}",
        subject=f"message:{message.id}",
        vendor_id=vendor_id,
        company_id=message.company_id,
        reason=message.subject,
    )
    emit(
        name="mail_decided",
        topic=f"message:{message.id}",
        vendor_id=vendor_id,
        company_id=message.company_id,
        data={"message": message.id, "decision": decision, "by": actor.label},
    )


def carry_out(*, vendor_id: int, message_id: int, decision: Decision, by: str, now: datetime) -> None:
    """Do what was decided of a vendor's message; where that has become pointless, nothing.

    A page writes the event that leads here, and the number in it may be any: another vendor's message is not touched.
    """
    message = Message.objects.select_for_update().filter(id=message_id, vendor_id=vendor_id).first()
    if message is None or not may_be_decided(message, decision=decision):
        return
    begun_at = message.sending_at
    message.sending_at = message.doubted_at = message.held_at = None
    if decision == "send":
        message.save(update_fields=["sending_at", "doubted_at", "held_at"])
        app.configure_task("mailer.deliver").defer(message_id=message.id, request_id=current_request_id())
        return
    if decision == "arrived":
        message.sending_at = message.sent_at = begun_at
    else:
        message.failed_at, message.error = now, _("Given up by {person}.").format(person=by)
    message.save(update_fields=["sending_at", "doubted_at", "held_at", "sent_at", "failed_at", "error"])
    message.attachments.all().delete()


def may_be_decided(message: Message, *, decision: Decision) -> bool:
    """Say whether a message waits for such a decision."""
    if decision == "arrived":
        return message.doubted_at is not None
    return message.doubted_at is not None or message.held_at is not None


def clear_address(*, vendor_id: int, address_id: int, actor: Actor, now: datetime, reason: str) -> None:
    """Let mail go to a marked address again; what was kept back stays so until someone sends it.

    Raises NothingToDecide where there is no such mark any more.
    """
    marks = MarkedAddress.objects.filter(id=address_id, vendor_id=vendor_id, cleared_at=None)
    mark = marks.select_related("message").first()
    if mark is None or not marks.update(cleared_at=now, cleared_by=actor.label):
        raise NothingToDecide(_("This address is not marked any more."))
    record(
        actor=actor,
        action="mail_address_cleared",
        subject=f"mail-address:{mark.id}",
        vendor_id=vendor_id,
        company_id=mark.message.company_id,
        before={"address": mark.address, "reason": mark.reason, "detail": mark.detail},
        reason=reason,
    )
    emit(
        name="mail_address_cleared",
        topic=f"mail-address:{mark.id}",
        vendor_id=vendor_id,
        company_id=mark.message.company_id,
        data={"address": mark.id, "by": actor.label},
    )
