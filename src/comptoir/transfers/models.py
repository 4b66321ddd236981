"""Stores that pass from one company to another: who asked, who agreed, who allowed it, and when it was done."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from comptoir.customers.models import Location
from comptoir.tenancy.models import Company, Vendor


class Status(models.TextChoices):
    """How far it has come. A buyer asks in words; once the seller and its stores are named, it is started."""

    ASKED = "asked"
    STARTED = "started"
    ACCEPTED = "accepted"
    APPROVED = "approved"
    DONE = "done"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


OPEN = (Status.ASKED, Status.STARTED, Status.ACCEPTED, Status.APPROVED)


class Side(models.TextChoices):
    """Who does something: one of the two companies, or the billing team."""

    SELLER = "seller"
    BUYER = "buyer"
    TEAM = "team"


class Prices(models.TextChoices):
    """What the new owner pays: what was agreed with the old one, or what the plan costs everybody."""

    AGREED = "agreed"
    LIST = "list"


def _both_or_neither(evidence: str, condition: Q) -> Q:
    """Say that an instant is there exactly when a condition holds."""
    return (Q(**{f"{evidence}__isnull": False}) & condition) | (Q(**{evidence: None}) & ~condition)


class Transfer(models.Model):
    """A change of owner, of some stores, on a day: the first on which they are the buyer's.

    The other side is known by the names that it was given, since neither company sees the other's row.
    """

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    status = models.TextField(choices=Status.choices)
    takes_effect_on = models.DateField(help_text="first day on which the stores are the buyer's")
    started_side = models.TextField(choices=Side.choices)
    started_by = models.TextField()
    started_at = models.DateTimeField()
    store_count = models.PositiveIntegerField(default=0)
    asked_stores = models.TextField(default="", blank=True, help_text="the stores, in the words of a buyer who asked")

    seller = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, related_name="sales")
    seller_name = models.TextField(help_text="in the words of a buyer who asked, until the seller is known")
    seller_email = models.EmailField(default="", blank=True, help_text="as a buyer who asked knows it")
    seller_accepted_at = models.DateTimeField(null=True)
    seller_accepted_by = models.TextField(default="", blank=True)

    buyer = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, related_name="purchases")
    buyer_name = models.TextField(help_text="as it was named, until the buyer is known")
    buyer_number = models.TextField(default="", blank=True, help_text="the customer number, as it was named")
    buyer_email = models.EmailField(default="", blank=True, help_text="who was invited to accept by a link")
    buyer_language = models.CharField(max_length=2, default="en")
    buyer_accepted_at = models.DateTimeField(null=True)
    buyer_accepted_by = models.TextField(default="", blank=True)
    invitation = models.UUIDField(null=True, help_text="what the secrets of the present links are derived from")
    accept_hash = models.CharField(max_length=64, default="", blank=True)
    withdraw_hash = models.CharField(max_length=64, default="", blank=True)
    invitation_expires_at = models.DateTimeField(null=True)

    approved_at = models.DateTimeField(null=True)
    approved_by = models.TextField(default="", blank=True)
    prices = models.TextField(choices=Prices.choices, default="", blank=True)
    declined_at = models.DateTimeField(null=True)
    declined_by = models.TextField(default="", blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_side = models.TextField(choices=Side.choices, default="", blank=True)
    withdrawn_by = models.TextField(default="", blank=True)
    reason = models.TextField(default="", blank=True, help_text="why it was declined or withdrawn")
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="transfer_status_is_known"),
            models.CheckConstraint(condition=Q(started_side__in=Side.values), name="transfer_starter_is_known"),
            models.CheckConstraint(
                condition=Q(seller=None) | Q(buyer=None) | ~Q(seller=F("buyer")), name="buyer_is_not_the_seller"
            ),
            models.CheckConstraint(
                condition=Q(status="asked", seller=None, store_count=0)
                | Q(status__in=("declined", "withdrawn"))
                | Q(status__in=("started", "accepted", "approved", "done"), seller__isnull=False, store_count__gt=0),
                name="transfer_has_a_seller_and_stores",
            ),
            models.CheckConstraint(
                condition=Q(status__in=("declined", "withdrawn"))
                | Q(status__in=("asked", "started")) & (Q(seller_accepted_at=None) | Q(buyer_accepted_at=None))
                | Q(
                    status__in=("accepted", "approved", "done"),
                    seller_accepted_at__isnull=False,
                    buyer_accepted_at__isnull=False,
                ),
                name="transfer_is_accepted_by_both",
            ),
            models.CheckConstraint(
                condition=_both_or_neither("seller_accepted_at", ~Q(seller_accepted_by="")),
                name="seller_accepted_by_somebody",
            ),
            models.CheckConstraint(
                condition=_both_or_neither("buyer_accepted_at", ~Q(buyer_accepted_by="")),
                name="buyer_accepted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=False, prices__in=Prices.values)
                & ~Q(approved_by="")
                & Q(status__in=("approved", "done", "withdrawn"))
                | Q(approved_at=None, approved_by="", prices="") & ~Q(status__in=("approved", "done")),
                name="transfer_is_approved_by_somebody",
            ),
            models.CheckConstraint(
                condition=_both_or_neither("declined_at", Q(status="declined") & ~Q(declined_by="") & ~Q(reason="")),
                name="transfer_is_declined_with_a_reason",
            ),
            models.CheckConstraint(
                condition=_both_or_neither(
                    "withdrawn_at", Q(status="withdrawn", withdrawn_side__in=Side.values) & ~Q(withdrawn_by="")
                ),
                name="transfer_is_withdrawn_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status="declined") | Q(declined_at__isnull=False), name="declined_when"
            ),
            models.CheckConstraint(
                condition=~Q(status="withdrawn") | Q(withdrawn_at__isnull=False), name="withdrawn_when"
            ),
            models.CheckConstraint(
                condition=_both_or_neither("done_at", Q(status="done")), name="transfer_is_done_when_it_is"
            ),
            models.CheckConstraint(condition=~Q(status="done") | Q(buyer__isnull=False), name="done_with_a_buyer"),
            models.CheckConstraint(
                condition=Q(invitation=None, accept_hash="", withdraw_hash="", invitation_expires_at=None)
                | Q(invitation__isnull=False, invitation_expires_at__isnull=False)
                & ~Q(accept_hash="")
                & ~Q(withdraw_hash="")
                & ~Q(buyer_email=""),
                name="invitation_is_whole",
            ),
            models.UniqueConstraint(
                fields=["accept_hash"], condition=~Q(accept_hash=""), name="link_accepts_one_transfer"
            ),
            models.UniqueConstraint(
                fields=["withdraw_hash"], condition=~Q(withdraw_hash=""), name="link_withdraws_one_transfer"
            ),
            models.CheckConstraint(
                condition=Q(buyer_email=Lower("buyer_email")) & Q(seller_email=Lower("seller_email")),
                name="transfer_emails_are_lower_case",
            ),
            models.CheckConstraint(condition=~Q(seller_name="") & ~Q(buyer_name=""), name="transfer_names_both"),
            models.CheckConstraint(
                condition=Q(buyer_language__in=["en", "fr", "es"]), name="transfer_language_is_known"
            ),
        ]
        indexes = [
            models.Index(fields=["vendor", "-id"], name="transfer_by_vendor"),
            models.Index(fields=["vendor", "takes_effect_on"], name="transfer_to_pass", condition=Q(status="approved")),
        ]


class TransferStore(models.Model):
    """A store that passes; one change of owner at a time is open for it. PostgreSQL closes it with its transfer."""

    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="stores")
    location = models.ForeignKey(Location, on_delete=models.PROTECT)
    label = models.TextField(help_text="number and name as they were, since the buyer does not see the store yet")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["transfer", "location"], name="store_once_per_transfer"),
            models.UniqueConstraint(
                fields=["location"], condition=Q(closed_at=None), name="one_open_transfer_per_store"
            ),
        ]


class NewCompany(models.Model):
    """A buyer who is no customer yet, as given on acceptance; it becomes a company when the team approves."""

    transfer = models.OneToOneField(Transfer, on_delete=models.PROTECT, related_name="new_company")
    name = models.TextField()
    person = models.TextField()
    language = models.CharField(max_length=2)
    address_lines = ArrayField(models.TextField())
    number = models.TextField(default="", blank=True, help_text="the customer number that the team gives it")
    given_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "new companies"
        constraints = [
            models.CheckConstraint(condition=~Q(name="") & ~Q(person=""), name="new_company_has_names"),
            models.CheckConstraint(condition=Q(language__in=["en", "fr", "es"]), name="new_company_language_is_known"),
        ]


class Note(models.Model):
    """What whoever started it wants the team to know, sealed; the other side does not see it. It never changes."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    transfer = models.OneToOneField(Transfer, on_delete=models.PROTECT, related_name="note")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, help_text="whose; empty: the team's")
    sealed_text = models.BinaryField()


class Document(models.Model):
    """A paper of the sale, sealed; for the side that gave it and the team. It never changes."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="documents")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, help_text="whose; empty: the team's")
    given_by = models.TextField()
    given_at = models.DateTimeField()
    media_type = models.TextField()
    size_bytes = models.PositiveIntegerField()
    sealed_name = models.BinaryField()
    sealed_content = models.BinaryField()
