"""PDFs once made, kept for ever: a second download is the same file. Batches of them, to be printed."""

import uuid

from django.db import models
from django.db.models.functions import Now

from comptoir.tenancy.models import Company, Vendor


class StoredDocument(models.Model):
    """The PDF of an issued document. ``reference`` names what it shows, e.g. invoice:<public id>."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    reference = models.TextField(unique=True)
    filename = models.TextField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    made_at = models.DateTimeField(db_default=Now())


class PrintBatch(models.Model):
    """What a vendor's team had put together for the printer: ``sheets`` are number, name and references of each."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    title = models.TextField()
    sheets = models.JSONField()
    requested_by = models.TextField()
    requested_on = models.DateField(help_text="the vendor's business date")
    requested_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "print batches"


class PrintPart(models.Model):
    """A file of a batch, small enough for a printer and for memory: a cover list and the papers that it lists."""

    batch = models.ForeignKey(PrintBatch, on_delete=models.PROTECT, related_name="parts")
    position = models.PositiveSmallIntegerField(help_text="from 1")
    filename = models.TextField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "position"], name="part_is_printed_once")]
