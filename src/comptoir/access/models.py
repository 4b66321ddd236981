"""Who may use what: standings with their history, and OpenID Connect's records.

The latter are swapped for our own from the first migration: a grant is bound to one company.
"""

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

    product = models.OneToOneField(Product, on_delete=models.PROTECT, null=True)


class Grant(AbstractGrant):
    """An authorisation code, for the company that was chosen."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, null=True, related_name="+")


class AccessToken(AbstractAccessToken):
    """An access token, for the company of its grant."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, null=True, related_name="+")


class RefreshToken(AbstractRefreshToken):
    """A refresh token, for the company of its grant."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, null=True, related_name="+")


class IDToken(AbstractIDToken):
    """An id token, for the company of its grant."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, null=True, related_name="+")


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
