"""What customers refuses."""

from comptoir.kit.errors import ComptoirError


class StoreNotFound(ComptoirError):
    """The company owns no such store on that day."""


class UnknownAnswer(ComptoirError):
    """There is no such answer, or its day or address is missing."""


class StoreRefused(ComptoirError):
    """A store's number is taken, or its address lacks what taxes need; ``field`` says which of it, or is empty."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class DifferenceNotFound(ComptoirError):
    """There is no such open difference for whoever asks."""


class ReasonMissing(ComptoirError):
    """Our list would stay as it is, and the owner who says otherwise would not hear why."""

    field = "why"


class EmailChangeRefused(ComptoirError):
    """The bills go to that address already, or too many changes are asked for in a day."""


class EmailChangeNotOpen(ComptoirError):
    """The link is unknown, used, stopped or expired."""


class RecipientRefused(ComptoirError):
    """The address gets the bills already, or a company asks too many."""


class RecipientNotFound(ComptoirError):
    """There is no such recipient of the company's bills, or the link is used or expired."""


class PaperRefused(ComptoirError):
    """There is no such way to get invoices, or no postal address for it."""


class MemberNotFound(ComptoirError):
    """There is no such person who acts for the company."""


class LastOwner(ComptoirError):
    """A company keeps an owner, or nobody could act for it any more."""


class AlreadyMember(ComptoirError):
    """The person acts for the company already, or too many are invited."""


class MemberInvitationNotOpen(ComptoirError):
    """The invitation is unknown, accepted, withdrawn or expired, or whoever gave it is no owner any more."""
