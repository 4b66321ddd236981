"""The tables of docs/tax.md, run."""

from decimal import Decimal

from comptoir.taxes.calculation import ApplicableRate, borne, reckon, reverse
from tests.pages import rows_under


def minors(cell: str) -> list[int]:
    return [int(part) for part in cell.split("+")]


def test_tax_is_rounded_and_allocated_as_the_page_says() -> None:
    rows = list(rows_under("lines", "rate", "tax", "on the lines", page="tax.md"))
    assert len(rows) == 8
    for lines, rate, tax, parts in rows:
        applicable = ApplicableRate(
            jurisdiction_id=1, jurisdiction_code="US-XX", category="software", rate=Decimal(rate)
        )
        totals = reckon(lines=[(minor, (applicable,)) for minor in minors(lines)])
        assert [total.tax_minor for total in totals] == [int(tax)], lines
        assert [part for _places, (part,) in borne(amounts=minors(lines), totals=totals)] == minors(parts), lines


def test_credits_give_back_as_the_page_says() -> None:
    rows = list(rows_under("line", "its tax", "credits", "give back", page="tax.md"))
    assert len(rows) == 4
    for line, tax, given, back in rows:
        before, found = 0, []
        for minor in minors(given):
            (part,) = reverse(line_minor=int(line), parts=[int(tax)], before_minor=before, credit_minor=minor)
            found.append(part)
            before += minor
        assert found == minors(back), line
