"""What others may know of mail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from .models import Message


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message, and what became of it. ``error`` says why one failed."""

    id: int
    key: str
    to: str
    subject: str
    created_at: datetime
    sent_at: datetime | None
    failed_at: datetime | None
    error: str

    @property
    def status(self) -> Literal["waiting", "sent", "failed"]:
        """Whether it is still to be sent, has been taken by a mail server, or could not be sent."""
        if self.failed_at:
            return "failed"
        return "sent" if self.sent_at else "waiting"


def messages(*, company_id: int, limit: int = 50, offset: int = 0) -> list[MessageRow]:
    """This function will return a company's mail, newest first."""
    found = Message.objects.filter(company_id=company_id).defer("text", "html").order_by("-id")
    return [_row(message) for message in found[offset : offset + limit]]


def _row(found: Message) -> MessageRow:
    return MessageRow(
        id=found.id,
        key=found.key,
        to=found.to,
        subject=found.subject,
        created_at=found.created_at,
        sent_at=found.sent_at,
        failed_at=found.failed_at,
        error=found.error,
    )
