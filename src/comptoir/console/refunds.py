"""Refunds: asking for one, what waits for a second person, what came of it; checks that a person writes."""

from collections.abc import Callable
from math import ceil
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comptoir.kit.errors import ComptoirError
from comptoir.look.templatetags.look import money
from comptoir.payments.errors import PaymentNotFound, RefundNotFound
from comptoir.payments.queries import payment as payment_row
from comptoir.payments.refunds import queries
from comptoir.payments.refunds.planning import spare_credit
from comptoir.payments.refunds.requesting import approve_refund
from comptoir.payments.refunds.review import choice_of_payment
from comptoir.payments.refunds.words import failure_in_words, reason_word
from comptoir.payments.second_word import Say, say_of
from comptoir.tenancy.errors import AlreadyDone

from .acts import act_page
from .askers import asker
from .companies import asked_company
from .refund_forms import (
    CHECK_ACTS,
    CreditRefundForm,
    PaymentRefundForm,
    RefundForm,
    TurnDownForm,
)
from .shell import WRITERS, StaffRequest, StaffVisit, door, page, page_number, staff_page

ROWS_A_PAGE = 50
REQUEST_WORDS = {
    "requested": (_("Waits for somebody else’s word"), "warning"),
    "approved": (_("Allowed"), "success"),
    "refused": (_("Turned down"), "neutral"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def refund_payment(request: StaffRequest, payment: UUID) -> HttpResponse:
    """Give a payment back: a form, what it will do, done."""
    visit = request.visit
    with door(visit):
        try:
            row = payment_row(payment)
        except PaymentNotFound as error:
            raise Http404 from error
        why_not = choice_of_payment(payment, asker=asker(visit)).why_not
    back = reverse("console:payment", kwargs={"vendor": visit.vendor.slug, "payment": payment})
    if why_not:
        messages.error(request, why_not)
        return redirect(back)
    return _ask(
        request,
        make=lambda posted: PaymentRefundForm(posted, visit=visit, payment=row),
        back=back,
        of=gettext("Payment %(number)s") % {"number": row.confirmation},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def refund_credit(request: StaffRequest, company: UUID) -> HttpResponse:
    """Give back a company's credit: a form, what it will do, done."""
    visit = request.visit
    with door(visit):
        row = asked_company(visit, company)
        spare = spare_credit(row.id, currency=visit.vendor.currency)
    back = reverse("console:company", kwargs={"vendor": visit.vendor.slug, "company": company})
    if not spare:
        messages.error(request, gettext("The company has no credit that could go back."))
        return redirect(back)
    return _ask(
        request,
        make=lambda posted: CreditRefundForm(
            posted, visit=visit, currency=visit.vendor.currency, most_minor=spare, company=row
        ),
        back=back,
        of=row.name,
    )


@require_safe
@staff_page()
def index(request: StaffRequest) -> HttpResponse:
    """List what waits for a second person, and what came of the others."""
    visit, number = request.visit, page_number(request)
    with door(visit):
        waiting = queries.waiting_requests(visit.vendor.id)
        rows, total = queries.decided_requests(visit.vendor.id, limit=ROWS_A_PAGE, offset=(number - 1) * ROWS_A_PAGE)
        say = say_of(asker(visit))
    context = {
        "waiting": [_in_words(row, visit, say=say) for row in waiting],
        "rows": [_in_words(row, visit, say=say) for row in rows],
        "number": number,
        "pages": max(ceil(total / ROWS_A_PAGE), 1),
        "total": total,
    }
    return page(request, "console/refunds/index.html", context)


@require_safe
@staff_page()
def detail(request: StaffRequest, refund: UUID) -> HttpResponse:
    """Show a refund: why, who asked, who allowed it, on which ways it goes, and where each stands."""
    visit = request.visit
    with door(visit):
        asked = _asked(refund)
        say = say_of(asker(visit))
    context = {
        **_in_words(asked, visit, say=say),
        "parts": [
            {"row": part, "why": failure_in_words(part.failure_code) if part.failure_code else ""}
            for part in asked.parts
        ],
    }
    return page(request, "console/refunds/detail.html", context)


@require_POST
@staff_page(*WRITERS)
def approve(request: StaffRequest, refund: UUID) -> HttpResponse:
    """Allow a refund that somebody else asked for."""
    visit = request.visit
    try:
        with door(visit):
            approve_refund(_asked(refund).public_id, asker=asker(visit))
    except ComptoirError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, gettext("The refund is allowed; it is being sent."))
    return redirect("console:refunds", vendor=visit.vendor.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def turn_down(request: StaffRequest, refund: UUID) -> HttpResponse:
    """Turn a refund down."""
    visit = request.visit
    with door(visit):
        asked = _asked(refund)

    back = reverse("console:refunds", kwargs={"vendor": visit.vendor.slug})
    what = f"{money(asked.amount_minor, asked.currency)}, {asked.company_name}"
    return act_page(
        request,
        make=TurnDownForm.about(visit, request_id=asked.public_id),
        back=back,
        context={"of": gettext("Refunds"), "what": what},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def check(request: StaffRequest, refund: UUID, what: str) -> HttpResponse:
    """Say whether the check of a refund was written."""
    visit = request.visit
    if what not in CHECK_ACTS:
        raise Http404
    with door(visit):
        asked = _asked(refund)

    back = reverse("console:refund", kwargs={"vendor": visit.vendor.slug, "refund": refund})
    part = next(part for part in asked.parts if part.public_id == refund)
    named = f"{money(part.amount_minor, part.currency)}, {asked.company_name}"
    return act_page(
        request,
        make=CHECK_ACTS[what].about(visit, refund_id=refund),
        back=back,
        context={"of": gettext("Refund"), "what": named},
    )


def _ask(request: StaffRequest, *, make: Callable[[Any], RefundForm], back: str, of: str) -> HttpResponse:
    """Show the form; posted, what it will do; confirmed, ask for it, once, and go ``back``."""
    try:
        with door(request.visit):
            form = make(request.POST if request.method == "POST" else None)
            if form.is_bound:
                form.refuse_if_taken()
        return _shown_or_asked(request, form, back=back, of=of)
    except AlreadyDone as error:
        messages.info(request, str(error))
        return redirect(back)


def _shown_or_asked(request: StaffRequest, form: RefundForm, *, back: str, of: str) -> HttpResponse:
    """A refusal is said, and nothing typed is lost. Raises AlreadyDone."""
    review = None
    if form.is_bound and form.is_valid():
        try:
            with door(request.visit):
                if "confirmed" in request.POST:
                    form.take_reference()
                    allowed = form.ask()
                else:
                    review = form.review()
        except AlreadyDone:
            raise
        except ComptoirError as refusal:
            form.add_error(None, str(refusal))
        else:
            if review is None:
                sent, waits = (
                    gettext("The refund is on its way; the customer is told when it was sent."),
                    gettext("The refund waits until somebody with a higher limit allows it."),
                )
                messages.success(request, sent if allowed else waits)
                return redirect(back)
    context = {
        "form": form,
        "review": review,
        "typed": [(name, value) for name, values in request.POST.lists() for value in values],
        "reason": reason_word(form.cleaned_data["reason"]) if review else "",
        "back": back,
        "of": of,
    }
    return page(request, "console/refunds/ask.html", context)


def _asked(refund: UUID) -> queries.RequestRow:
    """Return the request that a refund is part of, within the door. Raises Http404 where the vendor has none."""
    try:
        return queries.request(queries.request_of(refund))
    except RefundNotFound as error:
        raise Http404 from error


def _in_words(row: queries.RequestRow, visit: StaffVisit, *, say: Say) -> dict[str, object]:
    word, tone = REQUEST_WORDS[row.status]
    return {
        "row": row,
        "first": row.parts[0].public_id,
        "word": word,
        "tone": tone,
        "reason": reason_word(row.reason),
        "may_allow": row.status == "requested"
        and visit.may_write
        and not say.why_not(asked_by_id=row.requested_by_id, amount_minor=row.amount_minor, currency=row.currency),
    }
