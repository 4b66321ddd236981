"""OpenID Connect's records, swapped for our own from the first migration: a grant is bound to one company."""

from django.db import models
from oauth2_provider.models import (
    AbstractAccessToken,
    AbstractApplication,
    AbstractGrant,
    AbstractIDToken,
    AbstractRefreshToken,
)

from comptoir.catalog.models import Product
from comptoir.tenancy.models import Company


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
