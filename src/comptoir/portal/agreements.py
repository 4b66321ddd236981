"""What the company agreed to, with its proof as a PDF; it stays when the method is removed."""

from collections.abc import Callable
from math import ceil
from uuid import UUID

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from comptoir.documents.queries import StoredPdf
from comptoir.documents.serving import pdf_download
from comptoir.notices.evidence import evidence_pdf, payment_evidence_pdf
from comptoir.payments.errors import AuthorisationNotFound
from comptoir.payments.evidence import authorisations, authorised_payments, end_in_words
from comptoir.tenancy import doors

from .shell import CompanyRequest, company_page, page, page_number

ROWS_A_PAGE = 20


@require_safe
@company_page
def listing(request: CompanyRequest) -> HttpResponse:
    """Show every authorisation that the company gave: of automatic payment, also ended, and of one payment each."""
    visit, number = request.visit, page_number(request.GET.get("page", "1"))
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        rows = authorisations(visit.company.id)
        alone, total = authorised_payments(visit.company.id, limit=ROWS_A_PAGE, offset=(number - 1) * ROWS_A_PAGE)
    context = {
        "rows": [{"row": row, "ended": end_in_words(row.ended_reason)} for row in rows],
        "alone": alone,
        "number": number,
        "pages": ceil(total / ROWS_A_PAGE),
        "total": total,
    }
    return page(request, "portal/agreements.html", context)


@require_safe
@company_page
def pdf(request: CompanyRequest, authorisation: UUID) -> HttpResponse:
    """Hand the proof of an authorisation of automatic payment over."""
    return _proof(request, evidence_pdf, authorisation)


@require_safe
@company_page
def payment_pdf(request: CompanyRequest, payment: UUID) -> HttpResponse:
    """Hand the proof of the authorisation of one payment over."""
    return _proof(request, payment_evidence_pdf, payment)


def _proof(request: CompanyRequest, made: Callable[[UUID], StoredPdf], public_id: UUID) -> HttpResponse:
    visit = request.visit
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        try:
            document = made(public_id)
        except AuthorisationNotFound as error:
            raise Http404 from error
    return pdf_download(document)
