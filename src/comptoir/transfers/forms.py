"""What both faces ask of whoever starts a change of owner, answers it, or adds papers."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from comptoir.customers.queries import StoreRow
from comptoir.inbox.forms import FilesField, FormWithFiles
from comptoir.kit.safe_words import SafeWords

from .errors import TransferRefused
from .starting import OtherSide, Papers

LONGEST_NAME, LONGEST_NUMBER, LONGEST_NOTE = 100, 50, 2_000

STATUS_WORDS: dict[str, str | Promise] = {
    "asked": pgettext_lazy("change of owner", "The team looks up the stores"),
    "started": pgettext_lazy("change of owner", "Waits for the other side"),
    "accepted": pgettext_lazy("change of owner", "The team looks at it"),
    "approved": pgettext_lazy("change of owner", "Approved"),
    "done": pgettext_lazy("change of owner", "Done"),
    "declined": pgettext_lazy("change of owner", "Declined"),
    "withdrawn": pgettext_lazy("change of owner", "Withdrawn"),
}
STATUS_TONES = {
    "asked": "info",
    "started": "warning",
    "accepted": "info",
    "approved": "success",
    "done": "success",
    "declined": "danger",
    "withdrawn": "neutral",
}


class RefusableForm(forms.Form):
    """A form on which a refusal is said beside the field that it is about."""

    def refuse(self, error: TransferRefused) -> None:
        """Say what is refused."""
        self.add_error(error.field if error.field in self.fields else None, str(error))


class DayAndPapers(RefusableForm, FormWithFiles):
    """From when on, and what comes with it."""

    on = forms.DateField(
        label=_("First day of the new owner"),
        help_text=_("From this day on, the stores are billed to the new owner."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    note = SafeWords(
        label=_("What should the billing team know?"),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    attached = FilesField(
        label=_("Papers of the sale"),
        help_text=_("The bill of sale, for instance: PDF, pictures or office files. Only the billing team sees them."),
    )

    def papers(self) -> Papers:
        """Return what comes with it."""
        return Papers(note=self.cleaned_data["note"], files=self.cleaned_data["attached"])


class StoresForm(RefusableForm):
    """Which of a company's stores pass on: all of them by one tick, or those that are ticked."""

    all_stores = forms.BooleanField(help_text=_("Or tick them one by one."), required=False)
    stores = forms.MultipleChoiceField(label=_("Which stores?"), required=False, widget=forms.CheckboxSelectMultiple)

    def offer(self, stores: Iterable[StoreRow]) -> None:
        """Offer these stores, each with where it is."""
        field, everything = self.fields["stores"], self.fields["all_stores"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101  as it is declared
        field.choices = self._offered = [
            (str(each.public_id), ", ".join(filter(None, (f"{each.number} {each.name}", each.city)))) for each in stores
        ]
        everything.label = gettext("All %(count)s stores") % {"count": len(self._offered)}
        if len(self._offered) < 2:
            del self.fields["all_stores"]

    def store_ids(self) -> list[UUID]:
        """Return the chosen stores; none is refused by whoever starts it."""
        if self.cleaned_data.get("all_stores"):
            return [UUID(value) for value, _label in self._offered]
        return [UUID(each) for each in self.cleaned_data["stores"]]


class SaleForm(StoresForm, DayAndPapers):
    """Stores that pass on, and to whom."""

    name = SafeWords(label=_("The buyer's company"), max_length=LONGEST_NAME)
    email = forms.EmailField(
        label=_("The buyer's e-mail address"), help_text=_("There goes the invitation to accept."), max_length=254
    )
    number = SafeWords(
        label=_("The buyer's customer number"),
        help_text=_("If the buyer is a customer already, and you know it."),
        max_length=LONGEST_NUMBER,
        required=False,
    )
    language = forms.ChoiceField(label=_("Language of the invitation"), choices=settings.LANGUAGES)

    field_order: tuple[str, ...] = (
        "all_stores", "stores", "on", "name", "email", "number", "language", "note", "attached",
    )  # fmt: skip

    def __init__(self, *args: Any, stores: Iterable[StoreRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(stores)

    def buyer(self) -> OtherSide:
        """Return who is to accept."""
        return OtherSide(**{name: self.cleaned_data[name] for name in ("email", "name", "number", "language")})


class PurchaseForm(DayAndPapers):
    """Stores that somebody takes over, in words, and from whom."""

    stores = SafeWords(
        label=_("Which stores?"),
        help_text=_("Their numbers, or names and addresses; one a line."),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    name = SafeWords(label=_("The seller's company"), max_length=LONGEST_NAME)
    email = forms.EmailField(label=_("The seller's e-mail address"), max_length=254)

    field_order: tuple[str, ...] = ("stores", "on", "name", "email", "note", "attached")

    def seller(self) -> OtherSide:
        """Return who is to accept."""
        return OtherSide(email=self.cleaned_data["email"], name=self.cleaned_data["name"])


class NewBuyerForm(forms.Form):
    """The company of a buyer who is no customer yet."""

    name = SafeWords(label=_("Name of your company"), max_length=LONGEST_NAME)
    person = SafeWords(label=_("Your name"), max_length=LONGEST_NAME)
    street = SafeWords(label=_("Street address"), max_length=200)
    city = SafeWords(label=_("City"), max_length=100)
    state = SafeWords(label=_("State or province"), max_length=50)
    postal_code = SafeWords(label=_("ZIP or postal code"), max_length=20)

    def address_lines(self) -> tuple[str, ...]:
        """Return the address as papers have it."""
        given = self.cleaned_data
        return (given["street"], f"{given['city']}, {given['state']} {given['postal_code']}")


class ReasonForm(RefusableForm):
    """Why something ends."""

    reason = SafeWords(label=_("Why?"), help_text=_("The other side is told."), max_length=500, required=False)


class InviteForm(RefusableForm):
    """Where the invitation goes once more."""

    email = forms.EmailField(label=_("The buyer's e-mail address"), max_length=254)


class PapersForm(FormWithFiles):
    """Papers that are added."""

    files_required = True
    attached = FilesField(
        label=_("Add papers"),
        help_text=_("The bill of sale, for instance: PDF, pictures or office files. Only the billing team sees them."),
    )
