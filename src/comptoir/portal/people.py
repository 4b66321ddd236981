"""Who acts for a company, and who did what; an owner ends a role."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from comptoir.customers.errors import MemberNotFound
from comptoir.customers.operations import end_member
from comptoir.customers.queries import members
from comptoir.tenancy import doors
from comptoir.tenancy.queries import audit_trail

from .shell import CompanyRequest, company_page, page

OWNER = "owner"
ROLE_WORDS = {
    OWNER: pgettext_lazy("customer role", "Owner"),
    "billing_manager": pgettext_lazy("customer role", "Billing manager"),
    "viewer": pgettext_lazy("customer role", "Viewer"),
}


@require_safe
@company_page
def people(request: CompanyRequest) -> HttpResponse:
    """Show who acts for the company and in which role; to an owner, who did what, too."""
    visit = request.visit
    is_owner = visit.role == OWNER
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        present = members(visit.company.id)
        trail = audit_trail(company_id=visit.company.id) if is_owner else []
    context = {
        "people": [{"row": row, "role": ROLE_WORDS[row.role]} for row in present],
        "trail": trail,
        "is_owner": is_owner,
        "user_id": visit.user_id,
    }
    return page(request, "portal/people.html", context)


@require_POST
@company_page
def end(request: CompanyRequest, person: int) -> HttpResponse:
    """End somebody's role, at once."""
    visit = request.visit
    if visit.role != OWNER:
        raise PermissionDenied
    try:
        with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
            end_member(
                company_id=visit.company.id,
                vendor_id=visit.vendor.id,
                user_id=person,
                actor=visit.actor,
                now=visit.now,
            )
    except MemberNotFound as error:
        raise Http404 from error
    messages.success(request, _("The role has ended; the person has no way in any more."))
    return redirect("portal:people", company=visit.company.public_id)
