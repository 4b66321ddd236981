"""The filters of a list of companies: they live in the address, so that a list can be sent to a colleague."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comptoir.cutover.company_list import CompanyFilter

Choices = list[tuple[str, str | Promise]]

CADENCE_WORDS: dict[str, str | Promise] = {
    "monthly": _("Monthly"),
    "quarterly": _("Quarterly"),
    "annual": _("Annual"),
}
PAID_BY_WORDS: dict[str, str | Promise] = {
    "ach": _("Bank debit"),
    "card": _("Card"),
    "check": pgettext_lazy("payment", "Check"),
    "other": _("Otherwise"),
}
LANGUAGE_WORDS: dict[str, str | Promise] = {"en": _("English"), "fr": _("French"), "es": _("Spanish")}
MOVED_WORDS: dict[str, str | Promise] = {
    "moved": _("Moved"),
    "planned": _("In a planned wave"),
    "free": _("Still to be planned"),
}
ANY: Choices = [("", _("Any"))]


class CompanyFilterForm(forms.Form):
    """What a list of companies may be narrowed by."""

    q = forms.CharField(label=_("Search"), required=False, widget=forms.TextInput(attrs={"type": "search"}))
    moved = forms.ChoiceField(label=_("Move"), required=False, choices=[*ANY, *MOVED_WORDS.items()])
    cadence = forms.ChoiceField(label=_("Cadence"), required=False, choices=[*ANY, *CADENCE_WORDS.items()])
    paid_by = forms.ChoiceField(label=_("Paid before by"), required=False, choices=[*ANY, *PAID_BY_WORDS.items()])
    language = forms.ChoiceField(label=_("Language"), required=False, choices=[*ANY, *LANGUAGE_WORDS.items()])
    address = forms.ChoiceField(
        label=_("E-mail address"), required=False, choices=[*ANY, ("yes", _("Known")), ("no", _("Missing"))]
    )
    state = forms.CharField(label=_("State"), required=False, max_length=40)
    brand = forms.CharField(label=_("Brand"), required=False, max_length=120)
    stores_from = forms.IntegerField(label=_("Stores, at least"), required=False, min_value=1, max_value=99_999)
    stores_to = forms.IntegerField(label=_("Stores, at most"), required=False, min_value=0, max_value=99_999)
    dispute = forms.ChoiceField(
        label=_("Disputes"), required=False, choices=[*ANY, ("yes", _("Open")), ("no", _("None open"))]
    )
    owing = forms.ChoiceField(
        label=_("Open amounts"), required=False, choices=[*ANY, ("yes", _("Some")), ("no", _("None"))]
    )


def read_filter(data: Mapping[str, Any], *, moved: str = "") -> tuple[CompanyFilterForm, CompanyFilter]:
    """Return the form that shows the filters of an address, and what they ask for; nonsense asks for nothing.

    With ``moved`` that filter is fixed, and not shown.
    """
    form = CompanyFilterForm(data)
    if moved:
        del form.fields["moved"]
        del form.fields["owing"]
    form.is_valid()
    asked = form.cleaned_data
    wanted = CompanyFilter(
        text=asked.get("q", ""),
        cadence=asked.get("cadence", ""),
        moved=moved or asked.get("moved", ""),
        paid_by=asked.get("paid_by", ""),
        language=asked.get("language", ""),
        address=asked.get("address", ""),
        owing=asked.get("owing", ""),
        state=asked.get("state", ""),
        brand=asked.get("brand", ""),
        stores_from=str(asked.get("stores_from") or ""),
        stores_to="" if asked.get("stores_to") is None else str(asked["stores_to"]),
        dispute=asked.get("dispute", ""),
    )
    return form, wanted
