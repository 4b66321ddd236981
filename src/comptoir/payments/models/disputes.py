"""Payments that a bank has taken back on its customer's word, and what the team answered."""

import uuid

from django.db import models
from django.db.models import Q

from comptoir.identity.models import User

from .payments import Payment


class DisputeStatus(models.TextChoices):
    """Where a dispute stands. Open ones wait for the team's answer, or for the bank; a bank debit's is lost at once."""

    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"


OPEN_DISPUTES = (DisputeStatus.NEEDS_RESPONSE, DisputeStatus.UNDER_REVIEW)


class Dispute(models.Model):
    """A card holder's complaint, or a bank's late return: what was withdrawn, what it cost, and how it ended."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="disputes")
    gateway_id = models.TextField(unique=True)
    amount_minor = models.BigIntegerField(help_text="what was withdrawn")
    fee_minor = models.BigIntegerField(default=0, help_text="what the processor took for it")
    reason = models.TextField(help_text="the processor's word for why")
    code = models.TextField(default="", blank=True, help_text="the network's code for why")
    status = models.TextField(choices=DisputeStatus.choices)
    respond_by = models.DateTimeField(null=True, help_text="until when evidence is taken")
    opened_on = models.DateField(help_text="business date of the posting")
    opened_at = models.DateTimeField()
    decided_on = models.DateField(null=True, help_text="business date on which it was won or lost")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=DisputeStatus.values), name="dispute_status_is_known"),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, fee_minor__gte=0), name="dispute_is_about_an_amount"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["won", "lost"], decided_on__isnull=False)
                | (~Q(status__in=["won", "lost"]) & Q(decided_on=None)),
                name="decided_dispute_has_its_day",
            ),
        ]
        indexes = [models.Index(fields=["payment"], condition=Q(decided_on=None), name="dispute_is_open")]


class AnswerKind(models.TextChoices):
    """What the team does about a dispute."""

    SUBMIT = "submit"
    ACCEPT = "accept"


class AnswerStatus(models.TextChoices):
    """Where an answer stands: it waits for a second person, is handed in, was taken or not, or was turned down before.

    ``refused`` is the processor's word, ``turned_down`` that of the team.
    """

    WAITING = "waiting"
    REQUESTED = "requested"
    DONE = "done"
    REFUSED = "refused"
    TURNED_DOWN = "turned_down"


TOLD_ANSWERS = (AnswerStatus.WAITING, AnswerStatus.REQUESTED, AnswerStatus.DONE)


class DisputeAnswer(models.Model):
    """What the team answered, or that it gives in: written down first, then handed to the processor, once.

    Giving in costs the amount. Above the limit of who gives in, somebody else whose limit covers it has to allow it
    first: PostgreSQL looks at it, whoever writes.
    """

    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="answers")
    kind = models.TextField(choices=AnswerKind.choices)
    text = models.TextField(help_text="why the payment was right, or why the team gives in")
    status = models.TextField(choices=AnswerStatus.choices, default=AnswerStatus.REQUESTED)
    outcome = models.TextField(
        default="", blank=True, help_text="why the processor did not take it, or who decided turned it down"
    )
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT)
    answered_by_label = models.TextField()
    answered_role = models.TextField(default="", db_default="", blank=True, help_text="of who gives in")
    answered_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_by_label = models.TextField(default="", db_default="", blank=True)
    decided_role = models.TextField(default="", db_default="", blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=AnswerKind.values, status__in=AnswerStatus.values), name="dispute_answer_is_known"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="dispute_answer_says_why"),
            models.CheckConstraint(
                condition=Q(status__in=["refused", "turned_down"]) & ~Q(outcome="")
                | ~Q(status__in=["refused", "turned_down"]) & Q(outcome=""),
                name="refused_dispute_answer_says_why",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None, decided_by_label="", decided_role="", decided_at=None)
                & ~Q(status="turned_down")
                | (
                    Q(decided_by__isnull=False, decided_at__isnull=False)
                    & ~Q(decided_by_label="")
                    & ~Q(decided_role="")
                    & ~Q(status="waiting")
                ),
                name="decided_dispute_answer_says_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(kind="accept") | Q(kind="submit", decided_by=None) & ~Q(status="waiting"),
                name="giving_in_alone_waits_for_a_word",
            ),
            models.UniqueConstraint(
                fields=["dispute"],
                condition=Q(status__in=["waiting", "requested", "done"]),
                name="dispute_is_answered_once",
            ),
        ]
