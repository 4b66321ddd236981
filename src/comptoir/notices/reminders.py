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


def shipped_words(*, debit_restores: bool = True) -> dict[Written, tuple[str, ...]]:
    """Return each step's subject and paragraphs in the active language.

    Names in braces are to be filled in. ``debit_restores``: a bank debit lets in again before it is settled.
    """
    back = (
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
        "final_notice": (
            _("Final notice: access ends on {until} unless {amount} is paid"),
            _(
                "{amount} of {company} has been due since {since}, and our reminders have not helped. Unless it is "
                "paid, access to {products} may end from {until} on."
            ),
            back,
        ),
    }


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
