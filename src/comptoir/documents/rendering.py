"""PDFs from plain data: the same document gives the same bytes, on every machine and on every day."""

from __future__ import annotations

import json
import logging
import shutil
import threading
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, assert_never

import typst
from django.utils import translation

from comptoir.documents.content.cover import cover_content
from comptoir.documents.content.invoice import invoice_content
from comptoir.documents.content.letter import letter_content
from comptoir.documents.content.receipt import receipt_content
from comptoir.documents.content.reminder import reminder_content
from comptoir.documents.content.remittance import remittance_content
from comptoir.documents.content.shared import Content, logo_file
from comptoir.documents.content.statement import statement_content
from comptoir.documents.data import (
    CoverDocument,
    Document,
    InvoiceDocument,
    LetterDocument,
    Logo,
    ReceiptDocument,
    ReminderDocument,
    RemittanceDocument,
    StatementDocument,
)
from comptoir.documents.folders import OwnFolder
from comptoir.documents.fonts import FONT_FILES, printable

LAYOUTS = Path(__file__).parent / "layouts"
ARCHIVAL_AND_ACCESSIBLE: list[typst.PDFStandard] = ["a-3a", "ua-1"]

ONE_PAGE = b"/Type/Pages/Count 1/"  # as the compiler writes it

log = logging.getLogger(__name__)
_of_this_thread = threading.local()  # a compiler may not be shared between threads


class _Press:
    """A compiler, and a folder of its own with the layouts and the logos that they have needed so far.

    A logo is read from a file: given with the data, it would be turned into a list of numbers and back every time.
    """

    def __init__(self) -> None:
        self._folder = OwnFolder()
        self._root = self._folder.path
        for layout in LAYOUTS.glob("*.typ"):
            shutil.copy(layout, self._root)
        fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(path.parent) for path in FONT_FILES])
        self._compiler = typst.Compiler(root=str(self._root), font_paths=fonts)

    def keep_logo(self, logo: Logo | None) -> None:
        """Put a logo where the layouts find it."""
        if logo and not (file := self._root / logo_file(logo)).exists():
            file.write_bytes(logo.data)

    def pdf(self, *, layout: str, content: Content, day: date) -> bytes:
        """Lay the content out."""
        pdf = self._compiler.compile(
            input=str(self._root / layout),
            format="pdf",
            sys_inputs={"data": json.dumps(content, ensure_ascii=False)},
            pdf_standards=ARCHIVAL_AND_ACCESSIBLE,
            timestamp=datetime.combine(day, time(), tzinfo=UTC),
        )
        if not isinstance(pdf, bytes):
            raise TypeError("The compiler returned no PDF.")
        return pdf


def render(document: Document) -> bytes:
    """Return the document as PDF (PDF/A-3a and PDF/UA-1), in the document's language.

    The creation date in the file is the document's own, so that the same input gives the same bytes.
    """
    press = _press()
    press.keep_logo(document.brand.logo)
    with translation.override(document.language):
        layout, content, day = _content_of(document)
    try:
        return _compile(press, layout=layout, content=_printable(content, main_font_only=False), day=day)
    except typst.TypstError as error:
        # A glyph combination that no single font has, or a logo that cannot be read: a plainer bill on
        # time is worth more than none. What is wrong with the layout itself fails again, and is raised.
        log.warning("document rendered plainly, since: %s", error.message)
        content["brand"]["logo"] = None
        return _compile(press, layout=layout, content=_printable(content, main_font_only=True), day=day)


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
        case CoverDocument():
            return "cover.typ", cover_content(document), document.written_on
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


def _compile(press: _Press, *, layout: str, content: Content, day: date) -> bytes:
    """Lay the document out on one page, which most need, and once more if it took several.

    What depends on other pages (their number, sums carried over) costs another pass of the layout, or two.
    """
    pdf = press.pdf(layout=layout, content=content, day=day)
    if content["paged"] or ONE_PAGE in pdf:
        return pdf
    return press.pdf(layout=layout, content={**content, "paged": True}, day=day)


def _press() -> _Press:
    press: _Press | None = getattr(_of_this_thread, "press", None)
    if press is None:
        press = _of_this_thread.press = _Press()
    return press
