"""Addresses of the pages that mail leads to."""

from collections.abc import Iterable
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.urls import reverse


def start_url() -> str:
    """Return the platform's front door; short, since people type it from paper."""
    return f"{settings.BASE_URL}{reverse('start')}"


def letter_url(link: str) -> str:
    """Return the front door as a letter's mail leads to it, so that it is known to be opened."""
    return _page("letter_link", link)


def invoice_url(*, company_public_id: UUID, invoice_public_id: UUID) -> str:
    """Return the address of one invoice, where it can be paid."""
    return _page("portal:invoice", company_public_id, invoice_public_id)


def home_url(*, company_public_id: UUID) -> str:
    """Return the address at which a company sees what is open, and pays it."""
    return _page("portal:home", company_public_id)


def pay_url(*, company_public_id: UUID, invoice_public_ids: Iterable[UUID]) -> str:
    """Return the address at which a company pays these invoices."""
    chosen = urlencode([("invoice", public_id) for public_id in invoice_public_ids])
    return f"{_page('portal:pay', company_public_id)}?{chosen}"


def payment_url(*, company_public_id: UUID, payment_public_id: UUID) -> str:
    """Return the address at which a company sees how a payment stands."""
    return _page("portal:payment", company_public_id, payment_public_id)


def methods_url(*, company_public_id: UUID) -> str:
    """Return the address at which a company saves and removes payment methods."""
    return _page("portal:methods", company_public_id)


def autopay_url(*, company_public_id: UUID) -> str:
    """Return the address at which a company sees, approves and calls off automatic payments."""
    return _page("portal:autopay", company_public_id)


def message_url(*, company_public_id: UUID, thread_public_id: UUID) -> str:
    """Return the address of a conversation, for the company."""
    return _page("portal:message", company_public_id, thread_public_id)


def team_message_url(*, vendor_slug: str, thread_public_id: UUID) -> str:
    """Return the address of a conversation, for the billing team."""
    return _page("console:message", vendor_slug, thread_public_id)


def email_change_url(token: str) -> str:
    """Return the address at which a change of the billing e-mail is agreed to, or stopped."""
    return _page("billing_email_link", token)


def recipient_url(token: str) -> str:
    """Return the address at which somebody agrees to get a company's bills, or leaves."""
    return _page("recipient_link", token)


def company_invitation_url(token: str) -> str:
    """Return the address at which an invitation to act for a company is accepted."""
    return _page("company_invitation", token)


def transfer_url(*, company_public_id: UUID, transfer_public_id: UUID) -> str:
    """Return the address at which one of its two companies sees a change of owner."""
    return _page("portal:transfer", company_public_id, transfer_public_id)


def transfer_link_url(token: str) -> str:
    """Return the address at which a buyer without a page accepts a change of owner, or withdraws."""
    return _page("transfer_link", token)


def invitation_url(token: str) -> str:
    """Return the address at which an invitation to a billing team is accepted."""
    return _page("console_invitation", token)


def _page(name: str, *parts: object) -> str:
    return f"{settings.BASE_URL}{reverse(name, args=parts)}"
