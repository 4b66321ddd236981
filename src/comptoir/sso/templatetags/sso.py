"""What the pages of the login show beside their forms."""

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from comptoir.answers.rendering import rendered
from comptoir.answers.shipped import shipped_answers

register = template.Library()


@register.simple_tag
def shipped_answer(key: str) -> tuple[str, SafeString]:
    """Return a question and its answer as shipped: whose customer reads it is not known before the login."""
    found = next(one for one in shipped_answers(get_language() or "en") if one.key == key)
    return found.question, rendered(found.body, facts={}, pages={})
