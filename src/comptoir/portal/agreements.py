"""What the company agreed to, with its proof as a PDF; it stays when the method is removed."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from comptoir.documents.serving import pdf_download
from comptoir.notices.evidence import evidence_pdf
from comptoir.payments.errors import AuthorisationNotFound
from comptoir.payments.evidence import authorisations, end_in_words
from comptoir.tenancy import doors

from .shell import CompanyRequest, company_page, page


@require_safe
@company_page
def listing(request: CompanyRequest) -> HttpResponse:
    """Show every authorisation that the company gave, in force or ended."""
    visit = request.visit
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        rows = authorisations(visit.company.id)
    context = {"rows": [{"row": row, "ended": end_in_words(row.ended_reason)} for row in rows]}
    return page(request, "portal/agreements.html", context)


@require_safe
@company_page
def pdf(request: CompanyRequest, authorisation: UUID) -> HttpResponse:
    """Hand the proof of an authorisation over."""
    visit = request.visit
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        try:
            document = evidence_pdf(authorisation)
        except AuthorisationNotFound as error:
            raise Http404 from error
    return pdf_download(document)
