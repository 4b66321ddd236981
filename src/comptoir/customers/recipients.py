"""Who gets a company's invoices, receipts and reminders besides the billing address: asked, agreed to, left again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from comptoir.kit import mailed_links
from comptoir.kit.events import emit
from comptoir.kit.lookups import Ids
from comptoir.tenancy.audit import Actor, record
from comptoir.tenancy.operations import hold_company

from .errors import RecipientNotFound, RecipientRefused
from .models import ExtraRecipient
from .queries import billing_email

LASTS = timedelta(days=7)
MOST = 10  # at a time; the database sees to it
MOST_A_DAY = 20  # asked in a day, those that were taken off included; the database sees to it
Purpose = Literal["agree", "leave"]


@dataclass(frozen=True, slots=True)
class RecipientRow:
    """An address that gets a company's bills, too, or is asked to. ``agreed_at`` is None as long as it is asked."""

    public_id: UUID
    company_id: int
    email: str
    agreed_at: datetime | None
    expires_at: datetime

    def is_asked(self, now: datetime) -> bool:
        """Return whether its link to agree still works."""
        return self.agreed_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class OpenedRecipient:
    """What whoever has a link may know."""

    vendor_slug: str
    vendor_name: str
    company_name: str
    email: str
    purpose: Purpose


def token_of(public_id: UUID, *, purpose: Purpose) -> str:
    """Return the secret in a link."""
    return mailed_links.token_of(public_id, opens=f"customers.recipient.{purpose}")


def ask_recipient(*, company_id: int, vendor_id: int, email: str, user_id: int, actor: Actor, now: datetime) -> None:
    """Ask an address whether it wants a company's bills; it gets none before it agrees.

    One that was asked and has not agreed is asked again, by a new link. Raises RecipientRefused.
    """
    hold_company(company_id)  # a double click waits, and then takes the place of the first
    address = email.strip().lower()
    present = ExtraRecipient.objects.filter(company_id=company_id, ended_at=None)
    if address == billing_email(company_id) or present.filter(email=address, agreed_at__isnull=False).exists():
        raise RecipientRefused(_("Your bills go to this address already."))
    present.filter(email=address).update(ended_at=now)
    today = ExtraRecipient.objects.filter(company_id=company_id, asked_at__gt=now - timedelta(days=1))
    if present.count() >= MOST or today.count() >= MOST_A_DAY:
        raise RecipientRefused(
            _("Ten further addresses are the most, and twenty asked in a day; take one off, or wait until tomorrow.")
        )
    public_id = uuid4()
    ExtraRecipient.objects.create(
        public_id=public_id,
        company_id=company_id,
        email=address,
        agree_hash=mailed_links.hash_of(token_of(public_id, purpose="agree")),
        leave_hash=mailed_links.hash_of(token_of(public_id, purpose="leave")),
        asked_by_id=user_id,
        asked_at=now,
        expires_at=now + LASTS,
    )
    record(
        actor=actor,
        action="recipient asked",
        subject=f"company:{company_id}",
        vendor_id=vendor_id,
        company_id=company_id,
        after={"email": address},
    )
    emit(
        name="recipient_asked",
        topic=f"recipient:{public_id}",
        vendor_id=vendor_id,
        company_id=company_id,
        data={"recipient": str(public_id)},
    )


def end_recipient(*, company_id: int, vendor_id: int, public_id: UUID, actor: Actor, now: datetime) -> None:
    """Have an address get no more of a company's bills. Raises RecipientNotFound."""
    present = ExtraRecipient.objects.filter(company_id=company_id, public_id=public_id, ended_at=None)
    email = present.values_list("email", flat=True).first()
    if email is None or not present.update(ended_at=now):
        raise RecipientNotFound(_("This address does not get the bills any more; reload the page."))
    record(
        actor=actor,
        action="recipient taken off",
        subject=f"company:{company_id}",
        vendor_id=vendor_id,
        company_id=company_id,
        before={"email": email},
    )


def recipients(company_id: int) -> list[RecipientRow]:
    """Return which addresses get a company's bills, too, and which are asked to, by address."""
    found = ExtraRecipient.objects.filter(company_id=company_id, ended_at=None).order_by("email")
    return [_row(each) for each in found]


def who_agreed(company_ids: Iterable[int]) -> dict[int, list[RecipientRow]]:
    """Return which addresses get each company's bills, too; companies without any are missing."""
    found: dict[int, list[RecipientRow]] = {}
    present = ExtraRecipient.objects.filter(
        company_id__any=Ids(set(company_ids)), ended_at=None, agreed_at__isnull=False
    )
    for each in present.order_by("email"):
        found.setdefault(each.company_id, []).append(_row(each))
    return found


def recipient_to_ask(public_id: UUID) -> RecipientRow | None:
    """Return a recipient that waits for its mail, or None where that was taken back."""
    found = ExtraRecipient.objects.filter(public_id=public_id, agreed_at=None, ended_at=None).first()
    return _row(found) if found else None


def opened(token: str) -> OpenedRecipient:
    """Return what a link's token opens; works before any door is open. Raises RecipientNotFound."""
    row = mailed_links.opened_by(token, function="customers_open_recipient")
    if row is None:
        raise _not_open()
    return OpenedRecipient(*row)


def use_link(token: str) -> None:
    """Do what a link is for: let the address agree, or leave. Raises RecipientNotFound."""
    if not mailed_links.used_by(token, function="customers_use_recipient"):
        raise _not_open()


def _row(found: ExtraRecipient) -> RecipientRow:
    return RecipientRow(found.public_id, found.company_id, found.email, found.agreed_at, found.expires_at)


def _not_open() -> RecipientNotFound:
    return RecipientNotFound(_("This link was used already, was taken back, or has expired."))
