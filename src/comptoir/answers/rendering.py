"""From an answer's Markdown to HTML in which nothing can run: few marks, known links, facts put in as text."""

import re
from collections.abc import Mapping, Sequence

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.token import Token

from .errors import AnswerRefused

# What an answer may say of whoever reads it, and the pages that it may lead to.
FACTS = (
    "vendor", "legal_name", "address", "host", "company", "customer_number", "moved", "lead", "due",
)  # fmt: skip
PAGES = (
    "home",
    "invoices",
    "pay",
    "methods",
    "autopay",
    "stores",
    "messages",
    "write",
    "contacts",
    "people",
    "transfers",
)
OUTSIDE = ("https://", "http://", "mailto:", "tel:")
FACT = re.compile(r"\{(\w+)\}")

# Headings would break the page's own order, pictures its privacy; raw HTML is text.
MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable(
    ["heading", "lheading", "image", "html_block", "html_inline", "code", "fence", "hr"]
)
TAGS = {"p", "br", "strong", "em", "code", "ul", "ol", "li", "blockquote", "a"}


def rendered(body: str, *, facts: Mapping[str, str], pages: Mapping[str, str]) -> SafeString:
    """Return an answer as HTML, with the facts in their places and the addresses of pages by their words.

    A fact that is not given stays as it was written; a page that is not given leads nowhere.
    """
    tokens = MARKDOWN.parse(body)
    for link in _links(tokens):
        target = str(link.attrGet("href") or "")
        link.attrSet("href", target if target.startswith(OUTSIDE) else pages.get(target, "#"))
    html = nh3.clean(
        MARKDOWN.renderer.render(tokens, MARKDOWN.options, {}),
        tags=TAGS,
        attributes={"a": {"href"}},
        link_rel="noopener",
    )
    filled = FACT.sub(lambda found: _written(facts.get(found[1], found[0])), html)
    return mark_safe(filled)  # noqa: S308  cleaned above, and facts are escaped


def refuse_what_leads_nowhere(
    body: str, *, known_facts: Sequence[str] = FACTS, known_pages: Sequence[str] = PAGES
) -> None:
    """Raise AnswerRefused where an answer names a fact or a page that there is not."""
    for name in FACT.findall(body):
        if name not in known_facts:
            raise AnswerRefused(
                _("There is nothing to put in for {%(name)s}; use one of these: %(facts)s.")
                % {"name": name, "facts": ", ".join(f"{{{fact}}}" for fact in known_facts)},
                field="body",
            )
    for link in _links(MARKDOWN.parse(body)):
        target = str(link.attrGet("href") or "")
        if not target.startswith(OUTSIDE) and target not in known_pages:
            raise AnswerRefused(
                _("The link to “%(target)s” leads nowhere; write https://…, or one of these pages: %(pages)s.")
                % {"target": target, "pages": ", ".join(known_pages)},
                field="body",
            )


def _links(tokens: list[Token]) -> list[Token]:
    return [part for token in tokens for part in token.children or () if part.type == "link_open"]


def _written(fact: str) -> str:
    return escape(fact).replace("\n", "<br>")
