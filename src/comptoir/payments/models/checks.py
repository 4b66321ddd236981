"""Checks: the deposits they come in, what each is and pays, what a person decided, who pays under which name."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from comptoir.tenancy.models import Company, Vendor

from .payments import Payment


class BankFile(models.Model):
    """A file of the bank's that was read. Not its content, which may name payers' accounts: what it said is kept."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    filename = models.TextField()
    sha256 = models.CharField(max_length=64)
    profile_name = models.TextField(default="", blank=True)
    profile = models.TextField(default="", blank=True, help_text="how a CSV file was read, in TOML")
    checks_read = models.PositiveIntegerField(default=0)
    known_before = models.PositiveIntegerField(default=0, help_text="lines that were here already")
    other_lines = models.PositiveIntegerField(default=0, help_text="lines that are about something else than checks")
    returns_unknown = models.JSONField(default=list, help_text="checks that came back and are not known here")
    uploaded_by = models.TextField()
    uploaded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["vendor", "sha256"], name="bank_file_is_read_once")]


class DepositStatus(models.TextChoices):
    """Where a deposit stands: being typed, closed since it ties out, in the books; or given up before that."""

    OPEN = "open"
    CLOSED = "closed"
    POSTED = "posted"
    DROPPED = "dropped"


class Deposit(models.Model):
    """Checks that go to the bank together, and what they must add up to: the paying-in slip's total, or the bank's."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    currency = models.CharField(max_length=3)
    deposited_on = models.DateField()
    control_minor = models.BigIntegerField(help_text="what the checks must add up to")
    control_count = models.PositiveIntegerField(null=True, help_text="how many there must be; the bank may not say")
    status = models.TextField(choices=DepositStatus.choices, default=DepositStatus.OPEN)
    bank_file = models.ForeignKey(BankFile, on_delete=models.PROTECT, null=True, related_name="deposits")
    bank_line = models.TextField(null=True, help_text="print of the bank's line")  # noqa: DJ001  unique once known
    bank_reference = models.TextField(default="", blank=True, help_text="by which the bank knows it")
    told_by = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, help_text="the bank's deposit that is this one, over another total"
    )
    told_note = models.TextField(default="", db_default="", blank=True, help_text="what differs, by a person's word")
    opened_by = models.TextField()
    opened_at = models.DateTimeField()
    closed_by = models.TextField(default="", blank=True)
    posted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=DepositStatus.values), name="deposit_status_is_known"),
            models.CheckConstraint(condition=Q(control_minor__gt=0), name="deposit_is_above_zero"),
            models.CheckConstraint(
                condition=Q(status="posted", posted_at__isnull=False) | (~Q(status="posted") & Q(posted_at=None)),
                name="posted_deposit_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["open", "dropped"]) | ~Q(closed_by=""), name="closed_deposit_says_by_whom"
            ),
            models.CheckConstraint(
                condition=Q(bank_file__isnull=False, bank_line__isnull=False) | Q(bank_file=None, bank_line=None),
                name="banks_deposit_has_its_line",
            ),
            models.CheckConstraint(
                condition=Q(told_by=None, told_note="")
                | Q(told_by__isnull=False, bank_line=None, status__in=["closed", "posted"]) & ~Q(told_note=""),
                name="deposit_over_another_total_says_why",
            ),
            models.UniqueConstraint(fields=["vendor", "bank_line"], name="banks_deposit_once"),
        ]
        indexes = [models.Index(fields=["vendor", "-deposited_on", "-id"], name="deposit_by_vendor")]


class CheckStatus(models.TextChoices):
    """Where a check stands."""

    ENTERED = "entered"
    WAITING = "waiting"
    APPLIED = "applied"
    RETURNED = "returned"


class ReceivedCheck(models.Model):
    """One check that was received. Entered with its deposit; waiting: in the books, but nobody knows yet for whom."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    deposit = models.ForeignKey(Deposit, on_delete=models.PROTECT, related_name="checks")
    amount_minor = models.BigIntegerField()
    number = models.TextField(default="", blank=True, help_text="the check's own number")
    payer = models.TextField(default="", blank=True, help_text="the name on the check")
    remittance = models.TextField(default="", blank=True, help_text="scan lines and invoice numbers that came with it")
    bank_line = models.TextField(null=True, help_text="print of the bank's line")  # noqa: DJ001  unique where there is one
    status = models.TextField(choices=CheckStatus.choices, default=CheckStatus.ENTERED)
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, null=True)
    confidence = models.PositiveSmallIntegerField(null=True, help_text="percent; of a match that the rules made")
    reasons = models.JSONField(default=list, help_text="why it was matched so: codes with what they name")
    matched_by = models.TextField(default="", blank=True, help_text="the person who said so")
    returned_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=CheckStatus.values), name="check_status_is_known"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="check_is_above_zero"),
            models.CheckConstraint(
                condition=Q(status="applied", payment__isnull=False)
                | Q(status="returned")
                | Q(status__in=["entered", "waiting"], payment=None),
                name="applied_check_is_a_payment",
            ),
            models.CheckConstraint(
                condition=Q(status="returned", returned_on__isnull=False)
                | (~Q(status="returned") & Q(returned_on=None)),
                name="returned_check_has_its_day",
            ),
            models.UniqueConstraint(fields=["vendor", "bank_line"], name="banks_check_once"),
        ]
        indexes = [
            models.Index(fields=["vendor", "id"], condition=Q(status="waiting"), name="check_waiting"),
            models.Index(fields=["vendor", "amount_minor"], name="check_by_amount"),
        ]


class DecisionKind(models.TextChoices):
    """What a person may say of a check: whose it is; that it was applied wrongly; that the bank sent it back."""

    APPLY = "apply"
    UNDO = "undo"
    RETURN = "return"


class DecisionStatus(models.TextChoices):
    """Whether what a person decided was done."""

    REQUESTED = "requested"
    DONE = "done"
    REFUSED = "refused"


class CheckDecision(models.Model):
    """What a person decided of a check. One at a time; the worker does it, or says why it cannot be done."""

    received = models.ForeignKey(ReceivedCheck, on_delete=models.PROTECT, related_name="decisions")
    kind = models.TextField(choices=DecisionKind.choices)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True)
    amounts = models.JSONField(default=dict, help_text="minor units by invoice id; what is left becomes credit")
    note = models.TextField(default="", blank=True)
    decided_by = models.TextField()
    decided_on = models.DateField(help_text="business date")
    status = models.TextField(choices=DecisionStatus.choices, default=DecisionStatus.REQUESTED)
    outcome = models.TextField(default="", blank=True, help_text="why it could not be done")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=DecisionKind.values), name="check_decision_kind_is_known"),
            models.CheckConstraint(
                condition=Q(status__in=DecisionStatus.values), name="check_decision_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(kind="apply", company__isnull=False) | (~Q(kind="apply") & Q(company=None)),
                name="a_check_is_applied_to_a_company",
            ),
            models.CheckConstraint(
                condition=Q(status="refused") & ~Q(outcome="") | ~Q(status="refused") & Q(outcome=""),
                name="refused_check_decision_says_why",
            ),
            models.UniqueConstraint(
                fields=["received"], condition=Q(status="requested"), name="one_decision_at_a_time"
            ),
        ]


class KnownPayer(models.Model):
    """A name on checks that a person said belongs to a company; remembered per vendor."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    name = models.TextField(help_text="folded: small letters, without marks and legal forms")
    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    remembered_by = models.TextField()
    remembered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vendor", "name", "company"], name="known_payer_once"),
            models.CheckConstraint(condition=~Q(name=""), name="known_payer_has_a_name"),
        ]
