"""Conversations between a company and its vendor's billing team; words and files are sealed."""

import uuid

from django.db import models
from django.db.models import F, Q

from comptoir.tenancy.models import Company, Vendor


class Topic(models.TextChoices):
    """What a conversation is about."""

    CHANGE_OF_OWNER = "change_of_owner"
    STORE_SOLD_OR_CLOSED = "store_sold_or_closed"
    INVOICE_QUESTION = "invoice_question"
    PAYMENT_PROBLEM = "payment_problem"
    OTHER = "other"
    OTHER_URGENT = "other_urgent"


class Side(models.TextChoices):
    """Who writes: the company, or the billing team."""

    CUSTOMER = "customer"
    STAFF = "staff"


class Kind(models.TextChoices):
    """What is written: a message to the other side, or a note for the team alone."""

    MESSAGE = "message"
    NOTE = "note"


class Thread(models.Model):
    """A conversation. ``answer_due_at`` is when the team promised to answer; empty while it owes no answer."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    topic = models.TextField(choices=Topic.choices)
    about = models.TextField(default="", blank=True, help_text="what it is attached to, e.g. invoice:<public id>")
    urgent = models.BooleanField(default=False)
    sealed_subject = models.BinaryField()
    opened_by_id = models.BigIntegerField(help_text="whose login; people stand beside this package, not below")
    opened_at = models.DateTimeField()
    last_at = models.DateTimeField(help_text="of the last message, notes left aside")
    answer_due_at = models.DateTimeField(null=True)
    assigned_to_id = models.BigIntegerField(null=True, help_text="whose login, of the vendor's team")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(topic__in=Topic.values), name="thread_topic_is_known"),
            models.CheckConstraint(condition=~Q(topic="other_urgent") | Q(urgent=True), name="thread_urgent_is_so"),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(answer_due_at=None), name="closed_thread_waits_for_nobody"
            ),
            models.CheckConstraint(
                condition=Q(about="") | Q(about__regex=r"^[a-z_]+:[0-9a-f-]{36}$"), name="thread_is_about_a_thing"
            ),
        ]
        indexes = [
            models.Index(fields=["company", "-last_at"], name="thread_by_company"),
            models.Index(
                F("vendor"), F("urgent").desc(), "answer_due_at", name="thread_waiting", condition=Q(closed_at=None)
            ),
        ]


class Message(models.Model):
    """What one person wrote, with that person's name as it was then. It never changes."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="messages")
    side = models.TextField(choices=Side.choices)
    kind = models.TextField(choices=Kind.choices, default=Kind.MESSAGE)
    author_id = models.BigIntegerField(help_text="whose login")
    author_label = models.TextField()
    sealed_text = models.BinaryField()
    files = models.PositiveSmallIntegerField(default=0, help_text="how many files come with it, all written at once")
    written_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(side__in=Side.values), name="message_side_is_known"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="message_kind_is_known"),
            models.CheckConstraint(condition=Q(kind="message") | Q(side="staff"), name="notes_are_the_teams"),
        ]
        indexes = [models.Index(fields=["thread", "id"], name="message_by_thread")]


class Attachment(models.Model):
    """A file that came with a message, of a kind that its content was checked to be. It never changes."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="attachments")
    media_type = models.TextField()
    size_bytes = models.PositiveIntegerField()
    sealed_name = models.BinaryField()
    sealed_content = models.BinaryField()


class KeptFile(models.Model):
    """A file that came with a form that could not be taken yet; it goes along with the next try, or goes in a day.

    It is one person's own: as a member of a company, or of a vendor's team.
    """

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    user_id = models.BigIntegerField(help_text="whose login")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, related_name="+")
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, null=True, related_name="+")
    size_bytes = models.PositiveIntegerField()
    sealed_name = models.BinaryField()
    sealed_content = models.BinaryField()
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(company=None, vendor__isnull=False) | Q(company__isnull=False, vendor=None),
                name="kept_file_is_a_companys_or_a_teams",
            ),
        ]
        indexes = [models.Index(fields=["user_id", "kept_at"], name="kept_file_by_person")]


class ReadMark(models.Model):
    """How far one person has read a conversation."""

    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="marks")
    user_id = models.BigIntegerField(help_text="whose login")
    through_message_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["thread", "user_id"], name="one_mark_per_thread_and_person")]


class AnswerPromise(models.Model):
    """When a vendor's billing team works, and within how many of those hours it answers."""

    vendor = models.OneToOneField(Vendor, on_delete=models.PROTECT)
    weekdays = models.CharField(max_length=7, help_text="1 is Monday, 7 is Sunday: 12345")
    opens_at = models.TimeField()
    closes_at = models.TimeField()
    hours = models.PositiveSmallIntegerField()
    urgent_hours = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(weekdays__regex=r"^1?2?3?4?5?6?7?$") & ~Q(weekdays=""), name="promise_days"
            ),
            models.CheckConstraint(condition=Q(opens_at__lt=F("closes_at")), name="promise_opens_before_it_closes"),
            models.CheckConstraint(
                condition=Q(urgent_hours__gte=1) & Q(urgent_hours__lte=F("hours")) & Q(hours__lte=200),
                name="promise_is_sooner_when_urgent",
            ),
        ]
