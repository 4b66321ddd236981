"""What the team writes."""

from django.utils.text import slugify
from django.utils.translation import gettext as _

from comptoir.tenancy.audit import Actor, record

from .errors import AnswerRefused
from .models import AnswerEdition
from .queries import answers
from .rendering import refuse_what_leads_nowhere


def write_answer(
    *,
    vendor_id: int,
    language: str,
    key: str,
    question: str,
    body: str,
    position: int,
    is_shown: bool,
    actor: Actor,
) -> str:
    """Have a question and its answer read like this from now on, and return its key; an empty key makes a new one.

    Must run in a transaction. Raises AnswerRefused.
    """
    assert actor.user_id is not None  # noqa: S101  a person writes
    refuse_what_leads_nowhere(body)
    if not key:
        key = slugify(question)[:60].strip("-")
        if not key or any(one.key == key for one in answers(vendor_id=vendor_id, language=language, with_hidden=True)):
            raise AnswerRefused(_("There is a question like this already; change that one instead."), field="question")
    AnswerEdition.objects.create(
        vendor_id=vendor_id,
        language=language,
        key=key,
        question=question,
        body=body,
        position=position,
        is_shown=is_shown,
        written_by=actor.label,
        written_by_id=actor.user_id,
    )
    record(
        actor=actor,
        action="help written",
        subject=f"answer:{language}:{key}",
        vendor_id=vendor_id,
        after={"question": question, "is_shown": is_shown},
    )
    return key
