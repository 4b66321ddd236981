"""Bill runs: plan, look, approve, watch."""

from datetime import timedelta
from math import ceil

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comptoir.invoicing import bill_run_queries, bill_runs
from comptoir.invoicing.errors import BillRunNotFound, BillRunRefused
from comptoir.invoicing.finding import invoices_of_run
from comptoir.look.day_input import DayInput
from comptoir.tenancy import doors

from .shell import StaffRequest, page, page_number, staff_page

COMPANIES_A_PAGE = 100


class BillRunForm(forms.Form):
    """What is asked before a run is planned."""

    through = forms.DateField(label=_("Bill periods that start up to and including"), widget=DayInput())


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def index(request: StaffRequest) -> HttpResponse:
    """List the runs, and ask the worker to plan another."""
    visit = request.visit
    suggested = visit.today + timedelta(days=visit.vendor.invoice_lead_days)
    form = BillRunForm(request.POST or None, initial={"through": suggested})
    if request.method == "POST" and form.is_valid():
        try:
            with doors.staff(user_id=visit.user_id, vendor_id=visit.vendor.id):
                run_id = bill_runs.request_bill_run(
                    vendor_id=visit.vendor.id,
                    through=form.cleaned_data["through"],
                    issue_date=visit.today,
                    actor=visit.actor,
                )
        except BillRunRefused as error:
            form.add_error(None, str(error))
        else:
            return redirect("console:bill_run", vendor=visit.vendor.slug, run=run_id)
    with doors.staff(user_id=visit.user_id, vendor_id=visit.vendor.id):
        runs = bill_run_queries.bill_runs(vendor_id=visit.vendor.id)
    return page(request, "console/bill_runs/index.html", {"form": form, "runs": runs})


@require_safe
@staff_page()
def detail(request: StaffRequest, run: int) -> HttpResponse:
    """Show a run: how far it is, who is billed how much, who cannot be and why (``?status=exception``: these alone)."""
    visit = request.visit
    status = "exception" if request.GET.get("status") == "exception" else ""
    number = page_number(request)
    try:
        with doors.staff(user_id=visit.user_id, vendor_id=visit.vendor.id):
            row = bill_run_queries.bill_run(vendor_id=visit.vendor.id, run_id=run)
            items = bill_run_queries.bill_run_items(
                run_id=run, status=status, limit=COMPANIES_A_PAGE, offset=(number - 1) * COMPANIES_A_PAGE
            )
            made = invoices_of_run(run_id=run, company_ids=[item.company_id for item in items])
    except BillRunNotFound as error:
        raise Http404 from error
    template = (
        "console/bill_runs/_progress.html" if request.headers.get("HX-Request") else "console/bill_runs/detail.html"
    )
    total = row.exceptions if status else row.companies
    shown = {"status": status, "number": number, "pages": max(ceil(total / COMPANIES_A_PAGE), 1), "total": total}
    listed = [{"item": item, "invoices": made.get(item.company_id, [])} for item in items]
    return page(request, template, {"run": row, "items": listed, **shown})


@require_POST
@staff_page("manager", "admin")
def cancel(request: StaffRequest, run: int) -> HttpResponse:
    """Give up a run that was not approved."""
    visit = request.visit
    try:
        with doors.staff(user_id=visit.user_id, vendor_id=visit.vendor.id):
            bill_run_queries.bill_run(vendor_id=visit.vendor.id, run_id=run)
            bill_runs.cancel_bill_run(run_id=run, actor=visit.actor)
    except BillRunNotFound as error:
        raise Http404 from error
    return redirect("console:bill_run", vendor=visit.vendor.slug, run=run)


@require_POST
@staff_page("manager", "admin")
def approve(request: StaffRequest, run: int) -> HttpResponse:
    """Let a planned run issue its invoices."""
    visit = request.visit
    try:
        with doors.staff(user_id=visit.user_id, vendor_id=visit.vendor.id):
            bill_run_queries.bill_run(vendor_id=visit.vendor.id, run_id=run)
            bill_runs.approve_bill_run(run_id=run, today=visit.today, actor=visit.actor, now=visit.now)
    except BillRunNotFound as error:
        raise Http404 from error
    return redirect("console:bill_run", vendor=visit.vendor.slug, run=run)
