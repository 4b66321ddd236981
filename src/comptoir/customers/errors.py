"""What customers refuses."""

from comptoir.kit.errors import ComptoirError


class StoreNotFound(ComptoirError):
    """The company owns no such store on that day."""


class UnknownAnswer(ComptoirError):
    """A store is either the company's or not."""
