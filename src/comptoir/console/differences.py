"""Where owners say otherwise than our list of stores: both values side by side, and how it is settled."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from comptoir.customers.places import StorePlace
from comptoir.customers.queries import DifferenceRow, difference, open_differences
from comptoir.customers.verifying import address_to_settle, settle_difference
from comptoir.kit.safe_words import SafeWords

from .acts import ActForm, act_page
from .service_forms import place_fields
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
    note = _("A store that was closed, sold or is missing is ended or opened on the company's services page.")
    outcome = forms.ChoiceField(label=_("What follows"), choices=CHOICES, widget=forms.RadioSelect)
    why = SafeWords(
        label=_("Note"),
        help_text=_("The company reads it in the portal. Needed where our list stays as it is."),
        max_length=500,
        required=False,
    )
    row: DifferenceRow

    def act(self) -> None:
        """Settle it."""
        settle_difference(
            public_id=self.row.public_id,
            put_right=self.cleaned_data["outcome"] == "put_right",
            note=self.cleaned_data["why"],
            place=self.place(),
            actor=self.visit.actor,
            today=self.visit.today,
            now=self.visit.now,
        )

    def place(self) -> StorePlace | None:
        """Return where the store is from now on, where that is asked."""
        return None


class AddressForm(SettlingForm):
    """Settle where a store is: what its owner says can be mended before it is put right."""

    note = _(
        "If the owner is right, what stands here is the store's address from now on. Its taxes follow from it: where a "
        "city lies in several counties, give the county."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= place_fields(required=False)
        self.order_fields(["outcome", *place_fields(), "why"])

    def place(self) -> StorePlace:
        """Return where the store is from now on."""
        return StorePlace(**{name: self.cleaned_data[name] for name in place_fields()})


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
        row, address = difference(difference_id), address_to_settle(difference_id)
    made = AddressForm.about(visit, initial=asdict(address), row=row) if address else SettlingForm.about(visit, row=row)
    shown = _shown(row)
    named, values = (row.company_name, row.store), (shown["ours"], shown["theirs"])
    return act_page(
        request,
        make=made,
        back=reverse("console:differences", kwargs={"vendor": visit.vendor.slug}),
        context={
            "of": gettext("Stores that differ"),
            "what": gettext("%(name)s: %(value)s")
            % {"name": ", ".join(filter(None, named)), "value": f"{shown['kind']}. {' → '.join(filter(None, values))}"},
        },
    )


def _shown(row: DifferenceRow) -> dict[str, Any]:
    ours, theirs = (
        ", ".join(str(values[name]) for name in SHOWN if values.get(name)) for values in (row.ours, row.theirs)
    )
    return {"row": row, "kind": KIND_WORDS[row.kind], "ours": ours, "theirs": theirs}
