"""Mail backends with which a test decides what happens around the sending."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend


class KilledAfterSending(EmailBackend):
    """Takes the mail, and is gone before anyone can note it."""

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        super().send_messages(messages)
        raise KeyboardInterrupt
