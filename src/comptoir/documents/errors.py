"""What documents refuses."""

from comptoir.kit.errors import ComptoirError


class DocumentNotReady(ComptoirError):
    """The document is issued, but its PDF has not been made yet."""


class NothingToPrint(ComptoirError):
    """None of the papers that were asked for is there."""
