"""How a vendor collects: its policy, and when a refused debit is presented again."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from comptoir.catalog.models import Product
from comptoir.subscriptions.models import OneOffCharge
from comptoir.tenancy.models import Vendor

from .payments import Payment

USUAL_CARD_DAYS = (2, 7, 14, 21)
MOST_RE_PRESENTMENTS = 2
CODES_OF_NO_MONEY = ("R01", "R09")


def usual_card_days() -> list[int]:
    """Return the days after a card's refusal on which it is usually tried again."""
    return list(USUAL_CARD_DAYS)


def codes_of_no_money() -> list[str]:
    """Return the return codes that say that the money was not there."""
    return list(CODES_OF_NO_MONEY)


class PaymentPolicy(models.Model):
    """What a vendor does after a refusal: when it debits again, and what it charges for a return."""

    vendor = models.OneToOneField(Vendor, on_delete=models.PROTECT)
    debit_retries = models.PositiveSmallIntegerField(
        default=MOST_RE_PRESENTMENTS, help_text="how often a bank debit is presented again; the network allows two"
    )
    debit_retry_days = models.PositiveSmallIntegerField(default=3, help_text="days after the refusal, at least")
    debit_retry_on_payday = models.BooleanField(
        default=False, help_text="wait for the next usual payday after them: the 15th, or the month's last day"
    )
    card_retry_days = ArrayField(
        models.PositiveSmallIntegerField(), default=usual_card_days, help_text="days after the first refusal"
    )
    return_fee_minor = models.BigIntegerField(default=0, help_text="charged for a returned debit; 0: nothing")
    check_fee_minor = models.BigIntegerField(
        default=0, db_default=0, help_text="charged for a check that the bank returned; 0: nothing"
    )
    return_fee_cap_minor = models.BigIntegerField(
        null=True, help_text="the most that a company is charged so in a calendar month; empty: without limit"
    )
    return_fee_codes = ArrayField(models.TextField(), default=codes_of_no_money)
    return_fee_product = models.ForeignKey(
        Product, on_delete=models.PROTECT, null=True, help_text="under which the fee is charged; taxes follow from it"
    )

    class Meta:
        verbose_name_plural = "payment policies"
        constraints = [
            models.CheckConstraint(
                condition=Q(debit_retries__lte=MOST_RE_PRESENTMENTS), name="network_allows_two_re_presentments"
            ),
            models.CheckConstraint(
                condition=Q(debit_retry_days__gte=1, debit_retry_days__lte=60), name="debit_is_retried_within_reason"
            ),
            models.CheckConstraint(
                condition=Q(card_retry_days__len__lte=15, card_retry_days__contained_by=list(range(1, 31))),
                name="card_is_retried_at_most_15_times_in_30_days",
            ),
            models.CheckConstraint(
                condition=Q(return_fee_minor=0) | Q(return_fee_minor__gt=0, return_fee_product__isnull=False),
                name="return_fee_has_its_product",
            ),
            models.CheckConstraint(
                condition=Q(check_fee_minor=0) | Q(check_fee_minor__gt=0, return_fee_product__isnull=False),
                name="check_fee_has_its_product",
            ),
            models.CheckConstraint(
                condition=Q(return_fee_cap_minor=None) | Q(return_fee_cap_minor__gt=0),
                name="return_fee_cap_is_above_zero",
            ),
            models.CheckConstraint(
                condition=Q(return_fee_codes__contained_by=list(CODES_OF_NO_MONEY)),
                name="return_fee_is_for_missing_money",
            ),
        ]


class ReturnFee(models.Model):
    """That a returned debit or check was charged for, once: by a charge that the next invoice bills. Kept for good."""

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT)
    charge = models.OneToOneField(OneOffCharge, on_delete=models.PROTECT)
    amount_minor = models.BigIntegerField()
    charged_on = models.DateField(help_text="business date")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount_minor__gt=0), name="return_fee_is_above_zero")]


class DroppedWhy(models.TextChoices):
    """Why a planned attempt was not made."""

    PAID = "paid"
    NO_CONSENT = "no_consent"
    CALLED_OFF = "called_off"
    TOO_LATE = "too_late"
    TOO_SMALL = "too_small"


class PlannedRetry(models.Model):
    """When a debit that was refused or returned is presented again, and what came of the plan."""

    after = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="retry")
    planned_on = models.DateField(help_text="business date")
    made = models.OneToOneField(Payment, on_delete=models.PROTECT, null=True, related_name="+")
    dropped_at = models.DateTimeField(null=True)
    dropped_why = models.TextField(choices=DroppedWhy.choices, default="", blank=True)

    class Meta:
        verbose_name_plural = "planned retries"
        constraints = [
            models.CheckConstraint(
                condition=Q(dropped_at=None, dropped_why="")
                | Q(dropped_at__isnull=False, dropped_why__in=DroppedWhy.values, made=None),
                name="retry_is_made_or_dropped",
            ),
        ]
        indexes = [
            models.Index(
                fields=["planned_on"], condition=Q(made=None, dropped_at=None), name="retry_that_waits_by_day"
            ),
        ]
