"""What inbox refuses."""

from comptoir.kit.errors import ComptoirError


class MessageRefused(ComptoirError):
    """The message says nothing, or more than a message may."""


class FileRefused(ComptoirError):
    """The file is of no kind that goes with a message, too large, or not what its name says."""


class ThreadNotFound(ComptoirError):
    """There is no such conversation for whoever asks."""


class NotToBeOpened(ComptoirError):
    """The installation has no key, or not the key, for what is sealed."""
