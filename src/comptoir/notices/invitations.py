"""The mail that lets someone join a vendor's billing team, or act for a company."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from comptoir.customers.inviting import invitation_to_send, token_of
from comptoir.identity.queries import invitation as invitation_row
from comptoir.kit.dates import format_date
from comptoir.tenancy.queries import company, vendor

from . import links
from .composing import write

ROLES: dict[str, str | Promise] = {
    "clerk": pgettext_lazy("staff role", "Clerk"),
    "manager": pgettext_lazy("staff role", "Manager"),
    "auditor": pgettext_lazy("staff role", "Auditor"),
    "admin": pgettext_lazy("staff role", "Admin"),
}


MEMBER_ROLES: dict[str, str | Promise] = {
    "billing_manager": pgettext_lazy("customer role", "Billing manager"),
    "viewer": pgettext_lazy("customer role", "Viewer"),
}


def send_invitation(public_id: UUID) -> None:
    """Mail an invitation's link to the one invited, once, in the vendor's language.

    Whoever has accepted it meanwhile needs no link any more, and gets none.
    """
    invitation = invitation_row(public_id)
    if invitation.accepted_at:
        return
    seller = vendor(invitation.vendor_id)
    with translation.override(seller.language):
        role = str(ROLES[invitation.role])
    with transaction.atomic():
        write(
            name="staff_invitation",
            key=f"staff_invitation:{public_id}",
            vendor=seller,
            company_id=None,
            language=seller.language,
            to=invitation.email,
            facts={
                "email": invitation.email,
                "role": role,
                "invited_by": invitation.invited_by,
                "expires_on": format_date(day=invitation.expires_at.date(), language=seller.language),
                "url": links.invitation_url(invitation.token),
            },
            opens_a_door=True,
        )


def send_member_invitation(public_id: UUID) -> None:
    """Mail the link by which someone comes to act for a company, once, in the company's language.

    An invitation that was accepted or withdrawn meanwhile is mailed to nobody.
    """
    invitation = invitation_to_send(public_id)
    if invitation is None:
        return
    buyer = company(invitation.company_id)
    with translation.override(buyer.language):
        role = str(MEMBER_ROLES[invitation.role])
    with transaction.atomic():
        write(
            name="member_invitation",
            key=f"member_invitation:{public_id}",
            vendor=vendor(buyer.vendor_id),
            company_id=buyer.id,
            language=buyer.language,
            to=invitation.email,
            facts={
                "company": buyer.name,
                "email": invitation.email,
                "role": role,
                "invited_by": invitation.invited_by,
                "expires_on": format_date(day=invitation.expires_at.date(), language=buyer.language),
                "url": links.company_invitation_url(token_of(public_id)),
            },
            opens_a_door=True,
        )
