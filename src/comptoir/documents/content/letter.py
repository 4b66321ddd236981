"""The words of a letter."""

from __future__ import annotations

from django.utils.translation import gettext as _

from comptoir.documents.content.shared import Content, linked, shared_content, shared_words
from comptoir.documents.data import LetterDocument
from comptoir.documents.fonts import Verbatim
from comptoir.kit.dates import format_date


def letter_content(document: LetterDocument) -> Content:
    """Return all that `letter.typ` prints; the document's language is active."""
    content: Content = {
        **shared_content(brand=document.brand, language=document.language, title=document.subject),
        "words": {**shared_words(), "portal": _("Your portal, open day and night")},
        "heading": document.subject,
        "recipient": {"name": document.recipient.name, "lines": list(document.recipient.address)},
        "date": format_date(day=document.written_on, language=document.language),
        "greeting": document.greeting,
        "paragraphs": list(document.paragraphs),
        "closing": document.closing,
        "signature": list(document.signature),
        "portal_url": None,
    }
    if document.portal_url:
        content["portal_url"] = Verbatim(document.portal_url)
        content |= linked(document.portal_url, alt=_("QR code that opens {url}").format(url=document.portal_url))
    return content
