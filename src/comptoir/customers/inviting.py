"""An owner lets somebody act for the company: invited by mail, accepted with the link, or withdrawn."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.hashers import make_password
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from comptoir.kit import mailed_links
from comptoir.kit.events import emit
from comptoir.tenancy.audit import Actor, record
from comptoir.tenancy.operations import hold_company

from .errors import AlreadyMember, MemberInvitationNotOpen
from .models import Member, MemberInvitation

LASTS = timedelta(days=7)
MOST_A_DAY = 20  # the database sees to it
ROLES = ("billing_manager", "viewer")


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """An invitation that is neither accepted nor withdrawn."""

    public_id: UUID
    company_id: int
    email: str
    role: str
    invited_by: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OpenedInvitation:
    """What whoever has the link may know. ``has_login``: the person has a password here already."""

    company_public_id: UUID
    company_name: str
    vendor_name: str
    email: str
    role: str
    has_login: bool


def token_of(public_id: UUID) -> str:
    """Return the secret in the link that opens an invitation."""
    return mailed_links.token_of(public_id, opens="customers.invitation")


def invite(
    *, company_id: int, vendor_id: int, email: str, role: str, user_id: int, actor: Actor, now: datetime
) -> None:
    """Invite somebody to act for a company; the mail with the link follows. Valid for seven days, once.

    It takes the place of an earlier open invitation to the same address. Raises AlreadyMember.
    """
    hold_company(company_id)  # a double click waits, and then takes the place of the first
    address = email.strip().lower()
    if Member.objects.filter(company_id=company_id, user__email=address, ended_at=None).exists():
        raise AlreadyMember(_("This person acts for the company already; end that role first to give another."))
    given = MemberInvitation.objects.filter(company_id=company_id)
    if given.filter(invited_at__gt=now - timedelta(days=1)).count() >= MOST_A_DAY:
        raise AlreadyMember(_("Twenty invitations a day are the most; please go on tomorrow."))
    _open(company_id).filter(email=address).update(withdrawn_at=now)
    public_id = uuid4()
    MemberInvitation.objects.create(
        public_id=public_id,
        company_id=company_id,
        email=address,
        role=role,
        token_hash=mailed_links.hash_of(token_of(public_id)),
        invited_by_id=user_id,
        invited_at=now,
        expires_at=now + LASTS,
    )
    record(
        actor=actor,
        action="member invited",
        subject=f"company:{company_id}",
        vendor_id=vendor_id,
        company_id=company_id,
        after={"email": address, "role": role},
    )
    emit(
        name="member_invited",
        topic=f"member_invitation:{public_id}",
        vendor_id=vendor_id,
        company_id=company_id,
        data={"invitation": str(public_id)},
    )


def invite_again(
    *, company_id: int, vendor_id: int, public_id: UUID, user_id: int, actor: Actor, now: datetime
) -> None:
    """Send an invitation that was not accepted once more, with a new link. Raises MemberInvitationNotOpen."""
    row = open_invitation(company_id=company_id, public_id=public_id)
    invite(
        company_id=company_id,
        vendor_id=vendor_id,
        email=row.email,
        role=row.role,
        user_id=user_id,
        actor=actor,
        now=now,
    )


def withdraw(*, company_id: int, vendor_id: int, public_id: UUID, actor: Actor, now: datetime) -> None:
    """Take an invitation back; its link leads nowhere from now on. Raises MemberInvitationNotOpen."""
    row = open_invitation(company_id=company_id, public_id=public_id)
    _open(company_id).filter(public_id=public_id).update(withdrawn_at=now)
    record(
        actor=actor,
        action="member invitation withdrawn",
        subject=f"company:{company_id}",
        vendor_id=vendor_id,
        company_id=company_id,
        before={"email": row.email, "role": row.role},
    )


def open_invitations(company_id: int) -> list[InvitationRow]:
    """Return who is invited and has not accepted, expired ones too, by address."""
    return [_row(each) for each in _with_names(_open(company_id)).order_by("email")]


def open_invitation(*, company_id: int, public_id: UUID) -> InvitationRow:
    """Return an invitation that was neither accepted nor withdrawn. Raises MemberInvitationNotOpen."""
    found = _with_names(_open(company_id)).filter(public_id=public_id).first()
    if found is None:
        raise MemberInvitationNotOpen(_("This invitation was accepted or withdrawn; reload the page."))
    return _row(found)


def invitation_to_send(public_id: UUID) -> InvitationRow | None:
    """Return an invitation that waits for its mail, or None where there is nothing to accept any more."""
    found = MemberInvitation.objects.filter(public_id=public_id, accepted_at=None, withdrawn_at=None)
    return _row(first) if (first := _with_names(found).first()) else None


def opened(token: str) -> OpenedInvitation:
    """Return the invitation that a link's token opens; before any door is open. Raises MemberInvitationNotOpen."""
    row = mailed_links.opened_by(token, function="customers_open_invitation")
    if row is None:
        raise _not_open()
    return OpenedInvitation(*row)


def accept(*, token: str, name: str, language: str, password: str | None) -> None:
    """Accept an invitation; works before any door is open.

    ``password`` is set only for someone who has none; for a login that exists it may be None, and stays as it is.
    Raises MemberInvitationNotOpen.
    """
    said = (name, language, make_password(password))
    if not mailed_links.used_by(token, *said, function="customers_accept_invitation"):
        raise _not_open()


def _open(company_id: int) -> "QuerySet[MemberInvitation]":
    return MemberInvitation.objects.filter(company_id=company_id, accepted_at=None, withdrawn_at=None)


def _with_names(found: "QuerySet[MemberInvitation]") -> "QuerySet[MemberInvitation]":
    """Pages may read of people their names and addresses alone."""
    return found.annotate(inviter=F("invited_by__name"), inviters_email=F("invited_by__email"))


def _row(found: Any) -> InvitationRow:
    return InvitationRow(
        public_id=found.public_id,
        company_id=found.company_id,
        email=found.email,
        role=found.role,
        invited_by=found.inviter or found.inviters_email,
        expires_at=found.expires_at,
    )


def _not_open() -> MemberInvitationNotOpen:
    return MemberInvitationNotOpen(
        _("This invitation was accepted or withdrawn, or has expired. Ask whoever invited you to send it once more.")
    )
