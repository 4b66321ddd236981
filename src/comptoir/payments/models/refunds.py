"""What is given back to a company: who asked for it and allowed it, and the ways on which it goes."""

import uuid

from django.db import models
from django.db.models import F, Q

from comptoir.identity.models import User
from comptoir.invoicing.models import Invoice
from comptoir.tenancy.models import Company

from .payments import Payment


class RefundReason(models.TextChoices):
    """Why money goes back; the customer reads it, too."""

    DUPLICATE = "duplicate"
    OVERPAID = "overpaid"
    CORRECTION = "correction"
    GOODWILL = "goodwill"
    ASKED = "asked"


class RequestStatus(models.TextChoices):
    """Whether what was asked for is allowed."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"


class RefundRequest(models.Model):
    """What someone of the billing team asks to give back, and who allowed it.

    Nobody allows more than the limit of the own role, nor what oneself asked for above it: PostgreSQL looks at it,
    whoever writes.
    """

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField(help_text="what its refunds add up to; counts against the limit")
    reason = models.TextField(choices=RefundReason.choices)
    explanation = models.TextField(help_text="for the team alone")
    status = models.TextField(choices=RequestStatus.choices, default=RequestStatus.REQUESTED)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_by_label = models.TextField(help_text="their name, as it was then")
    requested_role = models.TextField()
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_by_label = models.TextField(default="", blank=True)
    decided_role = models.TextField(default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    outcome = models.TextField(default="", blank=True, help_text="why it was turned down")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0) & ~Q(explanation=""), name="refund_request_says_how_much_and_why"
            ),
            models.CheckConstraint(condition=Q(reason__in=RefundReason.values), name="refund_reason_is_known"),
            models.CheckConstraint(condition=Q(status__in=RequestStatus.values), name="refund_request_status_is_known"),
            models.CheckConstraint(
                condition=Q(status="requested", decided_by=None, decided_by_label="", decided_role="", decided_at=None)
                | (
                    Q(status__in=["approved", "refused"], decided_by__isnull=False, decided_at__isnull=False)
                    & ~Q(decided_by_label="")
                    & ~Q(decided_role="")
                ),
                name="decided_refund_request_says_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(status="refused") & ~Q(outcome="") | ~Q(status="refused") & Q(outcome=""),
                name="refused_refund_request_says_why",
            ),
        ]
        indexes = [models.Index(fields=["company"], condition=Q(status="requested"), name="refund_request_waits")]


class RefundStatus(models.TextChoices):
    """Where a refund stands: it waits to be allowed; its money has left our books; it arrived, or came back to us."""

    CREATED = "created"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


class Refund(models.Model):
    """Money that goes back to a company on one way: by the payment that brought it, or by a check written outside.

    What it does not take from invoices (its items) is taken from the company's credit. Its money leaves our books
    before anybody is asked to send it, so that nothing else can use it meanwhile; what fails becomes credit again.
    """

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    asked = models.ForeignKey(RefundRequest, on_delete=models.PROTECT, related_name="parts")
    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, null=True, related_name="refunds", help_text="empty: by a check"
    )
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    from_credit_minor = models.BigIntegerField(help_text="what the company's credit pays of it")
    confirmation = models.CharField(max_length=12, unique=True, help_text="what customer and bank can quote")
    status = models.TextField(choices=RefundStatus.choices, default=RefundStatus.CREATED)
    gateway_id = models.TextField(null=True, unique=True)  # noqa: DJ001  unknown until the processor answers
    check_number = models.TextField(default="", blank=True, help_text="of the check that was written")
    failure_code = models.TextField(default="", blank=True, help_text="the processor's code, or our own")
    created_at = models.DateTimeField()
    spent_keys = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="how often the processor broke over it and keeps to that answer"
    )
    posted_at = models.DateTimeField(null=True, help_text="when its money left our books, before anybody was asked")
    posted_on = models.DateField(null=True, help_text="business date of the posting")
    succeeded_on = models.DateField(null=True, help_text="business date on which it was done")
    ended_on = models.DateField(null=True, help_text="business date on which it failed or was canceled")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="refund_is_above_zero"),
            models.CheckConstraint(condition=Q(status__in=RefundStatus.values), name="refund_status_is_known"),
            models.CheckConstraint(
                condition=Q(from_credit_minor__gte=0, from_credit_minor__lte=F("amount_minor"))
                & (Q(payment__isnull=False) | Q(from_credit_minor=F("amount_minor"))),
                name="refund_by_check_is_all_credit",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=["processing", "succeeded", "failed"], posted_at__isnull=False, posted_on__isnull=False
                )
                | Q(status__in=["created", "canceled"], posted_at=None, posted_on=None),
                name="refund_in_the_books_has_its_day",
            ),
            models.CheckConstraint(
                condition=(Q(payment__isnull=False, check_number="") | Q(payment=None, gateway_id=None))
                & (
                    ~Q(status="succeeded")
                    | Q(payment__isnull=False, gateway_id__isnull=False, succeeded_on__isnull=False)
                    | (Q(payment=None, succeeded_on__isnull=False) & ~Q(check_number=""))
                ),
                name="refund_that_arrived_says_how",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["failed", "canceled"], ended_on__isnull=False) & ~Q(failure_code="")
                | Q(status__in=["created", "processing", "succeeded"], ended_on=None, failure_code=""),
                name="refund_that_ended_says_why",
            ),
        ]
        indexes = [models.Index(F("company"), F("id").desc(), name="refund_by_company")]


class RefundItem(models.Model):
    """How much of a refund is taken off which invoice that its payment pays: so much is open there again."""

    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="items")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT)
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["refund", "invoice"], name="invoice_once_per_refund"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="refund_item_is_above_zero"),
        ]
