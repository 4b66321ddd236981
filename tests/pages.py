"""The tables of the documentation, so that tests can run them."""

from collections.abc import Iterator
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


def rows_under(*columns: str, page: str) -> Iterator[list[str]]:
    """Yield the rows of a page's table with these columns."""
    head = "| " + " | ".join(columns) + " |"
    lines = (DOCS / page).read_text().splitlines()
    for line in lines[lines.index(head) + 2 :]:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split("|")]
