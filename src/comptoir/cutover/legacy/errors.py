"""What makes a profile or an export unusable as a whole. What is wrong with one customer is a finding."""

from comptoir.kit.errors import ComptoirError


class ProfileInvalid(ComptoirError):
    """The mapping profile cannot be used; the message names the file and the key."""


class ExportUnreadable(ComptoirError):
    """The export cannot be read at all; nothing of it was taken."""
