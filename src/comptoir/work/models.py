"""What waits for a person."""

from django.db import models
from django.db.models import F, Q

from comptoir.tenancy.models import Company, Vendor


class WorkItem(models.Model):
    """Something that a person of the billing team has to look at, open until somebody or the system closes it."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True)
    kind = models.TextField()
    subject = models.TextField(help_text="what it is about, as type:public id")
    is_urgent = models.BooleanField(default=False)
    due_at = models.DateTimeField(null=True, help_text="when an answer was promised")
    opened_at = models.DateTimeField()
    assigned_user_id = models.BigIntegerField(null=True)
    assigned_label = models.TextField(default="", blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.TextField(default="", blank=True)
    closing_note = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vendor", "kind", "subject"], condition=Q(closed_at=None), name="work_is_open_once"
            ),
            models.CheckConstraint(condition=~Q(kind="") & ~Q(subject=""), name="work_says_what_it_is_about"),
            models.CheckConstraint(
                condition=Q(assigned_user_id=None, assigned_label="")
                | (Q(assigned_user_id__isnull=False) & ~Q(assigned_label="")),
                name="assigned_work_names_the_person",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by="", closing_note="")
                | (Q(closed_at__isnull=False) & ~Q(closed_by="")),
                name="closed_work_says_by_whom",
            ),
        ]
        indexes = [
            models.Index(
                F("vendor"),
                F("is_urgent").desc(),
                F("due_at").asc(nulls_last=True),
                F("id"),
                condition=Q(closed_at=None),
                name="work_that_waits",
            )
        ]
