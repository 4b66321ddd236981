"""What a company agreed to, with its proof as a PDF."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from comptoir.documents.serving import pdf_download
from comptoir.notices.evidence import evidence_pdf
from comptoir.payments.errors import AuthorisationNotFound
from comptoir.payments.evidence import authorisations, end_in_words

from .companies import asked_company
from .shell import StaffRequest, door, page, staff_page


@require_safe
@staff_page()
def index(request: StaffRequest, company: UUID) -> HttpResponse:
    """Show every authorisation that a company gave, in force or ended."""
    visit = request.visit
    with door(visit):
        row = asked_company(visit, company)
        given = authorisations(row.id)
    rows = [{"row": each, "ended": end_in_words(each.ended_reason)} for each in given]
    return page(request, "console/companies/agreements.html", {"company": row, "rows": rows})


@require_safe
@staff_page()
def pdf(request: StaffRequest, authorisation: UUID) -> HttpResponse:
    """Give the proof of an authorisation."""
    with door(request.visit):
        try:
            document = evidence_pdf(authorisation)
        except AuthorisationNotFound as error:
            raise Http404 from error
    return pdf_download(document)
