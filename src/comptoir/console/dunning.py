"""Who has not paid and how far that has come, the letters to post, what waits for a second person, the last list."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comptoir.documents.errors import NothingToPrint
from comptoir.documents.queries import stored_pdf
from comptoir.documents.serving import pdf_download
from comptoir.dunning import brakes, queries
from comptoir.dunning.errors import DunningRefused
from comptoir.dunning.handing_over import handed_over
from comptoir.dunning.papers import note_posted, print_unposted
from comptoir.kit.safe_words import SafeWords
from comptoir.look.csv_file import csv_download, plain_amount

from .acts import ActForm, act_page
from .dunning_words import STAGE_WORDS, STEP_WORDS
from .shell import WRITERS, StaffRequest, door, page, page_number, staff_page


@require_safe
@staff_page()
def index(request: StaffRequest) -> HttpResponse:
    """List who has something overdue; the address keeps the stage, whether paused, and the words looked for."""
    visit, number = request.visit, page_number(request)
    stage = request.GET.get("stage", "")
    stage = stage if stage in STAGE_WORDS else ""
    paused, text = request.GET.get("paused") == "yes", request.GET.get("q", "").strip()[:80]
    with door(visit):
        rows = queries.late_companies(
            vendor_id=visit.vendor.id, on=visit.today, stage=stage, paused=paused, text=text, page=number
        )
        counts = queries.late_counts(vendor_id=visit.vendor.id, on=visit.today)
        letters = queries.count_letters_to_post(visit.vendor.id)
        waiting = [row for row in brakes.stops(visit.vendor.id) if row.approved is None]
    total = counts[stage] if stage else sum(counts[each] for each in queries.STAGES)
    context = {
        "rows": [{"row": row, "word": STAGE_WORDS[row.stage][0], "tone": STAGE_WORDS[row.stage][1]} for row in rows],
        "stages": [(name, word, counts[name]) for name, (word, _tone) in STAGE_WORDS.items()],
        "stage": stage,
        "paused": paused,
        "paused_count": counts[queries.PAUSED],
        "q": text,
        "letters": letters,
        "waiting": waiting,
        "filtered": bool(stage or paused or text),
        "page_number": number,
        "pages": max(-(-total // queries.ROWS_A_PAGE), 1),
        "total": total,
    }
    return page(request, "console/dunning/index.html", context)


@require_safe
@staff_page()
def letters(request: StaffRequest) -> HttpResponse:
    """List the reminders on paper that are to be printed, and of each batch that was, those to post and to take out."""
    visit = request.visit
    with door(visit):
        found = queries.letters_to_post(vendor=visit.vendor, on=visit.today)
    piles = [
        {
            "batch": pile.batch,
            "rows": [
                {"row": each.notice, "kept": each.kept_back, "kind": STEP_WORDS[each.notice.kind]} for each in pile.rows
            ],
            "to_go": ",".join(map(str, pile.to_go)),
            "take_out": [{"sheet": each, "kind": STEP_WORDS[each.kind]} for each in pile.take_out],
        }
        for pile in found
    ]
    return page(request, "console/dunning/letters.html", {"piles": piles})


@require_POST
@staff_page(*WRITERS)
def print_letters(request: StaffRequest) -> HttpResponse:
    """Have the reminders put together for the printer."""
    visit = request.visit
    try:
        with door(visit):
            print_unposted(vendor=visit.vendor, title=gettext("Reminders"), today=visit.today, actor=visit.actor)
    except NothingToPrint as error:
        messages.info(request, str(error))
        return redirect("console:dunning_letters", vendor=visit.vendor.slug)
    return redirect("console:printing", vendor=visit.vendor.slug)


@require_POST
@staff_page(*WRITERS)
def posted(request: StaffRequest) -> HttpResponse:
    """Take the word that the reminders of a batch, as the page showed them, were put into the post today."""
    visit = request.visit
    batch, seen = _number(request.POST.get("batch", "")), request.POST.get("letters", "").split(",")
    try:
        with door(visit):
            count = note_posted(
                vendor=visit.vendor, batch_id=batch, seen=map(_number, seen), on=visit.today, actor=visit.actor
            )
        messages.success(
            request,
            ngettext("%(count)d letter is posted.", "%(count)d letters are posted.", count) % {"count": count},
        )
    except DunningRefused as error:
        messages.info(request, str(error))
    return redirect("console:dunning_letters", vendor=visit.vendor.slug)


def _number(typed: str) -> int:
    """Return an id as a page wrote it; what is none is of nothing."""
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 16 else 0


@require_safe
@staff_page()
def letter(request: StaffRequest, notice: UUID) -> HttpResponse:
    """Give a reminder's PDF."""
    with door(request.visit):
        found = queries.find_notice(vendor_id=request.visit.vendor.id, public_id=notice)
        if found is None:
            raise Http404
        paper = stored_pdf(found.paper)
    return pdf_download(paper)


