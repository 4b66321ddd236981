"""What is refused of deposits, checks and the bank's files."""

from comptoir.kit.errors import ComptoirError


class DepositNotFound(ComptoirError):
    """No deposit that the caller may see has that number."""


class DepositRefused(ComptoirError):
    """The deposit is closed, or does not tie out."""


class CheckNotFound(ComptoirError):
    """No check that the caller may see has that id."""


class DecisionRefused(ComptoirError):
    """Someone else was faster, or the check is not where it can be decided so."""


class BankFileNotFound(ComptoirError):
    """No bank file that the caller may see has that number."""


class BankFileRefused(ComptoirError):
    """The file was read before, or cannot be read at all."""
