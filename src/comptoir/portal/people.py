"""Who acts for a company, and who did what; an owner invites, and ends roles."""

from collections.abc import Callable
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from comptoir.customers import inviting
from comptoir.customers.errors import AlreadyMember, MemberInvitationNotOpen, MemberNotFound
from comptoir.customers.operations import end_member
from comptoir.customers.queries import members
from comptoir.identity.forms import NewLoginForm
from comptoir.tenancy import doors
from comptoir.tenancy.brand import public_brand_of_company
from comptoir.tenancy.queries import audit_trail

from .shell import CompanyRequest, company_page, once, page, page_number
from .trail import told

OWNER = "owner"
ROLE_WORDS = {
    OWNER: pgettext_lazy("customer role", "Owner"),
    "billing_manager": pgettext_lazy("customer role", "Billing manager"),
    "viewer": pgettext_lazy("customer role", "Viewer"),
}
INVITED_AS = [
    ("billing_manager", gettext_lazy("Billing manager: sees everything, pays, and changes how you pay")),
    ("viewer", gettext_lazy("Viewer: sees everything, changes nothing")),
]
TRAIL_PER_PAGE = 50


class InvitationForm(forms.Form):
    """Whom to invite, and as what."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=INVITED_AS, widget=forms.RadioSelect())


@require_http_methods(["GET", "HEAD", "POST"])
@company_page
def people(request: CompanyRequest) -> HttpResponse:
    """Show who acts for the company and in which role; to an owner, who did what, too. An owner invites."""
    visit = request.visit
    is_owner = visit.role == OWNER
    if request.method == "POST" and not is_owner:
        raise PermissionDenied
    form = InvitationForm(request.POST or None)
    if form.is_bound and form.is_valid() and _invited(request, form):
        return redirect("portal:people", company=visit.company.public_id)
    number = page_number(request.GET.get("page", "1"))
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        present = members(visit.company.id)
        invited = inviting.open_invitations(visit.company.id)
        skipped = (number - 1) * TRAIL_PER_PAGE
        trail = audit_trail(company_id=visit.company.id, limit=TRAIL_PER_PAGE + 1, offset=skipped) if is_owner else []
        entries = told(trail[:TRAIL_PER_PAGE], visit=visit)
    context = {
        "form": form,
        "people": [{"row": row, "role": ROLE_WORDS[row.role]} for row in present],
        "invited": [{"row": row, "role": ROLE_WORDS[row.role], "late": row.expires_at < visit.now} for row in invited],
        "trail": entries,
        "earlier": number + 1 if len(trail) > TRAIL_PER_PAGE else None,
        "later": number - 1,
        "is_owner": is_owner,
        "user_id": visit.user_id,
    }
    return page(request, "portal/people.html", context)


@require_POST
@company_page
def end(request: CompanyRequest, person: int) -> HttpResponse:
    """End somebody's role, at once."""
    visit = request.visit

    def act() -> None:
        end_member(
            company_id=visit.company.id, vendor_id=visit.vendor.id, user_id=person, actor=visit.actor, now=visit.now
        )

    return _by_owner(request, act, said=_("The role has ended; the person has no way in any more."))


@require_POST
@company_page
def invite_again(request: CompanyRequest, invitation: UUID) -> HttpResponse:
    """Send an invitation once more, with a new link."""
    visit = request.visit

    def act() -> None:
        once(request, done_at="portal:people")
        inviting.invite_again(
            company_id=visit.company.id,
            vendor_id=visit.vendor.id,
            public_id=invitation,
            user_id=visit.user_id,
            actor=visit.actor,
            now=visit.now,
        )

    return _by_owner(request, act, said=_("A new link is on its way; the earlier one leads nowhere any more."))


@require_POST
@company_page
def withdraw(request: CompanyRequest, invitation: UUID) -> HttpResponse:
    """Take an invitation back."""
    visit = request.visit

    def act() -> None:
        inviting.withdraw(
            company_id=visit.company.id,
            vendor_id=visit.vendor.id,
            public_id=invitation,
            actor=visit.actor,
            now=visit.now,
        )

    return _by_owner(request, act, said=_("The invitation is withdrawn; its link leads nowhere any more."))


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def company_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show what one is invited to; on acceptance set the first password, and go on to log in."""
    invitation = inviting.opened(token)
    form = None if invitation.has_login else NewLoginForm(request.POST or None, email=invitation.email)
    if request.method == "POST" and (form is None or form.is_valid()):
        inviting.accept(
            token=token,
            name=form.cleaned_data["name"] if form else "",
            language=get_language() or "en",
            password=form.cleaned_data["password"] if form else None,
        )
        messages.success(
            request,
            _("You act for %(company)s now. Log in as %(email)s to go on.")
            % {"company": invitation.company_name, "email": invitation.email},
        )
        home = reverse("portal:home", kwargs={"company": invitation.company_public_id})
        return redirect(f"{reverse('account_login')}?{urlencode({'next': home})}")
    context = {
        "invitation": invitation,
        "form": form,
        "role": ROLE_WORDS[invitation.role],
        "vendor": public_brand_of_company(invitation.company_public_id),
    }
    return render(request, "portal/invitation.html", context)


def _invited(request: CompanyRequest, form: InvitationForm) -> bool:
    visit = request.visit
    try:
        with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
            once(request, done_at="portal:people")
            inviting.invite(
                company_id=visit.company.id,
                vendor_id=visit.vendor.id,
                user_id=visit.user_id,
                actor=visit.actor,
                now=visit.now,
                **form.cleaned_data,
            )
    except AlreadyMember as error:
        form.add_error("email", str(error))
        return False
    messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": form.cleaned_data["email"]})
    return True


def _by_owner(request: CompanyRequest, act: Callable[[], None], *, said: str) -> HttpResponse:
    """Do what an owner alone may do, and show the page anew."""
    visit = request.visit
    if visit.role != OWNER:
        raise PermissionDenied
    try:
        with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
            act()
    except (MemberNotFound, MemberInvitationNotOpen) as error:
        raise Http404 from error
    messages.success(request, said)
    return redirect("portal:people", company=visit.company.public_id)
