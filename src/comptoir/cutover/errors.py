"""What cutover refuses."""

from comptoir.kit.errors import ComptoirError


class ImportRefused(ComptoirError):
    """The import does not fit the vendor; nothing was taken."""


class ImportNotFound(ComptoirError):
    """The vendor has no such import."""


class WaveNotFound(ComptoirError):
    """The vendor has no such wave."""


class WaveRefused(ComptoirError):
    """The wave cannot be made, changed or sent as it is."""


class ComparisonRefused(ComptoirError):
    """The comparison cannot be asked for, signed or withdrawn as it is."""


class ComparisonNotFound(ComptoirError):
    """The vendor has no such comparison."""
