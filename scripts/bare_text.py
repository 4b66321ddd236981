"""Find text in templates that no translation tag surrounds.

Text inside an element marked `translate="no"` (a name, a sample of code) is meant to stay as it is, and so is a
block that holds one lower-case word: it is part of an attribute in the template that it fills.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

# What a person sees or hears of an element's attributes.
SPOKEN = ("alt", "aria-description", "aria-label", "placeholder", "title")
UNSEEN = ("script", "style")
VOID = ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
CONSTRUCTS = re.compile(
    r"{#.*?#}"
    r"|{%\s*block\s+\w+\s*%}[a-z_-]+{%\s*endblock[^%]*%}"
    r"|{%\s*comment\b.*?{%\s*endcomment\s*%}"
    r"|{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}"
    r"|{%.*?%}"
    r"|{{.*?}}",
    re.DOTALL,
)
# Names, alike in every language.
NAMES = ("Comptoir", "UTC")
WORD = re.compile(rf"(?!(?:{'|'.join(NAMES)})\b)\b[^\W\d_]{{2,}}")


def bare_text(template: str, *, is_html: bool) -> Iterator[tuple[int, str]]:
    """Give the line and the words of each text that is not translated."""
    without_constructs = CONSTRUCTS.sub(_only_newlines, template)
    if is_html:
        parser = _Parser()
        parser.feed(without_constructs)
        parser.close()
        yield from parser.found
    else:
        for number, line in enumerate(without_constructs.splitlines(), start=1):
            if WORD.search(line):
                yield number, line.strip()


def _only_newlines(found: re.Match[str]) -> str:
    return "\n" * found[0].count("\n")


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []
        self._skipped_tag = ""
        self._skipped_depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._skipped_depth:
            self._skipped_depth += tag == self._skipped_tag
            return
        values = dict(attrs)
        spoken = [values.get(name) or "" for name in SPOKEN]
        if tag == "input" and values.get("type") in {"submit", "button", "reset"}:
            spoken.append(values.get("value") or "")
        for text in spoken:
            self._see(text)
        if tag not in VOID and (tag in UNSEEN or values.get("translate") == "no"):
            self._skipped_tag, self._skipped_depth = tag, 1

    def handle_endtag(self, tag: str) -> None:
        if self._skipped_depth and tag == self._skipped_tag:
            self._skipped_depth -= 1

    def handle_data(self, data: str) -> None:
        if not self._skipped_depth:
            self._see(data)

    def _see(self, text: str) -> None:
        if WORD.search(text):
            line = self.getpos()[0] + text[: len(text) - len(text.lstrip())].count("\n")
            self.found.append((line, " ".join(text.split())))
