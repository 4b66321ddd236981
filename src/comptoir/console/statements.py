"""A company's statement of account for any period, on a page and as the PDF that the customer gets."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from comptoir.documents.serving import pdf_download
from comptoir.look.period import asked_period, presets
from comptoir.notices.statements import StatementLine, statement, statement_pdf

from .companies import asked_company
from .shell import StaffRequest, door, page, staff_page


@require_safe
@staff_page()
def statement_page(request: StaffRequest, company: UUID) -> HttpResponse:
    """Show what a company owed, from change to change."""
    visit = request.visit
    form, since, through = asked_period(request.GET, today=visit.today)
    with door(visit):
        row = asked_company(visit, company)
        told = statement(company=row, currency=visit.vendor.currency, since=since, through=through)
    context = {
        "company": row,
        "form": form,
        "presets": presets(visit.today),
        "statement": told,
        "rows": [{"line": line, "href": _href(visit.vendor.slug, line)} for line in told.lines],
        "pdf_url": reverse("console:statement_pdf", kwargs={"vendor": visit.vendor.slug, "company": row.public_id}),
    }
    return page(request, "console/companies/statement.html", context)


@require_safe
@staff_page()
def pdf(request: StaffRequest, company: UUID) -> HttpResponse:
    """Give the statement as a PDF, in the company's language."""
    visit = request.visit
    _form, since, through = asked_period(request.GET, today=visit.today)
    with door(visit):
        document = statement_pdf(
            company=asked_company(visit, company), vendor=visit.vendor, since=since, through=through
        )
    return pdf_download(document)


def _href(vendor: str, line: StatementLine) -> str:
    change = line.change
    if change.credit_note:
        return reverse("console:credit_note_pdf", kwargs={"vendor": vendor, "note": change.credit_note.public_id})
    if change.invoice:
        return reverse("console:invoice", kwargs={"vendor": vendor, "invoice": change.invoice.public_id})
    if change.payment_public_id:
        return reverse("console:payment", kwargs={"vendor": vendor, "payment": change.payment_public_id})
    return ""
