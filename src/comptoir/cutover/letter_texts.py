"""The words of letters and reminders: shipped in each language, or the vendor's own."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.utils import translation
from django.utils.translation import gettext as _

from comptoir.answers.errors import AnswerRefused
from comptoir.notices.letters import shipped_letter
from comptoir.notices.move_notices import shipped_deadline, shipped_reminder
from comptoir.notices.own_words import LETTER_PLACES, Words, refuse_unknown_places
from comptoir.tenancy.audit import Actor, record

from .errors import LetterRefused, TextChanged
from .models import LetterText

SHIPPED = {"letter": shipped_letter, "reminder": shipped_reminder, "deadline": shipped_deadline}
KINDS = tuple(SHIPPED)
PLACES = {"letter": LETTER_PLACES, "reminder": (*LETTER_PLACES, "missing"), "deadline": LETTER_PLACES}
NEEDED = {"letter": ("email", "deadline"), "reminder": ("email", "deadline"), "deadline": ()}


@dataclass(frozen=True, slots=True)
class TextRow:
    """The words of a kind of letter in a language. ``edition`` is 0 for the shipped ones that nobody rewrote yet."""

    words: Words
    edition: int
    is_own: bool
    written_by: str
    written_at: datetime | None


def text_for(*, vendor_id: int, kind: str, language: str) -> Words | None:
    """Return a vendor's own words, or None where the shipped ones count."""
    row = letter_text(vendor_id=vendor_id, kind=kind, language=language)
    return row.words if row.is_own else None


def only_shipped(*, vendor_id: int, kind: str = "letter") -> set[str]:
    """Return the languages in which the shipped words go out although the team wrote its own in another one."""
    own = {
        language
        for language, _name in settings.LANGUAGES
        if text_for(vendor_id=vendor_id, kind=kind, language=language) is not None
    }
    return {language for language, _name in settings.LANGUAGES} - own if own else set()


def letter_text(*, vendor_id: int, kind: str, language: str) -> TextRow:
    """Return the words that count of a kind of letter in a language, with whoever wrote them."""
    latest = LetterText.objects.filter(vendor_id=vendor_id, kind=kind, language=language).order_by("-id").first()
    if latest and latest.subject:
        words, is_own = Words(latest.subject, latest.body), True
    else:
        words, is_own = shipped_words(kind=kind, language=language), False
    return TextRow(
        words=words,
        edition=latest.id if latest else 0,
        is_own=is_own,
        written_by=latest.written_by if latest else "",
        written_at=latest.written_at if latest else None,
    )


def shipped_words(*, kind: str, language: str) -> Words:
    """Return the words that Comptoir brings for a kind of letter, in a language."""
    with translation.override(language):
        return SHIPPED[kind]()


def write_text(*, vendor_id: int, kind: str, language: str, edition: int, words: Words | None, actor: Actor) -> None:
    """Have a kind of letter say this from now on, or what is shipped again without ``words``.

    ``edition`` is the one that was rewritten. Raises TextChanged where it is not the latest any more, and LetterRefused
    for words that name a place that there is not, or leave out what a letter has to say.
    """
    if words is not None:
        refuse_words(kind=kind, words=words)
    with connection.cursor() as cursor:  # who writes the same text waits here for the other
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"letter text {vendor_id} {kind} {language}"])
    before = letter_text(vendor_id=vendor_id, kind=kind, language=language)
    if before.edition != edition:
        raise TextChanged(
            _("%(person)s has rewritten this meanwhile. Copy your words, open the page again, and bring them together.")
            % {"person": before.written_by}
        )
    written = words or Words("", "")
    LetterText.objects.create(
        vendor_id=vendor_id,
        kind=kind,
        language=language,
        subject=written.subject,
        body=written.body,
        written_by=actor.label,
    )
    record(
        actor=actor,
        action="letter rewritten" if words else "letter as shipped",
        subject=f"letter:{kind}:{language}",
        vendor_id=vendor_id,
        before={"subject": before.words.subject, "body": before.words.body},
        after={"subject": written.subject, "body": written.body},
    )


def refuse_words(*, kind: str, words: Words) -> None:
    """Raise LetterRefused for words that name a place that there is not, or leave out what a letter has to say."""
    try:
        refuse_unknown_places(words, known=PLACES[kind])
    except AnswerRefused as error:
        raise LetterRefused(str(error)) from error
    missing = [f"{{{place}}}" for place in NEEDED[kind] if f"{{{place}}}" not in words.body]
    if missing:
        raise LetterRefused(
            _("The text has to say %(places)s: the address that opens the portal, and until when.")
            % {"places": ", ".join(missing)}
        )
