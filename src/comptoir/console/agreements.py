"""What a company agreed to, with its proof as a PDF."""

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

from .companies import asked_company
from .shell import StaffRequest, door, page, page_number, staff_page

ROWS_A_PAGE = 50


@require_safe
@staff_page()
def index(request: StaffRequest, company: UUID) -> HttpResponse:
    """Show every authorisation that a company gave: of automatic payment, also ended, and of one payment each."""
    visit, number = request.visit, page_number(request)
    with door(visit):
        row = asked_company(visit, company)
        given = authorisations(row.id)
        alone, total = authorised_payments(row.id, limit=ROWS_A_PAGE, offset=(number - 1) * ROWS_A_PAGE)
    context = {
        "company": row,
        "rows": [{"row": each, "ended": end_in_words(each.ended_reason)} for each in given],
        "alone": alone,
        "number": number,
        "pages": ceil(total / ROWS_A_PAGE),
        "total": total,
    }
    return page(request, "console/companies/agreements.html", context)


@require_safe
@staff_page()
def pdf(request: StaffRequest, authorisation: UUID) -> HttpResponse:
    """Give the proof of an authorisation of automatic payment."""
    return _proof(request, evidence_pdf, authorisation)


@require_safe
@staff_page()
def payment_pdf(request: StaffRequest, payment: UUID) -> HttpResponse:
    """Give the proof of the authorisation of one payment."""
    return _proof(request, payment_evidence_pdf, payment)


def _proof(request: StaffRequest, made: Callable[[UUID], StoredPdf], public_id: UUID) -> HttpResponse:
    with door(request.visit):
        try:
            document = made(public_id)
        except AuthorisationNotFound as error:
            raise Http404 from error
    return pdf_download(document)
