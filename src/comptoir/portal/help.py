"""Answers to what customers ask when their billing moves here."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from comptoir.payments.queries import pays_by
from comptoir.tenancy import doors

from .shell import CompanyRequest, company_page, page


@require_safe
@company_page
def questions(request: CompanyRequest) -> HttpResponse:
    """Show the questions with their answers, and how to reach the billing team."""
    visit = request.visit
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        paying = pays_by(visit.company.id)
    return page(request, "portal/help.html", {"pays_by": paying})
