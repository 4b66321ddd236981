"""Which products the company may use, why, and how it came to that."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from comptoir.access.queries import standing_history, standings_of
from comptoir.tenancy import doors

from .shell import CompanyRequest, company_page, page


@require_safe
@company_page
def access(request: CompanyRequest) -> HttpResponse:
    """Show how the company stands with each product that was ever in question, and each change of it."""
    visit = request.visit
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        context = {"standings": standings_of(visit.company.id), "history": standing_history(visit.company.id)}
    return page(request, "portal/access.html", context)
