"""Our books beside the payment processor's: days, totals, what differs, and payouts to the cent."""

from math import ceil
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comptoir.kit.safe_words import SafeWords
from comptoir.look.templatetags.look import money
from comptoir.payments.errors import DayNotReconciled, PayoutNotFound
from comptoir.payments.reconciling.queries import (
    DifferenceRow,
    PayoutRow,
    difference,
    differences,
    differences_of_day,
    movements_of_day,
    movements_of_payout,
    payout,
    payouts,
    reconciled_day,
    reconciled_days,
)
from comptoir.payments.reconciling.settling import ask_to_compare, settle_difference

from .acts import ActForm, act_page
from .payment_words import STATUS_WORDS
from .shell import StaffRequest, door, page, page_number, staff_page

WHO_SETTLES = ("manager", "admin")
DAYS_A_PAGE = 31
MOVEMENTS_A_PAGE = 100
PAYOUTS_SHOWN = 31
Words = str | Promise

KIND_WORDS: dict[str, Words] = {
    "state": _("How a payment stands"),
    "amount": _("The amount of a payment"),
    "currency": _("The currency of a payment"),
    "money": _("What a payment moved"),
    "fee": _("What the processor moved and kept"),
    "twice": _("Taken twice"),
    "not_ours": _("A payment we do not know"),
    "not_theirs": _("A payment the processor does not know"),
    "payout": _("A payout"),
    "clearing": _("What is with the processor"),
}
IN_MONEY = frozenset({"amount", "money", "not_ours", "not_theirs", "payout", "clearing"})
EXPLANATION_WORDS: dict[str, Words] = {
    "": _("Needs a person"),
    "over_midnight": _("Posted on the next day: it came around midnight"),
    "news_waits": _("The processor’s news of it is being worked off"),
    "books_closed": _("Posted on a later day: the books were closed"),
}
MOVEMENT_WORDS: dict[str, Words] = {
    "payment": _("Payment"),
    "back": _("Given back"),
    "payout": _("Payout"),
    "fee": _("Processor's fee"),
    "other": _("Something else"),
}
PAYOUT_STATES: dict[str, tuple[Words, str]] = {
    "on_its_way": (_("On its way"), "info"),
    "paid": (_("In the bank"), "success"),
    "failed": (_("Failed"), "danger"),
    "canceled": (_("Called off"), "danger"),
}


class SettleForm(ActForm):
    """Settle a difference by a word."""

    title, button, done = _("Settle a difference"), _("Settle it"), _("It is settled.")
    note = _(
        "Nothing is posted: put right what is wrong first, here or at the processor. A difference that is gone when "
        "the books are compared next closes by itself."
    )
    why = SafeWords(
        label=_("What it was, and what was done"),
        help_text=_("Stays on record."),
        max_length=500,
        widget=forms.Textarea,
    )
    public_id: UUID

    def act(self) -> None:
        """Settle it."""
        visit = self.visit
        settle_difference(
            vendor_id=visit.vendor.id,
            public_id=self.public_id,
            note=self.cleaned_data["why"],
            actor=visit.actor,
            today=visit.today,
            now=visit.now,
        )


@require_safe
@staff_page()
def index(request: StaffRequest) -> HttpResponse:
    """Show what differs, the days that were compared, and the latest payouts."""
    visit, number = request.visit, page_number(request)
    with door(visit):
        to_settle = differences(vendor_id=visit.vendor.id, is_open=True)
        closed = differences(vendor_id=visit.vendor.id, is_open=False, limit=20)
        days, total = reconciled_days(vendor_id=visit.vendor.id, limit=DAYS_A_PAGE, offset=(number - 1) * DAYS_A_PAGE)
        sent = payouts(vendor_id=visit.vendor.id, limit=PAYOUTS_SHOWN)
    context = {
        "to_settle": [_difference_shown(row) for row in to_settle],
        "closed": [_difference_shown(row) for row in closed],
        "days": days,
        "latest": days[0] if days and number == 1 else None,
        "payouts": [_payout_shown(row) for row in sent],
        "may_settle": visit.role in WHO_SETTLES,
        "number": number,
        "pages": max(ceil(total / DAYS_A_PAGE), 1),
        "total": total,
    }
    return page(request, "console/books/reconciliation.html", context)


