"""The words and figures of a receipt."""

from __future__ import annotations

from django.utils.translation import gettext as _

from comptoir.documents.content.shared import Content, shared_content, shared_words
from comptoir.documents.data import ReceiptDocument
from comptoir.kit.dates import format_date
from comptoir.kit.money import format_money


def receipt_content(document: ReceiptDocument) -> Content:
    """Return all that `receipt.typ` prints; the document's language is active."""
    title = _("Receipt {number}").format(number=document.confirmation_number)
    paid_on = format_date(day=document.paid_on, language=document.language)
    facts = [[_("Confirmation"), document.confirmation_number], [_("Paid on"), paid_on]]
    if document.bill_to.number:
        facts.append([_("Customer number"), document.bill_to.number])
    return {
        **shared_content(brand=document.brand, language=document.language, title=title),
        "words": {**shared_words(), **_words()},
        "carries_over": True,
        "heading": _("Receipt"),
        "bill_to": {"name": document.bill_to.name, "lines": list(document.bill_to.address)},
        "facts": facts,
        "headline": {
            "name": _("Amount paid"),
            "amount": _money(document, document.amount_minor),
            "sentence": _("Received on {day} from: {method}. Thank you.").format(
                day=paid_on, method=document.method_label
            ),
        },
        "invoices": _paid(document),
    }


def _words() -> Content:
    return {
        "paid_by": _("Paid by"),
        "paid_to": _("Paid to"),
        "columns": [_("Paid with this payment"), _("Amount")],
        "total": _("Total paid"),
    }


def _paid(document: ReceiptDocument) -> list[Content]:
    rows = [
        (_("Invoice {number}").format(number=invoice.number), invoice.amount_minor) for invoice in document.invoices
    ]
    credit_minor = document.amount_minor - sum(amount for _name, amount in rows)
    if credit_minor:
        rows.append((_("Credit kept for your next invoice"), credit_minor))
    running_minor = 0
    printed = []
    for name, amount_minor in rows:
        running_minor += amount_minor
        printed.append(
            {
                "number": name,
                "amount": _money(document, amount_minor),
                "running": _money(document, running_minor),
            }
        )
    return printed


def _money(document: ReceiptDocument, amount_minor: int) -> str:
    return format_money(amount_minor=amount_minor, currency=document.currency, language=document.language)
