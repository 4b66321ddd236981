"""Refunds: asking for one, what waits for a second person, what came of it; checks that a person writes."""

from collections.abc import Callable
from math import ceil
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comptoir.invoicing.correction_queries import limits
from comptoir.kit.errors import ComptoirError
from comptoir.look.templatetags.look import money
from comptoir.payments.errors import PaymentNotFound, RefundNotFound
from comptoir.payments.queries import PaymentRow
from comptoir.payments.queries import payment as payment_row
from comptoir.payments.refunds import queries
from comptoir.payments.refunds.planning import spare_credit
from comptoir.payments.refunds.requesting import (
    Asker,
    Why,
    approve_refund,
    refuse_refund,
    request_credit_refund,
    request_payment_refund,
)
from comptoir.payments.refunds.review import Review, choice_of_payment, review_of_credit, review_of_payment
from comptoir.payments.refunds.words import failure_in_words, reason_word
from comptoir.payments.refunds.writing import check_was_not_written, check_was_written
from comptoir.tenancy.queries import CompanyRow

from .acts import ActForm, AmountField, act_page
from .companies import asked_company
from .shell import WRITERS, StaffRequest, StaffVisit, door, page, page_number, staff_page

ROWS_A_PAGE = 50
REASONS = ("duplicate", "overpaid", "correction", "goodwill", "asked")
REQUEST_WORDS = {
    "requested": (_("Waits for somebody else’s word"), "warning"),
    "approved": (_("Allowed"), "success"),
    "refused": (_("Turned down"), "neutral"),
}


