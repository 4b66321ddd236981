"""Who may use what: standings with their history, and OpenID Connect's records.

The latter are swapped for our own from the first migration: codes and tokens are bound to one sign-on, and by it to a
company.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from oauth2_provider.models import (
    AbstractAccessToken,
    AbstractApplication,
    AbstractGrant,
    AbstractIDToken,
    AbstractRefreshToken,
)

from comptoir.catalog.models import Product
from comptoir.tenancy.models import Company, Vendor


class Application(AbstractApplication):
    """A vendor's product as a client of the single sign-on."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    backchannel_logout_uri = models.TextField(default="", blank=True, help_text="where it is told that a login ended")
    disabled_at = models.DateTimeField(null=True, help_text="since when nobody comes in by it")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    client_type="confidential",
                    authorization_grant_type="authorization-code",
                    algorithm="RS256",
                    client_secret__regex="^[0-9a-f]{64}$",  # noqa: S106  the form of one
                    hash_client_secret=False,
                ),
                name="client_has_a_secret_known_by_its_hash",
            ),
        ]

    def is_usable(self, request: object) -> bool:
        """Return whether it may ask for anything."""
        return self.disabled_at is None

    def redirect_uri_allowed(self, uri: str) -> bool:
        """Return whether people may be sent back there: letter by letter, the port of this very machine included."""
        return uri in self.redirect_uris.split()


class SigningKey(models.Model):
    """A key that id tokens and logout tokens are signed with; the private half is sealed."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    kid = models.TextField(unique=True)
    public_jwk = models.JSONField()
    sealed_key = models.BinaryField()
    signs_from = models.DateTimeField(unique=True, help_text="until the next one does")


class SignOn(models.Model):
    """A person who came in to a product for one company: what codes and tokens are bound to, from login to logout."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, help_text="the claim sid")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="+")
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    browser = models.UUIDField(db_index=True, help_text="the login to Comptoir that it came from")
    code_hash = models.CharField(max_length=64, unique=True)
    authenticated_at = models.DateTimeField(help_text="when the person last proved who they are, in that login")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_why = models.TextField(default="", blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["company", "application"], name="open_sign_ons", condition=Q(ended_at=None)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_why="") | Q(ended_at__isnull=False) & ~Q(ended_why=""),
                name="sign_on_ends_for_a_reason",
            ),
        ]


class Grant(AbstractGrant):
    """An authorisation code."""

    sign_on = models.ForeignKey(SignOn, on_delete=models.CASCADE, related_name="+")


class AccessToken(AbstractAccessToken):
    """An access token, known by its hash."""

    sign_on = models.ForeignKey(SignOn, on_delete=models.CASCADE, related_name="+")


class RefreshToken(AbstractRefreshToken):
    """A refresh token, known by its hash; all of a sign-on are one family."""

    sign_on = models.ForeignKey(SignOn, on_delete=models.CASCADE, related_name="+")


class IDToken(AbstractIDToken):
    """An id token that was given."""

    sign_on = models.ForeignKey(SignOn, on_delete=models.CASCADE, related_name="+")


class State(models.TextChoices):
    """Whether a company may use a product. ``limited``: it stays open, with less in it, as a till must."""

    GOOD = "good"
    WARNED = "warned"
    LIMITED = "limited"
    SUSPENDED = "suspended"


class StandingChange(models.Model):
    """What became of a company's standing with a product, when, why and by whom. It never changes.

    The reason is a code with facts, since each reader has it worded in the own language.
    """

    id = models.BigAutoField(primary_key=True)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="+")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    before = models.TextField(choices=State.choices)
    state = models.TextField(choices=State.choices)
    reason = models.TextField()
    facts = models.JSONField(default=dict)
    warned_until = models.DateField(null=True, help_text="the day on which a warning becomes more, by the vendor's day")
    at = models.DateTimeField()
    by_kind = models.TextField(choices=[(kind, kind) for kind in ("customer", "staff", "system")])
    by = models.TextField(help_text="the person, or the rule")

    class Meta:
        indexes = [models.Index(fields=["company", "-id"], name="standing_history")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=State.values, before__in=State.values, reason__regex="^[a-z_]+$") & ~Q(by=""),
                name="standing_change_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(state="warned", warned_until__isnull=False) | ~Q(state="warned") & Q(warned_until=None),
                name="change_warns_until_a_day",
            ),
        ]


class Standing(models.Model):
    """Whether a company may use a product, as its latest change says; without a row: good."""

    id = models.BigAutoField(primary_key=True)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="+")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="standings")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    state = models.TextField(choices=State.choices)
    since = models.DateTimeField(help_text="since when it has been in this state")
    reason = models.TextField()
    facts = models.JSONField(default=dict)
    warned_until = models.DateField(null=True)
    change = models.OneToOneField(StandingChange, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "product"], name="one_standing_per_product"),
            models.CheckConstraint(
                condition=Q(state__in=State.values, reason__regex="^[a-z_]+$"), name="standing_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state="warned", warned_until__isnull=False) | ~Q(state="warned") & Q(warned_until=None),
                name="standing_warns_until_a_day",
            ),
        ]


class ApiKey(models.Model):
    """What a vendor's program asks with; known by its hash alone."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="+")
    name = models.TextField(help_text="which program it is for")
    key_hash = models.CharField(max_length=64, unique=True)
    ending = models.CharField(max_length=4, help_text="its last characters, by which people tell keys apart")
    made_by = models.TextField()
    made_at = models.DateTimeField()
    revoked_by = models.TextField(default="", blank=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by="") | Q(revoked_at__isnull=False) & ~Q(revoked_by=""),
                name="api_key_is_revoked_by_somebody",
            ),
            models.CheckConstraint(condition=~Q(name="") & ~Q(made_by=""), name="api_key_has_a_name"),
        ]


class NewsAddress(models.Model):
    """Where a vendor's program is told of every change of access, signed by a secret of their own."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    vendor = models.OneToOneField(Vendor, on_delete=models.PROTECT, related_name="+")
    url = models.TextField()
    sealed_secret = models.BinaryField()
    told_through = models.DateField(null=True, help_text="the business day until which it was told what days brought")
