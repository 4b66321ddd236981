"""A table as a file for spreadsheets and programs."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from babel.numbers import get_currency_precision
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

FORMULA = re.compile(r"[=+@\t\r\n]|-(?!\d+(\.\d+)?\Z)")


class _Echo:
    """What the csv module writes to: it hands each line back."""

    def write(self, line: str) -> str:
        return line


def csv_download(*, filename: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> StreamingHttpResponse:
    """Return the answer that hands the rows over as CSV, one by one, so that any number takes little memory."""

    def lines() -> Iterator[str]:
        writer = csv.writer(_Echo())
        yield writer.writerow(heads)
        for row in rows:
            yield writer.writerow([_harmless(cell) for cell in row])

    return StreamingHttpResponse(
        lines(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": content_disposition_header(as_attachment=True, filename=filename)},
    )


def plain_amount(minor: int, currency: str) -> str:
    """Write an amount for a program: 1234.50."""
    return str(Decimal(minor).scaleb(-get_currency_precision(currency)))


def _harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: a name may begin with anything, an amount with a minus."""
    return f"'{cell}" if FORMULA.match(cell) else cell
