"""Bill runs and what they issue. Issued documents never change; what is open lives beside them."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from comptoir.customers.models import Location
from comptoir.ledger.models import JournalEntry
from comptoir.subscriptions.models import Subscription
from comptoir.tenancy.models import Company, Vendor


class RunStatus(models.TextChoices):
    """Where a bill run stands."""

    REQUESTED = "requested"
    PLANNED = "planned"
    ISSUING = "issuing"
    ISSUED = "issued"


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
                condition=Q(status=RunStatus.REQUESTED, planned_at=None)
                | (~Q(status=RunStatus.REQUESTED) & Q(planned_at__isnull=False)),
                name="bill_run_planned_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(status=RunStatus.ISSUED, issued_at__isnull=False)
                | (~Q(status=RunStatus.ISSUED) & Q(issued_at=None)),
                name="bill_run_issued_has_its_time",
            ),
        ]


class ItemStatus(models.TextChoices):
    """What became of one company in a bill run."""

    PLANNED = "planned"
    INVOICED = "invoiced"
    NOTHING_DUE = "nothing_due"
    EXCEPTION = "exception"


class BillRunItem(models.Model):
    """One company in a bill run: how much is planned, and what became of it."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(BillRun, on_delete=models.PROTECT, related_name="items")
    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    status = models.TextField(choices=ItemStatus.choices)
    planned_minor = models.BigIntegerField(default=0)
    planned_lines = models.PositiveIntegerField(default=0)
    reason = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "company"], name="company_once_per_bill_run"),
            models.CheckConstraint(condition=Q(status__in=ItemStatus.values), name="bill_run_item_status_is_known"),
            models.CheckConstraint(
                condition=~Q(status=ItemStatus.EXCEPTION) | ~Q(reason=""),
                name="bill_run_exception_has_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["run", "company"], condition=Q(status="planned"), name="bill_run_item_to_do")]


class InvoiceBatch(models.Model):
    """Invoices issued in one transaction; checked as a whole when it commits, closed from then on."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    run = models.ForeignKey(BillRun, on_delete=models.PROTECT, null=True)
    recorded_at = models.DateTimeField(db_default=Now())
    closed = models.BooleanField(default=False, db_default=False, help_text="set by the database at commit")

    class Meta:
        verbose_name_plural = "invoice batches"


class Invoice(models.Model):
    """An issued invoice: a copy of its data, never changed."""

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    batch = models.ForeignKey(InvoiceBatch, on_delete=models.PROTECT, db_constraint=False)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, db_constraint=False)
    issue_date = models.DateField()
    due_date = models.DateField()
    currency = models.CharField(max_length=3)
    language = models.CharField(max_length=2)
    bill_to = models.JSONField(help_text="name and address lines, as they were")
    total_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(total_minor__gte=0), name="invoice_total_is_not_negative"),
            models.CheckConstraint(condition=Q(due_date__gte=F("issue_date")), name="invoice_is_due_after_issue"),
        ]


class InvoiceLine(models.Model):
    """What one line of an invoice pays for: the service days ``[starts_on, ends_on)`` of a subscription."""

    id = models.BigAutoField(primary_key=True)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, db_constraint=False, related_name="lines")
    position = models.PositiveIntegerField()
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, null=True, db_constraint=False, db_index=False)
    location_label = models.TextField(default="", blank=True)
    description = models.TextField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    unit_minor = models.BigIntegerField(help_text="the price of the full period")
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="line_has_days"),
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="line_amount_is_not_negative"),
        ]


class Coverage(models.Model):
    """The service days of a subscription that a line has billed. Inserting it moves its billed-through."""

    id = models.BigAutoField(primary_key=True)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    line = models.ForeignKey(InvoiceLine, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    starts_on = models.DateField()
    ends_on = models.DateField()

    class Meta:
        verbose_name_plural = "coverage"
        constraints = [
            models.UniqueConstraint(fields=["subscription", "starts_on"], name="service_day_billed_once"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="coverage_has_days"),
        ]


class InvoiceBalance(models.Model):
    """What is still open on an invoice, and how much of it is on its way. Payable is the difference."""

    invoice = models.OneToOneField(
        Invoice, on_delete=models.PROTECT, primary_key=True, db_constraint=False, related_name="balance"
    )
    open_minor = models.BigIntegerField()
    in_flight_minor = models.BigIntegerField(default=0, db_default=0)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(in_flight_minor__gte=0, open_minor__gte=F("in_flight_minor")),
                name="payable_is_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(open_minor=0, settled_at__isnull=False) | (Q(open_minor__gt=0) & Q(settled_at=None)),
                name="settled_invoice_has_its_time",
            ),
        ]


class NumberSeries(models.Model):
    """A vendor's series of invoice numbers. Its lock is taken last, so that parallel workers wait only there."""

    vendor = models.OneToOneField(Vendor, on_delete=models.PROTECT)
    prefix = models.TextField()
    next_number = models.BigIntegerField(default=1)

    class Meta:
        verbose_name_plural = "number series"


class InvoiceNumber(models.Model):
    """The number of an issued invoice; within a series there are no gaps."""

    invoice = models.OneToOneField(
        Invoice, on_delete=models.PROTECT, primary_key=True, db_constraint=False, related_name="numbered"
    )
    series = models.ForeignKey(NumberSeries, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    number = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "number"], name="invoice_number_once")]


class Allocation(models.Model):
    """What a payment pays on an invoice; a negative amount takes back what came back."""

    id = models.BigAutoField(primary_key=True)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="allocations")
    payment_public_id = models.UUIDField(help_text="the payment, in payments")
    entry = models.OneToOneField(JournalEntry, on_delete=models.PROTECT, db_constraint=False)
    amount_minor = models.BigIntegerField()
    allocated_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(amount_minor=0), name="allocation_is_not_zero")]
        indexes = [models.Index(fields=["payment_public_id"], name="allocation_by_payment")]
