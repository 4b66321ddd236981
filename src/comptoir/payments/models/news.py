"""What the processor told us."""

from django.db import models
from django.db.models.functions import Now


class WebhookEvent(models.Model):
    """What the processor told us, stored once by its own id."""

    event_id = models.TextField(primary_key=True)
    account_id = models.TextField(default="", blank=True)
    kind = models.TextField()
    object_id = models.TextField(default="", blank=True)
    payload = models.JSONField()
    received_at = models.DateTimeField(db_default=Now())
    handled_at = models.DateTimeField(null=True)
