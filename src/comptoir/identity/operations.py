"""Making logins, and letting people onto and off a vendor's billing team."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import uuid4

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _

from comptoir.kit import mailed_links
from comptoir.kit.events import emit
from comptoir.tenancy.audit import Actor, record

from .errors import AlreadyOnTeam, LastAdmin, NotOnTeam, UnknownRole
from .invitations import token_of
from .models import LoginAddress, StaffInvitation, StaffMember, StaffRole, User
from .queries import Invitation, invitation, invitation_not_open

INVITATION_LASTS = timedelta(days=7)


def provision_login(*, email: str, name: str, language: str, also: Iterable[str] = ()) -> int:
    """Return the id of the login of ``email``, made without a password if there is none yet.

    The addresses ``also`` open it too: asking for the way in with one of them sends the link to ``email``.
    An existing login keeps its name, language and password.
    """
    address = email.strip().lower()
    person, _made = User.objects.get_or_create(
        email=address,
        defaults={"name": name, "language": language, "password": make_password(None)},
    )
    others = {other.strip().lower() for other in also} - {address, ""}
    LoginAddress.objects.bulk_create(
        [LoginAddress(user=person, address=other) for other in sorted(others)], ignore_conflicts=True
    )
    return person.id


def invite_staff(*, vendor_id: int, email: str, role: str, actor: Actor, now: datetime) -> Invitation:
    """Invite someone to a vendor's billing team; the mail with the link follows. Valid for seven days.

    It takes the place of an earlier open invitation to the same address. Raises UnknownRole, AlreadyOnTeam.
    """
    address = email.strip().lower()
    if role not in StaffRole.values:
        raise UnknownRole(
            _("“%(role)s” is no role of a billing team; choose one of %(roles)s.")
            % {"role": role, "roles": ", ".join(StaffRole.values)}
        )
    if StaffMember.objects.filter(vendor_id=vendor_id, user__email=address, ended_at=None).exists():
        raise AlreadyOnTeam(
            _("%(email)s is on the team already; end that role first to give another.") % {"email": address}
        )
    open_ones = StaffInvitation.objects.filter(vendor_id=vendor_id, email=address, accepted_at=None)
    open_ones.filter(expires_at__gt=now).update(expires_at=now)
    public_id = uuid4()
    made = StaffInvitation.objects.create(
        public_id=public_id,
        vendor_id=vendor_id,
        email=address,
        role=role,
        token_hash=mailed_links.hash_of(token_of(public_id)),
        invited_by=actor.label,
        expires_at=now + INVITATION_LASTS,
    )
    record(
        actor=actor,
        action="staff invited",
        subject=f"staff_invitation:{made.id}",
        vendor_id=vendor_id,
        after={"email": address, "role": role},
    )
    emit(
        name="staff_invited",
        topic=f"staff_invitation:{public_id}",
        vendor_id=vendor_id,
        data={"invitation": str(public_id), "email": address, "role": role},
    )
    return invitation(public_id)


def accept_invitation(*, token: str, name: str, language: str, password: str | None) -> int:
    """Accept an invitation and return the person's user id; works before any door is open.

    ``password`` is set only for someone who has none; for a login that exists it may be None, and stays as it is.
    Raises InvitationNotOpen.
    """
    said = (name, language, make_password(password))
    user_id = mailed_links.used_by(token, *said, function="identity_accept_invitation")
    if user_id is None:
        raise invitation_not_open()
    return int(user_id)


def end_staff(*, vendor_id: int, staff_id: int, actor: Actor, now: datetime) -> None:
    """End someone's role in a vendor's billing team, at once. Raises NotOnTeam, LastAdmin."""
    present = StaffMember.objects.filter(vendor_id=vendor_id, ended_at=None)
    # Two admins who end each other's role at the same moment would leave none.
    roles = dict(present.select_for_update().values_list("id", "role"))
    if staff_id not in roles:
        raise NotOnTeam(_("This person is not on the team any more; reload the list."))
    if roles[staff_id] == StaffRole.ADMIN and list(roles.values()).count(StaffRole.ADMIN) == 1:
        raise LastAdmin(_("This is the team's only admin; invite another admin first."))
    present.filter(id=staff_id).update(ended_at=now)
    record(
        actor=actor,
        action="staff role ended",
        subject=f"staff_member:{staff_id}",
        vendor_id=vendor_id,
        before={"role": roles[staff_id]},
    )
