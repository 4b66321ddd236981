"""The words and figures of a statement of account."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _

from comptoir.documents.content.shared import Content, shared_content, shared_words
from comptoir.documents.data import StatementDocument
from comptoir.kit.dates import format_date, format_period
from comptoir.kit.money import format_money


def statement_content(document: StatementDocument) -> Content:
    """Return all that `statement.typ` prints; the document's language is active."""
    period = format_period(starts_on=document.starts_on, ends_on=document.ends_on, language=document.language)
    heading = _("Statement of account")
    number = document.bill_to.number
    closing_minor = document.closing_minor
    return {
        **shared_content(brand=document.brand, language=document.language, title=f"{heading}, {period}"),
        "words": {
            **shared_words(),
            "carried_over": _("Balance carried over:"),
            "carried_forward": _("Balance carried forward:"),
            "bill_to": _("For"),
            "from": _("From"),
            "columns": [_("Date"), _("Description"), _("Billed"), _("Paid or credited"), _("Balance")],
        },
        "carries_over": True,
        "heading": heading,
        "subtitle": period,
        "bill_to": {"name": document.bill_to.name, "lines": list(document.bill_to.address)},
        "facts": [[_("Customer number"), number]] if number else [],
        "headline": {
            "name": _("Your credit") if closing_minor < 0 else _("Balance"),
            "amount": _money(document, abs(closing_minor)),
            "sentence": _("As of the end of {day}.").format(
                day=format_date(day=document.ends_on - timedelta(days=1), language=document.language)
            ),
        },
        "opening": {
            "text": _("Balance brought forward"),
            "on": format_date(day=document.starts_on, language=document.language),
            "balance": _money(document, document.opening_minor),
        },
        "entries": _entries(document),
        "closing": {"text": _("Closing balance"), "balance": _money(document, closing_minor)},
    }


def _entries(document: StatementDocument) -> list[Content]:
    balance_minor = document.opening_minor
    printed = []
    for entry in document.entries:
        balance_minor += entry.amount_minor
        printed.append(
            {
                "on": format_date(day=entry.on, language=document.language),
                "text": entry.text,
                "billed": _money(document, entry.amount_minor) if entry.amount_minor > 0 else "",
                "paid": _money(document, -entry.amount_minor) if entry.amount_minor < 0 else "",
                "balance": _money(document, balance_minor),
            }
        )
    return printed


def _money(document: StatementDocument, amount_minor: int) -> str:
    return format_money(amount_minor=amount_minor, currency=document.currency, language=document.language)
