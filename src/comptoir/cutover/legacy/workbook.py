"""A spreadsheet's first sheet as rows of cells, written the way that the profile reads them."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import closing
from datetime import date

from django.utils.translation import gettext as _

from comptoir.cutover.legacy.archive import UNREADABLE, open_archive
from comptoir.cutover.legacy.errors import ExportUnreadable
from comptoir.cutover.legacy.profile import FileMapping

SIGNATURE = b"PK\x03\x04"
DECIMALS = 6


def is_workbook(content: bytes) -> bool:
    """Tell whether a file is a spreadsheet (XLSX) rather than text."""
    return content.startswith(SIGNATURE)


def workbook_rows(*, mapping: FileMapping, content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of the first sheet that are not blank, with their numbers in the sheet.

    Dates and numbers are written as the profile says that the file writes them. Raises ExportUnreadable for a file
    that no spreadsheet program would open, or that unpacks to more than 1 GB.
    """
    from openpyxl import load_workbook  # half a second, which every process would wait for
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        open_archive(content).close()
        # What openpyxl warns of are looks and validations, which nobody asks for here.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            with closing(book):
                sheet = book.worksheets[0]
                sheet.reset_dimensions()
                width = 0
                for line, values in enumerate(sheet.iter_rows(values_only=True), 1):
                    cells = [_text(value, mapping=mapping) for value in values]
                    if not any(cell and not cell.isspace() for cell in cells):
                        continue
                    while len(cells) > width and not cells[-1].strip():
                        cells.pop()
                    width = width or len(cells)
                    yield line, cells + [""] * (width - len(cells))
    except (*UNREADABLE, InvalidFileException, KeyError, IndexError, SyntaxError, TypeError) as error:
        raise ExportUnreadable(
            _("This is not a spreadsheet that can be read: %(error)s. Save it again as XLSX, or as CSV.")
            % {"error": error}
        ) from error


def _text(value: object, *, mapping: FileMapping) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case float():
            exact = f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")
            return exact.replace(".", mapping.amounts.decimal_point)
        case int():
            return str(value)
        case date():
            return value.strftime(mapping.date_pattern)
    return str(value)
