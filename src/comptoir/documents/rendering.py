"""PDFs from plain data: the same document gives the same bytes, on every machine and on every day."""

from __future__ import annotations

import json
import logging
import threading
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, assert_never

import typst
from django.utils import translation

from comptoir.documents.content.invoice import invoice_content
from comptoir.documents.content.letter import letter_content
from comptoir.documents.content.receipt import receipt_content
from comptoir.documents.content.reminder import reminder_content
from comptoir.documents.content.remittance import remittance_content
from comptoir.documents.content.shared import Content
from comptoir.documents.content.statement import statement_content
from comptoir.documents.data import (
    Document,
    InvoiceDocument,
    LetterDocument,
    ReceiptDocument,
    ReminderDocument,
    RemittanceDocument,
    StatementDocument,
)
from comptoir.documents.fonts import FONT_FILES, printable

LAYOUTS = Path(__file__).parent / "layouts"
ARCHIVAL_AND_ACCESSIBLE: list[typst.PDFStandard] = ["a-3a", "ua-1"]

log = logging.getLogger(__name__)
_of_this_thread = threading.local()  # a compiler may not be shared between threads


def render(document: Document) -> bytes:
    """This function will return the document as PDF (PDF/A-3a and PDF/UA-1), in the document's language.

    The creation date in the file is the document's own, so that the same input gives the same bytes.
    """
    with translation.override(document.language):
        layout, content, day = _content_of(document)
    try:
        return _compile(layout=layout, content=_printable(content, main_font_only=False), day=day)
    except typst.TypstError as error:
        # A glyph combination that no single font has, or a logo that cannot be read: a plainer bill on
        # time is worth more than none. What is wrong with the layout itself fails again, and is raised.
        log.warning("document rendered plainly, since: %s", error.message)
        content["brand"]["logo"] = None
        return _compile(layout=layout, content=_printable(content, main_font_only=True), day=day)


def _content_of(document: Document) -> tuple[str, Content, date]:
    match document:
        case InvoiceDocument():
            return "invoice.typ", invoice_content(document), document.issued_on
        case LetterDocument():
            return "letter.typ", letter_content(document), document.written_on
        case ReceiptDocument():
            return "receipt.typ", receipt_content(document), document.paid_on
        case StatementDocument():
            return "statement.typ", statement_content(document), document.ends_on
        case ReminderDocument():
            return "reminder.typ", reminder_content(document), document.written_on
        case RemittanceDocument():
            return "remittance.typ", remittance_content(document), document.written_on
        case _:
            assert_never(document)


def _printable(value: Any, *, main_font_only: bool) -> Any:
    """Make every text in the tree printable; keys, numbers and Verbatim text stay as they are."""
    match value:
        case str():
            return printable(value, main_font_only=main_font_only)
        case dict():
            return {key: _printable(part, main_font_only=main_font_only) for key, part in value.items()}
        case list():
            return [_printable(part, main_font_only=main_font_only) for part in value]
        case _:
            return value


def _compile(*, layout: str, content: Content, day: date) -> bytes:
    pdf = _compiler().compile(
        input=str(LAYOUTS / layout),
        format="pdf",
        sys_inputs={"data": json.dumps(content, ensure_ascii=False)},
        pdf_standards=ARCHIVAL_AND_ACCESSIBLE,
        timestamp=datetime.combine(day, time(), tzinfo=UTC),
    )
    if not isinstance(pdf, bytes):
        raise TypeError("The compiler returned no PDF.")
    return pdf


def _compiler() -> typst.Compiler:
    compiler: typst.Compiler | None = getattr(_of_this_thread, "compiler", None)
    if compiler is None:
        fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(path.parent) for path in FONT_FILES])
        compiler = typst.Compiler(root=str(LAYOUTS), font_paths=fonts)
        _of_this_thread.compiler = compiler
    return compiler
