"""Invoices as they were issued: written in bulk, checked by set, never changed."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now

from comptoir.customers.models import Location
from comptoir.subscriptions.models import OneOffCharge, Subscription
from comptoir.tenancy.models import Company, Vendor

from ..calculation.vat import PIECE, VAT_CATEGORIES
from .bill_runs import BillRun


class InvoiceBatch(models.Model):
    """Invoices issued in one transaction; checked as a whole before it commits, closed from then on."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    run = models.ForeignKey(BillRun, on_delete=models.PROTECT, null=True)
    seller = models.JSONField(default=dict, db_default={}, help_text="the vendor's name in law, address and ids")
    recorded_at = models.DateTimeField(db_default=Now())
    closed = models.BooleanField(default=False, db_default=False, help_text="set by the database when it has checked")

    class Meta:
        verbose_name_plural = "invoice batches"


class InvoiceKind(models.TextChoices):
    """What an invoice asks money for."""

    SERVICE = "service"
    OPENING = "opening"


class Invoice(models.Model):
    """An issued invoice: a copy of its data, never changed. Amounts are minor units of its currency.

    An opening invoice brings what was open in the old system, so that it can be paid and dunned here.
    """

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True, db_default=RandomUUID())
    batch = models.ForeignKey(InvoiceBatch, on_delete=models.PROTECT, db_constraint=False)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, db_constraint=False)
    kind = models.TextField(choices=InvoiceKind.choices, default=InvoiceKind.SERVICE, db_default=InvoiceKind.SERVICE)
    location = models.ForeignKey(
        Location, on_delete=models.PROTECT, null=True, db_constraint=False, db_index=False, help_text="if per store"
    )
    issue_date = models.DateField()
    due_date = models.DateField()
    currency = models.CharField(max_length=3)
    language = models.CharField(max_length=2)
    bill_to = models.JSONField(help_text="name, address lines and ids, as they were")
    purchase_order = models.TextField(default="", db_default="", blank=True)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(net_minor__gte=0, tax_minor__gte=0, total_minor=F("net_minor") + F("tax_minor")),
                name="invoice_total_is_net_and_tax",
            ),
            models.CheckConstraint(condition=Q(due_date__gte=F("issue_date")), name="invoice_is_due_after_issue"),
            models.CheckConstraint(condition=Q(kind__in=InvoiceKind.values), name="invoice_kind_is_known"),
            models.CheckConstraint(
                condition=~Q(kind=InvoiceKind.OPENING) | Q(tax_minor=0), name="opening_invoice_has_no_tax_of_its_own"
            ),
        ]


class InvoiceTax(models.Model):
    """What one rate of one jurisdiction takes from an invoice. The tax is rounded half up, once."""

    pk = models.CompositePrimaryKey("invoice_id", "position")
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="taxes"
    )
    position = models.SmallIntegerField()
    jurisdiction_code = models.TextField()
    name = models.TextField(help_text="as the invoice calls it")
    category = models.TextField()
    rate = models.DecimalField(max_digits=9, decimal_places=6)
    taxable_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "invoice taxes"
        constraints = [
            models.CheckConstraint(
                condition=Q(taxable_minor__gte=0, rate__gte=0)
                & Q(
                    tax_minor=Func(F("taxable_minor") * F("rate"), function="round", output_field=models.DecimalField())
                ),
                name="tax_is_its_rate_of_what_is_taxable",
            ),
        ]


class InvoiceLine(models.Model):
    """What one line pays for: service days ``[starts_on, ends_on)`` of a subscription, or a charge, which has none.

    ``tax_positions`` name the invoice's taxes that fall on the line, ``tax_parts`` how much of each. Writing a line
    of a subscription is what covers its days.
    """

    pk = models.CompositePrimaryKey("invoice_id", "position")
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="lines"
    )
    position = models.PositiveIntegerField()
    subscription = models.ForeignKey(
        Subscription, on_delete=models.PROTECT, null=True, db_constraint=False, db_index=False
    )
    charge = models.ForeignKey(OneOffCharge, on_delete=models.PROTECT, null=True, db_constraint=False, db_index=False)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, null=True, db_constraint=False, db_index=False)
    location_label = models.TextField(default="", blank=True)
    description = models.TextField()
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    full_days = models.PositiveSmallIntegerField(null=True, help_text="days of the period that the price pays for")
    unit_minor = models.BigIntegerField(help_text="the price of the full period, or of the charge")
    discount_minor = models.BigIntegerField(default=0, db_default=0, help_text="taken off the full period's price")
    amount_minor = models.BigIntegerField(help_text="without taxes")
    tax_positions = ArrayField(models.SmallIntegerField(), default=list)
    tax_parts = ArrayField(models.BigIntegerField(), default=list)
    unit = models.CharField(max_length=3, default=PIECE, db_default=PIECE, help_text="UN/ECE recommendation 20")
    vat_category = models.CharField(
        max_length=2, default="", db_default="", blank=True, help_text="UNTDID 5305; empty: issued before it was kept"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(unit__regex=r"^[A-Z0-9]{2,3}$"), name="line_unit_is_a_code"),
            models.CheckConstraint(
                condition=Q(vat_category="")
                | Q(vat_category="S", tax_positions__len__gt=0)
                | Q(vat_category__in=[code for code in VAT_CATEGORIES if code != "S"], tax_positions=[]),
                name="line_is_taxed_as_its_category_says",
            ),
            models.CheckConstraint(
                condition=Q(subscription=None, starts_on=None, ends_on=None, full_days=None)
                | Q(
                    subscription__isnull=False,
                    charge=None,
                    starts_on__isnull=False,
                    ends_on__gt=F("starts_on"),
                    full_days__gt=0,
                ),
                name="line_of_a_subscription_has_days",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0, discount_minor__gte=0, unit_minor__gte=F("discount_minor")),
                name="line_amounts_are_not_negative",
            ),
            models.UniqueConstraint(fields=["charge"], condition=Q(charge__isnull=False), name="charge_billed_once"),
        ]


class Coverage(models.Model):
    """The days of a subscription that a line has billed; those from ``live_until`` on were given back by credits.

    Written by the database when the line is; shrunk from its end, which moves billed-through back.
    """

    pk = models.CompositePrimaryKey("invoice_id", "position")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    position = models.PositiveIntegerField()
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    starts_on = models.DateField()
    ends_on = models.DateField()
    live_until = models.DateField()

    class Meta:
        verbose_name_plural = "coverage"
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "starts_on"],
                condition=Q(live_until__gt=F("starts_on")),
                name="service_day_billed_once",
            ),
            models.CheckConstraint(
                condition=Q(live_until__gte=F("starts_on"), live_until__lte=F("ends_on")),
                name="coverage_lives_within_its_days",
            ),
        ]
