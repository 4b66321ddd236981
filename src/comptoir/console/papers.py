"""PDFs, as they were made: invoices, and the letter of a company's move with its sample invoice."""

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from comptoir.cutover.funnel import letter_edition
from comptoir.documents.queries import stored_pdf
from comptoir.documents.serving import pdf_download
from comptoir.notices.documents import credit_note_pdf, invoice_pdf, letter_reference, sample_reference
from comptoir.notices.slips import slip_pdf

from .companies import asked_company
from .shell import StaffRequest, door, staff_page


@require_safe
@staff_page()
def invoice(request: StaffRequest, invoice: UUID) -> HttpResponse:
    """Give an invoice's PDF."""
    with door(request.visit):
        paper = invoice_pdf(invoice)
    return pdf_download(paper)


@require_safe
@staff_page()
def slip(request: StaffRequest, invoice: UUID) -> HttpResponse:
    """Give the slip that goes along with a check for what is open on an invoice."""
    with door(request.visit):
        paper = slip_pdf(invoice, vendor=request.visit.vendor, today=request.visit.today)
    return pdf_download(paper)


@require_safe
@staff_page()
def credit_note(request: StaffRequest, note: UUID) -> HttpResponse:
    """Give a credit note's PDF."""
    with door(request.visit):
        paper = credit_note_pdf(note)
    return pdf_download(paper)


@require_safe
@staff_page()
def letter(request: StaffRequest, company: UUID) -> HttpResponse:
    """Give the letter that told a company of its move."""
    with door(request.visit):
        row = asked_company(request.visit, company)
        paper = stored_pdf(letter_reference(row.public_id, edition=letter_edition(row.id)))
    return pdf_download(paper)


@require_safe
@staff_page()
def sample(request: StaffRequest, company: UUID) -> HttpResponse:
    """Give the sample invoice that went with a company's letter."""
    with door(request.visit):
        row = asked_company(request.visit, company)
        paper = stored_pdf(sample_reference(row.public_id, edition=letter_edition(row.id)))
    return pdf_download(paper)
