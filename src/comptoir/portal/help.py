"""Answers to what customers ask when their billing moves here."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from .shell import CompanyRequest, company_page, page


@require_safe
@company_page
def questions(request: CompanyRequest) -> HttpResponse:
    """Show the questions with their answers, and how to reach the billing team."""
    return page(request, "portal/help.html")
