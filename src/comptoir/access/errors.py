"""What can go wrong with access, as expected."""

from comptoir.kit.errors import ComptoirError


class NoSigningKey(ComptoirError):
    """Nobody has made a key yet that tokens are signed with."""


class ProgramRefused(ComptoirError):
    """A vendor's program cannot be let in, or told, like this."""


class ClientNotRegistered(ComptoirError):
    """A program cannot be registered for the single sign-on like this."""


class ClientNotFound(ComptoirError):
    """The vendor has no such client of the single sign-on."""


class NotTaken(ComptoirError):
    """A program did not take what it was told; it is told again."""
