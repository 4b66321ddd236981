"""What can go wrong with work that waits."""

from comptoir.kit.errors import ComptoirError


class WorkNotOpen(ComptoirError):
    """The item is not there, or somebody has closed it."""
