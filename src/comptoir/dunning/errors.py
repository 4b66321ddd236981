"""What dunning refuses."""

from comptoir.kit.errors import ComptoirError


class DunningRefused(ComptoirError):
    """The policy, pause or decision cannot be as it was asked for."""


class Undecided(ComptoirError):
    """Of some companies nothing could be decided; the log says why, and it is tried again."""


class NotDecidable(ComptoirError):
    """Somebody has decided it already, or it has settled itself."""
