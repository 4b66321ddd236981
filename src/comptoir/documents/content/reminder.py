"""The words and figures of a reminder."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comptoir.documents.content.shared import Content, linked, shared_content, shared_words
from comptoir.documents.data import OverdueInvoice, ReminderDocument
from comptoir.documents.fonts import Verbatim
from comptoir.kit.dates import format_date
from comptoir.kit.money import format_money


def reminder_content(document: ReminderDocument) -> Content:
    """Return all that `reminder.typ` prints; the document's language is active."""
    running_minor = 0
    rows = []
    for invoice in document.invoices:
        running_minor += invoice.open_minor
        rows.append(_row(document, invoice, running_minor=running_minor))
    return {
        **shared_content(brand=document.brand, language=document.language, title=document.subject),
        **linked(document.portal_url, alt=_("QR code that opens {url}").format(url=document.portal_url)),
        "words": {
            **shared_words(),
            "columns": [_("Invoice"), _("Due date"), _("Overdue since"), _("Still open")],
            "total": _("Total still open"),
            "portal": _("Pay online"),
        },
        "carries_over": True,
        "heading": document.subject,
        "recipient": {"name": document.bill_to.name, "lines": list(document.bill_to.address)},
        "date": format_date(day=document.written_on, language=document.language),
        "paragraphs": list(document.paragraphs),
        "invoices": rows,
        "total": _money(document, running_minor),
        "portal_url": Verbatim(document.portal_url),
    }


def _row(document: ReminderDocument, invoice: OverdueInvoice, *, running_minor: int) -> Content:
    days = (document.written_on - invoice.due_on).days
    return {
        "number": invoice.number,
        "due_on": format_date(day=invoice.due_on, language=document.language),
        "since": ngettext("{count} day", "{count} days", days).format(count=days),
        "open": _money(document, invoice.open_minor),
        "running": _money(document, running_minor),
    }


def _money(document: ReminderDocument, amount_minor: int) -> str:
    return format_money(amount_minor=amount_minor, currency=document.currency, language=document.language)
