"""No form of the billing team's takes a card or bank number in words that stay."""

import ast
from pathlib import Path

import comptoir.console

CONSOLE = Path(comptoir.console.__file__).parent
STAYS = "Stays on record."


def plain_fields_that_stay(path: Path) -> list[str]:
    """Return where a field for plain text says that what is typed stays on record."""
    return [
        f"{path.name}:{node.lineno}"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "forms.CharField" and STAYS in ast.unparse(node)
    ]


def test_words_that_stay_on_record_are_looked_through_for_card_and_bank_numbers() -> None:
    assert [each for path in sorted(CONSOLE.glob("*.py")) for each in plain_fields_that_stay(path)] == []
