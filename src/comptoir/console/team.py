"""The billing team: who is on it, inviting someone, ending a role."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from comptoir.identity.errors import AlreadyOnTeam
from comptoir.identity.operations import end_staff, invite_staff
from comptoir.identity.queries import invitations, team

from .shell import ROLE_WORDS, StaffRequest, door, page, staff_page

ROLE_NOTES = {
    "clerk": gettext_lazy("works with companies, imports and waves"),
    "manager": gettext_lazy("also sends waves and approves bill runs"),
    "auditor": gettext_lazy("sees everything, changes nothing"),
    "admin": gettext_lazy("also decides who is on the team"),
}


class InvitationForm(forms.Form):
    """Whom to invite, and as what."""

    email = forms.EmailField(label=gettext_lazy("E-mail address"), max_length=254)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = [
            (role, _("%(name)s: %(value)s") % {"name": word, "value": ROLE_NOTES[role]})
            for role, word in ROLE_WORDS.items()
        ]
        self.fields["role"] = forms.ChoiceField(label=_("Role"), choices=roles)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def index(request: StaffRequest) -> HttpResponse:
    """Show the team and the open invitations; an admin invites."""
    visit = request.visit
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and visit.role == "admin" and form.is_valid() and _invited(request, form):
        return redirect("console:team", vendor=visit.vendor.slug)
    with door(visit):
        context = {
            "form": form,
            "team": [{"row": row, "role": ROLE_WORDS[row.role]} for row in team(visit.vendor.id)],
            "invitations": [
                {"row": row, "role": ROLE_WORDS[row.role]} for row in invitations(visit.vendor.id, now=visit.now)
            ],
            "is_admin": visit.role == "admin",
        }
    return page(request, "console/team.html", context)


@require_POST
@staff_page("admin")
def end(request: StaffRequest, member: int) -> HttpResponse:
    """End someone's role, at once."""
    visit = request.visit
    with door(visit):
        end_staff(vendor_id=visit.vendor.id, staff_id=member, actor=visit.actor, now=visit.now)
    messages.success(request, _("The role has ended; the person has no way in any more."))
    return redirect("console:team", vendor=visit.vendor.slug)


def _invited(request: StaffRequest, form: InvitationForm) -> bool:
    visit = request.visit
    try:
        with door(visit):
            invite_staff(vendor_id=visit.vendor.id, actor=visit.actor, now=visit.now, **form.cleaned_data)
    except AlreadyOnTeam as error:
        form.add_error("email", str(error))
        return False
    messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": form.cleaned_data["email"]})
    return True
