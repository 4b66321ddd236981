"""Who levies taxes and how much, where a vendor collects them, and who is exempt."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields.ranges import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from comptoir.tenancy.models import Company, Vendor


class TaxCategory(models.TextChoices):
    """What a product is to a tax office."""

    SOFTWARE = "software"
    SERVICE = "service"
    HARDWARE = "hardware"
    EXEMPT = "exempt"


TAXED_CATEGORIES = [category.value for category in TaxCategory if category is not TaxCategory.EXEMPT]


class JurisdictionLevel(models.TextChoices):
    """How far down a jurisdiction reaches."""

    COUNTRY = "country"
    STATE = "state"
    COUNTY = "county"
    CITY = "city"


def _level(level: str, *, named: str) -> Q:
    """Return the condition that a row of ``level`` has the ``named`` fields and no others; a city may lack a county."""
    fields = {field for field in ("state", "county", "city") if field in named.split()}
    free = {"county"} if level == JurisdictionLevel.CITY else set()
    condition = Q(level=level)
    for field in ("state", "county", "city"):
        if field not in free:
            condition &= ~Q(**{field: ""}) if field in fields else Q(**{field: ""})
    return condition


class Jurisdiction(models.Model):
    """A country, state, county or city that levies a tax. It covers what lies below it."""

    code = models.TextField(unique=True, help_text="e.g. US-IL-COOK-CHICAGO")
    name = models.TextField(help_text="as invoices call its tax")
    level = models.TextField(choices=JurisdictionLevel.choices)
    country = models.CharField(max_length=2)
    state = models.TextField(default="", blank=True)
    county = models.TextField(default="", blank=True)
    city = models.TextField(default="", blank=True)
    harmonised = models.BooleanField(
        default=False, help_text="a state's rate that holds the country's as well, as in Ontario"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["country", "state", "county", "city"], name="one_jurisdiction_per_area"),
            models.CheckConstraint(
                condition=_level("country", named="")
                | _level("state", named="state")
                | _level("county", named="state county")
                | _level("city", named="state city"),
                name="jurisdiction_level_is_its_areas",
            ),
            models.CheckConstraint(
                condition=Q(country__regex=r"^[A-Z]{2}$", state__regex=r"^[A-Z0-9]{0,3}$") & ~Q(code="") & ~Q(name=""),
                name="jurisdiction_has_codes_and_name",
            ),
            models.CheckConstraint(condition=Q(harmonised=False) | Q(level="state"), name="states_alone_harmonise"),
        ]

    def __str__(self) -> str:
        return self.code


class TaxRate(models.Model):
    """A jurisdiction's rate for a category from a day on, until a later row; 0 is exempt from then on."""

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT)
    category = models.TextField(choices=TaxCategory.choices)
    rate = models.DecimalField(max_digits=9, decimal_places=6)
    valid_from = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "category", "valid_from"], name="one_tax_rate_per_date"),
            models.CheckConstraint(condition=Q(rate__gte=0, rate__lt=1), name="tax_rate_is_a_share"),
            models.CheckConstraint(condition=Q(category__in=TAXED_CATEGORIES), name="tax_rate_is_of_a_taxed_category"),
        ]


def _one_at_a_time(name: str, *, keys: list[str], starts: str, ends: str) -> ExclusionConstraint:
    """Return the rule that rows with the same ids in ``keys`` never share a day. Without btree_gist ids are ranges."""
    ids = [(Func(F(key), F(key), Value("[]"), function="int8range"), RangeOperators.OVERLAPS) for key in keys]
    days = (Func(F(starts), F(ends), function="daterange"), RangeOperators.OVERLAPS)
    return ExclusionConstraint(name=name, expressions=[*ids, days])


class Registration(models.Model):
    """The days on which a vendor collects a jurisdiction's taxes; nowhere else does it collect any."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT)
    since = models.DateField()
    until = models.DateField(null=True, help_text="first day without it; empty while it lasts")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until=None) | Q(until__gt=F("since")), name="registration_has_days"),
            _one_at_a_time(
                "registered_once_at_a_time", keys=["vendor_id", "jurisdiction_id"], starts="since", ends="until"
            ),
        ]


class ExemptionCertificate(models.Model):
    """A company's paper that says it owes a jurisdiction, and all below it, no tax for some days."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT)
    number = models.TextField()
    reason = models.TextField()
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, help_text="first day on which it no longer counts")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "jurisdiction", "number"], name="one_certificate_per_number"),
            models.CheckConstraint(condition=~Q(number="") & ~Q(reason=""), name="certificate_has_number_and_reason"),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")), name="certificate_has_days"
            ),
        ]
