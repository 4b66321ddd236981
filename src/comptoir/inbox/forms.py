"""What both faces ask of whoever writes: words without account numbers, and files."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comptoir.kit.account_numbers import masked

from .errors import AccountNumberInMessage, FileRefused
from .files import ACCEPTED, NewFile
from .models import Topic
from .operations import LONGEST_SUBJECT, LONGEST_TEXT, check_files, refuse_account_numbers

TOPIC_WORDS: dict[str, str | Promise] = {
    Topic.CHANGE_OF_OWNER: _("Change of owner"),
    Topic.STORE_SOLD_OR_CLOSED: _("Store sold or closed"),
    Topic.INVOICE_QUESTION: _("Question on an invoice"),
    Topic.PAYMENT_PROBLEM: _("Payment problem"),
    Topic.OTHER: pgettext_lazy("topic", "Something else"),
    Topic.OTHER_URGENT: _("Something else, urgent"),
}


class SafeWords(forms.CharField):
    """Words in which no card or bank number is taken; they come back without it, ready to be sent again."""

    def clean(self, value: Any) -> str:
        """Return the words, or say that there is a number in them."""
        words: str = super().clean(value)
        try:
            refuse_account_numbers(words)
        except AccountNumberInMessage as error:
            raise forms.ValidationError(str(error)) from error
        return words

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return what the field shows again."""
        return masked(data) if isinstance(data, str) else data


class _Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Some files, or none; its value is a list of ``NewFile``, each of a kind that may be sent."""

    def __init__(self, **kwargs: Any) -> None:
        widget = _Files(attrs={"accept": ",".join(f".{ending}" for ending in ACCEPTED)})
        super().__init__(widget=widget, required=False, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[NewFile]:
        """Return the files, or say which may not be sent and why."""
        given: list[UploadedFile[bytes]] = [each for each in (data or []) if each]
        files = [NewFile(name=each.name or "", content=each.read()) for each in given]
        try:
            check_files(files)
        except FileRefused as error:
            raise forms.ValidationError(str(error)) from error
        return files


class ReplyForm(forms.Form):
    """A message to the other side."""

    text = SafeWords(label=_("Your message"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 6}))
    attached = FilesField(
        label=_("Files"),
        help_text=_("PDF, pictures or office files, up to five of 10 MB each. Please send no card or bank numbers."),
    )


class NoteForm(forms.Form):
    """A note that the team alone reads."""

    text = SafeWords(label=_("Note"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 3}))


class NewThreadForm(ReplyForm):
    """A new conversation: what it is about, and its first message."""

    topic = forms.ChoiceField(label=_("What is it about?"), choices=TOPIC_WORDS.items)
    subject = SafeWords(label=_("Subject"), max_length=LONGEST_SUBJECT)

    field_order: tuple[str, ...] = ("topic", "subject", "text", "attached")


class CustomerThreadForm(NewThreadForm):
    """A customer's new conversation, which may be urgent."""

    urgent = forms.BooleanField(label=_("It is urgent"), required=False)

    field_order = (*NewThreadForm.field_order, "urgent")
