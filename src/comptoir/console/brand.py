"""How the vendor looks to its customers: name, logo, colour, whom mail is from. An admin sets it."""

import re
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from comptoir.look.brand import DEFAULT_COLOUR, stylesheet
from comptoir.tenancy.brand import Brand, refuse_faint, set_brand
from comptoir.tenancy.errors import BrandRefused

from .shell import StaffRequest, StaffVisit, door, page, staff_page

COLOUR = r"^#[0-9a-fA-F]{6}$"


class BrandForm(forms.Form):
    """What customers see of a vendor."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    colour = forms.RegexField(
        COLOUR,
        label=gettext_lazy("Colour"),
        widget=forms.TextInput(attrs={"type": "color"}),
        error_messages={"invalid": gettext_lazy("A colour is written as # and six digits or letters a to f.")},
        help_text=gettext_lazy("Of buttons, links and the top of mail. It is darkened by itself where text needs it."),
    )
    logo = forms.FileField(
        label=gettext_lazy("New logo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        help_text=gettext_lazy("PNG, JPEG or WebP, 2 MB at most, on a clear ground. Without one, the name is shown."),
    )
    without_logo = forms.BooleanField(label=gettext_lazy("Take the logo off"), required=False)
    sender_name = forms.CharField(
        label=gettext_lazy("Mail is from"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Left empty: the name with “Billing”, in each customer’s language."),
    )
    email = forms.EmailField(label=gettext_lazy("Answers go to"), max_length=254)
    phone = forms.CharField(label=gettext_lazy("Telephone"), max_length=40, required=False)

    def clean_sender_name(self) -> str:
        """Keep whom mail is from on one line."""
        return " ".join(str(self.cleaned_data["sender_name"]).split())


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("admin")
def edit(request: StaffRequest) -> HttpResponse:
    """Show how the vendor looks; take another look, or show it before it is saved."""
    visit = request.visit
    form = BrandForm(request.POST or None, request.FILES or None, initial=_initial(visit))
    is_sound = form.is_bound and form.is_valid() and _can_be_seen(form)
    if is_sound and "preview" not in request.POST and _saved(request, form):
        return redirect("console:brand", vendor=visit.vendor.slug)
    colour = str(form["colour"].value() or "")
    context = {
        "form": form,
        "shown_name": form["name"].value(),
        "shown_colour": colour.removeprefix("#") if _is_colour(colour) else DEFAULT_COLOUR.removeprefix("#"),
        "shown_sender": form["sender_name"].value() or _("{vendor} Billing").format(vendor=form["name"].value() or ""),
    }
    template = "console/brand/_preview.html" if request.headers.get("HX-Request") else "console/brand/edit.html"
    return page(request, template, context)


@require_safe
@staff_page("admin")
def preview_css(request: StaffRequest, colour: str) -> HttpResponse:
    """Answer the stylesheet that gives the preview a colour that nobody has saved yet."""
    asked = f"#{colour}"
    tokens = stylesheet(colour=asked if _is_colour(asked) else DEFAULT_COLOUR)
    return HttpResponse(tokens.replace(":root", ".brand-preview"), content_type="text/css")


def _is_colour(text: str) -> bool:
    return re.fullmatch(COLOUR, text) is not None


def _initial(visit: StaffVisit) -> dict[str, Any]:
    vendor = visit.vendor
    return {
        "name": vendor.name,
        "colour": vendor.colour,
        "sender_name": vendor.sender_name,
        "email": vendor.email,
        "phone": vendor.phone,
    }


def _can_be_seen(form: BrandForm) -> bool:
    try:
        refuse_faint(form.cleaned_data["colour"])
    except BrandRefused as error:
        form.add_error(error.field, str(error))
        return False
    return True


def _saved(request: StaffRequest, form: BrandForm) -> bool:
    visit, given = request.visit, form.cleaned_data
    brand = Brand(
        name=given["name"],
        colour=given["colour"].lower(),
        sender_name=given["sender_name"],
        email=given["email"],
        phone=given["phone"],
    )
    try:
        with door(visit):
            set_brand(
                vendor_id=visit.vendor.id,
                brand=brand,
                actor=visit.actor,
                logo=given["logo"].read() if given["logo"] else None,
                without_logo=given["without_logo"],
            )
    except BrandRefused as error:
        form.add_error(error.field, str(error))
        return False
    messages.success(request, _("Saved. Pages, mail and papers look like this from now on."))
    return True
