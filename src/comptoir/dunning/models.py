"""Policies, what was written by them, what pauses them, and which products were closed by them."""

import uuid

from django.db import models
from django.db.models import F, Q

from comptoir.catalog.models import Product
from comptoir.customers.models import Location
from comptoir.documents.models import PrintBatch
from comptoir.invoicing.models import Invoice
from comptoir.mailer.models import Message
from comptoir.subscriptions.models import OneOffCharge
from comptoir.tenancy.models import Company, Vendor


class StepKind(models.TextChoices):
    """What follows from an invoice that is not paid, in this order."""

    DUE_SOON = "due_soon"
    REMINDER = "reminder"
    FIRM_REMINDER = "firm_reminder"
    FINAL_NOTICE = "final_notice"
    SUSPENSION = "suspension"
    HAND_OVER = "hand_over"


WRITTEN = (StepKind.DUE_SOON, StepKind.REMINDER, StepKind.FIRM_REMINDER, StepKind.FINAL_NOTICE)


class Effect(models.TextChoices):
    """What is done with a product of a company that does not pay."""

    SUSPEND = "suspend"
    LIMIT = "limit"
    NEVER = "never"


class Policy(models.Model):
    """How a group of a vendor's customers is reminded, and what follows. PostgreSQL makes each vendor's first."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    name = models.TextField(default="", blank=True, help_text="of the group of customers; the usual one has none")
    is_usual = models.BooleanField(default=False, help_text="counts for every company that has no other")
    notice_days = models.PositiveSmallIntegerField(
        default=7, help_text="days between the receipt of a final notice and a suspension, at least"
    )
    least_overdue_minor = models.BigIntegerField(default=0, help_text="below it nobody is reminded")
    debit_restores = models.BooleanField(
        default=True, help_text="a bank debit that was accepted lets in again, until it comes back"
    )
    most_companies = models.PositiveIntegerField(default=25, help_text="suspended in a day before a person is asked")
    most_percent = models.PositiveSmallIntegerField(default=5, help_text="of the vendor's companies, likewise")
    fee_product = models.ForeignKey(
        Product, on_delete=models.PROTECT, null=True, help_text="under which fees are charged; taxes follow from it"
    )

    class Meta:
        verbose_name_plural = "policies"
        constraints = [
            models.UniqueConstraint(fields=["vendor"], condition=Q(is_usual=True), name="one_usual_policy"),
            models.UniqueConstraint(fields=["vendor", "name"], name="policy_name_is_the_vendors_own"),
            models.CheckConstraint(
                condition=Q(is_usual=True, name="") | Q(is_usual=False) & ~Q(name=""), name="policy_has_a_name"
            ),
            models.CheckConstraint(
                condition=Q(notice_days__range=(1, 60), least_overdue_minor__gte=0), name="policy_gives_notice"
            ),
            models.CheckConstraint(
                condition=Q(most_companies__gte=1, most_percent__range=(1, 100)), name="brake_is_set"
            ),
        ]


class Step(models.Model):
    """One step of a policy: how many days after the due date, or before it, what is sent, and what it costs."""

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="steps")
    kind = models.TextField(choices=StepKind.choices)
    days = models.SmallIntegerField(help_text="after the due date; below zero before it")
    on_paper_too = models.BooleanField(default=False, help_text="also to those whom e-mail reaches")
    fee_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["policy", "kind"], name="step_once_per_policy"),
            models.CheckConstraint(condition=Q(kind__in=StepKind.values), name="step_is_known"),
            models.CheckConstraint(
                condition=Q(kind="due_soon", days__range=(-30, -1)) | ~Q(kind="due_soon") & Q(days__range=(1, 365)),
                name="step_is_before_or_after_the_due_date",
            ),
            models.CheckConstraint(
                condition=Q(fee_minor=0) | Q(fee_minor__gt=0, kind__in=["reminder", "firm_reminder", "final_notice"]),
                name="fee_is_for_a_reminder",
            ),
        ]


class StepText(models.Model):
    """A vendor's own words for a step, in a language, instead of the shipped ones."""

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="texts")
    kind = models.TextField(choices=StepKind.choices)
    language = models.CharField(max_length=2)
    subject = models.TextField()
    words = models.TextField(help_text="paragraphs, with placeholders in braces")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["policy", "kind", "language"], name="step_text_once_per_language"),
            models.CheckConstraint(
                condition=Q(language__in=["en", "fr", "es"], kind__in=WRITTEN) & ~Q(subject="") & ~Q(words=""),
                name="step_text_says_something",
            ),
        ]


