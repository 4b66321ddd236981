"""Which products the company may use, why, and how it came to that."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from comptoir.access.queries import products_of, standing_history
from comptoir.tenancy import doors

from .shell import CompanyRequest, company_page, page


@require_safe
@company_page
def access(request: CompanyRequest) -> HttpResponse:
    """Show how the company stands with each product that it takes or that was ever in question, and each change."""
    visit = request.visit
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        products = products_of(visit.company.id, on=visit.today)
        history = standing_history(visit.company.id)
    return page(request, "portal/access.html", {"products": products, "history": history})
