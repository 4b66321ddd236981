"""Payments: the list with its filters, and one payment's whole story; how a customer's word becomes a payment."""

from collections.abc import Mapping
from math import ceil
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from comptoir.look.day_input import DayInput
from comptoir.payments.code_names import code_in_words
from comptoir.payments.disputes.queries import disputes_of_payment
from comptoir.payments.errors import PaymentNotFound
from comptoir.payments.evidence import CHANNEL_WORDS, end_in_words
from comptoir.payments.listing import PaymentFilter, find_confirmation, search_payments, story
from comptoir.payments.refunds.queries import refunds_of_payment
from comptoir.payments.refunds.words import reason_word
from comptoir.payments.return_codes import reason_in_words
from comptoir.tenancy.queries import companies_by_ids, trail_of

from .company_filter import ANY
from .disputes import in_words
from .payment_words import STATUS_WORDS
from .shell import StaffRequest, door, page, page_number, staff_page

ROWS_A_PAGE = 50
KIND_WORDS: dict[str, str | Promise] = {
    "us_bank_account": _("Bank debit"),
    "card": _("Card"),
    "check": pgettext_lazy("payment", "Check"),
}
ORIGIN_WORDS: dict[str, str | Promise] = {
    "autopay": _("Autopay"),
    "one_time": _("By the customer"),
    "on_behalf": _("By the team, on the customer’s word"),
    "check": _("By mail"),
}
STEP_WORDS: dict[str, str | Promise] = {**STATUS_WORDS, "submitted": _("Sent to the processor")}


class PaymentFilterForm(forms.Form):
    """What a list of payments may be narrowed by."""

    q = forms.CharField(label=_("Search"), required=False, widget=forms.TextInput(attrs={"type": "search"}))
    status = forms.ChoiceField(label=_("Status"), required=False, choices=[*ANY, *STATUS_WORDS.items()])
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[*ANY, *KIND_WORDS.items()])
    origin = forms.ChoiceField(label=_("Made"), required=False, choices=[*ANY, *ORIGIN_WORDS.items()])
    since = forms.DateField(label=pgettext_lazy("days", "From"), required=False, widget=DayInput())
    until = forms.DateField(label=pgettext_lazy("days", "Until"), required=False, widget=DayInput())


@require_safe
@staff_page()
def index(request: StaffRequest) -> HttpResponse:
    """List payments, by the filters of the address; a whole confirmation number leads to its payment."""
    visit = request.visit
    form, wanted = _filter(request.GET)
    number = page_number(request)
    with door(visit):
        exact = find_confirmation(vendor_id=visit.vendor.id, text=wanted.text) if wanted.text else None
        rows, total = search_payments(
            vendor_id=visit.vendor.id, wanted=wanted, limit=ROWS_A_PAGE, offset=(number - 1) * ROWS_A_PAGE
        )
    if exact is not None:
        return redirect("console:payment", vendor=visit.vendor.slug, payment=exact)
    context = {
        "form": form,
        "rows": rows,
        "filtered": wanted != PaymentFilter(),
        "origins": ORIGIN_WORDS,
        "number": number,
        "pages": max(ceil(total / ROWS_A_PAGE), 1),
        "total": total,
    }
    return page(request, "console/payments/index.html", context)


@require_safe
@staff_page()
def detail(request: StaffRequest, payment: UUID) -> HttpResponse:
    """Show a payment: its states with their times, what it is for, the processor's names for it, the consent."""
    visit = request.visit
    with door(visit):
        try:
            found = story(payment)
        except PaymentNotFound as error:
            raise Http404 from error
        company = companies_by_ids([found.row.company_id])[found.row.company_id]
        trail = trail_of(subject=f"payment:{payment}")
        refunds = refunds_of_payment(payment)
        disputed = disputes_of_payment(payment)
    evidence = found.evidence
    context = {
        "story": found,
        "payment": found.row,
        "company": company,
        "steps": [{"word": STEP_WORDS[step.status], "at": step.at} for step in found.steps],
        "origin": ORIGIN_WORDS[found.row.origin],
        "kind": KIND_WORDS[found.row.kind],
        "channel": CHANNEL_WORDS[evidence.channel] if evidence and evidence.channel else "",
        "ended": end_in_words(evidence.ended_reason) if evidence else "",
        "code_name": code_in_words(found.row.failure_code),
        "reason": reason_in_words(found.row.failure_code) if found.row.failure_code else "",
        "refunds": [{"row": row, "reason": reason_word(row.reason)} for row in refunds],
        "disputes": [in_words(row) for row in disputed],
        "may_refund": visit.may_write and found.row.status == "succeeded" and found.row.origin != "check",
        "trail": trail,
    }
    return page(request, "console/payments/detail.html", context)


def _filter(data: Mapping[str, Any]) -> tuple[PaymentFilterForm, PaymentFilter]:
    """Return the form that shows the filters of an address, and what they ask for; nonsense asks for nothing."""
    form = PaymentFilterForm(data)
    form.is_valid()
    asked = form.cleaned_data
    wanted = PaymentFilter(
        text=asked.get("q", ""),
        status=asked.get("status", ""),
        kind=asked.get("kind", ""),
        origin=asked.get("origin", ""),
        since=asked.get("since"),
        until=asked.get("until"),
    )
    return form, wanted
