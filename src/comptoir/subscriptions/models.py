"""Who takes what, from when, billed through when."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields.ranges import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from comptoir.catalog.models import Plan, Product
from comptoir.customers.models import Location
from comptoir.tenancy.models import Company, Vendor


class Subscription(models.Model):
    """A company takes one unit of a plan, for a location or for itself.

    ``billed_through`` is the first day not yet billed; only coverage moves it (see invoicing). Several units are
    several rows. The company and the plan never change: a transfer or a change of plan ends one and begins another.
    One that ends on the day on which it starts never was. One billed beyond its end is owed a credit.
    """

    # Vendor and plan are checked by set, by subscriptions_fit, and never go: see ADR 4.
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, db_constraint=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="subscriptions")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, null=True)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, db_constraint=False)
    legacy_key = models.TextField(default="", blank=True, help_text="what the old system called it")
    anchor_day = models.PositiveSmallIntegerField(help_text="day of month on which its periods begin")
    agreed_price_minor = models.BigIntegerField(
        null=True, help_text="per full period, where it differs from the plan's price"
    )
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, help_text="first day without service")
    minimum_term_ends_on = models.DateField(null=True)
    billed_from = models.DateField(help_text="first day that Comptoir bills: the old system's billed-through")
    billed_through = models.DateField(help_text="first day not yet billed")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(anchor_day__range=(1, 31)), name="anchor_day_is_a_day_of_month"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="subscription_does_not_end_before_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(agreed_price_minor=None) | Q(agreed_price_minor__gte=0),
                name="agreed_price_is_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(billed_through__gte=F("billed_from")),
                name="billed_through_is_not_before_billed_from",
            ),
            models.UniqueConstraint(
                fields=["vendor", "legacy_key"],
                condition=~Q(legacy_key=""),
                name="subscription_imported_once",
            ),
        ]


class DiscountKind(models.TextChoices):
    """How a discount is reckoned."""

    PERCENT = "percent"
    AMOUNT = "amount"


class Discount(models.Model):
    """Takes something off each period of a subscription that starts while it holds.

    A percentage of the price, or an amount per full period, prorated as the price is. Only its end may change.
    """

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="discounts")
    kind = models.TextField(choices=DiscountKind.choices)
    basis_points = models.PositiveIntegerField(null=True, help_text="hundredths of a percent of the price")
    amount_minor = models.BigIntegerField(null=True, help_text="per full period")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, help_text="first day on which no period gets it any more")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=DiscountKind.values), name="discount_kind_is_known"),
            models.CheckConstraint(
                condition=Q(kind="percent", basis_points__isnull=False, amount_minor=None)
                | Q(kind="amount", basis_points=None, amount_minor__isnull=False),
                name="discount_is_a_percentage_or_an_amount",
            ),
            models.CheckConstraint(
                condition=Q(basis_points=None) | Q(basis_points__range=(1, 10_000)),
                name="discount_is_up_to_the_whole_price",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor=None) | Q(amount_minor__gt=0), name="discount_amount_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="discount_does_not_end_before_it_starts",
            ),
            # Without btree_gist, the id is compared as a range of one number.
            ExclusionConstraint(
                name="one_discount_at_a_time",
                expressions=[
                    (
                        Func(F("subscription_id"), F("subscription_id"), Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    (Func(F("starts_on"), F("ends_on"), function="daterange"), RangeOperators.OVERLAPS),
                ],
            ),
        ]


class OneOffCharge(models.Model):
    """Something charged once: an installation, a device, a training day. Billed by the first bill run after its day."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, null=True)
    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    description = models.TextField(help_text="as the invoice says it")
    amount_minor = models.BigIntegerField()
    charge_on = models.DateField()
    repeats = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, help_text="what it charges again, since that invoice was voided"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="charge_is_positive"),
            models.CheckConstraint(condition=~Q(description=""), name="charge_says_what_for"),
        ]
        indexes = [models.Index(fields=["company", "charge_on"], name="charge_due")]


class ChargeWithdrawal(models.Model):
    """A charge that is not billed any more, with the reason. What is billed already is credited instead."""

    charge = models.OneToOneField(OneOffCharge, on_delete=models.PROTECT, primary_key=True, related_name="withdrawal")
    reason = models.TextField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="withdrawal_says_why")]


class BillingPreferences(models.Model):
    """How a company wants to be billed; one that never said has no row, and is billed plainly."""

    company = models.OneToOneField(Company, on_delete=models.PROTECT, primary_key=True)
    invoice_per_store = models.BooleanField(default=False)
    purchase_order = models.TextField(default="", blank=True, help_text="its own reference, shown on each invoice")
    terms_days = models.PositiveSmallIntegerField(null=True, help_text="empty: the vendor's")
    align_to_day = models.PositiveSmallIntegerField(
        null=True, help_text="day of month on which the periods of all its subscriptions begin; empty: each its own"
    )

    class Meta:
        verbose_name_plural = "billing preferences"
        constraints = [
            models.CheckConstraint(
                condition=Q(align_to_day=None) | Q(align_to_day__range=(1, 31)), name="aligned_to_a_day_of_month"
            ),
            models.CheckConstraint(
                condition=Q(terms_days=None) | Q(terms_days__lte=365), name="terms_are_a_year_at_most"
            ),
        ]
