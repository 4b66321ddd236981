"""Mail that was decided on, and what became of it."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from comptoir.tenancy.models import Company, Vendor


class Message(models.Model):
    """One e-mail. ``key`` says what it is about, so that the same news is never mailed twice."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True)
    key = models.TextField(unique=True)
    to = models.EmailField()
    sender_name = models.TextField()
    reply_to = models.EmailField()
    subject = models.TextField()
    text = models.TextField()
    html = models.TextField()
    created_at = models.DateTimeField(db_default=Now())
    sending_at = models.DateTimeField(null=True, help_text="when the hand-over began, put down before it did")
    doubted_at = models.DateTimeField(
        null=True, help_text="when it was found that nobody knows whether the hand-over ended: a person decides"
    )
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    held_at = models.DateTimeField(null=True, help_text="when it was kept back, since mail to the address came back")
    delivered_at = models.DateTimeField(null=True, help_text="when the recipient's own server took it")
    returned_at = models.DateTimeField(null=True, help_text="when it came back, or was called unwanted")
    error = models.TextField(default="", blank=True)
    opens_a_door = models.BooleanField(
        default=False, help_text="holds a link that lets its reader in: shown to nobody, forgotten once sent"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(sent_at=None) | Q(failed_at=None), name="mail_is_sent_or_failed"),
            models.CheckConstraint(
                condition=Q(opens_a_door=False) | Q(sent_at=None, failed_at=None) | Q(text="", html=""),
                name="mail_that_opens_a_door_is_forgotten",
            ),
            models.CheckConstraint(condition=Q(failed_at=None) | ~Q(error=""), name="failed_mail_says_why"),
            models.CheckConstraint(condition=Q(sent_at=None) | Q(sending_at__isnull=False), name="mail_sent_was_begun"),
            models.CheckConstraint(
                condition=Q(doubted_at=None) | Q(sending_at__isnull=False, sent_at=None, failed_at=None),
                name="mail_in_doubt_was_begun_and_has_no_end",
            ),
            models.CheckConstraint(
                condition=Q(held_at=None) | Q(sending_at=None, sent_at=None, failed_at=None),
                name="mail_held_was_not_begun",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "-id"], name="message_by_company"),
            models.Index(
                fields=["vendor", "-id"],
                name="message_that_needs_someone",
                condition=Q(doubted_at__isnull=False) | Q(held_at__isnull=False) | Q(failed_at__isnull=False),
            ),
        ]


class Attachment(models.Model):
    """A file that goes with a message, kept until the message is sent."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    filename = models.TextField()
    media_type = models.TextField()
    content = models.BinaryField()


class MarkReason(models.TextChoices):
    """Why mail to an address is kept back."""

    BOUNCED = "bounced"
    COMPLAINED = "complained"


class MarkedAddress(models.Model):
    """An address from which a vendor's mail came back, or that called it unwanted, until someone clears the mark."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    address = models.EmailField(help_text="in lower case")
    reason = models.TextField(choices=MarkReason.choices)
    detail = models.TextField(help_text="what the other side said")
    message = models.ForeignKey(Message, on_delete=models.PROTECT, help_text="the mail that it happened to")
    marked_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)
    cleared_by = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(reason__in=MarkReason.values), name="address_mark_has_a_reason"),
            models.CheckConstraint(
                condition=Q(cleared_at=None, cleared_by="") | (Q(cleared_at__isnull=False) & ~Q(cleared_by="")),
                name="address_cleared_by_someone",
            ),
            models.UniqueConstraint(
                fields=["vendor", "address"], condition=Q(cleared_at=None), name="one_mark_per_address"
            ),
        ]


class DeliveryReport(models.Model):
    """What a provider or mail server told of a message, put down as it came: once per ``event_id``."""

    event_id = models.TextField(unique=True)
    kind = models.TextField(choices=[(kind, kind) for kind in ("delivered", "bounced", "complained")])
    reference = models.TextField(help_text="the message's own mark, which is in its Message-ID")
    address = models.TextField()
    detail = models.TextField()
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["delivered", "bounced", "complained"]), name="delivery_report_kind_is_known"
            )
        ]
