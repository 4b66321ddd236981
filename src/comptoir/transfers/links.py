"""The links of a buyer who is invited by e-mail: one to accept, used once, and one to withdraw afterwards."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID, uuid4

from django.conf import settings
from django.utils.translation import gettext as _

from comptoir.customers.queries import contacts, members
from comptoir.kit import mailed_links
from comptoir.tenancy.models import AuditEntry
from comptoir.tenancy.operations import hold_company

from .errors import LinkNotOpen, TransferRefused

LASTS = timedelta(days=14)
MOST_A_DAY = 20  # that a seller sends; the database sees to it
INVITES = ("change of owner started", "change of owner invited")
Purpose = Literal["accept", "withdraw"]


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """What whoever has a link may know."""

    vendor_id: int
    vendor_slug: str
    vendor_name: str
    seller_name: str
    buyer_name: str
    buyer_email: str
    takes_effect_on: date
    stores: Sequence[str]
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class GivenCompany:
    """A company as a buyer who is no customer yet describes it."""

    name: str
    person: str
    language: str
    address_lines: tuple[str, ...]


def token_of(invitation: UUID, *, purpose: Purpose) -> str:
    """Return the secret in a link."""
    return mailed_links.token_of(invitation, opens=f"transfers.{purpose}")


def fresh_invitation(now: datetime) -> dict[str, Any]:
    """Return a new invitation's columns; what was mailed before opens nothing any more."""
    invitation = uuid4()
    return {
        "invitation": invitation,
        "accept_hash": mailed_links.hash_of(token_of(invitation, purpose="accept")),
        "withdraw_hash": mailed_links.hash_of(token_of(invitation, purpose="withdraw")),
        "invitation_expires_at": now + LASTS,
    }


def refuse_address_of_seller(seller_id: int, *, email: str) -> None:
    """Raise TransferRefused where the buyer's address is one of the seller's, who would accept from oneself."""
    own = {contact.email for contact in contacts(seller_id)} | {member.email for member in members(seller_id)}
    if email.lower() in own:
        raise TransferRefused(_("This is an address of the seller's; give the buyer's."), field="email")


def refuse_many_invitations(seller_id: int, *, now: datetime) -> None:
    """Raise TransferRefused where a seller has sent as many invitations as it may in a day: strangers get them."""
    hold_company(seller_id)
    sent = AuditEntry.objects.filter(company_id=seller_id, action__in=INVITES, recorded_at__gt=now - timedelta(days=1))
    if sent.count() >= MOST_A_DAY:
        raise TransferRefused(_("Twenty invitations a day are the most; please go on tomorrow."), field="email")


def opened(token: str) -> OpenedLink:
    """Return what a link's token opens; works before any door is open. Raises LinkNotOpen."""
    row = mailed_links.opened_by(token, function="transfers_open_link")
    if row is None:
        raise _not_open()
    return OpenedLink(*row)


def accept_as_company(token: str, *, user_id: int, company_id: int) -> None:
    """Accept, once, for a company of which the person is an owner. Raises LinkNotOpen, TransferRefused."""
    _accept(token, user_id=user_id, company_id=company_id, given=None)


def accept_as_new(token: str, *, given: GivenCompany) -> None:
    """Accept, once, for a company that becomes a customer when the team approves. Raises LinkNotOpen."""
    described = {
        "name": given.name,
        "person": given.person,
        "language": given.language,
        "address_lines": list(given.address_lines),
    }
    _accept(token, user_id=None, company_id=None, given=json.dumps(described))


def withdraw_by_link(token: str, *, reason: str) -> None:
    """Withdraw as the buyer, before the stores have passed. Raises LinkNotOpen."""
    if not mailed_links.used_by(token, reason.strip(), _listeners(), function="transfers_withdraw_by_link"):
        raise _not_open()


def _accept(token: str, *, user_id: int | None, company_id: int | None, given: str | None) -> None:
    said = (user_id, company_id, given, _listeners())
    answer = mailed_links.used_by(token, *said, function="transfers_accept_by_link")
    if answer == "own":
        raise TransferRefused(_("The stores are this company's already; choose the one that takes them over."))
    if answer == "no_owner":
        raise TransferRefused(_("Only an owner of a company accepts for it; choose one that you own."))
    if answer != "accepted":
        raise _not_open()


def _listeners() -> list[str]:
    return list(settings.EVENT_LISTENERS["transfer_changed"])


def _not_open() -> LinkNotOpen:
    return LinkNotOpen(
        _("This link was used already, has expired, or the change of owner has ended. Ask the seller for a new one.")
    )
