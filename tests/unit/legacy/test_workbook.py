"""The same customers as a spreadsheet: numbers and dates are read as if the file wrote them out."""

import csv
import io
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from comptoir.cutover.legacy.errors import ExportUnreadable
from comptoir.cutover.legacy.profile import load_profile
from comptoir.cutover.legacy.reader import read_export
from comptoir.cutover.legacy.records import Export
from comptoir.cutover.legacy.shipped import shipped_profile

EXPORTS = Path(shipped_profile("demo")).parent.parent / "src/comptoir/demo/export"


def as_workbook(name: str, *, dates: set[str], numbers: set[str], pattern: str, point: str = ".") -> bytes:
    text = (EXPORTS / f"{name}-customers.csv").read_bytes().decode("cp1252" if name == "harbor" else "utf-8-sig")
    delimiter = ";" if name == "harbor" else ","
    header, *rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([*header, None])
    sheet.append([])
    for row in rows:
        cells: list[object] = list(row)
        for place, column in enumerate(header):
            if column in dates and row[place]:
                cells[place] = datetime.strptime(row[place], pattern)  # noqa: DTZ007  a date of the calendar
            elif column in numbers and row[place]:
                cells[place] = float(row[place].replace("." if point == "," else ",", "").replace(point, "."))
        sheet.append(cells)
    book.create_sheet("Notes").append(["not read"])
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def read(name: str, content: bytes) -> Export:
    return read_export(profile=load_profile(shipped_profile(name)), content=content)


def test_the_demos_export_reads_alike_as_a_spreadsheet() -> None:
    dates = {"Billed Thru", "Since", "Opened", "Last Inv Date"}
    content = as_workbook("demo", dates=dates, numbers={"Rate", "Balance Due"}, pattern="%m/%d/%Y")
    sheet, text = read("demo", content), read("demo", (EXPORTS / "demo-customers.csv").read_bytes())
    assert [each.content_hash for each in sheet.companies] == [each.content_hash for each in text.companies]
    assert (sheet.control_total, sheet.rows) == (text.control_total, text.rows)
    assert next(iter(sheet.companies)).lines[0] == next(iter(text.companies)).lines[0] + 1, "with the blank row"


def test_decimal_commas_and_days_before_months() -> None:
    content = as_workbook("harbor", dates={"Bezahlt bis"}, numbers={"Betrag"}, pattern="%d.%m.%Y", point=",")
    found = read("harbor", content)
    assert (found.read, found.refused) == (6, 0)
    assert next(iter(found.companies)).subscriptions[0].billed_through > date(2020, 1, 1)


@pytest.mark.parametrize("spoilt", [b"PK\x03\x04 and nothing more", b"PK\x03\x04" + b"\0" * 400])
def test_what_only_looks_like_a_spreadsheet_is_not_read(spoilt: bytes) -> None:
    with pytest.raises(ExportUnreadable, match="Save it again"):
        read("demo", spoilt)


def test_a_damaged_spreadsheet_is_not_read() -> None:
    content = as_workbook("demo", dates=set(), numbers=set(), pattern="")
    with pytest.raises(ExportUnreadable):
        read("demo", content[: len(content) // 2])


def test_a_spreadsheet_with_names_that_are_none_or_locked_is_not_read() -> None:
    content = bytearray(as_workbook("demo", dates=set(), numbers=set(), pattern=""))
    listed = content.index(b"PK\1\2")
    odd = content[: listed + 8] + b"\x00\x08" + content[listed + 10 : listed + 46] + b"\xff" + content[listed + 47 :]
    locked = bytes(content).replace(b"PK\3\4\x14\0\0\0", b"PK\3\4\x14\0\1\0")
    locked = locked.replace(b"PK\1\2\x14\3\x14\0\0\0", b"PK\1\2\x14\3\x14\0\1\0")
    assert locked != bytes(content)
    for spoilt in (bytes(odd), locked):
        with pytest.raises(ExportUnreadable, match="Save it again"):
            read("demo", spoilt)