class ProductRule(models.Model):
    """What a policy does with a product; without a row what is usual for it."""

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="rules")
    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    effect = models.TextField(choices=Effect.choices)
    extra_days = models.PositiveSmallIntegerField(default=0, help_text="after the first product's day")
    night_only = models.BooleanField(default=False, help_text="happens at night by the stores' clocks")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["policy", "product"], name="rule_once_per_product"),
            models.CheckConstraint(
                condition=Q(effect__in=Effect.values, extra_days__lte=365), name="product_rule_is_known"
            ),
        ]


class PolicyChoice(models.Model):
    """That a company goes by another policy than the vendor's usual one."""

    company = models.OneToOneField(Company, on_delete=models.PROTECT, primary_key=True)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT)


class StoreHours(models.Model):
    """When a store is open, by its own clock, where it is not as usual in its state."""

    location = models.OneToOneField(Location, on_delete=models.PROTECT, primary_key=True)
    zone = models.TextField(help_text="an IANA time zone")
    opens = models.TimeField()
    closes = models.TimeField(help_text="may be after midnight; as opening: never closed")


class StoreDay(models.Model):
    """A day of the week on which a store keeps other hours; without any it stays closed."""

    hours = models.ForeignKey(StoreHours, on_delete=models.CASCADE, related_name="days")
    weekday = models.PositiveSmallIntegerField(help_text="1 is Monday, 7 Sunday")
    opens = models.TimeField(null=True)
    closes = models.TimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hours", "weekday"], name="one_store_day_of_a_weekday"),
            models.CheckConstraint(condition=Q(weekday__range=(1, 7)), name="store_day_is_of_a_week"),
            models.CheckConstraint(
                condition=Q(opens=None, closes=None) | Q(opens__isnull=False, closes__isnull=False),
                name="store_day_has_both_times_or_none",
            ),
        ]


class Notice(models.Model):
    """One message about what is due, by mail, on paper, or both: the evidence that a company was told."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    kind = models.TextField(choices=StepKind.choices)
    sent_on = models.DateField(help_text="business date")
    sent_at = models.DateTimeField()
    sent_to = models.TextField(default="", blank=True, help_text="the address; empty: on paper alone")
    message = models.OneToOneField(Message, on_delete=models.PROTECT, null=True)
    has_paper = models.BooleanField(default=False)
    paper = models.TextField(
        default="", blank=True, help_text="what the letter is kept under, as written last; empty: as it was first"
    )
    printed_in = models.ForeignKey(
        PrintBatch, on_delete=models.PROTECT, null=True, help_text="what was printed, and holds the paper"
    )
    posted_on = models.DateField(null=True, help_text="when the paper was put into the post")
    posted_by = models.TextField(default="", blank=True)
    paper_returned_on = models.DateField(null=True, help_text="when the post brought it back: it proves nothing then")
    paper_returned_by = models.TextField(default="", blank=True, help_text="who of the team said so")
    again_by = models.TextField(default="", blank=True, help_text="who of the team has it given once more")
    charge = models.OneToOneField(OneOffCharge, on_delete=models.PROTECT, null=True, help_text="the fee")
    closes_from = models.DateField(
        null=True, help_text="of a final notice: nothing is closed by it before; empty: it speaks of no closing"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "sent_on"], name="one_message_a_day"),
            models.CheckConstraint(
                condition=Q(closes_from=None) | Q(kind="final_notice", closes_from__gt=F("sent_on")),
                name="final_notice_names_a_later_day",
            ),
            models.CheckConstraint(condition=Q(kind__in=WRITTEN), name="notice_is_of_a_step_in_writing"),
            models.CheckConstraint(
                condition=Q(message__isnull=False) & ~Q(sent_to="") | Q(message=None, sent_to="", has_paper=True),
                name="notice_is_sent_somehow",
            ),
            models.CheckConstraint(
                condition=Q(posted_on=None, posted_by="")
                | Q(posted_on__isnull=False, has_paper=True, posted_on__gte=F("sent_on")) & ~Q(posted_by=""),
                name="paper_is_posted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(paper_returned_on=None, paper_returned_by="")
                | Q(paper_returned_on__isnull=False, posted_on__isnull=False, paper_returned_on__gte=F("posted_on"))
                & ~Q(paper_returned_by=""),
                name="paper_that_came_back_was_posted",
            ),
            models.CheckConstraint(
                condition=Q(again_by="") | Q(kind="final_notice", paper_returned_on__isnull=False),
                name="given_again_is_a_final_notice_that_came_back",
            ),
        ]
        indexes = [
            models.Index(
                fields=["vendor", "id"], condition=Q(has_paper=True, posted_on=None), name="paper_to_be_posted"
            )
        ]


class NoticeItem(models.Model):
    """An invoice that a message was about, with the step that it had come to: each step once.

    A final notice once more (``nth``) where the post brought back the one before, and somebody asked for it.
    """

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="items")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, db_constraint=False)
    kind = models.TextField(choices=StepKind.choices)
    open_minor = models.BigIntegerField()
    nth = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["invoice", "kind", "nth"], name="step_is_written_once_per_invoice"),
            models.CheckConstraint(
                condition=Q(kind__in=WRITTEN, open_minor__gt=0), name="notice_item_is_about_something_open"
            ),
            models.CheckConstraint(condition=Q(nth=1) | Q(nth__gt=1, kind="final_notice"), name="given_again_is_final"),
        ]


class PauseKind(models.TextChoices):
    """Who stopped it: one of the team, or the company by its word to pay."""

    HOLD = "hold"
    PROMISE = "promise"


class Pause(models.Model):
    """That nothing is sent and nothing closed until a day is over."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    kind = models.TextField(choices=PauseKind.choices)
    until = models.DateField(help_text="its last day")
    amount_minor = models.BigIntegerField(null=True, help_text="what was promised")
    reason = models.TextField()
    made_on = models.DateField(help_text="business date")
    made_at = models.DateTimeField()
    made_by = models.TextField()
    released_at = models.DateTimeField(null=True)
    released_by = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "kind"], condition=Q(released_at=None), name="one_pause_of_a_kind"
            ),
            models.CheckConstraint(
                condition=Q(kind="promise", amount_minor__isnull=False, amount_minor__gt=0)
                | Q(kind="hold", amount_minor=None),
                name="promise_is_about_an_amount",
            ),
            models.CheckConstraint(
                condition=Q(until__gte=F("made_on")) & ~Q(reason="") & ~Q(made_by=""), name="pause_is_whole"
            ),
            models.CheckConstraint(
                condition=Q(released_at=None, released_by="") | Q(released_at__isnull=False) & ~Q(released_by=""),
                name="pause_is_released_by_somebody",
            ),
        ]


