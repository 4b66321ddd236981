"""The words of a reminder on paper."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comptoir.documents.data import OverdueInvoice, Party, ReminderDocument
from comptoir.tenancy.queries import VendorRow

from .papers import brand


def reminder_document(
    *,
    vendor: VendorRow,
    bill_to: Party,
    invoices: Sequence[OverdueInvoice],
    portal_url: str,
    today: date,
    language: str,
) -> ReminderDocument:
    """This function will return a friendly reminder of what is overdue, in ``language``."""
    with translation.override(language):
        subject = ngettext("An invoice is past due", "Invoices are past due", len(invoices))
        paragraphs = (
            ngettext(
                "We have not received your payment of this invoice yet. Perhaps it slipped through: please pay it now, "
                "online or by check.",
                "We have not received your payments of these invoices yet. Perhaps they slipped through: please pay "
                "them now, online or by check.",
                len(invoices),
            ),
            _("If you have paid in the last days, there is nothing more to do; thank you."),
        )
    return ReminderDocument(
        brand=brand(vendor),
        bill_to=bill_to,
        written_on=today,
        subject=subject,
        paragraphs=paragraphs,
        invoices=tuple(invoices),
        currency=vendor.currency,
        language=language,
        portal_url=portal_url,
    )
