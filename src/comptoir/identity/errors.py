"""What identity refuses."""

from comptoir.kit.errors import ComptoirError


class InvitationNotOpen(ComptoirError):
    """The invitation is unknown, accepted already, or expired."""


class AlreadyOnTeam(ComptoirError):
    """The person is on the vendor's billing team already."""


class NotOnTeam(ComptoirError):
    """There is no such person on the vendor's billing team."""


class LastAdmin(ComptoirError):
    """A billing team keeps an admin, or nobody could invite anyone any more."""


class UnknownRole(ComptoirError):
    """There is no such role in a billing team."""
