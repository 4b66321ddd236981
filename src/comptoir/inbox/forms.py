"""What both faces ask of whoever writes: words without account numbers, and files."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from comptoir.kit.safe_words import SafeWords

from .errors import FileRefused
from .files import ACCEPTED, NewFile
from .keeping import Keeper, KeptRow, keep, kept, let_go, opened
from .models import Topic
from .operations import LONGEST_SUBJECT, LONGEST_TEXT, check_files

TOPIC_WORDS: dict[str, str | Promise] = {
    Topic.CHANGE_OF_OWNER: _("Change of owner"),
    Topic.STORE_SOLD_OR_CLOSED: _("Store sold or closed"),
    Topic.INVOICE_QUESTION: _("Question on an invoice"),
    Topic.PAYMENT_PROBLEM: _("Payment problem"),
    Topic.OTHER: pgettext_lazy("topic", "Something else"),
    Topic.OTHER_URGENT: _("Something else, urgent"),
}


class _Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Some files, or none; its value is a list of ``NewFile``, each of a kind that may be sent."""

    def __init__(self, **kwargs: Any) -> None:
        widget = _Files(attrs={"accept": ",".join(f".{ending}" for ending in ACCEPTED)})
        super().__init__(widget=widget, required=False, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[NewFile]:
        """Return the files, or say which may not be sent and why."""
        files = as_sent(data)
        try:
            check_files(files)
        except FileRefused as error:
            raise forms.ValidationError(str(error)) from error
        return files


def as_sent(data: Any) -> list[NewFile]:
    """Return the files that a browser sent in a field."""
    given: list[UploadedFile[bytes]] = [each for each in (data or []) if each]
    for each in given:
        each.seek(0)
    return [NewFile(name=each.name or "", content=each.read()) for each in given]


class _KeptFiles(forms.MultipleChoiceField):
    """The files that are kept of a form, each with a tick; what is offered again is ticked."""

    offered: tuple[str, ...] = ()

    def offer(self, rows: Sequence[KeptRow]) -> None:
        """Offer these files."""
        self.offered = tuple(str(each.public_id) for each in rows)
        labels = (f"{each.name} ({filesizeformat(each.size_bytes)})" for each in rows)
        self.choices = list(zip(self.offered, labels, strict=True))

    def bound_data(self, data: Any, initial: Any) -> list[str]:
        """Return what is ticked when it is shown again."""
        return list(self.offered)


class FormWithFiles(forms.Form):
    """A form that files come with; if it cannot be taken, they are kept, and need not be chosen again.

    ``is_good`` stands for ``is_valid``, in the door of whoever sends the form; then ``attached`` is all that comes with
    it. Whoever takes it calls ``let_files_go``; whoever refuses it after all, ``keep_files``.
    """

    files_required: ClassVar[bool] = False

    attached = FilesField()
    kept = _KeptFiles(
        label=_("Files that are here already"),
        help_text=_("They need not be chosen again. Untick what is not to go along."),
        error_messages={"invalid_choice": _("A file was kept for a day, and is not here any more; choose it again.")},
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._field = self.fields.pop("kept")  # shown where there is something to show
        self._here: list[KeptRow] = []

    def is_good(self, keeper: Keeper, *, now: datetime) -> bool:
        """Return whether all is well with what was sent; if not, keep its files for the next try."""
        if not self.is_bound:
            return False
        ticked = self._field.widget.value_from_datadict(self.data, self.files, self.add_prefix("kept"))
        if ticked:
            self._offer(kept(_ids(ticked), keeper=keeper))
        if self.is_valid():
            self._bring_together(keeper)
        if self.errors:
            self.keep_files(keeper, now=now)
        return not self.errors

    def keep_files(self, keeper: Keeper, *, now: datetime) -> None:
        """Keep those of the files that may be sent, and offer them with those that were kept before."""
        new = [file for file in as_sent(self["attached"].data) if _may_be_sent(file)]
        if new:
            self._offer([*self._here, *keep(new, keeper=keeper, now=now)])

    def let_files_go(self, keeper: Keeper) -> None:
        """Keep its files no longer: they went along."""
        if self._here:
            let_go([each.public_id for each in self._here], keeper=keeper)

    def _bring_together(self, keeper: Keeper) -> None:
        before = opened(_ids(self.cleaned_data.pop("kept", ())), keeper=keeper)
        files = [*before, *self.cleaned_data["attached"]]
        try:
            check_files(files)
        except FileRefused as error:
            self.add_error("attached", str(error))
        if self.files_required and not files:
            self.add_error("attached", gettext("Choose a file."))
        self.cleaned_data["attached"] = files

    def _offer(self, rows: list[KeptRow]) -> None:
        self._here = rows
        assert isinstance(self._field, _KeptFiles)  # noqa: S101  as it is declared
        self._field.offer(rows)
        if "kept" not in self.fields:
            names = list(self.fields)
            self.fields["kept"] = self._field
            names.insert(names.index("attached"), "kept")
            self.order_fields(names)


def _ids(given: Sequence[str]) -> list[UUID]:
    found = []
    for each in given:
        try:
            found.append(UUID(each))
        except ValueError:  # nonsense is none of the choices, and said to be no file that is kept
            continue
    return found


def _may_be_sent(file: NewFile) -> bool:
    try:
        check_files([file])
    except FileRefused:
        return False
    return True


class ReplyForm(FormWithFiles):
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
