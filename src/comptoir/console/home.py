"""The first page of the billing team's side: what there is, and what waits."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from comptoir.cutover.company_list import CompanyFilter, count_companies
from comptoir.cutover.queries import imports
from comptoir.cutover.waves import waves
from comptoir.invoicing.bill_run_queries import bill_runs
from comptoir.mailer.queries import count_mail_to_look_at

from .shell import StaffRequest, door, page, staff_page

FIGURES = {
    "companies": CompanyFilter(),
    "moved": CompanyFilter(moved="moved"),
    "planned": CompanyFilter(moved="planned"),
    "free": CompanyFilter(moved="free"),
    "without_address": CompanyFilter(address="no"),
    "owing": CompanyFilter(owing="yes"),
}


@require_safe
@staff_page()
def index(request: StaffRequest) -> HttpResponse:
    """Show the figures, the waves and what was done last."""
    visit = request.visit
    with door(visit):
        context = {name: count_companies(vendor_id=visit.vendor.id, wanted=wanted) for name, wanted in FIGURES.items()}
        lists = {
            "waves": waves(visit.vendor.id)[:5],
            "imports": imports(visit.vendor.id, limit=5),
            "mail_to_look_at": count_mail_to_look_at(visit.vendor.id),
            "runs": bill_runs(vendor_id=visit.vendor.id, limit=5),
        }
    return page(request, "console/home.html", {**context, **lists})