@require_safe
@staff_page()
def hand_over(request: StaffRequest) -> HttpResponseBase:
    """List who was given out of the team's hands; ``?as=csv`` takes it away."""
    visit = request.visit
    with door(visit):
        rows = handed_over(visit.vendor.id, on=visit.today)
    if request.GET.get("as") == "csv":
        heads = ("number", "name", "address", "emails", "listed_on", "overdue_since", "invoices", "overdue", "currency")
        lines = [
            (
                row.number,
                row.name,
                row.address,
                row.emails,
                row.listed_on.isoformat(),
                row.due_on.isoformat() if row.due_on else "",
                str(row.invoices),
                plain_amount(row.overdue_minor, visit.vendor.currency),
                visit.vendor.currency,
            )
            for row in rows
        ]
        return csv_download(filename=f"hand-over-{visit.today}.csv", heads=heads, rows=lines)
    return page(request, "console/dunning/hand_over.html", {"rows": rows})


class StopForm(ActForm):
    """Decide a stop of the brake."""

    reason = SafeWords(label=_("Why"), help_text=_("Stays on record."), max_length=500)
    stop_id: UUID
    approve: bool

    def act(self) -> None:
        """Decide it."""
        visit = self.visit
        brakes.decide_stop(
            vendor_id=visit.vendor.id,
            public_id=self.stop_id,
            approve=self.approve,
            reason=self.cleaned_data["reason"],
            actor=visit.actor,
            today=visit.today,
            now=visit.now,
        )


class AllowForm(StopForm):
    """Let it happen."""

    title, button, done = (
        _("Allow these suspensions"),
        _("Allow them"),
        _("Allowed. It happens when stores are closed."),
    )
    note = _("Each happens when all stores of the company are next closed, to those who have not paid by then.")
    approve = True


class RefuseForm(StopForm):
    """Do not."""

    title, button, done = _("Hold these companies"), _("Hold them for a week"), _("They are all on hold for a week.")
    note = _("Nobody of them is reminded or suspended for a week. Then the policy counts again.")
    approve = False


STOP_ACTS: dict[str, type[StopForm]] = {"allow": AllowForm, "refuse": RefuseForm}


@require_safe
@staff_page()
def stops(request: StaffRequest) -> HttpResponse:
    """List the days on which too many would have lost access, the undecided first."""
    visit = request.visit
    with door(visit):
        rows = brakes.stops(visit.vendor.id)
        waiting = {row.public_id: brakes.companies_waiting(row.public_id) for row in rows if row.approved is None}
    context = {
        "rows": [{"row": row, "companies": waiting.get(row.public_id, [])} for row in rows],
        "may_decide": visit.role in ("manager", "admin"),
    }
    return page(request, "console/dunning/stops.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("manager", "admin")
def stop_act(request: StaffRequest, stop: UUID, what: str) -> HttpResponse:
    """Allow what the brake has stopped, or hold the companies."""
    visit = request.visit
    with door(visit):
        row = next((row for row in brakes.stops(visit.vendor.id) if row.public_id == stop), None)
    if what not in STOP_ACTS or row is None:
        raise Http404

    companies = ngettext("%(count)d company", "%(count)d companies", row.companies) % {"count": row.companies}
    return act_page(
        request,
        make=STOP_ACTS[what].about(visit, stop_id=stop),
        back=reverse("console:dunning_stops", kwargs={"vendor": visit.vendor.slug}),
        context={"of": gettext("Suspensions to allow"), "what": companies},
    )
