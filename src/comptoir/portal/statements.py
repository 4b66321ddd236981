"""The statement of account for any period, on a page and as a PDF."""

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from comptoir.documents.serving import pdf_download
from comptoir.look.period import asked_period, presets
from comptoir.notices.statements import StatementLine, statement, statement_pdf
from comptoir.tenancy import doors

from .shell import CompanyRequest, Visit, company_page, page


@require_safe
@company_page
def statement_page(request: CompanyRequest) -> HttpResponse:
    """Show what was owed, from change to change."""
    visit = request.visit
    form, since, through = asked_period(request.GET, today=visit.today)
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        told = statement(company=visit.company, currency=visit.vendor.currency, since=since, through=through)
    context = {
        "form": form,
        "presets": presets(visit.today),
        "statement": told,
        "rows": [{"line": line, "href": _href(visit, line)} for line in told.lines],
        "pdf_url": reverse("portal:statement_pdf", kwargs={"company": visit.company.public_id}),
    }
    return page(request, "portal/statement.html", context)


@require_safe
@company_page
def pdf(request: CompanyRequest) -> HttpResponse:
    """Hand the statement over as a PDF, in the company's language."""
    visit = request.visit
    _form, since, through = asked_period(request.GET, today=visit.today)
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        document = statement_pdf(company=visit.company, vendor=visit.vendor, since=since, through=through)
    return pdf_download(document)


def _href(visit: Visit, line: StatementLine) -> str:
    change, company = line.change, visit.company.public_id
    if change.credit_note:
        return reverse("portal:credit_note_pdf", kwargs={"company": company, "note": change.credit_note.public_id})
    if change.invoice:
        return reverse("portal:invoice", kwargs={"company": company, "invoice": change.invoice.public_id})
    if change.payment_public_id:
        return reverse("portal:payment", kwargs={"company": company, "payment": change.payment_public_id})
    return ""
