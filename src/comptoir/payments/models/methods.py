"""Vendor and company as the processor knows them, saved methods, consent to debit them. No number is ever here."""

import uuid

from django.db import models
from django.db.models import Q

from comptoir.identity.models import User
from comptoir.tenancy.models import Company, Vendor

from ..return_codes import GONE, VOIDING


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
    """A reference to a card or bank account in the processor's vault.

    Where its bank replaces a card, the processor tells, and brand, last four digits and expiry follow.
    """

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    gateway_id = models.TextField(unique=True)
    nickname = models.CharField(
        max_length=40, default="", db_default="", blank=True, help_text="what its owner calls it"
    )
    is_default = models.BooleanField(default=False, db_default=False, help_text="proposed when its company pays")
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
            models.UniqueConstraint(
                fields=["company"], condition=Q(is_default=True), name="one_default_method_per_company"
            ),
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(removed_at=None), name="removed_method_is_no_default"
            ),
        ]


class MethodRelease(models.Model):
    """That a method which its bank had refused may be debited again, and on whose word. Kept for good.

    Writing it down is what releases the method: PostgreSQL takes the refusal off with it, and in no other way. Without
    a person, it is the card's bank that has sent another card.
    """

    method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT, related_name="releases")
    refused_code = models.TextField(help_text="what the bank had refused it for")
    authorisation = models.OneToOneField(
        "Authorisation", on_delete=models.PROTECT, null=True, help_text="given anew, where the refusal voided it"
    )
    released_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True)
    released_by_label = models.TextField(help_text="their name, as it was then")
    released_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(refused_code__in=sorted(VOIDING)) | Q(authorisation__isnull=False),
                name="void_consent_is_given_anew",
            ),
            models.CheckConstraint(
                condition=~Q(refused_code__in=sorted(GONE)) | Q(released_by=None),
                name="card_that_is_gone_is_replaced",
            ),
            models.CheckConstraint(
                condition=~Q(refused_code="") & ~Q(released_by_label=""), name="release_says_of_what_and_who"
            ),
        ]


class ExpiryReminder(models.Model):
    """That a company was told so many days before that a card expires: once for each date that the card has."""

    method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT)
    expires_on = models.DateField()
    days_before = models.PositiveSmallIntegerField(help_text="30 or 7: the window in which it was told")
    told_on = models.DateField(help_text="business date")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["method", "expires_on", "days_before"], name="expiry_told_once"),
            models.CheckConstraint(condition=Q(days_before__in=[30, 7]), name="expiry_is_told_30_and_7_days_before"),
        ]


class Authorisation(models.Model):
    """A company's recorded consent to be debited: the words, who gave it, when and from where.

    It stands for a saved method, until it ends; or it is for one ``payment``, whose amount, day and method it names.
    """

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT, null=True)
    payment = models.OneToOneField(
        "Payment", on_delete=models.PROTECT, null=True, help_text="the one debit that it is for; none where it stands"
    )
    text = models.TextField()
    text_version = models.TextField()
    text_language = models.CharField(
        max_length=16,
        default="",
        db_default="",
        blank=True,
        help_text="in which it was read; empty for old ones",
    )
    text_sha256 = models.CharField(max_length=64)
    return_fee_minor = models.BigIntegerField(
        default=0, db_default=0, help_text="what a returned debit costs by these words; 0 where they name no fee"
    )
    given_by = models.ForeignKey(User, on_delete=models.PROTECT)
    given_by_label = models.TextField(default="", db_default="", blank=True, help_text="their name, as it was then")
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
            models.CheckConstraint(condition=Q(return_fee_minor__gte=0), name="named_return_fee_is_an_amount"),
            models.CheckConstraint(
                condition=Q(payment=None) | Q(method=None, active_since=None, ended_at=None),
                name="authorisation_of_one_payment_never_stands",
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
    VERIFYING = "verifying"
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
