"""Who takes what, from when, billed through when."""

from django.db import models
from django.db.models import F, Q

from comptoir.catalog.models import Plan
from comptoir.customers.models import Location
from comptoir.tenancy.models import Company, Vendor


class Subscription(models.Model):
    """A company takes one unit of a plan, for a location or for itself.

    ``billed_through`` is the first day not yet billed; only coverage moves it (see invoicing). Several units are
    several rows. The company and the plan never change: a transfer or a change of plan ends one and begins another.
    """

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="subscriptions")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, null=True)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT)
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
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")),
                name="subscription_ends_after_it_starts",
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
        indexes = [models.Index(fields=["vendor", "billed_through", "company"], name="subscription_due")]
