"""An export's bytes, CSV or XLSX, as rows of cells, with the line numbers a person sees in the file."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from comptoir.cutover.legacy.errors import ExportUnreadable
from comptoir.cutover.legacy.profile import FileMapping
from comptoir.cutover.legacy.workbook import is_workbook, workbook_rows

TOLD_EVERY = 2_000  # lines


@dataclass(frozen=True, slots=True)
class Table:
    """The header's column names and, to be taken once, the rows below it: line number and cells.

    Whoever asked is told the line from time to time.
    """

    header: tuple[str, ...]
    rows: Iterator[tuple[int, list[str]]]


def open_table(*, mapping: FileMapping, content: bytes, tell: Callable[[int], None]) -> Table:
    """Decode an export, text or spreadsheet, and check its header against the profile.

    Raises ExportUnreadable for what makes the whole file doubtful: nothing in it, another encoding, a header
    that lacks a mapped column or has one that is neither mapped nor ignored. Quotation marks that do not
    match raise it while the rows are taken.
    """
    if is_workbook(content):
        rows = workbook_rows(mapping=mapping, content=content)
    else:
        encoding = _check_text(mapping=mapping, content=content)
        rows = _rows(content=content, encoding=encoding, delimiter=mapping.delimiter)
    first = next(rows, None)
    if first is None:
        raise ExportUnreadable(_("The file is empty. Export it again, with its header line."))
    header = tuple(" ".join(name.split()) for name in first[1])
    _check_header(mapping=mapping, header=header)
    return Table(header=header, rows=_told(rows, tell=tell))


def _told(rows: Iterator[tuple[int, list[str]]], *, tell: Callable[[int], None]) -> Iterator[tuple[int, list[str]]]:
    told = 0
    for line, cells in rows:
        if line >= told:
            tell(line)
            told = line + TOLD_EVERY
        yield line, cells


def count_lines(content: bytes) -> int:
    """Return how many lines a text has, its last blank one aside; 0 for a spreadsheet, which does not say."""
    return 0 if is_workbook(content) else content.count(b"\n") + (not content.endswith(b"\n"))


def _check_text(*, mapping: FileMapping, content: bytes) -> str:
    """Make sure that the whole file is text, and return what to decode it by."""
    utf_8 = codecs.lookup(mapping.encoding).name in {"utf-8", "utf-8-sig"}
    if content.startswith(codecs.BOM_UTF8) and not utf_8:
        raise ExportUnreadable(
            _("The file is marked as UTF-8, but the profile says %(encoding)s. Correct “encoding” in the profile.")
            % {"encoding": mapping.encoding}
        )
    encoding = "utf-8-sig" if utf_8 else mapping.encoding
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise ExportUnreadable(
            _(
                "Line %(line)d has a byte (%(byte)s) that is not %(encoding)s."
                " Correct “encoding” in the profile, or export the file again."
            )
            % {
                "line": content.count(b"\n", 0, error.start) + 1,
                "byte": f"0x{content[error.start]:02X}",
                "encoding": mapping.encoding,
            }
        ) from error
    nul = text.find("\0")
    if nul >= 0:
        raise ExportUnreadable(
            _(
                "Line %(line)d has a NUL character: this is not a text file in %(encoding)s."
                " Correct “encoding” in the profile, or export the file again."
            )
            % {"line": text.count("\n", 0, nul) + 1, "encoding": mapping.encoding}
        )
    return encoding


def _rows(*, content: bytes, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank, decoded bit by bit: as one text, a file takes several times its size."""
    text = io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise ExportUnreadable(
                _("The row that begins in line %(line)d is not well-formed: %(error)s. Mend its quotation marks.")
                % {"line": line, "error": error}
            ) from error
        if any(cell and not cell.isspace() for cell in cells):
            yield line, cells


def _check_header(*, mapping: FileMapping, header: Sequence[str]) -> None:
    mapped = sorted(set(mapping.columns.values()))
    present = set(header)
    if not present & set(mapped):
        raise ExportUnreadable(
            _(
                "The first line is no header of this profile: it has none of the columns %(columns)s."
                " Export the file with its header line, and check “delimiter” in the profile."
            )
            % {"columns": _listed(mapped)}
        )
    repeated = sorted({name for name in header if header.count(name) > 1})
    missing = [name for name in mapped if name not in present]
    unknown = sorted(present - set(mapped) - mapping.ignored)
    if repeated:
        raise ExportUnreadable(
            _("The header has a column more than once: %(columns)s. Rename or remove one of them.")
            % {"columns": _listed(repeated)}
        )
    if missing:
        raise ExportUnreadable(
            _("The profile maps columns that the file does not have: %(columns)s.") % {"columns": _listed(missing)}
        )
    if unknown:
        raise ExportUnreadable(
            _(
                "The file has columns that the profile does not know: %(columns)s."
                " Map them, or list them under “ignored”."
            )
            % {"columns": _listed(unknown)}
        )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)
