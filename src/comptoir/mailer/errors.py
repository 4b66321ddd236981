"""What mailer refuses."""

from comptoir.kit.errors import ComptoirError


class UnableToDeliver(ComptoirError):
    """The mail server did not take a message this time; it is tried again."""
