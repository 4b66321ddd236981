"""Who a person is: the login, the roles in billing teams."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from comptoir.kit import mailed_links

from .errors import InvitationNotOpen
from .invitations import token_of
from .models import StaffInvitation, StaffMember, User


@dataclass(frozen=True, slots=True)
class StaffRoleRow:
    """One of a person's roles: at which vendor, and which (clerk, manager, auditor, admin)."""

    vendor_id: int
    vendor_slug: str
    vendor_name: str
    role: str


@dataclass(frozen=True, slots=True)
class Login:
    """A login: the address that its links go to."""

    user_id: int
    email: str
    name: str
    language: str


@dataclass(frozen=True, slots=True)
class TeamMember:
    """One of a vendor's billing team."""

    id: int
    user_id: int
    email: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation, as the team's list and its mail need it."""

    public_id: UUID
    vendor_id: int
    email: str
    role: str
    invited_by: str
    expires_at: datetime
    accepted_at: datetime | None

    @property
    def token(self) -> str:
        """The secret in the link of its mail."""
        return token_of(self.public_id)


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """What someone with the link may know. ``has_login``: they have a password already, which stays as it is."""

    vendor_slug: str
    vendor_name: str
    email: str
    role: str
    has_login: bool


def staff_roles(user_id: int) -> list[StaffRoleRow]:
    """Return a person's present roles in billing teams, by vendor's name; needs ``doors.staff(user_id=…)``."""
    rows = (
        StaffMember.objects.filter(user_id=user_id, ended_at=None)
        .order_by("vendor__name")
        .values_list("vendor_id", "vendor__slug", "vendor__name", "role")
    )
    return [StaffRoleRow(*row) for row in rows]


def logins_for_address(address: str) -> list[Login]:
    """Return the active logins that an address opens, its own one first; works before any door is open.

    A link goes to the login's own ``email``, never to the address that was typed.
    """
    wanted = address.strip().lower()
    rows = (
        User.objects.filter(Q(email=wanted) | Q(addresses__address=wanted), is_active=True)
        .distinct()
        .values_list("id", "email", "name", "language")
    )
    return sorted((Login(*row) for row in rows), key=lambda login: (login.email != wanted, login.email))


def login(user_id: int) -> Login:
    """Return a login by its id; it must be there and visible to the caller."""
    return Login(*User.objects.values_list("id", "email", "name", "language").get(id=user_id))


def team(vendor_id: int) -> list[TeamMember]:
    """Return a vendor's present billing team, by address."""
    rows = (
        StaffMember.objects.filter(vendor_id=vendor_id, ended_at=None)
        .order_by("user__email")
        .values_list("id", "user_id", "user__email", "user__name", "role")
    )
    return [TeamMember(*row) for row in rows]


def invitations(vendor_id: int, *, now: datetime) -> list[Invitation]:
    """Return the vendor's invitations that can still be accepted, the newest first."""
    found = StaffInvitation.objects.filter(vendor_id=vendor_id, accepted_at=None, expires_at__gt=now)
    return [_invitation(row) for row in found.order_by("-id")]


def invitation(public_id: UUID) -> Invitation:
    """Return an invitation, for its mail. Raises InvitationNotOpen when there is none."""
    found = StaffInvitation.objects.filter(public_id=public_id).first()
    if found is None:
        raise invitation_not_open()
    return _invitation(found)


def open_invitation(token: str) -> OpenInvitation:
    """Return the invitation that a link's token opens; works before any door is open. Raises InvitationNotOpen."""
    row = mailed_links.opened_by(token, function="identity_open_invitation")
    if row is None:
        raise invitation_not_open()
    return OpenInvitation(*row)


def invitation_not_open() -> InvitationNotOpen:
    """Return the error for an invitation that cannot be accepted, to be raised."""
    return InvitationNotOpen(
        _("This invitation was accepted already, or has expired. Ask whoever invited you for a new one.")
    )


def _invitation(found: StaffInvitation) -> Invitation:
    return Invitation(
        public_id=found.public_id,
        vendor_id=found.vendor_id,
        email=found.email,
        role=found.role,
        invited_by=found.invited_by,
        expires_at=found.expires_at,
        accepted_at=found.accepted_at,
    )
