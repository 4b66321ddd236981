"""The words of each step: the shipped ones, in each language, and a vendor's own instead of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from django.utils import translation
from django.utils.translation import gettext as _

from comptoir.notices.reminders import Follows, Written, shipped_words
from comptoir.tenancy.audit import Actor, record

from .errors import DunningRefused
from .models import Policy, StepText

# What may stand in braces, and is filled in for each company.
CLOSING = ("until", "products")
PLACEHOLDERS = ("company", "vendor", "amount", "since", *CLOSING)
WRITTEN_STEPS: tuple[Written, ...] = get_args(Written)
MOST_CHARACTERS = 4_000


@dataclass(frozen=True, slots=True)
class Words:
    """What a message says: its subject, and paragraphs between empty lines, with placeholders in braces."""

    subject: str
    words: str
    is_own: bool = False

    @property
    def speak_of_closing(self) -> bool:
        """Whether they name what is closed, or when: untrue for whom nothing is."""
        return any(f"{{{name}}}" in self.subject + self.words for name in CLOSING)

    def filled(self, facts: Mapping[str, str]) -> "Words":
        """Return the words with every placeholder filled in; what is no placeholder stays as it is."""

        def fill(text: str) -> str:
            return re.sub(r"\{(\w+)\}", lambda found: facts.get(found[1], found[0]), text)

        return Words(" ".join(fill(self.subject).split()), fill(self.words), self.is_own)

    def followed_by(self, paragraph: str) -> "Words":
        """Return the words with one more paragraph at their end."""
        return Words(self.subject, f"{self.words}\n\n{paragraph}", self.is_own)

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The paragraphs, each in one line."""
        return tuple(" ".join(each.split()) for each in re.split(r"\n\s*\n", self.words) if each.strip())


def written(kind: str) -> Written:
    """Return a step that is written to companies by its name."""
    return next(each for each in WRITTEN_STEPS if each == kind)


def shipped(kind: Written, *, language: str, debit_restores: bool, follows: Follows) -> Words:
    """Return the words that Comptoir brings for a step, by whether a policy takes a bank debit for a payment, and by
    what follows for who does not pay.
    """
    with translation.override(language):
        subject, *paragraphs = shipped_words(debit_restores=debit_restores, follows=follows)[kind]
        return Words(subject, "\n\n".join(paragraphs))


def texts_of(policy_id: int, *, language: str, follows: Follows = "closed") -> dict[Written, Words]:
    """Return what each step of a policy says in a language, where so much follows for who does not pay."""
    own = {text.kind: text for text in StepText.objects.filter(policy_id=policy_id, language=language)}
    debit_restores = Policy.objects.values_list("debit_restores", flat=True).get(id=policy_id)
    return {
        kind: Words(own[kind].subject, own[kind].words, is_own=True)
        if kind in own
        else shipped(kind, language=language, debit_restores=debit_restores, follows=follows)
        for kind in WRITTEN_STEPS
    }


def texts_to_send(policy_id: int, *, language: str, follows: Follows) -> dict[Written, Words]:
    """Return what each step says to companies for whom so much follows.

    Own words that name what is closed, or when, give way to the shipped ones where nothing is.
    """
    found = texts_of(policy_id, language=language, follows=follows)
    if follows == "nothing":
        for kind in (kind for kind, words in found.items() if words.speak_of_closing):
            found[kind] = shipped(kind, language=language, debit_restores=True, follows=follows)
    return found


def set_text(
    *, vendor_id: int, policy_id: int, kind: Written, language: str, subject: str, words: str, actor: Actor
) -> None:
    """Have a step say something else in a language; empty words bring the shipped ones back. In a transaction.

    Raises DunningRefused for a placeholder that there is not, or one half of the text missing.
    """
    subject, words = subject.strip(), words.strip()
    before = texts_of(policy_id, language=language)[kind]
    if bool(subject) != bool(words):
        raise DunningRefused(_("Give both a subject and the text, or neither for the usual words."))
    unknown = sorted(set(re.findall(r"\{(.*?)\}", subject + words)) - set(PLACEHOLDERS))
    if unknown:
        raise DunningRefused(
            _("There is no {placeholder} to fill in; there are: {known}").format(
                placeholder=f"{{{unknown[0]}}}", known=", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
            )
        )
    if len(words) > MOST_CHARACTERS:
        raise DunningRefused(_("The text is too long to be read; keep it below 4,000 characters."))
    if words:
        StepText.objects.update_or_create(
            policy_id=policy_id, kind=kind, language=language, defaults={"subject": subject, "words": words}
        )
    else:
        StepText.objects.filter(policy_id=policy_id, kind=kind, language=language).delete()
    record(
        actor=actor,
        action="dunning text set",
        subject=f"dunning_text:{policy_id}:{kind}:{language}",
        vendor_id=vendor_id,
        before={"subject": before.subject, "words": before.words},
        after={"subject": subject, "words": words},
    )
