"""What the ledger refuses."""

from comptoir.kit.errors import ComptoirError


class BooksClosed(ComptoirError):
    """Something would be posted on a day through which the books are closed, or they are closed so far already."""


class AccountNotFound(ComptoirError):
    """No account that the caller may see has that id."""
