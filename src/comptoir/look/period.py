"""A form for a period that lies in the address, and the periods people ask for most."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


@dataclass(frozen=True, slots=True)
class Preset:
    """A period with its name, both days included."""

    name: str
    since: date
    through: date


class PeriodForm(forms.Form):
    """From which day through which."""

    since = forms.DateField(
        label=gettext_lazy("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    through = forms.DateField(
        label=gettext_lazy("Through"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins."""
        given = super().clean() or {}
        if {"since", "through"} <= given.keys() and given["since"] > given["through"]:
            raise forms.ValidationError(_("The first day comes after the last one; change one of them."))
        return given


def asked_period(asked: Mapping[str, Any], *, today: date) -> tuple[PeriodForm, date, date]:
    """Return the form, and the period that an address asks for: this month and the two before, if it asks for none."""
    first = _month(today, back=2)
    form = PeriodForm(asked if "since" in asked else {"since": first, "through": today})
    if form.is_valid():
        return form, form.cleaned_data["since"], form.cleaned_data["through"]
    return form, first, today


def presets(today: date) -> list[Preset]:
    """Return this month and this year up to today, and the last ones."""
    month = _month(today)
    return [
        Preset(_("This month"), month, today),
        Preset(_("Last month"), _month(today, back=1), month - timedelta(days=1)),
        Preset(_("This year"), date(today.year, 1, 1), today),
        Preset(_("Last year"), date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
    ]


def _month(day: date, *, back: int = 0) -> date:
    months = day.year * 12 + day.month - 1 - back
    return date(months // 12, months % 12 + 1, 1)
