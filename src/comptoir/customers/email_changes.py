"""Sending a company's bills to another address: asked for, told to the old one, agreed to by the new one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID, uuid4

from django.db import connection
from django.utils.translation import gettext as _

from comptoir.kit import mailed_links
from comptoir.kit.events import emit
from comptoir.tenancy.audit import Actor, record
from comptoir.tenancy.operations import hold_company

from .errors import EmailChangeNotOpen, EmailChangeRefused
from .models import EmailChange
from .queries import billing_email

LASTS = timedelta(days=7)
MOST_A_DAY, MOST_TO_AN_ADDRESS = 5, 3  # the database sees to it
Purpose = Literal["confirm", "stop"]


@dataclass(frozen=True, slots=True)
class EmailChangeRow:
    """A change that was asked for and is neither agreed to nor stopped."""

    public_id: UUID
    company_id: int
    old_email: str
    new_email: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OpenedChange:
    """What whoever has a link may know. ``is_done``: the bills go to the new address already."""

    vendor_slug: str
    vendor_name: str
    company_name: str
    new_email: str
    purpose: Purpose
    is_done: bool


def token_of(public_id: UUID, *, purpose: Purpose) -> str:
    """Return the secret in a link."""
    return mailed_links.token_of(public_id, opens=f"customers.email-change.{purpose}")


def ask_for_change(
    *, company_id: int, vendor_id: int, new_email: str, user_id: int, actor: Actor, now: datetime
) -> None:
    """Ask for a company's bills to go to another address; nothing changes before that address agrees.

    An earlier wish that is still open gives way. Raises EmailChangeRefused where they go there already, or where too
    much mail was sent for such wishes within a day: to addresses that the company gave, or to this one for any company.
    """
    hold_company(company_id)  # a double click waits, and then takes the place of the first
    address = new_email.strip().lower()
    old = billing_email(company_id) or ""
    if address == old:
        raise EmailChangeRefused(_("Your bills go to this address already."))
    _refuse_too_much_mail(company_id=company_id, address=address, since=now - timedelta(days=1))
    EmailChange.objects.filter(company_id=company_id, confirmed_at=None, stopped_at=None).update(stopped_at=now)
    public_id = uuid4()
    EmailChange.objects.create(
        public_id=public_id,
        company_id=company_id,
        old_email=old,
        new_email=address,
        confirm_hash=mailed_links.hash_of(token_of(public_id, purpose="confirm")),
        stop_hash=mailed_links.hash_of(token_of(public_id, purpose="stop")),
        asked_by_id=user_id,
        asked_at=now,
        expires_at=now + LASTS,
    )
    record(
        actor=actor,
        action="billing e-mail change asked",
        subject=f"company:{company_id}",
        vendor_id=vendor_id,
        company_id=company_id,
        before={"email": old},
        after={"email": address},
    )
    emit(
        name="billing_email_change_asked",
        topic=f"email_change:{company_id}",
        vendor_id=vendor_id,
        company_id=company_id,
        data={"change": str(public_id)},
    )


def open_change(company_id: int, *, now: datetime) -> EmailChangeRow | None:
    """Return the change that a company waits for, or None."""
    found = EmailChange.objects.filter(company_id=company_id, confirmed_at=None, stopped_at=None, expires_at__gt=now)
    return _row(first) if (first := found.first()) else None


def change_to_tell(public_id: UUID) -> EmailChangeRow | None:
    """Return a change whose two addresses are still to be told, or None."""
    found = EmailChange.objects.filter(public_id=public_id, told_at=None, stopped_at=None).first()
    return _row(found) if found else None


def mark_told(public_id: UUID, *, now: datetime) -> None:
    """Put down that the mail to both addresses is on its way; from now on the new one may agree."""
    EmailChange.objects.filter(public_id=public_id, told_at=None).update(told_at=now)


def opened(token: str) -> OpenedChange:
    """Return the change that a link's token opens; works before any door is open. Raises EmailChangeNotOpen."""
    row = mailed_links.opened_by(token, function="customers_open_email_change")
    if row is None:
        raise _not_open()
    return OpenedChange(*row)


def use_link(token: str) -> None:
    """Do what a link is for: let the new address agree, or stop or undo the change. Raises EmailChangeNotOpen."""
    if not mailed_links.used_by(token, function="customers_use_email_change"):
        raise _not_open()


def _refuse_too_much_mail(*, company_id: int, address: str, since: datetime) -> None:
    if EmailChange.objects.filter(company_id=company_id, asked_at__gt=since).count() >= MOST_A_DAY:
        raise EmailChangeRefused(
            _("Five changes a day are the most; please go on tomorrow, or send the billing team a message.")
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT customers_email_changes_to(%s, %s)", [address, since])
        (to_address,) = cursor.fetchone() or (0,)
    if to_address >= MOST_TO_AN_ADDRESS:
        raise EmailChangeRefused(
            _(
                "This address was asked three times within a day. Look for our mail there, also among unwanted mail, "
                "or go on tomorrow."
            )
        )


def _row(found: EmailChange) -> EmailChangeRow:
    return EmailChangeRow(found.public_id, found.company_id, found.old_email, found.new_email, found.expires_at)


def _not_open() -> EmailChangeNotOpen:
    return EmailChangeNotOpen(
        _("This link was used already, was stopped, or has expired. Log in to see where your bills go.")
    )
