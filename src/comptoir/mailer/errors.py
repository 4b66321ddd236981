"""What mailer refuses."""

from comptoir.kit.errors import ComptoirError


class UnableToDeliver(ComptoirError):
    """The mail server did not take a message this time; it is tried again."""


class NothingToDecide(ComptoirError):
    """The message, or the address, does not wait for a person any more."""


class BadReport(ComptoirError):
    """A delivery report is not signed as it must be, or says nothing that can be read."""
