"""What a customer says about automatic payment, and what was announced of it, when."""

from django.db import models
from django.db.models import Q

from comptoir.identity.models import User
from comptoir.invoicing.models import Invoice
from comptoir.tenancy.models import Company


class AutopayLimit(models.Model):
    """The amount above which a day's debit waits: what of it no member has approved is not debited."""

    company = models.OneToOneField(Company, on_delete=models.PROTECT)
    limit_minor = models.BigIntegerField(null=True, help_text="of one day's debit; empty: nobody is asked")
    set_by = models.ForeignKey(User, on_delete=models.PROTECT)
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(limit_minor=None) | Q(limit_minor__gte=0), name="autopay_limit_is_an_amount"
            ),
        ]


class InstructionKind(models.TextChoices):
    """What a member says about the automatic payment of one invoice; the latest word counts."""

    CALL_OFF = "call_off"
    APPROVE = "approve"


class AutopayInstruction(models.Model):
    """A member's word on the automatic payment of one invoice. Kept for good: it is the evidence."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT)
    kind = models.TextField(choices=InstructionKind.choices)
    amount_minor = models.BigIntegerField(help_text="what was to be debited when it was said; an approval's most")
    given_by = models.ForeignKey(User, on_delete=models.PROTECT)
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=InstructionKind.values), name="instruction_is_known"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="instruction_is_about_an_amount"),
        ]


class NoticeKind(models.TextChoices):
    """By which mail a debit was announced: the invoice's, or one of its own because the amount differs."""

    INVOICE = "invoice"
    VARYING = "varying"


class DebitNotice(models.Model):
    """That a company was told the amount and day of a debit, and when: evidence, kept for good."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT)
    kind = models.TextField(choices=NoticeKind.choices)
    amount_minor = models.BigIntegerField(help_text="of the invoice")
    debit_on = models.DateField()
    sent_to = models.TextField()
    sent_on = models.DateField(help_text="business date")
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=NoticeKind.values), name="notice_kind_is_known"),
            models.UniqueConstraint(
                fields=["invoice", "kind", "amount_minor", "debit_on"], name="debit_is_announced_once_by_each"
            ),
        ]
