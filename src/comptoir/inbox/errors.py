"""What inbox refuses."""

from comptoir.kit.errors import ComptoirError


class MessageRefused(ComptoirError):
    """The message says nothing, or more than a message may."""


class AccountNumberInMessage(ComptoirError):
    """There is a card or bank number in what was written; nothing was kept. ``masked`` has the words without it."""

    def __init__(self, sentence: str, *, masked: str = "") -> None:
        super().__init__(sentence)
        self.masked = masked


class FileRefused(ComptoirError):
    """The file is of no kind that goes with a message, too large, or not what its name says."""


class ThreadNotFound(ComptoirError):
    """There is no such conversation for whoever asks."""


class NotToBeOpened(ComptoirError):
    """The installation has no key, or not the key, for what is sealed."""
