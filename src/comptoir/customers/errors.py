"""What customers refuses."""

from comptoir.kit.errors import ComptoirError


class StoreNotFound(ComptoirError):
    """The company owns no such store on that day."""


class UnknownAnswer(ComptoirError):
    """A store is either the company's or not."""


class StoreRefused(ComptoirError):
    """A store's number is taken, or its address lacks what taxes need."""
