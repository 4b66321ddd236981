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
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
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
        ]
        indexes = [models.Index(fields=["company", "-id"], name="message_by_company")]


class Attachment(models.Model):
    """A file that goes with a message, kept until the message is sent."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    filename = models.TextField()
    media_type = models.TextField()
    content = models.BinaryField()
