"""What changes about a vendor's customers."""

from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from comptoir.tenancy.audit import Actor, record

from .errors import StoreNotFound, UnknownAnswer
from .models import Member, MemberRole, Ownership, StoreAnswer, StoreVerification


def answer_store(
    *,
    company_id: int,
    location_public_id: UUID,
    answer: str,
    user_id: int,
    actor: Actor,
    today: date,
    now: datetime,
) -> None:
    """Put down the owner's word on a store that the company owns today: right, or not_ours.

    The same answer again changes nothing. Raises StoreNotFound, UnknownAnswer.
    """
    if answer not in StoreAnswer.values:
        raise UnknownAnswer(_("Say whether the store is yours or not."))
    own = (
        Ownership.objects.filter(company_id=company_id, location__public_id=location_public_id, period__contains=today)
        .select_related("location")
        .first()
    )
    if own is None:
        raise StoreNotFound(_("This store is not on your list any more; reload the page to see the list as it is."))
    before = StoreVerification.objects.filter(company_id=company_id, location=own.location).first()
    if before is not None and before.answer == answer:
        return
    StoreVerification.objects.update_or_create(
        company_id=company_id,
        location=own.location,
        defaults={"answer": answer, "answered_by_id": user_id, "answered_at": now},
    )
    record(
        actor=actor,
        action="store answered",
        subject=f"store:{own.location.number}",
        vendor_id=own.location.vendor_id,
        company_id=company_id,
        before={"answer": before.answer} if before else None,
        after={"answer": answer},
    )


def add_owner(*, company_id: int, vendor_id: int, user_id: int, actor: Actor) -> None:
    """Let a person act for a company as its owner; one who acts for it already keeps the role they have."""
    _member, made = Member.objects.get_or_create(
        company_id=company_id, user_id=user_id, ended_at=None, defaults={"role": MemberRole.OWNER}
    )
    if made:
        record(
            actor=actor,
            action="member added",
            subject=f"user:{user_id}",
            vendor_id=vendor_id,
            company_id=company_id,
            after={"role": MemberRole.OWNER},
        )
