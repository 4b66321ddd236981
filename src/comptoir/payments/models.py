"""Saved methods, consent to debit, payments, and what the processor told us. No card or bank number is ever here."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from comptoir.identity.models import User
from comptoir.invoicing.models import Invoice
from comptoir.tenancy.models import Company, Vendor


class GatewayAccount(models.Model):
    """The vendor's own connected account at the processor, on which its customers' payments are made."""

    vendor = models.OneToOneField(Vendor, on_delete=models.PROTECT)
    account_id = models.TextField(unique=True)


class GatewayCustomer(models.Model):
    """What the processor calls a company."""

    company = models.OneToOneField(Company, on_delete=models.PROTECT)
    customer_id = models.TextField(unique=True)


class MethodKind(models.TextChoices):
    """How a payment method moves money."""

    CARD = "card"
    BANK_ACCOUNT = "us_bank_account"


class PaymentMethod(models.Model):
    """A reference to a card or bank account in the processor's vault."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    gateway_id = models.TextField(unique=True)
    kind = models.TextField(choices=MethodKind.choices)
    brand = models.TextField(help_text="the card's brand or the bank's name")
    last4 = models.CharField(max_length=4)
    expires_on = models.DateField(null=True, help_text="first day on which a card is no longer good")
    holder_type = models.TextField(default="", blank=True, help_text="company or individual, of a bank account")
    saved_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    unusable_reason = models.TextField(default="", blank=True, help_text="why the bank refuses it for good")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=MethodKind.values), name="method_kind_is_known"),
            models.CheckConstraint(condition=Q(last4__regex=r"^[0-9]{4}$"), name="method_keeps_four_digits_only"),
            models.CheckConstraint(
                condition=Q(kind="card", expires_on__isnull=False) | Q(kind="us_bank_account", expires_on=None),
                name="cards_expire",
            ),
        ]


class Authorisation(models.Model):
    """A company's recorded consent to be debited automatically: the words, who gave it, when and from where."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT, null=True)
    text = models.TextField()
    text_version = models.TextField()
    text_sha256 = models.CharField(max_length=64)
    given_by = models.ForeignKey(User, on_delete=models.PROTECT)
    given_at = models.DateTimeField()
    ip_address = models.GenericIPAddressField(null=True)
    user_agent = models.TextField(default="", blank=True)
    active_since = models.DateTimeField(null=True, help_text="when the method it is for was saved")
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(active_since=None) | Q(method__isnull=False), name="active_authorisation_has_a_method"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_reason="") | (Q(ended_at__isnull=False) & ~Q(ended_reason="")),
                name="ended_authorisation_says_why",
            ),
            models.UniqueConstraint(
                fields=["company"],
                condition=Q(active_since__isnull=False, ended_at=None),
                name="one_active_authorisation_per_company",
            ),
        ]


class SetupStatus(models.TextChoices):
    """Where a visit to the processor's page to save a method stands."""

    CREATED = "created"
    OPEN = "open"
    COMPLETED = "completed"
    ENDED = "ended"


class SetupSession(models.Model):
    """A visit to the processor's hosted page to save a method."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    kind = models.TextField(choices=MethodKind.choices)
    authorisation = models.OneToOneField(Authorisation, on_delete=models.PROTECT, null=True)
    session_id = models.TextField(null=True, unique=True)  # noqa: DJ001  unknown until the processor answers
    status = models.TextField(choices=SetupStatus.choices, default=SetupStatus.CREATED)
    method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT, null=True)
    started_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=SetupStatus.values), name="setup_status_is_known"),
            models.CheckConstraint(
                condition=Q(status="completed", method__isnull=False) | (~Q(status="completed") & Q(method=None)),
                name="completed_setup_has_its_method",
            ),
        ]


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


class Payment(models.Model):
    """One attempt to take money. Succeeded means that the money is here; it may still come back."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    origin = models.TextField(choices=PaymentOrigin.choices)
    kind = models.TextField(choices=MethodKind.choices)
    method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT, null=True)
    method_label = models.TextField(default="", blank=True)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    confirmation = models.CharField(max_length=12, unique=True, help_text="what customer and bank can quote")
    status = models.TextField(choices=PaymentStatus.choices, default=PaymentStatus.CREATED)
    intent_id = models.TextField(null=True, unique=True)  # noqa: DJ001  unknown until the processor answers
    session_id = models.TextField(null=True, unique=True)  # noqa: DJ001  unknown until the processor answers
    failure_code = models.TextField(default="", blank=True, help_text="the processor's or the bank's code")
    initiated_on = models.DateField(help_text="business date")
    created_at = models.DateTimeField()
    submitting_at = models.DateTimeField(
        null=True, help_text="when the processor was first asked to debit; set before it is asked"
    )
    processing_at = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)
    succeeded_on = models.DateField(null=True, help_text="business date of the posting")
    ended_at = models.DateTimeField(null=True, help_text="failed, canceled, or came back")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payment_is_above_zero"),
            models.CheckConstraint(condition=Q(status__in=PaymentStatus.values), name="payment_status_is_known"),
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


class WebhookEvent(models.Model):
    """What the processor told us, stored once by its own id."""

    event_id = models.TextField(primary_key=True)
    account_id = models.TextField(default="", blank=True)
    kind = models.TextField()
    object_id = models.TextField(default="", blank=True)
    payload = models.JSONField()
    received_at = models.DateTimeField(db_default=Now())
    handled_at = models.DateTimeField(null=True)
