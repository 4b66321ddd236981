"""What is open on invoices, what was applied to them and from where, and what is owed to a company."""

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.lookups import Exact

from comptoir.ledger.models import JournalEntry
from comptoir.tenancy.models import Company

from .credits import CreditNote, WriteOff
from .invoices import Invoice


class InvoiceBalance(models.Model):
    """What is still open on an invoice, and how much of it is on its way. Payable is the difference.

    Written by the database when the invoice is.
    """

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


class CompanyCredit(models.Model):
    """What a vendor owes a company in one currency: moved by its movements alone, never below zero."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    currency = models.CharField(max_length=3)
    balance_minor = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "currency"], name="one_credit_per_currency"),
            models.CheckConstraint(condition=Q(balance_minor__gte=0), name="credit_is_not_overdrawn"),
        ]


class CreditMovement(models.Model):
    """Credit that came to a company, above zero, or was used, below. Never changed.

    A credit note's rest, or a payment's, which is taken back where the payment comes back; or what was refunded of it,
    and came back where the refund failed.
    """

    id = models.BigAutoField(primary_key=True)
    credit = models.ForeignKey(CompanyCredit, on_delete=models.PROTECT, related_name="movements")
    entry = models.OneToOneField(JournalEntry, on_delete=models.PROTECT, db_constraint=False)
    credit_note = models.OneToOneField(CreditNote, on_delete=models.PROTECT, null=True)
    payment_public_id = models.UUIDField(null=True, help_text="the payment, in payments, that left it or came back")
    refund_public_id = models.UUIDField(null=True, help_text="the refund, in payments, that took it or failed")
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(amount_minor=0), name="credit_movement_is_not_zero"),
            models.CheckConstraint(
                condition=Q(credit_note=None, payment_public_id=None)
                | Q(credit_note=None, refund_public_id=None)
                | Q(payment_public_id=None, refund_public_id=None),
                name="credit_movement_has_one_source",
            ),
            models.CheckConstraint(
                condition=Q(credit_note=None) | Q(amount_minor__gt=0), name="a_credit_note_adds_credit"
            ),
        ]
        indexes = [
            models.Index(fields=["payment_public_id"], name="credit_by_payment"),
            models.Index(
                fields=["refund_public_id"], condition=Q(refund_public_id__isnull=False), name="credit_by_refund"
            ),
        ]


class Allocation(models.Model):
    """What was applied to an invoice, from one source; a negative amount takes back what came back or was refunded."""

    id = models.BigAutoField(primary_key=True)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="allocations")
    payment_public_id = models.UUIDField(null=True, help_text="the payment, in payments")
    credit_note = models.OneToOneField(CreditNote, on_delete=models.PROTECT, null=True)
    write_off = models.OneToOneField(WriteOff, on_delete=models.PROTECT, null=True)
    credit_movement = models.OneToOneField(CreditMovement, on_delete=models.PROTECT, null=True)
    refund_public_id = models.UUIDField(null=True, help_text="the refund, in payments, that takes a payment's part off")
    entry = models.OneToOneField(JournalEntry, on_delete=models.PROTECT, db_constraint=False)
    amount_minor = models.BigIntegerField()
    allocated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(amount_minor=0), name="allocation_is_not_zero"),
            models.CheckConstraint(
                condition=Exact(
                    Func(
                        F("payment_public_id"),
                        F("credit_note"),
                        F("write_off"),
                        F("credit_movement"),
                        function="num_nonnulls",
                        output_field=models.IntegerField(),
                    ),
                    Value(1),
                ),
                name="allocation_has_one_source",
            ),
            models.CheckConstraint(
                condition=Q(payment_public_id__isnull=False) | Q(credit_movement__isnull=False) | Q(amount_minor__gt=0),
                name="only_payments_and_credit_come_back",
            ),
            models.CheckConstraint(
                condition=Q(refund_public_id=None) | Q(payment_public_id__isnull=False, amount_minor__lt=0),
                name="a_refund_takes_a_payment_off",
            ),
        ]
        indexes = [
            models.Index(fields=["payment_public_id"], name="allocation_by_payment"),
            models.Index(
                fields=["refund_public_id"], condition=Q(refund_public_id__isnull=False), name="allocation_by_refund"
            ),
        ]
