"""Mail in a vendor's own words: Markdown of few marks, with places for facts; read in HTML, as text and on paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from comptoir.answers.rendering import FACT, MARKDOWN, refuse_what_leads_nowhere, rendered

LETTER_PLACES = ("vendor", "company", "customer_number", "email", "month", "deadline", "portal")


@dataclass(frozen=True, slots=True)
class Words:
    """A mail's subject and text, with places like {company}."""

    subject: str
    body: str


def filled(text: str, facts: Mapping[str, str]) -> str:
    """Put the facts into their places; a fact that is not given stays as it was written."""
    return FACT.sub(lambda found: facts.get(found[1], found[0]), text)


def refuse_unknown_places(words: Words, *, known: tuple[str, ...]) -> None:
    """Raise AnswerRefused where the words name a place, or lead somewhere, that there is not."""
    for part in (words.subject, words.body):
        refuse_what_leads_nowhere(part, known_facts=known, known_pages=())


def own_words_mail(words: Words, *, facts: Mapping[str, str], url: str, button: str = "") -> dict[str, Any]:
    """Return what the mail ``own_words`` needs: the words with their facts, and its button."""
    return {
        "said": {
            "subject": filled(words.subject, facts),
            "html": rendered(words.body, facts=facts, pages={}),
            "text": "\n\n".join(paragraphs(words, facts=facts)),
            "url": url,
            "button": button or _("Open the portal"),
        }
    }


def paragraphs(words: Words, *, facts: Mapping[str, str]) -> tuple[str, ...]:
    """Return the text as plain paragraphs, without marks, for paper and plain mail."""
    found: list[str] = []
    in_item = False
    for token in MARKDOWN.parse(words.body):
        if token.type == "list_item_open":
            in_item = True
        elif token.type == "inline":
            plain = "".join(
                "\n" if part.type in ("softbreak", "hardbreak") else part.content for part in token.children or ()
            )
            found.append(filled(f"– {plain}" if in_item else plain, facts))
            in_item = False
    return tuple(found)
