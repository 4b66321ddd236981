"""What is written to who has not paid: the usual words of each step, and the paper that they stand on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from django.utils.translation import gettext as _

from comptoir.documents.data import OverdueInvoice, Party, ReminderDocument
from comptoir.tenancy.queries import VendorRow

from .papers import brand

Written = Literal["due_soon", "reminder", "firm_reminder", "final_notice"]
# What is done with the products of who does not pay even then; ``either``: one is closed, another limited.
Follows = Literal["closed", "limited", "either", "nothing"]


def shipped_words(*, debit_restores: bool = True, follows: Follows = "closed") -> dict[Written, tuple[str, ...]]:
    """Return each step's subject and paragraphs in the active language.

    Names in braces are to be filled in: {until} and {products} are there where something ``follows`` a final notice.
    ``debit_restores``: a bank debit lets in again before it is settled.
    """
    return {
        "due_soon": (
            _("{amount} is due on {since}"),
            _("{amount} of {company} is due on {since}. Services are paid in advance, so please pay it by that day."),
            _("If you have sent a check already, there is nothing more to do; thank you."),
        ),
        "reminder": (
            _("{amount} is past due"),
            _("{amount} of {company} has been due since {since} and has not arrived yet. Perhaps it slipped through."),
            _("Please pay it now, online or by check. If you have paid in the last days, there is nothing to do."),
        ),
        "firm_reminder": (
            _("Second reminder: {amount} is past due"),
            _("We have reminded you before: {amount} of {company} has been due since {since}, and it is still open."),
            _(
                "Please pay it within the next days. If something is not right with an invoice, or you cannot pay all "
                "at once, write to us now; we will find a way."
            ),
        ),
        "final_notice": _last_words(follows, debit_restores=debit_restores),
    }


def _last_words(follows: Follows, *, debit_restores: bool) -> tuple[str, ...]:
    closed = _(
        "{amount} of {company} has been due since {since}, and our reminders have not helped. Unless it is "
        "paid, access to {products} may end from {until} on."
    )
    limited = _(
        "{amount} of {company} has been due since {since}, and our reminders have not helped. Unless it is "
        "paid, access to {products} may be limited from {until} on."
    )
    either = _(
        "{amount} of {company} has been due since {since}, and our reminders have not helped. Unless it is "
        "paid, access to {products} may end, or be limited, from {until} on."
    )
    back = _way_back(debit_restores=debit_restores)
    match follows:
        case "closed":
            return _("Final notice: access ends on {until} unless {amount} is paid"), closed, back
        case "either":
            return _("Final notice: access ends on {until} unless {amount} is paid"), either, back
        case "limited":
            return _("Final notice: access is limited on {until} unless {amount} is paid"), limited, back
        case "nothing":
            return (
                _("Final notice: {amount} is past due"),
                _("{amount} of {company} has been due since {since}, and our reminders have not helped."),
                _(
                    "Please pay it now. This is the last time that we remind you of it. If something is not right with "
                    "an invoice, or you cannot pay all at once, write to us in the portal."
                ),
            )


def _way_back(*, debit_restores: bool) -> str:
    return (
        _(
            "As soon as you pay, access stays, or returns at once. You can always log in to the portal, to pay and "
            "to write to us."
        )
        if debit_restores
        else _(
            "As soon as you pay by card, access stays, or returns at once; a payment from a bank account counts once "
            "the bank has settled it, some days later. You can always log in to the portal, to pay and to write to us."
        )
    )


def reminder_document(
    *,
    vendor: VendorRow,
    bill_to: Party,
    invoices: Sequence[OverdueInvoice],
    portal_url: str,
    today: date,
    language: str,
    subject: str,
    paragraphs: Sequence[str],
) -> ReminderDocument:
    """Return a reminder of what is overdue, in words that are in ``language`` already."""
    return ReminderDocument(
        brand=brand(vendor),
        bill_to=bill_to,
        written_on=today,
        subject=subject,
        paragraphs=tuple(paragraphs),
        invoices=tuple(invoices),
        currency=vendor.currency,
        language=language,
        portal_url=portal_url,
    )
