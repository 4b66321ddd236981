"""PDFs once made, kept for ever: a second download is the same file."""

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
