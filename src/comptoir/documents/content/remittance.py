"""The words and figures of a remittance slip by itself."""

from __future__ import annotations

from django.utils.translation import gettext as _

from comptoir.documents.content.shared import Content, shared_content, shared_words
from comptoir.documents.content.slip import slip_content, slip_words
from comptoir.documents.data import RemittanceDocument
from comptoir.documents.fonts import Verbatim
from comptoir.kit.dates import format_date
from comptoir.kit.money import format_money


def remittance_content(document: RemittanceDocument) -> Content:
    """Return all that `remittance.typ` prints; the document's language is active."""
    heading = _("Remittance slip")
    return {
        **shared_content(
            brand=document.brand, language=document.language, title=f"{heading} {document.invoice_number}"
        ),
        **slip_content(
            slip=document.slip,
            number=document.invoice_number,
            customer_number=document.bill_to.number,
            due_on=document.due_on,
            amount=format_money(
                amount_minor=document.amount_minor, currency=document.currency, language=document.language
            ),
            language=document.language,
        ),
        "words": {**shared_words(), **slip_words(), "from": _("From")},
        "heading": heading,
        "subtitle": format_date(day=document.written_on, language=document.language),
        "bill_to": {"name": document.bill_to.name, "lines": list(document.bill_to.address)},
        "sentence": _("Send this slip along with your check, so that we book it at once. You can also pay online at"),
        "url": Verbatim(document.slip.portal_url),
    }
