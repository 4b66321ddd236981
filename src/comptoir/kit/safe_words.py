"""A field for words in which no card or bank number is kept."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from .account_numbers import find_account_numbers, masked
from .errors import ComptoirError


class AccountNumberFound(ComptoirError):
    """There is a card or bank number in what was written; nothing was kept."""


def refuse_account_numbers(*words: str) -> None:
    """Raise AccountNumberFound if there is a card or bank number in any of the words."""
    if any(find_account_numbers(each) for each in words):
        raise AccountNumberFound(
            _(
                "There was a card or bank account number in this. For your safety nothing was sent or kept, and the "
                "number is taken out below. Read it once more and send it."
            )
        )


class SafeWords(forms.CharField):
    """Words in which no card or bank number is taken; they come back without it, ready to be sent again."""

    def clean(self, value: Any) -> str:
        """Return the words, or say that there is a number in them."""
        words: str = super().clean(value)
        try:
            refuse_account_numbers(words)
        except AccountNumberFound as error:
            raise forms.ValidationError(str(error)) from error
        return words

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return what the field shows again."""
        return masked(data) if isinstance(data, str) else data
