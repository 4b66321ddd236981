"""What others may know of the answers: the shipped ones, and what a vendor's team wrote in their place."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from .errors import AnswerNotFound
from .models import AnswerEdition
from .shipped import ShippedAnswer, shipped_answers


@dataclass(frozen=True, slots=True)
class Answer:
    """A question and its answer in Markdown. ``written_at`` is None as long as it is the shipped one."""

    key: str
    question: str
    body: str
    position: int
    is_shown: bool
    written_by: str = ""
    written_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Edition:
    """How an answer once read, and by whom."""

    id: int
    answer: Answer


def answers(*, vendor_id: int, language: str, with_hidden: bool = False) -> list[Answer]:
    """Return a vendor's questions and answers in a language, in the order of its list."""
    own = AnswerEdition.objects.filter(vendor_id=vendor_id, language=language).order_by("key", "-id").distinct("key")
    found = {shipped.key: _as_shipped(shipped) for shipped in shipped_answers(language)}
    found |= {edition.key: _answer(edition) for edition in own}
    listed = sorted(found.values(), key=lambda answer: (answer.position, answer.key))
    return [answer for answer in listed if answer.is_shown or with_hidden]


def answer(*, vendor_id: int, language: str, key: str) -> Answer:
    """Return one answer, hidden or not. Raises AnswerNotFound."""
    for found in answers(vendor_id=vendor_id, language=language, with_hidden=True):
        if found.key == key:
            return found
    raise AnswerNotFound(_("There is no such question; the list shows those that there are."))


def history(*, vendor_id: int, language: str, key: str) -> list[Edition]:
    """Return what the team wrote of an answer, the latest first."""
    found = AnswerEdition.objects.filter(vendor_id=vendor_id, language=language, key=key).order_by("-id")[:50]
    return [Edition(id=edition.id, answer=_answer(edition)) for edition in found]


def edition(*, vendor_id: int, language: str, key: str, edition_id: int) -> Answer:
    """Return how an answer once read; edition 0 is the shipped one. Raises AnswerNotFound."""
    if edition_id == 0:
        as_shipped = next((one for one in shipped_answers(language) if one.key == key), None)
        if as_shipped:
            return _as_shipped(as_shipped)
    found = AnswerEdition.objects.filter(vendor_id=vendor_id, language=language, key=key, id=edition_id).first()
    if found is None:
        raise AnswerNotFound(_("There is no such edition; the list shows those that there are."))
    return _answer(found)


def search(found: Iterable[Answer], *, words: str) -> list[Answer]:
    """Return those of the answers in which every word occurs, with or without its accents."""
    wanted = _plain(words).split()
    return [one for one in found if all(word in _plain(f"{one.question} {one.body}") for word in wanted)]


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).replace("’", "'")


def _as_shipped(shipped: ShippedAnswer) -> Answer:
    return Answer(shipped.key, shipped.question, shipped.body, shipped.position, is_shown=True)


def _answer(found: AnswerEdition) -> Answer:
    return Answer(
        key=found.key,
        question=found.question,
        body=found.body,
        position=found.position,
        is_shown=found.is_shown,
        written_by=found.written_by,
        written_at=found.written_at,
    )
