"""What a vendor sells, and for how much."""

from django.db import models
from django.db.models import Q

from comptoir.tenancy.models import Vendor


class Cadence(models.TextChoices):
    """How long one billing period is."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    ANNUAL = "annual"


class Product(models.Model):
    """Something sold: Enterprise Office, Business Intelligence, NetPOS."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    code = models.SlugField()
    name = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["vendor", "code"], name="product_code_is_the_vendors_own")]

    def __str__(self) -> str:
        return self.name


class Plan(models.Model):
    """What is sold of a product, for one cadence."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    code = models.SlugField()
    name = models.TextField()
    cadence = models.TextField(choices=Cadence.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vendor", "code"], name="plan_code_is_the_vendors_own"),
            models.CheckConstraint(condition=Q(cadence__in=Cadence.values), name="plan_cadence_is_known"),
        ]

    def __str__(self) -> str:
        return self.name


class Price(models.Model):
    """What a plan costs per full period, from a date on. Periods that start before it keep the price before."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="prices")
    valid_from = models.DateField()
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "valid_from"], name="one_price_per_plan_and_date"),
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="price_is_not_negative"),
        ]
