"""Waves: plan one, choose its companies, look at it once more, send it, watch how far the companies are."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comptoir.cutover import operations
from comptoir.cutover.company_list import public_ids, search_companies
from comptoir.cutover.errors import WaveNotFound, WaveRefused
from comptoir.cutover.waves import STAGES, Moved, WaveRow, moved_companies, planned_companies, waves
from comptoir.cutover.waves import wave as wave_row
from comptoir.look.day_input import DayInput

from .company_filter import LANGUAGE_WORDS, PAID_BY_WORDS, read_filter
from .shell import StaffRequest, StaffVisit, door, page, page_number, staff_page


class WaveForm(forms.Form):
    """What a wave is planned with."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    first_invoice_month = forms.DateField(
        label=gettext_lazy("First month billed here"),
        input_formats=["%Y-%m"],
        widget=forms.DateInput(format="%Y-%m", attrs={"type": "month"}),
    )
    deadline = forms.DateField(label=gettext_lazy("Payment method to be saved by"), widget=DayInput())


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def index(request: StaffRequest) -> HttpResponse:
    """List the waves, and plan another."""
    visit = request.visit
    form = WaveForm(request.POST or None, initial={"first_invoice_month": _next_month(visit.today)})
    if request.method == "POST" and form.is_valid():
        try:
            with door(visit):
                wave_id = operations.create_wave(
                    vendor_id=visit.vendor.id, actor=visit.actor, today=visit.today, **form.cleaned_data
                )
            return redirect("console:wave", vendor=visit.vendor.slug, wave=wave_id)
        except WaveRefused as error:
            form.add_error(None, str(error))
    with door(visit):
        rows = waves(visit.vendor.id)
    return page(request, "console/waves/index.html", {"form": form, "waves": rows})


@require_safe
@staff_page()
def detail(request: StaffRequest, wave: int) -> HttpResponse:
    """Show a wave: while it is planned, who is in it and who could be; once it is sent, how far they are."""
    visit = request.visit
    try:
        with door(visit):
            row = wave_row(vendor_id=visit.vendor.id, wave_id=wave)
            context = _sent(request, row) if row.is_sent else _planned(request, row)
    except WaveNotFound as error:
        raise Http404 from error
    template = "console/waves/sent.html" if row.is_sent else "console/waves/planned.html"
    if row.is_sent and request.headers.get("HX-Request"):
        template = "console/waves/_funnel.html"
    return page(request, template, {"wave": row, **context})


@require_POST
@staff_page()
def add(request: StaffRequest, wave: int) -> HttpResponse:
    """Put the chosen companies into a planned wave."""
    chosen = [UUID(value) for value in request.POST.getlist("company") if _is_uuid(value)]
    return _add(request, wave=wave, companies=chosen)


@require_POST
@staff_page()
def add_all(request: StaffRequest, wave: int) -> HttpResponse:
    """Put every company that the list's filters leave into a planned wave."""
    visit = request.visit
    _form, wanted = read_filter(request.POST, moved="free")
    with door(visit):
        companies = public_ids(vendor_id=visit.vendor.id, wanted=wanted)
    return _add(request, wave=wave, companies=companies)


@require_POST
@staff_page()
def take_out(request: StaffRequest, wave: int, company: UUID) -> HttpResponse:
    """Take a company out of a planned wave."""
    visit = request.visit
    with door(visit):
        operations.take_out(vendor_id=visit.vendor.id, wave_id=wave, company_public_id=company, actor=visit.actor)
    return redirect("console:wave", vendor=visit.vendor.slug, wave=wave)


@require_POST
@staff_page("manager", "admin")
def send(request: StaffRequest, wave: int) -> HttpResponse:
    """Move a wave's companies, and have their letters sent."""
    visit = request.visit
    with door(visit):
        moved = operations.send_wave(
            vendor_id=visit.vendor.id, wave_id=wave, actor=visit.actor, today=visit.today, now=visit.now
        )
    messages.success(
        request,
        ngettext(
            "%(count)d company has moved; its letter is on its way.",
            "%(count)d companies have moved; their letters are on their way.",
            moved,
        )
        % {"count": moved},
    )
    return redirect("console:wave", vendor=visit.vendor.slug, wave=wave)


def _add(request: StaffRequest, *, wave: int, companies: Sequence[UUID]) -> HttpResponse:
    visit = request.visit
    if companies:
        with door(visit):
            operations.add_companies(
                vendor_id=visit.vendor.id, wave_id=wave, company_public_ids=companies, actor=visit.actor
            )
    else:
        messages.info(request, _("Choose at least one company."))
    return redirect("console:wave", vendor=visit.vendor.slug, wave=wave)


def _planned(request: StaffRequest, row: WaveRow) -> dict[str, Any]:
    """Who is in a wave, and the list to choose from."""
    visit = request.visit
    form, wanted = read_filter(request.GET, moved="free")
    companies = planned_companies(row)
    return {
        "form": form,
        "listed": search_companies(
            vendor_id=visit.vendor.id, wanted=wanted, page=page_number(request), today=visit.today
        ),
        "companies": companies,
        "due_minor": sum(company.due_minor for company in companies),
        "without_address": sum(not company.email for company in companies),
        "nothing_due": sum(not company.due_minor for company in companies),
        "problems": sum(bool(company.problem) for company in companies),
        "language_words": LANGUAGE_WORDS,
        "paid_by_words": PAID_BY_WORDS,
        "may_send": visit.role in ("manager", "admin"),
    }


def _sent(request: StaffRequest, row: WaveRow) -> dict[str, Any]:
    """How far a wave's companies are, and those at the stage that the address asks for."""
    companies = moved_companies(row, today=request.visit.today)
    stage, missing = request.GET.get("stage", ""), request.GET.get("missing", "")
    return {
        "funnel": _funnel(request.visit, row, companies),
        "without_address": [company for company in companies if not company.letter_to],
        "companies": [
            company
            for company in companies
            if (stage not in STAGES or stage in company.stages)
            and (missing not in STAGES or missing not in company.stages)
        ],
        "stage_word": _stage_words().get(stage or missing, ""),
        "missing": missing,
        "is_telling": row.letters < sum(bool(company.letter_to) for company in companies),
    }


def _funnel(visit: StaffVisit, row: WaveRow, companies: Sequence[Moved]) -> list[dict[str, Any]]:
    address = reverse("console:wave", kwargs={"vendor": visit.vendor.slug, "wave": row.id})
    return [
        {
            "label": word,
            "count": sum(stage in company.stages for company in companies),
            "href": f"{address}?stage={stage}",
        }
        for stage, word in _stage_words().items()
    ]


def _stage_words() -> dict[str, str]:
    words = (
        pgettext("wave", "Moved"),
        _("Letter sent"),
        _("Portal opened"),
        _("All stores answered"),
        _("Payment method saved"),
        _("First invoice issued"),
        _("First invoice paid"),
    )
    return dict(zip(STAGES, words, strict=True))


def _next_month(today: date) -> date:
    return date(today.year + today.month // 12, today.month % 12 + 1, 1)


def _is_uuid(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True
