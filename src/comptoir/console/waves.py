"""Waves: plan one, choose its companies, look at it once more, send it, stop it, watch how far the companies are."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comptoir.cutover.before_sending import BLOCKING, Planned, finding_words, fitting_ids, planned_companies
from comptoir.cutover.company_list import free_by_number, public_ids, search_companies
from comptoir.cutover.errors import NotInWave, WaveNotFound, WaveRefused
from comptoir.cutover.planning import add_companies, create_wave
from comptoir.cutover.planning import take_out as take_out_of_wave
from comptoir.cutover.running import continue_wave, send_wave, stop_wave
from comptoir.cutover.waves import WaveRow, hold_outs, waves
from comptoir.cutover.waves import wave as wave_row
from comptoir.cutover.writing import ask_for_letters
from comptoir.tenancy.errors import AlreadyDone
from comptoir.tenancy.once import take_reference

from .company_filter import LANGUAGE_WORDS, PAID_BY_WORDS, read_filter
from .shell import StaffRequest, StaffVisit, door, page, page_number, staff_page
from .wave_acts import WaveForm, next_month
from .wave_progress import shown_progress

BETWEEN_NUMBERS = str.maketrans(",;\0", "   ")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def index(request: StaffRequest) -> HttpResponse:
    """Show the waves as they follow each other, and plan another."""
    visit = request.visit
    form = WaveForm(request.POST or None, initial={"first_invoice_month": next_month(visit.today)})
    if request.method == "POST" and form.is_valid():
        try:
            with door(visit):
                wave_id = create_wave(
                    vendor_id=visit.vendor.id, actor=visit.actor, today=visit.today, **form.cleaned_data
                )
            return redirect("console:wave", vendor=visit.vendor.slug, wave=wave_id)
        except WaveRefused as error:
            form.add_error(None, str(error))
    with door(visit):
        rows = waves(visit.vendor.id)
    rows.sort(key=lambda row: (row.first_invoice_month, row.letter_on or row.deadline, row.id))
    context = {
        "form": form,
        "waves": rows,
        "any_sent": any(row.is_sent for row in rows),
        "companies": sum(row.companies for row in rows),
    }
    return page(request, "console/waves/index.html", context)


@require_safe
@staff_page()
def detail(request: StaffRequest, wave: int) -> HttpResponse:
    """Show a wave: while it is planned, who is in it and who could be; once it is sent, how far they are."""
    visit = request.visit
    try:
        with door(visit):
            row = wave_row(vendor_id=visit.vendor.id, wave_id=wave)
            context = shown_progress(request, row) if row.is_sent else _planned(request, row)
    except WaveNotFound as error:
        raise Http404 from error
    template = "console/waves/sent.html" if row.is_sent else "console/waves/planned.html"
    if row.is_sent and request.headers.get("HX-Request"):
        template = "console/waves/_funnel.html"
    return page(request, template, {"wave": row, "may_send": _may_send(visit), **context})


@require_POST
@staff_page()
def add(request: StaffRequest, wave: int) -> HttpResponse:
    """Put the chosen companies, or those whose numbers are listed, into a planned wave."""
    visit = request.visit
    chosen = [UUID(value) for value in request.POST.getlist("company") if _is_uuid(value)]
    numbers = request.POST.get("numbers", "").translate(BETWEEN_NUMBERS).split()
    if numbers:
        with door(visit):
            found = free_by_number(vendor_id=visit.vendor.id, numbers=set(numbers))
        chosen += found.values()
        if unknown := [number for number in numbers if number not in found]:
            messages.warning(
                request,
                _("No company that could be put into a wave has these numbers: %(numbers)s.")
                % {"numbers": ", ".join(unknown[:20])},
            )
    return _add(request, wave=wave, companies=chosen)


@require_POST
@staff_page()
def add_all(request: StaffRequest, wave: int) -> HttpResponse:
    """Put every company that the list's filters leave into a planned wave, and keep them as its criteria."""
    visit = request.visit
    _form, wanted = read_filter(request.POST, moved="free")
    with door(visit):
        companies = public_ids(vendor_id=visit.vendor.id, wanted=wanted)
    criteria = {name: value for name, value in asdict(wanted).items() if value and name != "moved"}
    return _add(request, wave=wave, companies=companies, criteria=criteria)


@require_POST
@staff_page()
def take_out(request: StaffRequest, wave: int, company: UUID) -> HttpResponse:
    """Take a company out of a planned wave."""
    visit = request.visit
    with door(visit):
        take_out_of_wave(vendor_id=visit.vendor.id, wave_id=wave, company_public_id=company, actor=visit.actor)
    return redirect("console:wave", vendor=visit.vendor.slug, wave=wave)


@require_POST
@staff_page("manager", "admin")
def send(request: StaffRequest, wave: int) -> HttpResponse:
    """Have a wave's companies moved, and told."""
    visit = request.visit
    version = request.POST.get("version", "")
    with door(visit):
        moving = send_wave(
            vendor_id=visit.vendor.id,
            wave_id=wave,
            actor=visit.actor,
            today=visit.today,
            now=visit.now,
            version=int(version) if version.isdecimal() and len(version) < 10 else None,
        )
    messages.success(
        request,
        ngettext(
            "%(count)d company is being moved, and its letter sent.",
            "%(count)d companies are being moved, and their letters sent.",
            moving,
        )
        % {"count": moving},
    )
    return redirect("console:wave", vendor=visit.vendor.slug, wave=wave)