class BrakeStop(models.Model):
    """That too many companies would have lost access in a day: none does until a second person has said so."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    day = models.DateField(help_text="business date")
    stopped_at = models.DateTimeField()
    approved = models.BooleanField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.TextField(default="", blank=True)
    reason = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vendor"], condition=Q(decided_at=None), name="one_open_stop"),
            models.CheckConstraint(
                condition=Q(decided_at=None, approved=None, decided_by="", reason="")
                | Q(decided_at__isnull=False, approved__isnull=False) & ~Q(decided_by="") & ~Q(reason=""),
                name="stop_is_decided_by_somebody",
            ),
        ]


class Closing(models.Model):
    """That a product is to be closed to a company, at an instant at which its stores are closed, and on what proof."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    effect = models.TextField(choices=Effect.choices)
    proof = models.ForeignKey(Notice, on_delete=models.PROTECT, help_text="the final notice that was received")
    proven_on = models.DateField(help_text="when it counts as received")
    notice_days = models.PositiveSmallIntegerField(help_text="as the policy had it")
    decided_on = models.DateField(help_text="business date")
    decided_at = models.DateTimeField()
    at = models.DateTimeField(null=True, help_text="when it happens, by the clock; empty: no hour was found for it")
    stop = models.ForeignKey(BrakeStop, on_delete=models.PROTECT, null=True, related_name="closings")
    done_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "product"],
                condition=Q(done_at=None, dropped_at=None),
                name="closing_is_planned_once",
            ),
            models.CheckConstraint(condition=Q(effect__in=["suspend", "limit"]), name="closing_closes"),
            models.CheckConstraint(condition=Q(done_at=None) | Q(dropped_at=None), name="closing_ends_in_one_way"),
            models.CheckConstraint(
                condition=Q(done_at=None) | Q(at__isnull=False, done_at__gte=F("at")), name="closed_at_its_hour"
            ),
            models.CheckConstraint(
                condition=Q(decided_on__gte=F("proven_on") + F("notice_days")), name="closing_gives_notice"
            ),
        ]
        indexes = [
            models.Index(fields=["vendor", "at"], condition=Q(done_at=None, dropped_at=None), name="closing_that_waits")
        ]


class HandOver(models.Model):
    """That what a company owes was given out of the team's hands, and whether it came back."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    listed_on = models.DateField(help_text="business date")
    ended_on = models.DateField(null=True, help_text="when nothing was overdue any more")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company"], condition=Q(ended_on=None), name="handed_over_once"),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("listed_on")), name="hand_over_ends_after_it_began"
            ),
        ]
