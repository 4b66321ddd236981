"""Where owners say otherwise than our list of stores: both values side by side, and how it is settled."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from comptoir.customers.queries import DifferenceRow, difference, open_differences
from comptoir.customers.verifying import settle_difference

from .acts import ActForm, act_page
from .shell import WRITERS, StaffRequest, door, page, staff_page

KIND_WORDS = {
    "not_ours": _("Not theirs"),
    "closed": _("Has closed"),
    "address_differs": _("Address differs"),
    "missing": _("Store is missing"),
}
SHOWN = ("name", "number", "address", "city", "state", "postal_code", "closed_on")
CHOICES = (
    ("put_right", _("The owner is right; our list is put right")),
    ("left", _("Our list stays as it is")),
)


class SettlingForm(ActForm):
    """Settle a difference."""

    title, button, done = _("Settle a difference"), _("Settle it"), _("It is settled.")
    note = _(
        "An address that is put right is the store's from now on. A store that was closed, sold or is missing is ended "
        "or opened on the company's services page."
    )
    outcome = forms.ChoiceField(label=_("What follows"), choices=CHOICES, widget=forms.RadioSelect)
    why = forms.CharField(label=_("Note"), help_text=_("Stays on record."), max_length=500, required=False)
    row: DifferenceRow

    def act(self) -> None:
        """Settle it."""
        settle_difference(
            public_id=self.row.public_id,
            put_right=self.cleaned_data["outcome"] == "put_right",
            note=self.cleaned_data["why"],
            actor=self.visit.actor,
            now=self.visit.now,
        )


@require_safe
@staff_page()
def index(request: StaffRequest) -> HttpResponse:
    """List what is open, the oldest first."""
    visit = request.visit
    with door(visit):
        rows = open_differences(visit.vendor.id)
    return page(request, "console/differences.html", {"rows": [_shown(row) for row in rows]})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def settle(request: StaffRequest, difference_id: UUID) -> HttpResponse:
    """Settle one."""
    visit = request.visit
    with door(visit):
        row = difference(difference_id)

    shown = _shown(row)
    values = f"{shown['ours'] or '–'} → {shown['theirs'] or '–'}"
    return act_page(
        request,
        make=SettlingForm.about(visit, row=row),
        back=reverse("console:differences", kwargs={"vendor": visit.vendor.slug}),
        context={
            "of": gettext("Stores that differ"),
            "what": gettext("%(name)s: %(value)s")
            % {"name": f"{row.company_name}, {row.store}", "value": f"{shown['kind']}. {values}"},
        },
    )


def _shown(row: DifferenceRow) -> dict[str, Any]:
    ours, theirs = (
        ", ".join(str(values[name]) for name in SHOWN if values.get(name)) for values in (row.ours, row.theirs)
    )
    return {"row": row, "kind": KIND_WORDS[row.kind], "ours": ours, "theirs": theirs}
