"""What a company's next invoices will say: the bill run's own calculation, with nothing written."""

from datetime import timedelta
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from comptoir.invoicing.ended_service import credit_owed
from comptoir.invoicing.errors import CannotBill
from comptoir.invoicing.preview import InvoicePreview, preview
from comptoir.look.day_input import DayInput
from comptoir.subscriptions.queries import next_to_bill

from .companies import asked_company
from .shell import StaffRequest, door, page, staff_page


class ThroughForm(forms.Form):
    """How far is looked ahead."""

    through = forms.DateField(label=_("Periods that start up to and including"), widget=DayInput())


@require_safe
@staff_page()
def index(request: StaffRequest, company: UUID) -> HttpResponse:
    """Show what a bill run of today would issue to a company, and give back, or why it cannot be billed."""
    visit = request.visit
    problem, found = "", list[InvoicePreview]()
    with door(visit):
        row = asked_company(visit, company)
        ahead = visit.today + timedelta(days=visit.vendor.invoice_lead_days)
        usual = max(ahead, next_to_bill(company_id=row.id).read() or ahead)
        form = ThroughForm(request.GET if "through" in request.GET else {"through": usual})
        through = form.cleaned_data["through"] if form.is_valid() else usual
        try:
            found = preview(company_id=row.id, through=through, issue_date=visit.today)
        except CannotBill as error:
            problem = str(error)
        credit_minor = credit_owed(company_ids=[row.id]).get(row.id, 0)
    context = {
        "company": row,
        "form": form,
        "through": through,
        "previews": found,
        "problem": problem,
        "credit_minor": credit_minor,
    }
    return page(request, "console/companies/next_invoices.html", context)
