"""Bank accounts that were typed by hand, and wait until their owner says which small deposits arrived."""

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.lookups import Exact

from comptoir.tenancy.models import Company

from .methods import SetupSession
from .payments import Payment


class DepositKind(models.TextChoices):
    """What the owner has to tell: two amounts, or the code on the statement's line."""

    AMOUNTS = "amounts"
    DESCRIPTOR_CODE = "descriptor_code"


class BankVerification(models.Model):
    """What a visit to save a bank account, or an e-check, waits for; told on the processor's page at ``url``."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    setup = models.OneToOneField(SetupSession, on_delete=models.PROTECT, null=True, related_name="verification")
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, null=True, related_name="verification")
    kind = models.TextField(choices=DepositKind.choices)
    url = models.TextField()
    arrives_on = models.DateField()
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="told right, given up, or called off")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=DepositKind.values), name="deposit_kind_is_known"),
            models.CheckConstraint(
                condition=Exact(
                    Func(F("setup"), F("payment"), function="num_nonnulls", output_field=models.IntegerField()),
                    Value(1),
                ),
                name="verification_is_of_one_thing",
            ),
        ]
