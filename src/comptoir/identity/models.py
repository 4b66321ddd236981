"""People: how they log in, and which vendor's billing team they belong to."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now

from comptoir.tenancy.models import Vendor


class UserManager(BaseUserManager["User"]):
    """Makes users whose e-mail is their login; without a password they set one by “forgot password”."""

    def create_user(self, *, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user; the address is kept in lower case, since it opens the door however it is typed."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):  # type: ignore[django-manager-missing]  # the OAuth library's are untyped
    """Someone who logs in. What they may see follows from memberships and staff roles, never from this row."""

    email = models.EmailField(unique=True)
    name = models.TextField(default="", blank=True)
    language = models.CharField(max_length=2, default="en")
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(db_default=Now())

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_login_per_address"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="login_is_lower_case"),
        ]

    def __str__(self) -> str:
        return self.email


class LoginAddress(models.Model):
    """Another address by which a person may ask for the way in; the link goes to the login's own address."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="addresses")
    address = models.EmailField()

    class Meta:
        verbose_name_plural = "login addresses"
        constraints = [
            models.UniqueConstraint(fields=["user", "address"], name="login_address_once"),
            models.CheckConstraint(condition=Q(address=Lower("address")), name="login_address_is_lower_case"),
        ]
        indexes = [models.Index(fields=["address"], name="login_by_address")]


class LoginEventKind(models.TextChoices):
    """What happened at a login."""

    LOGGED_IN = "logged_in"
    LOGIN_FAILED = "login_failed"
    SECOND_STEP_FAILED = "second_step_failed"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  a word, not a password
    WAY_ADDED = "way_added"
    WAY_REMOVED = "way_removed"
    SESSIONS_ENDED = "sessions_ended"


class LoginEvent(models.Model):
    """What happened at a person's login, and from where: shown to that person alone, forgotten after half a year."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, db_index=False)
    kind = models.TextField(choices=LoginEventKind.choices)
    way = models.TextField(default="", blank=True, help_text="of logging in: totp, webauthn, recovery_codes")
    at = models.DateTimeField(db_default=Now())
    ip = models.GenericIPAddressField()
    user_agent = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=LoginEventKind.values), name="login_event_kind_is_known"),
        ]
        indexes = [models.Index(fields=["user", "-id"], name="login_events_of_a_person")]


class StaffRole(models.TextChoices):
    """What one of the billing team may do."""

    CLERK = "clerk"
    MANAGER = "manager"
    AUDITOR = "auditor"
    ADMIN = "admin"


class StaffMember(models.Model):
    """A person's place in a vendor's billing team."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="staff_of")
    role = models.TextField(choices=StaffRole.choices)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vendor", "user"], condition=Q(ended_at=None), name="one_role_per_vendor_and_person"
            ),
            models.CheckConstraint(condition=Q(role__in=StaffRole.values), name="staff_role_is_known"),
        ]


class StaffInvitation(models.Model):
    """An offer to join a vendor's billing team, open until accepted, withdrawn or expired."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    email = models.EmailField()
    role = models.TextField(choices=StaffRole.choices)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.TextField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(role__in=StaffRole.values), name="invited_role_is_known"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="invited_email_is_lower_case"),
        ]
