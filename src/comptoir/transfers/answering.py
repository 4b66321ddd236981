"""What the two sides do while a change of owner is open: accept, invite again, withdraw. Each in a transaction."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from comptoir.tenancy.audit import Actor

from .errors import TransferNotOpen
from .links import fresh_invitation, refuse_address_of_seller, refuse_many_invitations
from .models import OPEN, Side, Status, Transfer
from .queries import held
from .telling import tell


def accept(*, public_id: UUID, company_id: int, actor: Actor, now: datetime) -> None:
    """Accept as one of the two companies, at its own page. Raises TransferNotFound, TransferNotOpen."""
    found = held(public_id)
    side = Side.SELLER if company_id == found.seller_id else Side.BUYER
    if found.status != Status.STARTED or getattr(found, f"{side}_accepted_at") is not None:
        raise _gone_on()
    setattr(found, f"{side}_accepted_at", now)
    setattr(found, f"{side}_accepted_by", actor.label)
    if found.seller_accepted_at and found.buyer_accepted_at:
        found.status = Status.ACCEPTED
    found.save(update_fields=["status", f"{side}_accepted_at", f"{side}_accepted_by"])
    tell(found, news="accepted", actor=actor, company_id=company_id)


def invite_again(*, public_id: UUID, email: str, company_id: int | None, actor: Actor, now: datetime) -> None:
    """Send the buyer a new link, perhaps elsewhere; the one before opens nothing any more.

    ``company_id`` is the seller's, or None where the team sends it. Raises TransferNotOpen, TransferRefused.
    """
    found = held(public_id)
    if found.status != Status.STARTED or found.buyer_accepted_at or found.invitation is None:
        raise _gone_on()
    address = email.strip().lower()
    assert found.seller_id is not None  # noqa: S101  PostgreSQL sees to it
    refuse_address_of_seller(found.seller_id, email=address)
    if company_id is not None:
        refuse_many_invitations(company_id, now=now)
    fresh = {"buyer_email": address, **fresh_invitation(now)}
    for name, value in fresh.items():
        setattr(found, name, value)
    found.save(update_fields=list(fresh))
    tell(found, news="invited", actor=actor, company_id=company_id)


def withdraw(*, public_id: UUID, company_id: int | None, reason: str, actor: Actor, now: datetime) -> None:
    """Withdraw a change of owner as one of the two companies or (None) the team, until its stores have passed.

    Raises TransferNotFound, TransferNotOpen.
    """
    found = held(public_id)
    if found.status not in OPEN:
        raise _gone_on()
    found.status, found.withdrawn_at, found.withdrawn_by = Status.WITHDRAWN, now, actor.label
    found.withdrawn_side = _side(found, company_id=company_id)
    found.reason = reason.strip()
    found.save(update_fields=["status", "withdrawn_at", "withdrawn_by", "withdrawn_side", "reason"])
    tell(found, news="withdrawn", actor=actor, company_id=company_id, reason=found.reason)


def _side(found: Transfer, *, company_id: int | None) -> str:
    if company_id is None:
        return Side.TEAM
    return Side.SELLER if company_id == found.seller_id else Side.BUYER


def _gone_on() -> TransferNotOpen:
    return TransferNotOpen(_("This change of owner has gone on meanwhile; the page shows how it stands."))