class RefundForm(forms.Form):
    """How much goes back, and why."""

    def __init__(self, *args: Any, visit: StaffVisit, currency: str, most_minor: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.visit = visit
        self.fields["amount"] = AmountField(
            label=f"{gettext('Amount')} ({currency})",
            currency=currency,
            min_value=0,
            initial=most_minor,
            help_text=gettext("Up to %(amount)s") % {"amount": money(most_minor, currency)},
        )
        self.add_sources()
        self.fields["reason"] = forms.ChoiceField(
            label=_("Reason"),
            choices=[(code, reason_word(code)) for code in REASONS],
            help_text=_("The customer reads it."),
        )
        self.fields["explanation"] = forms.CharField(
            label=_("What happened"),
            help_text=_("For the team alone; stays on record."),
            max_length=1000,
            widget=forms.Textarea(attrs={"rows": 3}),
        )

    def add_sources(self) -> None:
        """Ask for what the amount comes off, where there is a choice."""

    @property
    def why(self) -> Why:
        """Return why the money goes back."""
        return Why(reason=self.cleaned_data["reason"], explanation=self.cleaned_data["explanation"])

    def review(self) -> Review:
        """Return what it will do, within the vendor's door."""
        raise NotImplementedError

    def ask(self) -> bool:
        """Ask for it, within the vendor's door; return whether it is allowed already."""
        raise NotImplementedError


class PaymentRefundForm(RefundForm):
    """Give a payment back, all of it or a part."""

    def __init__(self, *args: Any, visit: StaffVisit, payment: PaymentRow, **kwargs: Any) -> None:
        self.payment = payment
        self.choice = choice_of_payment(payment.public_id, asker=asker(visit))
        super().__init__(*args, visit=visit, currency=payment.currency, most_minor=self.choice.left_minor, **kwargs)

    def add_sources(self) -> None:
        """Ask which invoices may be opened again, for what the company's credit does not cover."""
        if self.choice.paid:
            self.fields["invoices"] = forms.MultipleChoiceField(
                label=_("Invoices that may be open again"),
                choices=[
                    (str(row.public_id), f"{row.number} · {money(minor, row.currency)}")
                    for row, minor in self.choice.paid
                ],
                widget=forms.CheckboxSelectMultiple,
                required=False,
                help_text=gettext(
                    "The company’s credit (%(credit)s) is used first. What is left comes off these invoices, so that "
                    "they are owed again. If they should not be, give a credit note first."
                )
                % {"credit": money(self.choice.credit_minor, self.payment.currency)},
            )

    @property
    def asked(self) -> dict[str, Any]:
        """Return what is asked for."""
        return {
            "amount_minor": self.cleaned_data["amount"],
            "invoices": [UUID(each) for each in self.cleaned_data.get("invoices", [])],
            "asker": asker(self.visit),
        }

    def review(self) -> Review:
        """Return what it will do."""
        return review_of_payment(self.payment.public_id, **self.asked)

    def ask(self) -> bool:
        """Ask for it."""
        return request_payment_refund(self.payment.public_id, **self.asked, why=self.why).status == "approved"


class CreditRefundForm(RefundForm):
    """Give back a company's credit."""

    def __init__(self, *args: Any, company: CompanyRow, **kwargs: Any) -> None:
        self.company = company
        super().__init__(*args, **kwargs)

    @property
    def asked(self) -> dict[str, Any]:
        """Return what is asked for."""
        return {
            "currency": self.visit.vendor.currency,
            "amount_minor": self.cleaned_data["amount"],
            "asker": asker(self.visit),
        }

    def review(self) -> Review:
        """Return what it will do."""
        return review_of_credit(self.company.id, **self.asked)

    def ask(self) -> bool:
        """Ask for it."""
        return request_credit_refund(self.company.id, **self.asked, why=self.why).status == "approved"


class TurnDownForm(ActForm):
    """Turn a refund down."""

    title, button, done = _("Turn down"), _("Turn it down"), _("The refund is turned down.")
    why = forms.CharField(label=_("Why"), help_text=_("Stays on record."), max_length=500)
    request_id: UUID

    def act(self) -> None:
        """Turn it down."""
        refuse_refund(self.request_id, why=self.cleaned_data["why"], asker=asker(self.visit))


class WrittenForm(ActForm):
    """Say that the check was written."""

    title, button = _("The check is written"), _("Put it on record")
    done = _("The check is on record; the customer is told.")
    number = forms.CharField(label=_("Number of the check"), max_length=40)
    refund_id: UUID

    def act(self) -> None:
        """Put it on record."""
        visit = self.visit
        number = self.cleaned_data["number"]
        check_was_written(self.refund_id, number=number, today=visit.today, actor=visit.actor, now=visit.now)


class NotWrittenForm(ActForm):
    """Say that the check is not going to be written."""

    title, button = _("No check is written"), _("Make it credit again")
    done = _("It becomes the company’s credit again.")
    note = _("Only where the check was not written, or was destroyed. The amount becomes the company’s credit again.")
    refund_id: UUID

    def act(self) -> None:
        """Put it on record."""
        check_was_not_written(self.refund_id, actor=self.visit.actor, now=self.visit.now)


CHECK_ACTS: dict[str, type[WrittenForm] | type[NotWrittenForm]] = {
    "check-written": WrittenForm,
    "check-not-written": NotWrittenForm,
}


def asker(visit: StaffVisit) -> Asker:
    """Return who asks or decides."""
    return Asker(
        user_id=visit.user_id,
        actor=visit.actor,
        role=visit.role,
        vendor_id=visit.vendor.id,
        today=visit.today,
        now=visit.now,
    )


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
        context = {
            "waiting": [_in_words(row, visit) for row in waiting],
            "rows": [_in_words(row, visit) for row in rows],
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
        context = {
            **_in_words(asked, visit),
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

    def make(posted: object) -> TurnDownForm:
        form = TurnDownForm(posted, visit=visit)
        form.request_id = asked.public_id
        return form

    back = reverse("console:refunds", kwargs={"vendor": visit.vendor.slug})
    what = f"{money(asked.amount_minor, asked.currency)}, {asked.company_name}"
    return act_page(request, make=make, back=back, context={"of": gettext("Refunds"), "what": what})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def check(request: StaffRequest, refund: UUID, what: str) -> HttpResponse:
    """Say whether the check of a refund was written."""
    visit = request.visit
    if what not in CHECK_ACTS:
        raise Http404
    with door(visit):
        asked = _asked(refund)

    def make(posted: object) -> WrittenForm | NotWrittenForm:
        form = CHECK_ACTS[what](posted, visit=visit)
        form.refund_id = refund
        return form

    back = reverse("console:refund", kwargs={"vendor": visit.vendor.slug, "refund": refund})
    part = next(part for part in asked.parts if part.public_id == refund)
    named = f"{money(part.amount_minor, part.currency)}, {asked.company_name}"
    return act_page(request, make=make, back=back, context={"of": gettext("Refund"), "what": named})


def _ask(request: StaffRequest, *, make: Callable[[Any], RefundForm], back: str, of: str) -> HttpResponse:
    """Show the form; posted, what it will do; confirmed, ask for it. A refusal is said, and nothing typed is lost."""
    visit, review = request.visit, None
    with door(visit):
        form = make(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            with door(visit):
                if "confirmed" in request.POST:
                    allowed = form.ask()
                else:
                    review = form.review()
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


def _in_words(row: queries.RequestRow, visit: StaffVisit) -> dict[str, object]:
    mine = next((each.limit_minor for each in limits(visit.vendor.id) if each.role == visit.role), 0)
    word, tone = REQUEST_WORDS[row.status]
    return {
        "row": row,
        "first": row.parts[0].public_id,
        "word": word,
        "tone": tone,
        "reason": reason_word(row.reason),
        "may_allow": row.status == "requested"
        and visit.may_write
        and row.requested_by_id != visit.user_id
        and (mine is None or row.amount_minor <= mine),
    }
