"""Which products the company may use, why, and how it came to that."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from comptoir.access.queries import standing_history, standings_of
from comptoir.subscriptions.queries import products_taken
from comptoir.tenancy import doors

from .shell import CompanyRequest, company_page, page


@require_safe
@company_page
def access(request: CompanyRequest) -> HttpResponse:
    """Show how the company stands with each product that it takes or that was ever in question, and each change."""
    visit = request.visit
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        standings = standings_of(visit.company.id)
        history = standing_history(visit.company.id)
        taken = products_taken(visit.company.id, on=visit.today)
    in_question = {row.product_id for row in standings}
    never = [name for product_id, name in taken.items() if product_id not in in_question]
    return page(request, "portal/access.html", {"standings": standings, "never": never, "history": history})
