"""What corrects an invoice: credit notes, which give back, and write-offs, which give up."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from comptoir.identity.models import User
from comptoir.tenancy.models import Company, Vendor

from .bill_runs import BillRun
from .invoices import Invoice


class CreditReason(models.TextChoices):
    """Why something is given back."""

    SERVICE_ENDED = "service_ended"
    CORRECTION = "correction"
    GOODWILL = "goodwill"
    VOID = "void"


class CreditNote(models.Model):
    """A document that gives back part of one invoice, or all of it. Never changed. Amounts are above zero.

    What it takes off the invoice's open amount is allocated there; the rest is the company's credit.
    """

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="credit_notes")
    run = models.ForeignKey(BillRun, on_delete=models.PROTECT, null=True)
    reason = models.TextField(choices=CreditReason.choices)
    explanation = models.TextField()
    issue_date = models.DateField()
    bill_to = models.JSONField(help_text="name and address lines, as they were")
    seller = models.JSONField(default=dict, db_default={}, help_text="the vendor's name in law, address and ids")
    language = models.CharField(max_length=2)
    currency = models.CharField(max_length=3)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    issued_by = models.TextField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(net_minor__gte=0, tax_minor__gte=0, total_minor=F("net_minor") + F("tax_minor")),
                name="credit_note_total_is_net_and_tax",
            ),
            models.CheckConstraint(condition=Q(reason__in=CreditReason.values), name="credit_reason_is_known"),
            models.CheckConstraint(condition=~Q(explanation=""), name="credit_note_says_why"),
        ]


class CreditNoteLine(models.Model):
    """What is given back of one line of the invoice: the line's days ``[starts_on, ends_on)``, or an amount alone.

    ``tax_parts`` give back the taxes of the corrected line, in the order of its ``tax_positions``.
    """

    pk = models.CompositePrimaryKey("credit_note_id", "position")
    credit_note = models.ForeignKey(CreditNote, on_delete=models.PROTECT, related_name="lines", db_index=False)
    position = models.PositiveIntegerField()
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, db_index=False)
    corrects = models.PositiveIntegerField(help_text="position of the line on the invoice")
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    amount_minor = models.BigIntegerField(help_text="without taxes")
    tax_parts = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on=None, ends_on=None, amount_minor__gt=0)
                | Q(starts_on__isnull=False, ends_on__gt=F("starts_on"), amount_minor__gte=0),
                name="credit_line_gives_back_days_or_an_amount",
            ),
        ]
        indexes = [models.Index(fields=["invoice", "corrects"], name="credit_by_line")]


class WriteOff(models.Model):
    """What is open on an invoice and will never be paid: given up, with the reason. Never changed."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="write_offs")
    amount_minor = models.BigIntegerField()
    reason = models.TextField()
    written_off_on = models.DateField()
    written_off_by = models.TextField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="write_off_is_positive"),
            models.CheckConstraint(condition=~Q(reason=""), name="write_off_says_why"),
        ]


class CorrectionKind(models.TextChoices):
    """What a correction does to an invoice."""

    CREDIT = "credit"
    VOID = "void"
    WRITE_OFF = "write_off"


class CorrectionStatus(models.TextChoices):
    """Where a correction stands: it waits for someone with a higher limit, or for the worker, or is over."""

    REQUESTED = "requested"
    APPROVED = "approved"
    DONE = "done"
    REFUSED = "refused"


class Correction(models.Model):
    """What someone of the billing team asks to be given back or given up, and who allowed it.

    Nobody allows more than the limit of the own role, nor, later, what they asked for themselves: PostgreSQL looks at
    it, whoever writes.
    """

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="corrections")
    kind = models.TextField(choices=CorrectionKind.choices)
    lines = models.JSONField(default=list, help_text="of a credit: pairs of position and minor units, no taxes")
    amount_minor = models.BigIntegerField(help_text="what it is about, taxes included; counts against the limit")
    reason = models.TextField(choices=CreditReason.choices)
    explanation = models.TextField()
    status = models.TextField(choices=CorrectionStatus.choices)
    requested_by = models.TextField()
    requested_by_user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    requested_at = models.DateTimeField(db_default=Now())
    approved_by = models.TextField(default="", blank=True)
    approved_role = models.TextField(default="", blank=True)
    outcome = models.TextField(default="", blank=True, help_text="why it was refused")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=CorrectionKind.values), name="correction_kind_is_known"),
            models.CheckConstraint(condition=Q(status__in=CorrectionStatus.values), name="correction_status_is_known"),
            models.CheckConstraint(
                condition=(Q(amount_minor__gt=0) | Q(kind=CorrectionKind.VOID, amount_minor=0)) & ~Q(explanation=""),
                name="correction_says_how_much_and_why",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["requested", "refused"]) | (~Q(approved_by="") & ~Q(approved_role="")),
                name="correction_was_approved_by_someone",
            ),
            models.CheckConstraint(condition=~Q(status="refused") | ~Q(outcome=""), name="refused_correction_says_why"),
        ]
        indexes = [models.Index(fields=["vendor"], condition=Q(status="requested"), name="correction_waits")]


class ApprovalLimit(models.Model):
    """How much of a vendor's money a role may give back or give up at once, in minor units; empty: without limit."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    role = models.TextField()
    limit_minor = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vendor", "role"], name="one_approval_limit_per_role"),
            models.CheckConstraint(
                condition=Q(limit_minor=None) | Q(limit_minor__gte=0), name="approval_limit_is_not_negative"
            ),
        ]
