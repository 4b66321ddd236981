"""Numbers of documents: a series per vendor and kind, without gaps."""

from django.db import models
from django.db.models import Q

from comptoir.tenancy.models import Vendor

from .credits import CreditNote
from .invoices import Invoice


class SeriesKind(models.TextChoices):
    """What a series numbers."""

    INVOICE = "invoice"
    OPENING = "opening"
    CREDIT_NOTE = "credit_note"


class NumberSeries(models.Model):
    """A vendor's series of numbers. Its lock is taken last, so that parallel workers wait only there."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    kind = models.TextField(choices=SeriesKind.choices)
    prefix = models.TextField()
    next_number = models.BigIntegerField(default=1)

    class Meta:
        verbose_name_plural = "number series"
        constraints = [
            models.UniqueConstraint(fields=["vendor", "kind"], name="one_series_per_kind"),
            models.UniqueConstraint(fields=["vendor", "prefix"], name="one_series_per_prefix"),
            models.CheckConstraint(condition=Q(kind__in=SeriesKind.values), name="series_kind_is_known"),
        ]


class InvoiceNumber(models.Model):
    """The number of an issued invoice; within a series there are no gaps."""

    invoice = models.OneToOneField(
        Invoice, on_delete=models.PROTECT, primary_key=True, db_constraint=False, related_name="numbered"
    )
    series = models.ForeignKey(NumberSeries, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    number = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "number"], name="invoice_number_once")]


class CreditNoteNumber(models.Model):
    """The number of a credit note; within a series there are no gaps."""

    credit_note = models.OneToOneField(CreditNote, on_delete=models.PROTECT, primary_key=True, related_name="numbered")
    series = models.ForeignKey(NumberSeries, on_delete=models.PROTECT, db_index=False)
    number = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "number"], name="credit_note_number_once")]
