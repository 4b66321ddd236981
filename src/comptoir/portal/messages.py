"""Secure messages with the billing team: the conversations, one of them, a new one, and the files in them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comptoir.inbox import operations, queries
from comptoir.inbox.errors import ThreadNotFound
from comptoir.inbox.forms import TOPIC_WORDS, CustomerThreadForm, ReplyForm
from comptoir.inbox.promise import answer_by
from comptoir.inbox.serving import as_download
from comptoir.invoicing.errors import InvoiceNotFound
from comptoir.invoicing.queries import invoice as invoice_of
from comptoir.tenancy import doors

from .shell import CompanyRequest, Visit, company_page, once, page, page_number


@dataclass(frozen=True, slots=True)
class About:
    """What a conversation is attached to: its words, and its page."""

    public_id: UUID
    label: str
    href: str


@require_safe
@company_page
def listing(request: CompanyRequest) -> HttpResponse:
    """Show the conversations, the latest first, and which have something unread."""
    visit = request.visit
    with _door(visit):
        listed = queries.company_threads(
            company_id=visit.company.id, user_id=visit.user_id, page=page_number(request.GET.get("page", "1"))
        )
    rows = [(row, TOPIC_WORDS[row.topic]) for row in listed.rows]
    return page(request, "portal/messages.html", {"listed": listed, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@company_page
def new(request: CompanyRequest) -> HttpResponse:
    """Ask what it is about, and send it; from an invoice's page it comes with that invoice attached."""
    visit = request.visit
    subject = _asked_about(request)
    about = _about(visit, subject)
    initial = {"topic": "invoice_question", "subject": about.label} if about else None
    form = CustomerThreadForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and _is_good(form, visit):
        with _door(visit):
            once(request, done_at="portal:messages")
            thread = operations.open_thread(
                vendor=visit.vendor,
                company_id=visit.company.id,
                about=subject,
                actor=visit.actor,
                now=visit.now,
                **form.cleaned_data,
            )
            form.let_files_go(visit.keeper)
        messages.success(request, _("Your message is with the billing team."))
        return redirect("portal:message", company=visit.company.public_id, thread=thread)
    with _door(visit):
        promise = queries.promise_of(visit.vendor.id)
    due, urgent_due = (
        answer_by(promise=promise, urgent=urgent, now=visit.now, time_zone=visit.vendor.time_zone)
        for urgent in (False, True)
    )
    return page(
        request,
        "portal/message_new.html",
        {"form": form, "about": about, "subject": subject, "due": due, "urgent_due": urgent_due},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@company_page
def detail(request: CompanyRequest, thread: UUID) -> HttpResponse:
    """Show a conversation, which counts as read by that, and take an answer."""
    visit = request.visit
    form = ReplyForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and _is_good(form, visit):
        with _door(visit):
            once(request, done_at="portal:message", thread=thread)
            operations.write_message(
                thread_public_id=thread, vendor=visit.vendor, actor=visit.actor, now=visit.now, **form.cleaned_data
            )
            form.let_files_go(visit.keeper)
        messages.success(request, _("Your message is with the billing team."))
        return redirect("portal:message", company=visit.company.public_id, thread=thread)
    with _door(visit):
        found = queries.conversation(public_id=thread, user_id=visit.user_id, side="customer")
        operations.mark_read(thread_id=found.row.id, user_id=visit.user_id, through_message_id=found.messages[-1].id)
    context = {
        "thread": found.row,
        "topic": TOPIC_WORDS[found.row.topic],
        "messages_written": found.messages,
        "about": _about(visit, found.row.about),
        "form": form,
    }
    return page(request, "portal/message.html", context)


@require_POST
@company_page
def close(request: CompanyRequest, thread: UUID) -> HttpResponse:
    """Close a conversation that is done with."""
    visit = request.visit
    with _door(visit):
        operations.close_thread(thread_public_id=thread, actor=visit.actor, now=visit.now)
    messages.success(request, _("The conversation is closed. Write on to open it again."))
    return redirect("portal:messages", company=visit.company.public_id)


@require_safe
@company_page
def file(request: CompanyRequest, thread: UUID, file: UUID) -> HttpResponse:
    """Hand a file over, to be kept; never to be shown."""
    with _door(request.visit):
        found = queries.file_content(thread_public_id=thread, public_id=file)
    return as_download(found)


def _is_good(form: ReplyForm, visit: Visit) -> bool:
    with _door(visit):
        return form.is_good(visit.keeper, now=visit.now)


def _asked_about(request: CompanyRequest) -> str:
    """Return what the new conversation is to be attached to, as it is kept; nothing unless an invoice was named."""
    named = request.POST.get("invoice") or request.GET.get("invoice")
    if not named:
        return ""
    try:
        return f"invoice:{UUID(named)}"
    except ValueError as error:
        raise Http404 from error


def _about(visit: Visit, subject: str) -> About | None:
    """Resolve what a conversation is attached to. Raises Http404 for an invoice that is not the company's."""
    kind, _colon, public_id = subject.partition(":")
    if kind != "invoice":
        return None
    with _door(visit):
        try:
            row = invoice_of(UUID(public_id)).row
        except InvoiceNotFound as error:
            raise Http404 from error
    return About(
        public_id=row.public_id,
        label=_("Invoice %(number)s") % {"number": row.number},
        href=reverse("portal:invoice", kwargs={"company": visit.company.public_id, "invoice": row.public_id}),
    )


@contextmanager
def _door(visit: Visit) -> Iterator[None]:
    """Open the company's door. Raises Http404 where it shows no such conversation or file."""
    try:
        with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
            yield
    except ThreadNotFound as error:
        raise Http404 from error
