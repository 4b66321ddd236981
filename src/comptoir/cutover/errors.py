"""What cutover refuses."""

from comptoir.kit.errors import ComptoirError


class ImportRefused(ComptoirError):
    """The import does not fit the vendor; nothing was taken."""


class ImportNotFound(ComptoirError):
    """The vendor has no such import."""


class UnableToUndo(ComptoirError):
    """Something was built upon what the import brought, or it cannot be told what that was."""


class WaveNotFound(ComptoirError):
    """The vendor has no such wave."""


class WaveRefused(ComptoirError):
    """The wave cannot be made, changed or sent as it is."""


class ComparisonRefused(ComptoirError):
    """The comparison cannot be asked for, signed or withdrawn as it is."""


class ComparisonNotFound(ComptoirError):
    """The vendor has no such comparison."""


class WaveChanged(WaveRefused):
    """Somebody changed the wave after the page was opened on which it was decided."""


class NotInWave(ComptoirError):
    """The company is in no wave in which this could be done."""


class UnableToTakeBack(ComptoirError):
    """The company stays billed here: something was issued to it."""


class LetterRefused(ComptoirError):
    """A letter cannot be sent, or its words cannot be taken, as they are."""


class TextChanged(LetterRefused):
    """Somebody rewrote the letter after the page was opened on which it was being rewritten."""
