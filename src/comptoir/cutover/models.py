"""Moving companies from the old system: what was imported, who moves when, who was told."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from comptoir.tenancy.models import Company, Vendor

from .comparison import models as comparison_models  # noqa: F401  Django finds the package's tables here


class ImportStatus(models.TextChoices):
    """Where an import stands."""

    REQUESTED = "requested"
    DONE = "done"
    REFUSED = "refused"


class ImportKind(models.TextChoices):
    """What a file of the old system is about."""

    CUSTOMERS = "customers"
    INVOICES = "invoices"


class LegacyImport(models.Model):
    """One reading of the old system's export, with its report. A trial takes nothing: it reports what would be."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    kind = models.TextField(choices=ImportKind.choices, default=ImportKind.CUSTOMERS)
    is_trial = models.BooleanField(default=False)
    profile_name = models.TextField()
    profile = models.TextField(help_text="the mapping profile it was read through, in TOML")
    filename = models.TextField()
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    status = models.TextField(choices=ImportStatus.choices, default=ImportStatus.REQUESTED)
    requested_by = models.TextField()
    requested_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    report = models.JSONField(null=True, help_text="counts and findings; why, when it was refused as a whole")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ImportStatus.values), name="import_status_is_known"),
            models.CheckConstraint(condition=Q(kind__in=ImportKind.values), name="import_kind_is_known"),
            models.CheckConstraint(
                condition=Q(status="requested", finished_at=None, report=None)
                | (~Q(status="requested") & Q(finished_at__isnull=False, report__isnull=False)),
                name="finished_import_has_its_report",
            ),
        ]


class PaidBy(models.TextChoices):
    """How the old system took payment, whatever its own words for it are."""

    ACH = "ach"
    CARD = "card"
    CHECK = "check"
    OTHER = "other"


class LegacyCompany(models.Model):
    """What the old system said of a company when it was last imported."""

    company = models.OneToOneField(Company, on_delete=models.PROTECT)
    content_hash = models.CharField(max_length=64, help_text="of the imported data: the same again is unchanged")
    paid_by = models.TextField(choices=PaidBy.choices)
    paid_by_words = models.TextField(help_text="how the old system took payment, in its own words")
    phone = models.TextField(default="", blank=True)
    balance_minor = models.BigIntegerField(help_text="owed in the old system; below zero: was owed")
    last_invoice_number = models.TextField(default="", blank=True)
    last_invoice_minor = models.BigIntegerField(null=True)
    imported_by = models.ForeignKey(LegacyImport, on_delete=models.PROTECT)

    class Meta:
        verbose_name_plural = "legacy companies"
        constraints = [
            models.CheckConstraint(condition=Q(paid_by__in=PaidBy.values), name="legacy_paid_by_is_known"),
        ]


class WaveStatus(models.TextChoices):
    """Where a wave stands."""

    PLANNED = "planned"
    SENT = "sent"


class Wave(models.Model):
    """A group of companies moved together."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    name = models.TextField()
    first_invoice_month = models.DateField(help_text="first day of the month whose invoices are the first made here")
    deadline = models.DateField(help_text="until when owners are asked to save a payment method")
    status = models.TextField(choices=WaveStatus.choices, default=WaveStatus.PLANNED)
    sent_at = models.DateTimeField(null=True)
    sent_on = models.DateField(null=True, help_text="business date")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vendor", "name"], name="wave_name_is_the_vendors_own"),
            models.CheckConstraint(
                condition=Q(status="planned", sent_at=None, sent_on=None)
                | Q(status="sent", sent_at__isnull=False, sent_on__isnull=False),
                name="sent_wave_has_its_time",
            ),
            models.CheckConstraint(condition=Q(first_invoice_month__day=1), name="first_invoice_month_is_a_first"),
        ]


class Move(models.Model):
    """One company in a wave. A company moves once."""

    wave = models.ForeignKey(Wave, on_delete=models.PROTECT, related_name="moves")
    company = models.OneToOneField(Company, on_delete=models.PROTECT)
    letter_to = models.EmailField(default="", blank=True, help_text="empty: no address, the letter goes on paper")
    letter_sent_at = models.DateTimeField(null=True)
    portal_opened_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(letter_sent_at=None) | ~Q(letter_to=""), name="letter_went_to_an_address"
            ),
        ]
