"""What a vendor sells, and for how much."""

from django.db import models
from django.db.models import Q

from comptoir.tenancy.models import Vendor


class Cadence(models.TextChoices):
    """How long one billing period is."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    ANNUAL = "annual"


class TaxCategory(models.TextChoices):
    """What a product is to a tax authority; rates are per jurisdiction and category."""

    SOFTWARE = "software"
    SERVICE = "service"
    HARDWARE = "hardware"
    EXEMPT = "exempt"


class Scope(models.TextChoices):
    """What a plan is taken for: one store, or the company as a whole."""

    LOCATION = "location"
    COMPANY = "company"


class Product(models.Model):
    """Something sold: Enterprise Office, Business Intelligence, NetPOS."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    code = models.SlugField()
    name = models.TextField()
    tax_category = models.TextField(choices=TaxCategory.choices, default=TaxCategory.SOFTWARE)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vendor", "code"], name="product_code_is_the_vendors_own"),
            models.CheckConstraint(condition=Q(tax_category__in=TaxCategory.values), name="tax_category_is_known"),
        ]

    def __str__(self) -> str:
        return self.name


class Plan(models.Model):
    """What is sold of a product, for one cadence.

    An add-on is taken only beside its plan, for the same store. What a plan is never changes once it is there; what
    it costs does, by prices.
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    code = models.SlugField()
    name = models.TextField()
    cadence = models.TextField(choices=Cadence.choices)
    scope = models.TextField(choices=Scope.choices, default=Scope.COMPANY)
    addon_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="addons")
    minimum_term_months = models.PositiveSmallIntegerField(
        null=True, help_text="how long a new subscription lasts at least"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vendor", "code"], name="plan_code_is_the_vendors_own"),
            models.CheckConstraint(condition=Q(cadence__in=Cadence.values), name="plan_cadence_is_known"),
            models.CheckConstraint(condition=Q(scope__in=Scope.values), name="plan_scope_is_known"),
            models.CheckConstraint(
                condition=Q(minimum_term_months=None) | Q(minimum_term_months__range=(1, 120)),
                name="minimum_term_is_up_to_ten_years",
            ),
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
