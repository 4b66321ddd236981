"""The words of the list on top of papers for the printer."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comptoir.documents.content.shared import Content, shared_content, shared_words
from comptoir.documents.data import CoverDocument
from comptoir.kit.dates import format_date


def cover_content(document: CoverDocument) -> Content:
    """Return all that `cover.typ` prints; the document's language is active."""
    pages = sum(count for _number, _name, count in document.envelopes)
    envelopes = len(document.envelopes)
    return {
        **shared_content(brand=document.brand, language=document.language, title=document.title),
        "words": {**shared_words(), "columns": ["", _("Customer number"), _("Company"), _("Pages")]},
        "heading": _("Cover list"),
        "subtitle": format_date(day=document.written_on, language=document.language),
        "name": document.title,
        "facts": ngettext("{count} envelope", "{count} envelopes", envelopes).format(count=envelopes)
        + ", "
        + ngettext("{count} page without this list", "{count} pages without this list", pages).format(count=pages),
        "envelopes": [
            [str(position), number, name, str(count)]
            for position, (number, name, count) in enumerate(document.envelopes, start=1)
        ],
    }
