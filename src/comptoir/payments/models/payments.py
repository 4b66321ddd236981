"""Payments, and what each is meant for."""

import uuid

from django.db import models
from django.db.models import F, Q

from comptoir.invoicing.models import Invoice
from comptoir.tenancy.models import Company

from .methods import MethodKind, PaymentMethod


class PaymentStatus(models.TextChoices):
    """The states of a payment; these words and no others."""

    CREATED = "created"
    ACTION_REQUIRED = "action_required"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    RETURNED = "returned"
    DISPUTED = "disputed"
    REFUNDED = "refunded"


class PaymentOrigin(models.TextChoices):
    """What started a payment."""

    AUTOPAY = "autopay"
    ONE_TIME = "one_time"
    ON_BEHALF = "on_behalf"
    CHECK = "check"


class EntryClass(models.TextChoices):
    """NACHA's standard entry class of a bank debit: whose account, and how its owner consented.

    CCD: a company's account. A consumer's: WEB over the internet, TEL by telephone, PPD in writing.
    """

    CCD = "CCD"
    WEB = "WEB"
    TEL = "TEL"
    PPD = "PPD"


class Payment(models.Model):
    """One attempt to take money. Succeeded means that the money is here; it may still come back.

    What is not meant for an invoice (its items) is on account: the company's credit, once the money is here.
    """

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    origin = models.TextField(choices=PaymentOrigin.choices)
    kind = models.TextField(choices=MethodKind.choices)
    method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT, null=True)
    method_label = models.TextField(default="", blank=True)
    entry_class = models.CharField(
        max_length=3, default="", db_default="", blank=True, help_text="of a bank debit, once the account is known"
    )
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    on_account_minor = models.BigIntegerField(
        default=0, db_default=0, help_text="what is meant for no invoice, and becomes credit"
    )
    return_fee_minor = models.BigIntegerField(
        default=0, db_default=0, help_text="what its payer was told that it costs if it comes back; more is not charged"
    )
    confirmation = models.CharField(max_length=12, unique=True, help_text="what customer and bank can quote")
    bank_reference = models.TextField(
        default="",
        db_default="",
        blank=True,
        help_text="by which the payer's bank finds a debit",
    )
    status = models.TextField(choices=PaymentStatus.choices, default=PaymentStatus.CREATED)
    intent_id = models.TextField(null=True, unique=True)  # noqa: DJ001  unknown until the processor answers
    session_id = models.TextField(null=True, unique=True)  # noqa: DJ001  unknown until the processor answers
    re_presents = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="re_presentments",
        help_text="the first attempt, of which this is another one",
    )
    failure_code = models.TextField(default="", blank=True, help_text="the processor's or the bank's code")
    initiated_on = models.DateField(help_text="business date")
    created_at = models.DateTimeField()
    submitting_at = models.DateTimeField(
        null=True, help_text="when the processor was first asked to debit; set before it is asked"
    )
    spent_keys = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="how often the processor broke over it and keeps to that answer"
    )
    processing_at = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)
    succeeded_on = models.DateField(null=True, help_text="business date of the posting")
    ended_at = models.DateTimeField(null=True, help_text="failed, canceled, or came back")
    refused_on = models.DateField(null=True, help_text="business date on which it failed or came back")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payment_is_above_zero"),
            models.CheckConstraint(condition=Q(status__in=PaymentStatus.values), name="payment_status_is_known"),
            models.CheckConstraint(
                condition=Q(return_fee_minor=0) | Q(return_fee_minor__gt=0, kind__in=["us_bank_account", "check"]),
                name="told_return_fee_is_of_a_debit_or_check",
            ),
            models.CheckConstraint(
                condition=~Q(status="processing") | Q(processing_at__isnull=False),
                name="processing_payment_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=["succeeded", "returned", "disputed", "refunded"],
                    succeeded_at__isnull=False,
                    succeeded_on__isnull=False,
                )
                | (
                    ~Q(status__in=["succeeded", "returned", "disputed", "refunded"])
                    & Q(succeeded_at=None, succeeded_on=None)
                ),
                name="payment_that_succeeded_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["failed", "canceled", "returned"], ended_at__isnull=False)
                | (~Q(status__in=["failed", "canceled", "returned"]) & Q(ended_at=None)),
                name="payment_that_ended_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(origin="autopay") | Q(method__isnull=False), name="autopay_has_a_method"
            ),
            models.CheckConstraint(
                condition=Q(on_account_minor__gte=0, on_account_minor__lte=F("amount_minor"))
                & (~Q(origin="autopay") | Q(on_account_minor=0)),
                name="on_account_is_part_of_what_a_person_pays",
            ),
            models.CheckConstraint(
                condition=Q(entry_class="") | Q(entry_class__in=EntryClass.values, kind="us_bank_account"),
                name="bank_debits_alone_have_an_entry_class",
            ),
            models.CheckConstraint(
                condition=~Q(origin="on_behalf") | Q(method__isnull=False), name="on_behalf_has_a_saved_method"
            ),
            models.CheckConstraint(
                condition=Q(re_presents=None) | Q(origin="autopay"), name="autopay_alone_presents_again"
            ),
            models.CheckConstraint(
                condition=Q(refused_on=None) | Q(status__in=["failed", "returned"]), name="refusal_has_its_day"
            ),
        ]
        indexes = [models.Index(F("company"), F("id").desc(), name="payment_by_company")]


class PaymentItem(models.Model):
    """How much of a payment is meant for which invoice."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="items")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT)
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment", "invoice"], name="invoice_once_per_payment"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payment_item_is_above_zero"),
        ]