@require_POST
@staff_page("manager", "admin")
def stop(request: StaffRequest, wave: int) -> HttpResponse:
    """Stop a wave where it is."""
    visit = request.visit
    with door(visit):
        stop_wave(vendor_id=visit.vendor.id, wave_id=wave, actor=visit.actor, now=visit.now)
    messages.success(request, _("Stopped. Who has not been moved by now is not, until the wave goes on."))
    return redirect("console:wave", vendor=visit.vendor.slug, wave=wave)


@require_POST
@staff_page("manager", "admin")
def go_on(request: StaffRequest, wave: int) -> HttpResponse:
    """Go on with a wave, also with those that could not be moved before."""
    visit = request.visit
    with door(visit):
        continue_wave(vendor_id=visit.vendor.id, wave_id=wave, actor=visit.actor)
    messages.success(request, _("The wave goes on."))
    return redirect("console:wave", vendor=visit.vendor.slug, wave=wave)


@require_POST
@staff_page()
def again(request: StaffRequest, wave: int) -> HttpResponse:
    """Send the chosen companies' letters once more, however often the page that asks for it is sent."""
    visit, sent = request.visit, 0
    chosen = [UUID(value) for value in request.POST.getlist("company") if _is_uuid(value)]
    try:
        with door(visit):
            wave_row(vendor_id=visit.vendor.id, wave_id=wave)
            take_reference(vendor_id=visit.vendor.id, reference=request.POST.get("reference", ""))
            sent = ask_for_letters(vendor_id=visit.vendor.id, company_public_ids=chosen, to="", actor=visit.actor)
    except (AlreadyDone, NotInWave) as error:
        messages.info(request, str(error))
    if sent:
        messages.success(
            request,
            ngettext("%(count)d letter is sent again.", "%(count)d letters are sent again.", sent) % {"count": sent},
        )
    return redirect("console:wave", vendor=visit.vendor.slug, wave=wave)


def _add(
    request: StaffRequest, *, wave: int, companies: Sequence[UUID], criteria: Mapping[str, str] | None = None
) -> HttpResponse:
    visit = request.visit
    if companies:
        with door(visit):
            add_companies(
                vendor_id=visit.vendor.id,
                wave_id=wave,
                company_public_ids=companies,
                actor=visit.actor,
                criteria=criteria,
            )
    else:
        messages.info(request, _("Choose at least one company."))
    return redirect("console:wave", vendor=visit.vendor.slug, wave=wave)


def _planned(request: StaffRequest, row: WaveRow) -> dict[str, Any]:
    """Who is in a wave, what to look at, and the list to choose from."""
    visit = request.visit
    form, wanted = read_filter(request.GET, moved="free")
    companies = planned_companies(row)
    asked = request.GET.get("look", "")
    found = Counter(finding.kind for company in companies for finding in company.findings)
    words = finding_words()
    shown = [company for company in companies if asked not in words or _has(company, asked)]
    return {
        "form": form,
        "listed": search_companies(
            vendor_id=visit.vendor.id, wanted=wanted, page=page_number(request), today=visit.today
        ),
        "companies": companies,
        "shown": [
            {
                "row": company,
                "findings": [(one.kind, words[one.kind], one.words, one.kind in BLOCKING) for one in company.findings],
            }
            for company in shown[:200]
        ],
        "hidden": max(len(shown) - 200, 0),
        "due_minor": sum(company.due_minor for company in companies),
        "findings": [
            (kind, words[kind], count, kind in BLOCKING) for kind, count in found.most_common() if kind in words
        ],
        "look": words.get(asked, "") if asked in words else "",  # type: ignore[call-overload]
        "problems": sum(company.is_blocked for company in companies),
        "hold_outs": hold_outs(row.id),
        "criteria": _criteria_words(row.criteria),
        "criteria_fields": row.criteria.items(),
        "more_fitting": len(fitting_ids(row)),
        "is_late": row.letter_on is not None and row.letter_on < visit.today,
        "language_words": LANGUAGE_WORDS,
        "paid_by_words": PAID_BY_WORDS,
    }


def _has(company: Planned, kind: str) -> bool:
    return any(finding.kind == kind for finding in company.findings)


def _criteria_words(criteria: Mapping[str, str]) -> list[tuple[str | Promise, str]]:
    """Say criteria with the words of the list's filters."""
    asked = {"q" if name == "text" else name: value for name, value in criteria.items()}
    form, _wanted = read_filter(asked, moved="free")
    said: list[tuple[str | Promise, str]] = []
    for bound in form:
        if value := asked.get(bound.name):
            choices = dict(getattr(bound.field, "choices", ()))
            said.append((bound.label, str(choices.get(value, value))))
    return said


def _may_send(visit: StaffVisit) -> bool:
    return visit.role in ("manager", "admin")


def _is_uuid(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True
