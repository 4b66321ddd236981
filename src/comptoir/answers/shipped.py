"""The answers that come with Comptoir, one file a language: a heading ``# key: question``, and Markdown below it."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "shipped"
HEADING = re.compile(r"^# ([a-z0-9-]+): (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ShippedAnswer:
    """A question and its answer, as they were delivered."""

    key: str
    question: str
    body: str
    position: int


@cache
def shipped_answers(language: str) -> tuple[ShippedAnswer, ...]:
    """Return the shipped answers in a language, in their order."""
    _before, *parts = HEADING.split((FOLDER / f"{language}.md").read_text(encoding="utf-8"))
    return tuple(
        ShippedAnswer(key=key, question=question.strip(), body=body.strip(), position=10 * number)
        for number, (key, question, body) in enumerate(zip(parts[::3], parts[1::3], parts[2::3], strict=True), start=1)
    )
