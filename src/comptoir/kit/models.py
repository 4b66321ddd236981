"""The outbox: what happened, and which listener has yet to be told."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Event(models.Model):
    """Something that happened, written in the transaction in which it happened."""

    id = models.BigAutoField(primary_key=True)
    name = models.TextField()
    topic = models.TextField(help_text="the object whose events are delivered in order, e.g. invoice:17")
    vendor_id = models.BigIntegerField(null=True)
    company_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)
    request_id = models.TextField(default="", blank=True)
    occurred_at = models.DateTimeField(db_default=Now())


class EventDelivery(models.Model):
    """One listener's copy of an event. ``done_at`` empty means still to be delivered."""

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries")
    listener = models.TextField()
    topic = models.TextField()
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.TextField(default="", blank=True)
    next_attempt_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "listener"], name="one_delivery_per_listener")]
        indexes = [models.Index(fields=["listener", "topic", "id"], condition=Q(done_at=None), name="delivery_pending")]
