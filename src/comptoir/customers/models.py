"""A vendor's customers: whom to write to, which stores they own, who may act for them."""

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField
from django.contrib.postgres.fields.ranges import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower, Now

from comptoir.identity.models import User
from comptoir.tenancy.models import Company, Vendor


class ContactRole(models.TextChoices):
    """What a contact is written to for."""

    OWNER = "owner"
    BILLING = "billing"


class Contact(models.Model):
    """An address of a company: the owner's, and the one the owner gave for billing."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="contacts", db_index=False)
    role = models.TextField(choices=ContactRole.choices)
    name = models.TextField(default="", blank=True)
    email = models.EmailField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "role"], name="one_contact_per_role"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="contact_email_is_lower_case"),
            models.CheckConstraint(condition=Q(role__in=ContactRole.values), name="contact_role_is_known"),
        ]
        indexes = [models.Index(fields=["email"], name="contact_by_email")]


class EmailChange(models.Model):
    """A wish to have the bills sent elsewhere: done when the new address agrees, once the old one was told.

    Tokens are known by their hashes alone. Until it expires, whoever reads the old address may stop it, or undo it.
    """

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="email_changes")
    old_email = models.EmailField(blank=True, help_text="empty: there was none to be told")
    new_email = models.EmailField()
    confirm_hash = models.CharField(max_length=64, unique=True)
    stop_hash = models.CharField(max_length=64, unique=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(new_email=Lower("new_email")), name="new_email_is_lower_case"),
            models.CheckConstraint(
                condition=Q(confirmed_at=None) | Q(told_at__isnull=False), name="email_changes_when_the_old_was_told"
            ),
            models.UniqueConstraint(
                fields=["company"], condition=Q(confirmed_at=None, stopped_at=None), name="one_open_email_change"
            ),
        ]
        indexes = [models.Index(fields=["new_email", "asked_at"], name="email_changes_by_new_address")]


class ExtraRecipient(models.Model):
    """Somebody who gets a company's invoices, receipts and reminders, too, once the address itself has agreed.

    Both links, to agree and to leave, are known by their hashes alone.
    """

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="extra_recipients")
    email = models.EmailField()
    agree_hash = models.CharField(max_length=64, unique=True)
    leave_hash = models.CharField(max_length=64, unique=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField(help_text="until when the link to agree works")
    agreed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="recipient_email_is_lower_case"),
            models.CheckConstraint(condition=~Q(agree_hash=F("leave_hash")), name="recipient_links_differ"),
            models.UniqueConstraint(
                fields=["company", "email"], condition=Q(ended_at=None), name="recipient_once_per_company"
            ),
        ]


class PaperChoice(models.TextChoices):
    """How invoices reach a company."""

    EMAIL = "email"
    BOTH = "both"
    POST = "post"


class PaperWish(models.Model):
    """How a company wants its invoices: without a row, by e-mail."""

    company = models.OneToOneField(Company, on_delete=models.PROTECT, primary_key=True, related_name="paper_wish")
    invoices_by = models.TextField(choices=PaperChoice.choices)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(invoices_by__in=PaperChoice.values), name="paper_wish_is_known"),
        ]


class Location(models.Model):
    """A store."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, db_index=False)
    number = models.TextField()
    name = models.TextField()
    brand = models.TextField(
        default="", db_default="", blank=True, help_text="the franchise on its sign; empty: not known"
    )
    address = models.TextField(default="", blank=True)
    city = models.TextField(default="", blank=True)
    county = models.TextField(default="", blank=True, help_text="where its taxes differ; empty: the city's own")
    state = models.TextField(default="", blank=True)
    postal_code = models.TextField(default="", blank=True)
    country = models.CharField(max_length=2, default="US")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vendor", "number"], name="location_number_is_the_vendors_own"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class Ownership(models.Model):
    """The days on which a company owned a location; a location has one owner at a time."""

    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="ownerships")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="ownerships")
    period = DateRangeField(help_text="half-open; no end while it lasts")

    class Meta:
        constraints = [
            # Without btree_gist, the id is compared as a point, a fifth of the work that a range of one number makes.
            ExclusionConstraint(
                name="one_owner_at_a_time",
                expressions=[
                    (Func(F("location_id"), Value(0), function="point"), "~="),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(condition=Q(period__isempty=False), name="ownership_has_days"),
        ]


class StoreAnswer(models.TextChoices):
    """What the owner says of a store."""

    RIGHT = "right"
    NOT_OURS = "not_ours"
    CLOSED = "closed"
    ADDRESS_DIFFERS = "address_differs"


class StoreVerification(models.Model):
    """The owner's latest word on whether a store belongs to the company."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    location = models.ForeignKey(Location, on_delete=models.PROTECT)
    answer = models.TextField(choices=StoreAnswer.choices)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT)
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "location"], name="one_answer_per_store"),
            models.CheckConstraint(condition=Q(answer__in=StoreAnswer.values), name="store_answer_is_known"),
        ]


class DifferenceKind(models.TextChoices):
    """How a company's list of stores differs from ours; the first three are answers on a store, too."""

    NOT_OURS = "not_ours"
    CLOSED = "closed"
    ADDRESS_DIFFERS = "address_differs"
    MISSING = "missing"


class Outcome(models.TextChoices):
    """How a difference was settled: put right, left as it was, or taken back by the owner."""

    PUT_RIGHT = "put_right"
    LEFT = "left"
    TAKEN_BACK = "taken_back"


class StoreDifference(models.Model):
    """What an owner says of a store that our list says otherwise, with both values, until the team has settled it."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, null=True)
    kind = models.TextField(choices=DifferenceKind.choices)
    ours = models.JSONField(help_text="what our list said then")
    theirs = models.JSONField(help_text="what the owner says")
    said_by = models.ForeignKey(User, on_delete=models.PROTECT)
    said_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.TextField(default="", blank=True)
    outcome = models.TextField(choices=Outcome.choices, default="", blank=True)
    note = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=DifferenceKind.values), name="difference_kind_is_known"),
            models.CheckConstraint(
                condition=Q(kind="missing", location=None) | (~Q(kind="missing") & Q(location__isnull=False)),
                name="difference_is_of_a_store_or_misses_one",
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None, outcome="", settled_by="")
                | (Q(settled_at__isnull=False, outcome__in=Outcome.values) & ~Q(settled_by="")),
                name="difference_is_settled_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["company", "location"], condition=Q(settled_at=None), name="one_open_difference_per_store"
            ),
        ]
        indexes = [models.Index(fields=["vendor", "said_at"], name="difference_open", condition=Q(settled_at=None))]


class MemberRole(models.TextChoices):
    """What a user may do for a company."""

    OWNER = "owner"
    BILLING_MANAGER = "billing_manager"
    VIEWER = "viewer"


class Member(models.Model):
    """A user's role in a company."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.TextField(choices=MemberRole.choices)
    joined_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "user"], condition=Q(ended_at=None), name="one_role_per_company_and_person"
            ),
            models.CheckConstraint(condition=Q(role__in=MemberRole.values), name="member_role_is_known"),
        ]


class MemberInvitation(models.Model):
    """An owner's offer to act for the company, but not as another owner: open until accepted, withdrawn or expired."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField()
    role = models.TextField(choices=MemberRole.choices)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT)
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=[MemberRole.BILLING_MANAGER, MemberRole.VIEWER]), name="invited_member_is_no_owner"
            ),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="invited_member_is_lower_case"),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(withdrawn_at=None), name="invitation_ends_in_one_way"
            ),
            models.UniqueConstraint(
                fields=["company", "email"],
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="one_open_invitation_per_person",
            ),
        ]
