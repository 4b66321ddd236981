"""The processor's own books as we read them, and where ours say otherwise."""

import uuid

from django.db import models
from django.db.models import Q

from comptoir.ledger.models import JournalEntry
from comptoir.tenancy.models import Vendor

from .payments import Payment


class PayoutStatus(models.TextChoices):
    """Where a payout stands: on its way to the bank, there, or not there for good."""

    ON_ITS_WAY = "on_its_way"
    PAID = "paid"
    FAILED = "failed"
    CANCELED = "canceled"


class ProcessorPayout(models.Model):
    """What the processor sent to the vendor's bank. Its arrival is posted; a failure after that is posted back."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    gateway_id = models.TextField(unique=True)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField(help_text="below zero where the processor takes it from the bank")
    status = models.TextField(choices=PayoutStatus.choices)
    sent_on = models.DateField()
    arrives_on = models.DateField()
    is_itemised = models.BooleanField(default=False, help_text="what it pays out is known, to the last movement")
    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, null=True, related_name="+", help_text="arrival")
    back_entry = models.ForeignKey(
        JournalEntry, on_delete=models.PROTECT, null=True, related_name="+", help_text="failure after it arrived"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=PayoutStatus.values), name="payout_status_is_known"),
            models.CheckConstraint(
                condition=Q(status="paid", entry__isnull=False, back_entry=None)
                | Q(status="on_its_way", entry=None, back_entry=None)
                | (
                    Q(status__in=["failed", "canceled"])
                    & (Q(entry=None, back_entry=None) | Q(entry__isnull=False, back_entry__isnull=False))
                ),
                name="payout_is_in_the_books_while_it_is_in_the_bank",
            ),
        ]
        indexes = [models.Index(fields=["vendor", "-sent_on", "-id"], name="payout_by_day")]


class MovementKind(models.TextChoices):
    """What a movement on the vendor's balance at the processor is."""

    PAYMENT = "payment"
    BACK = "back"
    PAYOUT = "payout"
    FEE = "fee"
    OTHER = "other"


class ProcessorMovement(models.Model):
    """One line of the processor's books, in minor units: what it moved on the balance, and what it kept of it.

    Days are the vendor's own; those of a test clock are days in UTC.
    """

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    gateway_id = models.TextField(unique=True)
    kind = models.TextField(choices=MovementKind.choices)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()
    moved_at = models.DateTimeField()
    moved_on = models.DateField()
    intent_id = models.TextField(default="", blank=True, help_text="the payment at the processor, empty for none")
    source_id = models.TextField(default="", blank=True)
    payout = models.ForeignKey(ProcessorPayout, on_delete=models.PROTECT, null=True, related_name="movements")
    fee_entry = models.ForeignKey(
        JournalEntry,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="empty without a fee, and where it is posted with the dispute that it is for",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=MovementKind.values), name="movement_kind_is_known"),
            models.CheckConstraint(
                condition=Q(fee_entry=None) & (Q(fee_minor=0) | Q(kind="back"))
                | Q(fee_entry__isnull=False) & ~Q(fee_minor=0),
                name="processors_fee_is_in_the_books",
            ),
        ]
        indexes = [
            models.Index(fields=["vendor", "moved_on"], name="movement_by_day"),
            models.Index(fields=["intent_id"], condition=~Q(intent_id=""), name="movement_by_payment"),
        ]


class ReconciledDay(models.Model):
    """A day through which our books were compared with the processor's, in one currency: what either stood at.

    ``clearing_minor`` is ours: what the ledger says is with the processor. ``balance_minor`` is theirs, and
    ``on_its_way_minor`` what left it and had not arrived. Comparing again replaces the figures.
    """

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    day = models.DateField()
    currency = models.CharField(max_length=3)
    came_minor = models.BigIntegerField()
    back_minor = models.BigIntegerField()
    fees_minor = models.BigIntegerField()
    paid_out_minor = models.BigIntegerField()
    clearing_minor = models.BigIntegerField()
    balance_minor = models.BigIntegerField()
    on_its_way_minor = models.BigIntegerField()
    differing_minor = models.BigIntegerField(help_text="what the differences of payments add up to, ours less theirs")
    payments = models.PositiveIntegerField(help_text="how many were compared")
    compared_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vendor", "day", "currency"], name="day_is_reconciled_once_per_currency")
        ]


class DifferenceKind(models.TextChoices):
    """Where our books and the processor's say different things."""

    STATE = "state"
    AMOUNT = "amount"
    CURRENCY = "currency"
    MONEY = "money"
    FEE = "fee"
    TWICE = "twice"
    NOT_OURS = "not_ours"
    NOT_THEIRS = "not_theirs"
    PAYOUT = "payout"
    CLEARING = "clearing"


class Explanation(models.TextChoices):
    """Why a difference needs nobody yet: it is known how it comes, and it goes by itself."""

    NONE = ""
    OVER_MIDNIGHT = "over_midnight"
    NEWS_WAITS = "news_waits"
    BOOKS_CLOSED = "books_closed"


class Difference(models.Model):
    """One thing of which either side's books say something else, until it is gone or a person settles it."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    kind = models.TextField(choices=DifferenceKind.choices)
    subject = models.TextField(help_text="the processor's name for it, or ours")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True)
    currency = models.CharField(max_length=3)
    ours = models.TextField(help_text="minor units, or a word")
    theirs = models.TextField(help_text="minor units, or a word")
    explanation = models.TextField(choices=Explanation.choices, default="", blank=True)
    found_on = models.DateField(help_text="the day through which was compared")
    closed_on = models.DateField(null=True, help_text="business date")
    settled_by = models.TextField(default="", blank=True, help_text="a person; empty where it was gone by itself")
    note = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vendor", "kind", "subject", "currency"],
                condition=Q(closed_on=None),
                name="difference_from_processor_is_open_once",
            ),
            models.CheckConstraint(condition=Q(kind__in=DifferenceKind.values), name="kind_of_difference_is_known"),
            models.CheckConstraint(condition=Q(explanation__in=Explanation.values), name="explanation_is_a_known_one"),
            models.CheckConstraint(condition=~Q(ours=models.F("theirs")), name="difference_from_processor_differs"),
            models.CheckConstraint(
                condition=Q(settled_by="", note="") | (Q(closed_on__isnull=False) & ~Q(settled_by="") & ~Q(note="")),
                name="settled_difference_says_by_whom_and_why",
            ),
        ]
        indexes = [models.Index(fields=["vendor", "-found_on"], name="difference_by_day")]
