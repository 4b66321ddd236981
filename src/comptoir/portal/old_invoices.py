"""The invoices of the system before this one: for the record, and not to be paid here."""

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from comptoir.cutover.comparison.queries import old_invoices
from comptoir.cutover.old_papers import old_paper, papers_kept
from comptoir.documents.serving import pdf_download
from comptoir.tenancy import doors

from .shell import CompanyRequest, company_page, page


@require_safe
@company_page
def listing(request: CompanyRequest) -> HttpResponse:
    """List the old system's invoices, newest first."""
    visit = request.visit
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        rows = old_invoices(visit.company.id)
        kept = papers_kept([row.id for row in rows])
    return page(request, "portal/old_invoices.html", {"rows": [(row, row.id in kept) for row in rows]})


@require_safe
@company_page
def pdf(request: CompanyRequest, old_invoice: int) -> HttpResponse:
    """Hand over the PDF that the old system made."""
    visit = request.visit
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        found = old_paper(company_id=visit.company.id, invoice_id=old_invoice)
    if found is None:
        raise Http404
    return pdf_download(found)
