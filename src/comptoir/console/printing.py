"""Papers for the printer: a wave's letters, and the invoices that go by post."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comptoir.cutover.errors import WaveNotFound
from comptoir.cutover.funnel import moved_companies
from comptoir.cutover.waves import wave as wave_row
from comptoir.cutover.writing import note_printed
from comptoir.documents.errors import DocumentNotReady, NothingToPrint
from comptoir.documents.printing import Sheet, part_pdf, print_batches, request_printing
from comptoir.documents.serving import pdf_download
from comptoir.look.period import asked_period
from comptoir.notices.printing import invoice_sheets_by_post, letter_sheet

from .shell import StaffRequest, door, page, staff_page


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def index(request: StaffRequest) -> HttpResponse:
    """List what was put together; take the wish for the invoices of a period."""
    visit = request.visit
    form, since, through = asked_period(request.POST, today=visit.today)
    if request.method == "POST" and form.is_valid():
        with door(visit):
            sheets = invoice_sheets_by_post(vendor_id=visit.vendor.id, since=since, through=through)
            title = _("Invoices by post, {first} to {last}").format(first=since.isoformat(), last=through.isoformat())
            _ask(request, title=title, sheets=sheets)
        return redirect("console:printing", vendor=visit.vendor.slug)
    with door(visit):
        batches = print_batches(visit.vendor.id)
    template = "console/printing/_batches.html" if request.headers.get("HX-Request") else "console/printing/index.html"
    under_way = any(batch.under_way for batch in batches)
    return page(request, template, {"form": form, "batches": batches, "under_way": under_way})


@require_POST
@staff_page()
def letters(request: StaffRequest, wave: int) -> HttpResponse:
    """Have a wave's letters and words at the deadline put together that go on paper, and were not before."""
    visit = request.visit
    try:
        with door(visit):
            row = wave_row(vendor_id=visit.vendor.id, wave_id=wave)
            companies = moved_companies(vendor_id=visit.vendor.id, wave_id=row.id, today=visit.today)
            on_paper = [moved for moved in companies if moved.is_to_print]
            sheets = [
                letter_sheet(
                    public_id=moved.public_id,
                    number=moved.number,
                    name=moved.name,
                    edition=moved.letter_edition if moved.letter == "paper" else None,
                    deadline_of=moved.deadline_of,
                )
                for moved in on_paper
            ]
            if _ask(request, title=_("Letters, {wave}").format(wave=row.name), sheets=sheets):
                note_printed(on_paper, now=visit.now)
    except WaveNotFound as error:
        raise Http404 from error
    return redirect("console:printing", vendor=visit.vendor.slug)


@require_safe
@staff_page()
def part(request: StaffRequest, batch: int, part: int) -> HttpResponse:
    """Hand a part over."""
    with door(request.visit):
        try:
            paper = part_pdf(batch_id=batch, position=part)
        except DocumentNotReady as error:
            raise Http404 from error
    return pdf_download(paper)


def _ask(request: StaffRequest, *, title: str, sheets: Sequence[Sheet]) -> bool:
    visit = request.visit
    try:
        request_printing(vendor_id=visit.vendor.id, title=title, sheets=sheets, today=visit.today, actor=visit.actor)
    except NothingToPrint as error:
        messages.info(request, str(error))
        return False
    return True
