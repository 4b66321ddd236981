"""What notices refuses."""

from comptoir.kit.errors import ComptoirError


class SomeNotSent(ComptoirError):
    """Some invoices of a slice could not be sent; the others were, and these are tried again."""


class NothingToPay(ComptoirError):
    """An invoice of which nothing can be paid has no slip."""
