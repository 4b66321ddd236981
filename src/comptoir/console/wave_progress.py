"""How far the companies of a wave, or of all waves, have come; the lists behind each number, and as files."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from comptoir.cutover.feed import COLUMNS, moved_feed
from comptoir.cutover.funnel import STAGES, Moved, counts, moved_companies
from comptoir.cutover.waves import WaveRow, waves
from comptoir.look.csv_file import csv_download
from comptoir.look.templatetags.look import status

from .shell import StaffRequest, door, page, staff_page

ROWS_SHOWN = 200
NOT_REACHED = frozenset({"in_doubt", "held", "failed", "bounced"})


@require_safe
@staff_page()
def progress(request: StaffRequest) -> HttpResponse:
    """Show how far all who moved have come, wave by wave."""
    visit = request.visit
    with door(visit):
        rows = [row for row in waves(visit.vendor.id) if row.is_sent]
        companies = moved_companies(vendor_id=visit.vendor.id, today=visit.today)
    words = stage_words()
    by_wave = [
        {
            "wave": row,
            "counts": [
                (words[stage], count, f"{_address(request, row)}?stage={stage}")
                for stage, count in counts(one for one in companies if one.wave_id == row.id).items()
            ],
        }
        for row in rows
    ]
    shown = _shown(request, companies, address=_address(request, None))
    context = {**shown, "by_wave": by_wave, "stages": words.values()}
    return page(request, "console/waves/progress.html", context)


@require_safe
@staff_page()
def progress_csv(request: StaffRequest) -> StreamingHttpResponse:
    """Hand over the list that a number counts, with every stage."""
    visit = request.visit
    asked = request.GET.get("wave", "")
    wave_id = int(asked) if asked.isdecimal() and len(asked) < 16 else None
    with door(visit):
        companies = moved_companies(vendor_id=visit.vendor.id, wave_id=wave_id, today=visit.today)
    return csv_download(
        filename="progress.csv",
        heads=("number", "company", "wave", "moved_on", "letter_to", "letter", "pays_by", *STAGES),
        rows=[
            (
                row.number,
                row.name,
                row.wave_name,
                str(row.moved_on or ""),
                row.letter_to,
                row.letter,
                row.pays_by,
                *("yes" if stage in row.stages else "no" for stage in STAGES),
            )
            for row in _chosen(request)(companies)
        ],
    )


@require_safe
@staff_page()
def moved_csv(request: StaffRequest) -> StreamingHttpResponse:
    """Hand over what the old system is to stop billing."""
    visit = request.visit
    with door(visit):
        rows = list(moved_feed(vendor_id=visit.vendor.id))
    return csv_download(filename="moved.csv", heads=COLUMNS, rows=rows)


def shown_progress(request: StaffRequest, row: WaveRow) -> dict[str, Any]:
    """Return how far a wave's companies are, and those that the address asks for. Needs a door."""
    visit = request.visit
    companies = moved_companies(vendor_id=visit.vendor.id, wave_id=row.id, today=visit.today)
    return {
        **_shown(request, companies, address=_address(request, row)),
        "reference": str(uuid4()),
        "is_telling": row.status == "sending",
        "stuck": [company for company in companies if company.problem],
        "to_print": sum(company.is_to_print for company in companies),
        "to_call": [company for company in companies if company.letter == "call"],
        "not_reached": sum(company.letter in NOT_REACHED for company in companies),
    }


def stage_words() -> dict[str, str]:
    """Return what each stage is called, in order."""
    words = (
        pgettext("wave", "Moved"),
        _("Letter delivered"),
        _("Portal opened"),
        _("Password set"),
        _("All stores answered"),
        _("Payment method saved"),
        _("First invoice issued"),
        _("First invoice paid"),
    )
    return dict(zip(STAGES, words, strict=True))


def _shown(request: StaffRequest, companies: Sequence[Moved], *, address: str) -> dict[str, Any]:
    words, reached = stage_words(), counts(companies)
    chosen = _chosen(request)(companies)
    asked = {name: request.GET[name] for name in ("stage", "missing", "letter") if request.GET.get(name)}
    stage, missing, letter = (asked.get(name, "") for name in ("stage", "missing", "letter"))
    said = words.get(stage or missing, "") or (status(letter) if letter in LETTER_STATES else "")
    files = reverse("console:waves_progress_csv", kwargs={"vendor": request.visit.vendor.slug})
    if wave := request.resolver_match and request.resolver_match.kwargs.get("wave"):
        asked["wave"] = str(wave)
    return {
        "funnel": [
            {
                "label": words[stage],
                "count": count,
                "href": f"{address}?stage={stage}#companies",
                "missing": len(companies) - count,
                "missing_href": f"{address}?missing={stage}#companies",
            }
            for stage, count in reached.items()
        ],
        "total": len(companies),
        "companies": chosen[:ROWS_SHOWN],
        "chosen": len(chosen),
        "hidden": max(len(chosen) - ROWS_SHOWN, 0),
        "asked_word": said,
        "missing": missing,
        "address": address,
        "csv": f"{files}?{urlencode(asked)}" if asked else files,
    }


LETTER_STATES = (*NOT_REACHED, "queued", "sending", "sent", "delivered", "paper", "printed", "call", "called")


def _chosen(request: StaffRequest) -> Callable[[Sequence[Moved]], list[Moved]]:
    """Return what leaves the companies that the address asks for: a stage reached or not, a letter's state."""
    stage, missing, letter = (request.GET.get(name, "") for name in ("stage", "missing", "letter"))
    not_reached = letter == "not-reached"

    def leave(companies: Sequence[Moved]) -> list[Moved]:
        return [
            company
            for company in companies
            if (stage not in STAGES or stage in company.stages)
            and (missing not in STAGES or missing not in company.stages)
            and (letter not in LETTER_STATES or company.letter == letter)
            and (not not_reached or company.letter in NOT_REACHED)
        ]

    return leave


def _address(request: StaffRequest, row: WaveRow | None) -> str:
    vendor = request.visit.vendor.slug
    if row is None:
        return reverse("console:waves_progress", kwargs={"vendor": vendor})
    return reverse("console:wave", kwargs={"vendor": vendor, "wave": row.id})
