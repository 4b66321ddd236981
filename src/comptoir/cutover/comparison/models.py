"""What the old system last charged, how it compares with what is charged here, and what people make of it."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from comptoir.identity.models import User
from comptoir.tenancy.models import Company, Vendor


class LegacyInvoice(models.Model):
    """An invoice of the old system, kept for the record and for comparison; no document of the books here.

    ``lines`` are in the file's order, with their service days, and amounts in minor units without tax.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    number = models.TextField()
    issued_on = models.DateField()
    lines = models.JSONField()
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    open_minor = models.BigIntegerField(help_text="still owed on it in the old system, when it was last imported")
    content_hash = models.CharField(max_length=64, help_text="of the imported data: the same again is unchanged")
    imported_by = models.ForeignKey("LegacyImport", on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="old_invoice_imported_once"),
            models.CheckConstraint(
                condition=Q(total_minor=F("net_minor") + F("tax_minor")), name="old_invoice_adds_up"
            ),
        ]
        indexes = [models.Index(fields=["company", "-issued_on"], name="last_old_invoice")]


class ComparisonRun(models.Model):
    """Comparing all of a vendor's companies that are not billed here yet; ``reached`` is the last one's id."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    tolerance_minor = models.BigIntegerField(help_text="up to which a company's unexplained difference is let pass")
    requested_by = models.TextField()
    requested_at = models.DateTimeField(db_default=Now())
    companies = models.PositiveIntegerField(help_text="how many there are to compare")
    compared = models.PositiveIntegerField(default=0)
    reached = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(tolerance_minor__gte=0), name="tolerance_is_not_negative"),
            models.UniqueConstraint(fields=["vendor"], condition=Q(finished_at=None), name="one_comparison_at_a_time"),
        ]


class Verdict(models.TextChoices):
    """What came of comparing a company; alone has no old invoice to compare with."""

    MATCHED = "matched"
    EXPLAINED = "explained"
    UNEXPLAINED = "unexplained"
    ALONE = "alone"


class Comparison(models.Model):
    """A company's next invoice here beside the old system's last, as the latest run found them.

    ``lines`` are pairs with the reasons why they differ; the same ``fingerprint`` means that nothing has changed. Not
    ``is_current`` where either side has changed since. Amounts in minor units, taxes included.
    """

    company = models.OneToOneField(Company, on_delete=models.PROTECT)
    run = models.ForeignKey(ComparisonRun, on_delete=models.PROTECT)
    old_invoice = models.ForeignKey(LegacyInvoice, on_delete=models.PROTECT, null=True)
    verdict = models.TextField(choices=Verdict.choices)
    is_current = models.BooleanField(default=True)
    old_minor = models.BigIntegerField(null=True)
    new_minor = models.BigIntegerField()
    difference_minor = models.BigIntegerField()
    unexplained_minor = models.BigIntegerField(help_text="what no rule explains, whichever way, added up")
    lines = models.JSONField()
    problem = models.JSONField(null=True, help_text="why the next invoice cannot be reckoned")
    fingerprint = models.CharField(max_length=64)
    compared_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="verdict_is_known"),
            models.CheckConstraint(
                condition=Q(verdict="alone", old_invoice=None, old_minor=None)
                | (~Q(verdict="alone") & Q(old_invoice__isnull=False, old_minor__isnull=False)),
                name="compared_with_an_old_invoice",
            ),
        ]


class ComparisonNote(models.Model):
    """What somebody found out about a company's difference."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    text = models.TextField()
    written_by = models.ForeignKey(User, on_delete=models.PROTECT)
    written_by_name = models.TextField()
    written_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="comparison_note_says_something")]


class ComparisonSignature(models.Model):
    """A manager lets a company move in spite of a difference that no rule explains: of just that ``fingerprint``."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    fingerprint = models.CharField(max_length=64)
    reason = models.TextField()
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    signed_by_name = models.TextField()
    signed_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_by_name = models.TextField(default="", blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="signature_says_why"),
            models.CheckConstraint(
                condition=Q(withdrawn_by__isnull=True, withdrawn_at__isnull=True)
                | Q(withdrawn_by__isnull=False, withdrawn_at__isnull=False),
                name="withdrawn_signature_says_by_whom",
            ),
            models.UniqueConstraint(
                fields=["company", "fingerprint"], condition=Q(withdrawn_at=None), name="difference_is_signed_once"
            ),
        ]
