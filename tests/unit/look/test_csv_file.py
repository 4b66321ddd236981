"""A table that spreadsheets read, and run nothing of."""

import pytest

from comptoir.look.csv_file import csv_download, plain_amount


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("Arches Burgers", "Arches Burgers"),
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
        ("-", "'-"),
        (plain_amount(-123450, "USD"), "-1234.50"),
        ("-7", "-7"),
    ],
)
def test_no_cell_is_taken_for_a_formula(cell: str, written: str) -> None:
    answer = csv_download(filename="x.csv", heads=["What"], rows=[[cell]])
    assert b"".join(answer).decode() == f"What\r\n{written}\r\n"
