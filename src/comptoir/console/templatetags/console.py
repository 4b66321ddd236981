"""What the billing team's templates need beside the components of ``look``."""

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def word(code: str, words: Mapping[str, Any]) -> Any:
    """Return the word for a code, nothing for no code."""
    return words[code] if code else ""
