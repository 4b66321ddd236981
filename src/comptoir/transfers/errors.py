"""What transfers refuse."""

from comptoir.kit.errors import ComptoirError


class TransferRefused(ComptoirError):
    """What was asked cannot be; ``field`` names what would have to be said otherwise, or is empty."""

    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class TransferNotFound(ComptoirError):
    """There is no such change of owner, or no such file, for whoever asks."""


class TransferNotOpen(ComptoirError):
    """The change of owner has gone on, or was ended, so that this cannot be done any more."""


class LinkNotOpen(ComptoirError):
    """The link is unknown, used or expired."""
