"""What makes a profile or an export unusable as a whole. What is wrong with one customer is a finding."""

from comptoir.kit.errors import ComptoirError


class ExportUnreadable(ComptoirError):
    """The export cannot be read at all; nothing of it was taken."""
