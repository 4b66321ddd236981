"""Reading old invoices: lines are gathered, and an invoice that does not add up is not taken."""

from datetime import date
from pathlib import Path

import pytest

from comptoir.cutover.legacy.invoices import read_invoices
from comptoir.cutover.legacy.profile import load_profile
from comptoir.cutover.legacy.records import InvoiceExport
from comptoir.cutover.legacy.shipped import shipped_profile
from comptoir.kit.toml_section import ProfileInvalid

from .samples import profile

HEADER = "No,Invoice,Date,Total,Store,From,To,Amount"
FIRST = "7,L-1,2020-08-17,208.00,7-1,2020-09-01,2020-10-01,119.00"
SECOND = "7,L-1,2020-08-17,208.00,7-2,2020-09-01,2020-10-01,89.00"


def read(*rows: str) -> InvoiceExport:
    return read_invoices(profile=profile(), content="\n".join([HEADER, *rows]).encode())


def test_an_invoice_is_gathered_from_its_lines() -> None:
    export = read(FIRST, SECOND)
    (invoice,) = export.invoices
    assert (invoice.number, invoice.company_number, invoice.total_minor) == ("L-1", "7", 20800)
    assert [(line.store_number, line.amount_minor, line.ends_on) for line in invoice.lines] == [
        ("7-1", 11900, date(2020, 10, 1)),
        ("7-2", 8900, date(2020, 10, 1)),
    ]
    assert (export.read, export.refused, export.control_total, export.findings) == (1, 0, "208.00", ())


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([FIRST], "do not add up"),
        ([FIRST, SECOND.replace("89.00", "89.x")], "not an amount"),
        ([FIRST, SECOND.replace("208.00", "209.00")], "differ from line 2"),
        ([FIRST, SECOND.replace("2020-10-01", "2020-08-01")], "ends before it begins"),
        ([FIRST, SECOND, FIRST.replace("L-1", "")], "needed, but blank"),
    ],
)
def test_a_wrong_invoice_is_refused_whole(rows: list[str], reason: str) -> None:
    good = FIRST.replace("L-1", "L-2").replace("208.00", "119.00")
    export = read(*rows, good)
    assert "L-2" in [invoice.number for invoice in export.invoices]
    assert export.refused == 1
    (finding,) = export.findings
    assert reason in finding.reason


def test_a_profile_without_invoices_says_so() -> None:
    harbor = load_profile(shipped_profile("harbor"))
    with pytest.raises(ProfileInvalid, match=r"harbor\.toml: invoices"):
        read_invoices(profile=harbor, content=Path(__file__).read_bytes())
