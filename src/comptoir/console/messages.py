"""The team's inbox: what customers wrote, the most pressing first; answering, noting, assigning, closing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, get_args
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comptoir.identity.queries import TeamMember, team
from comptoir.inbox import operations, queries
from comptoir.inbox.errors import ThreadNotFound
from comptoir.inbox.forms import TOPIC_WORDS, NewThreadForm, NoteForm, ReplyForm
from comptoir.inbox.promise import Promise
from comptoir.inbox.serving import as_download
from comptoir.invoicing.errors import InvoiceNotFound
from comptoir.invoicing.queries import invoice as invoice_of

from .acts import ActForm, act_page
from .companies import asked_company
from .shell import StaffRequest, StaffVisit, door, page, page_number, staff_page

SHOWN: dict[queries.Shown, Any] = {
    "waiting": _("Waiting for an answer"),
    "mine": _("Assigned to me"),
    "open": _("All open"),
    "closed": _("Closed ones"),
}
WEEKDAYS = [
    (str(number), word)
    for number, word in enumerate(
        (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")), start=1
    )
]


class PromiseForm(ActForm):
    """Say when the team works, and how soon it answers."""

    title, button, done = _("Promised answer time"), _("Save"), _("The promise holds from the next message on.")
    note = _("Customers are told by when they have an answer; only these hours count.")
    weekdays = forms.MultipleChoiceField(
        label=_("The team works on"), choices=WEEKDAYS, widget=forms.CheckboxSelectMultiple
    )
    opens_at = forms.TimeField(label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}))
    closes_at = forms.TimeField(label=_("Until"), widget=forms.TimeInput(attrs={"type": "time"}))
    hours = forms.IntegerField(label=_("Answers within so many working hours"), min_value=1, max_value=200)
    urgent_hours = forms.IntegerField(label=_("And when it is urgent"), min_value=1, max_value=200)

    def clean(self) -> dict[str, Any]:
        """Check that the hours fit together."""
        given = self.cleaned_data
        if {"opens_at", "closes_at"} <= given.keys() and given["opens_at"] >= given["closes_at"]:
            self.add_error("closes_at", gettext("The day ends after it begins."))
        if {"hours", "urgent_hours"} <= given.keys() and given["urgent_hours"] > given["hours"]:
            self.add_error("urgent_hours", gettext("What is urgent is answered no later than the rest."))
        return given

    def act(self) -> None:
        """Promise it."""
        given = self.cleaned_data | {"weekdays": "".join(sorted(self.cleaned_data["weekdays"]))}
        operations.set_promise(vendor_id=self.visit.vendor.id, promise=Promise(**given), actor=self.visit.actor)


@require_safe
@staff_page()
def index(request: StaffRequest) -> HttpResponse:
    """List the conversations, urgent first, by the filters of the address."""
    visit = request.visit
    asked = request.GET.get("shown", "waiting")
    shown: queries.Shown = asked if asked in get_args(queries.Shown) else "waiting"  # type: ignore[assignment]
    words = request.GET.get("company", "").strip()[:100]
    with door(visit):
        listed = queries.team_threads(
            vendor_id=visit.vendor.id, user_id=visit.user_id, shown=shown, words=words, page=page_number(request)
        )
        waiting = queries.waiting_count(visit.vendor.id)
        names = _names(team(visit.vendor.id))
    context = {
        "listed": listed,
        "rows": [
            {
                "row": row,
                "topic": TOPIC_WORDS[row.topic],
                "holder": names.get(row.assigned_to_id or 0, ""),
                "late": row.answer_due_at and row.answer_due_at < visit.now,
            }
            for row in listed.rows
        ],
        "shown": shown,
        "choices": SHOWN.items(),
        "words": words,
        "waiting": waiting,
    }
    return page(request, "console/messages/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def detail(request: StaffRequest, thread: UUID) -> HttpResponse:
    """Show a conversation, which counts as read by that; take an answer, or a note for the team alone."""
    visit = request.visit
    is_note = request.POST.get("what") == "note"
    posted = request.method == "POST"
    answer = ReplyForm(request.POST if posted and not is_note else None, request.FILES or None)
    note = NoteForm(request.POST if posted and is_note else None, auto_id="note_%s")
    if posted and (_note(visit, thread, note) if is_note else _answer(visit, thread, answer)):
        return redirect("console:message", vendor=visit.vendor.slug, thread=thread)
    with _door(visit):
        found = queries.conversation(public_id=thread, user_id=visit.user_id, side="staff")
        operations.mark_read(thread_id=found.row.id, user_id=visit.user_id, through_message_id=found.messages[-1].id)
        colleagues = team(visit.vendor.id)
        context = {
            "thread": found.row,
            "holder": _names(colleagues).get(found.row.assigned_to_id or 0, ""),
            "topic": TOPIC_WORDS[found.row.topic],
            "messages_written": found.messages,
            "about": _about(visit, found.row.about),
            "late": found.row.answer_due_at and found.row.answer_due_at < visit.now,
            "team": [member for member in colleagues if member.role != "auditor"],
            "answer": answer,
            "note": note,
        }
    return page(request, "console/messages/detail.html", context)


@require_POST
@staff_page()
def assign(request: StaffRequest, thread: UUID) -> HttpResponse:
    """Give a conversation to one of the team, or to nobody."""
    visit = request.visit
    asked = request.POST.get("to", "")
    with _door(visit):
        chosen = next((member for member in team(visit.vendor.id) if str(member.user_id) == asked), None)
        operations.assign_thread(
            thread_public_id=thread,
            to_user_id=chosen.user_id if chosen else None,
            to_label=(chosen.name or chosen.email) if chosen else "",
            actor=visit.actor,
        )
    return redirect("console:message", vendor=visit.vendor.slug, thread=thread)


@require_POST
@staff_page()
def close(request: StaffRequest, thread: UUID) -> HttpResponse:
    """Close a conversation that is done with."""
    visit = request.visit
    with _door(visit):
        operations.close_thread(thread_public_id=thread, actor=visit.actor, now=visit.now)
    messages.success(request, gettext("The conversation is closed; whoever writes on opens it again."))
    return redirect("console:messages", vendor=visit.vendor.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def new(request: StaffRequest, company: UUID) -> HttpResponse:
    """Begin a conversation with a company."""
    visit = request.visit
    with door(visit):
        row = asked_company(visit, company)
    form = NewThreadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and _is_good(form, visit):
        with door(visit):
            thread = operations.open_thread(
                vendor=visit.vendor, company_id=row.id, actor=visit.actor, now=visit.now, **form.cleaned_data
            )
            form.let_files_go(visit.keeper)
        return redirect("console:message", vendor=visit.vendor.slug, thread=thread)
    return page(request, "console/messages/new.html", {"form": form, "company": row})


@require_safe
@staff_page()
def file(request: StaffRequest, thread: UUID, file: UUID) -> HttpResponse:
    """Hand a file over, to be kept; never to be shown."""
    with _door(request.visit):
        found = queries.file_content(thread_public_id=thread, public_id=file)
    return as_download(found)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("manager", "admin")
def promise(request: StaffRequest) -> HttpResponse:
    """Say when the team works, and how soon it answers."""
    visit = request.visit
    with door(visit):
        now = queries.promise_of(visit.vendor.id)
    initial = {
        "weekdays": list(now.weekdays),
        "opens_at": now.opens_at,
        "closes_at": now.closes_at,
        "hours": now.hours,
        "urgent_hours": now.urgent_hours,
    }
    return act_page(
        request,
        make=lambda posted: PromiseForm(posted, visit=visit, initial=initial),
        back=reverse("console:messages", kwargs={"vendor": visit.vendor.slug}),
        context={"of": gettext("Messages"), "what": visit.vendor.time_zone},
    )


def _answer(visit: StaffVisit, thread: UUID, form: ReplyForm) -> bool:
    """Send an answer; return whether it could be taken."""
    if not _is_good(form, visit):
        return False
    with _door(visit):
        operations.write_message(
            thread_public_id=thread, vendor=visit.vendor, actor=visit.actor, now=visit.now, **form.cleaned_data
        )
        form.let_files_go(visit.keeper)
    return True


def _note(visit: StaffVisit, thread: UUID, form: NoteForm) -> bool:
    """Keep a note; return whether it could be taken."""
    if not form.is_valid():
        return False
    with _door(visit):
        operations.write_note(
            thread_public_id=thread, vendor=visit.vendor, actor=visit.actor, now=visit.now, **form.cleaned_data
        )
    return True


def _is_good(form: ReplyForm, visit: StaffVisit) -> bool:
    with door(visit):
        return form.is_good(visit.keeper, now=visit.now)


def _names(colleagues: list[TeamMember]) -> dict[int, str]:
    return {member.user_id: member.name or member.email for member in colleagues}


def _about(visit: StaffVisit, subject: str) -> dict[str, str] | None:
    """Resolve what a conversation is attached to, within the door; what is not there any more is left out."""
    kind, _colon, public_id = subject.partition(":")
    if kind != "invoice":
        return None
    try:
        row = invoice_of(UUID(public_id)).row
    except InvoiceNotFound:
        return None
    return {
        "label": gettext("Invoice %(number)s") % {"number": row.number},
        "href": reverse("console:invoice", kwargs={"vendor": visit.vendor.slug, "invoice": row.public_id}),
    }


@contextmanager
def _door(visit: StaffVisit) -> Iterator[None]:
    """Open the vendor's door. Raises Http404 where it shows no such conversation or file."""
    try:
        with door(visit):
            yield
    except ThreadNotFound as error:
        raise Http404 from error
