"""A bill run, the parts that workers take, and what became of each company."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from comptoir.tenancy.models import Company, Vendor


class RunStatus(models.TextChoices):
    """Where a bill run stands."""

    REQUESTED = "requested"
    PLANNED = "planned"
    ISSUING = "issuing"
    ISSUED = "issued"
    CANCELED = "canceled"


class BillRun(models.Model):
    """Makes and issues the invoices of a vendor for the periods that start up to, and on, ``through``."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    through = models.DateField(help_text="periods that start on or before this day are billed")
    issue_date = models.DateField()
    status = models.TextField(choices=RunStatus.choices, default=RunStatus.REQUESTED)
    requested_by = models.TextField()
    requested_at = models.DateTimeField(db_default=Now())
    planned_at = models.DateTimeField(null=True)
    issued_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=RunStatus.values), name="bill_run_status_is_known"),
            models.CheckConstraint(
                condition=Q(status=RunStatus.CANCELED)
                | Q(status=RunStatus.REQUESTED, planned_at=None)
                | (~Q(status__in=[RunStatus.REQUESTED, RunStatus.CANCELED]) & Q(planned_at__isnull=False)),
                name="bill_run_planned_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(status=RunStatus.ISSUED, issued_at__isnull=False)
                | (~Q(status=RunStatus.ISSUED) & Q(issued_at=None)),
                name="bill_run_issued_has_its_time",
            ),
            models.UniqueConstraint(
                fields=["vendor"],
                condition=~Q(status__in=[RunStatus.ISSUED, RunStatus.CANCELED]),
                name="one_bill_run_under_way",
            ),
        ]


class BillRunPart(models.Model):
    """Companies that are planned, and later issued, in one transaction. Workers take parts, not companies."""

    run = models.ForeignKey(BillRun, on_delete=models.PROTECT, related_name="parts")
    position = models.PositiveIntegerField()
    company_ids = ArrayField(models.BigIntegerField())
    planned_at = models.DateTimeField(null=True)
    issued_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "position"], name="one_bill_run_part_per_position"),
            models.CheckConstraint(
                condition=Q(issued_at=None) | Q(planned_at__isnull=False),
                name="bill_run_part_is_planned_before_it_is_issued",
            ),
        ]


class ItemStatus(models.TextChoices):
    """What became of one company in a bill run."""

    PLANNED = "planned"
    INVOICED = "invoiced"
    NOTHING_DUE = "nothing_due"
    EXCEPTION = "exception"


class BillRunItem(models.Model):
    """One company in a bill run: how much is planned, and what became of it. Parents are checked by set."""

    pk = models.CompositePrimaryKey("run_id", "company_id")
    run = models.ForeignKey(
        BillRun, on_delete=models.PROTECT, related_name="items", db_constraint=False, db_index=False
    )
    company = models.ForeignKey(Company, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    status = models.TextField(choices=ItemStatus.choices)
    planned_minor = models.BigIntegerField(default=0, help_text="the invoices' totals, taxes included")
    planned_lines = models.PositiveIntegerField(default=0)
    credit_minor = models.BigIntegerField(
        default=0, help_text="what will be given back for service that ended, taxes included"
    )
    reason = models.JSONField(null=True, help_text="why it cannot be billed: a code, and its values")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ItemStatus.values), name="bill_run_item_status_is_known"),
            models.CheckConstraint(
                condition=(Q(status=ItemStatus.EXCEPTION) & Q(reason__has_key="code"))
                | (~Q(status=ItemStatus.EXCEPTION) & Q(reason__isnull=True)),
                name="bill_run_exception_has_a_reason",
            ),
        ]
