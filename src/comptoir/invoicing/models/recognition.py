"""How far revenue was recognised."""

from django.db import models

from comptoir.tenancy.models import Vendor


class RevenueRecognition(models.Model):
    """The day before which a vendor's service days were recognised as revenue. Its row is held while that goes on."""

    vendor = models.OneToOneField(Vendor, on_delete=models.PROTECT, primary_key=True)
    recognised_until = models.DateField(null=True, help_text="first day that is not recognised yet")