@require_safe
@staff_page()
def detail(request: StaffRequest, day: str) -> HttpResponse:
    """Show a day: both sides' figures, what was found, and every movement."""
    visit, number = request.visit, page_number(request)
    asked = parse_date(day)
    if asked is None:
        raise Http404
    try:
        with door(visit):
            rows = reconciled_day(vendor_id=visit.vendor.id, day=asked)
            found = differences_of_day(vendor_id=visit.vendor.id, day=asked)
            movements, total = movements_of_day(
                vendor_id=visit.vendor.id, day=asked, limit=MOVEMENTS_A_PAGE, offset=(number - 1) * MOVEMENTS_A_PAGE
            )
    except DayNotReconciled as error:
        raise Http404 from error
    context = {
        "day": asked,
        "rows": rows,
        "found": [_difference_shown(row) for row in found],
        "movements": [{"row": row, "word": MOVEMENT_WORDS[row.kind]} for row in movements],
        "may_settle": visit.role in WHO_SETTLES,
        "number": number,
        "pages": max(ceil(total / MOVEMENTS_A_PAGE), 1),
        "total": total,
    }
    return page(request, "console/books/reconciled_day.html", context)


@require_safe
@staff_page()
def payout_detail(request: StaffRequest, payout_id: str) -> HttpResponse:
    """Show a payout and what it pays out, which adds up to it."""
    visit = request.visit
    try:
        with door(visit):
            row = payout(vendor_id=visit.vendor.id, gateway_id=payout_id)
            movements = movements_of_payout(vendor_id=visit.vendor.id, gateway_id=payout_id)
    except PayoutNotFound as error:
        raise Http404 from error
    context = {
        **_payout_shown(row),
        "movements": [{"row": each, "word": MOVEMENT_WORDS[each.kind]} for each in movements],
        "amount_minor": sum(each.amount_minor for each in movements),
        "fee_minor": sum(each.fee_minor for each in movements),
    }
    return page(request, "console/books/payout.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WHO_SETTLES)
def settle(request: StaffRequest, books_difference: UUID) -> HttpResponse:
    """Settle a difference with a note."""
    visit = request.visit
    with door(visit):
        shown = _difference_shown(difference(vendor_id=visit.vendor.id, public_id=books_difference))

    what = gettext("%(kind)s: ours %(ours)s, theirs %(theirs)s") % {
        name: shown[name] for name in ("kind", "ours", "theirs")
    }
    return act_page(
        request,
        make=SettleForm.about(visit, public_id=books_difference),
        back=reverse("console:reconciliation", kwargs={"vendor": visit.vendor.slug}),
        context={"of": gettext("The processor’s books"), "what": what},
    )


@require_POST
@staff_page(*WHO_SETTLES)
def again(request: StaffRequest) -> HttpResponse:
    """Have the books compared once more."""
    visit = request.visit
    with door(visit):
        ask_to_compare(vendor_id=visit.vendor.id, on=visit.today, actor=visit.actor)
    messages.success(request, gettext("The books are being compared again; look here in a minute."))
    return redirect("console:reconciliation", vendor=visit.vendor.slug)


def _difference_shown(row: DifferenceRow) -> dict[str, Any]:
    return {
        "row": row,
        "kind": KIND_WORDS[row.kind],
        "ours": _value(row, row.ours),
        "theirs": _value(row, row.theirs),
        "explanation": EXPLANATION_WORDS[row.explanation],
    }


def _value(row: DifferenceRow, said: str) -> str:
    """Write minor units as money, a state by its word, and nothing as nothing."""
    if row.kind in IN_MONEY and said.removeprefix("-").isdecimal():
        return money(int(said), row.currency)
    if row.kind == "fee":
        amount, fee, currency = said.split(" ")
        return f"{money(int(amount), currency)} · {money(int(fee), currency)}"
    if row.kind == "payout" and said in PAYOUT_STATES:
        return str(PAYOUT_STATES[said][0])
    return str(STATUS_WORDS.get(said, said)) or gettext("nothing")


def _payout_shown(row: PayoutRow) -> dict[str, Any]:
    word, tone = PAYOUT_STATES[row.status]
    return {"row": row, "word": word, "tone": tone, "ties_out": row.items_minor == row.amount_minor}
