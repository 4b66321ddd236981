"""What the catalog refuses."""

from comptoir.kit.errors import ComptoirError


class CatalogRefused(ComptoirError):
    """A code is taken, a price is below zero, in the past, or begins on the same day as another."""


class NotInCatalog(ComptoirError):
    """No product or plan that the caller may see has that id."""
