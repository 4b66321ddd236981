"""The books: trial balance, roll-forward, ageing at any day, as pages and as CSV; and closing them."""

from datetime import date
from math import ceil

from django import forms
from django.http import Http404, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from comptoir.invoicing.ageing import ageing
from comptoir.invoicing.queries import invoices_by_ids
from comptoir.kit.safe_words import SafeWords
from comptoir.ledger.closing import close_books, closed_through
from comptoir.ledger.errors import AccountNotFound
from comptoir.ledger.queries import AccountRow, account, journal, roll_forward, trial_balance
from comptoir.look.csv_file import csv_download, plain_amount
from comptoir.look.day_input import DayInput
from comptoir.tenancy.queries import companies_by_ids

from .acts import ActForm, act_page
from .shell import StaffRequest, StaffVisit, door, page, page_number, staff_page

WHO_CLOSES = ("manager", "admin")
ROWS_A_PAGE = 50
MONTHS_SHOWN = 12
ACCOUNT_WORDS = {
    "receivable": _("Receivable"),
    "deferred_revenue": _("Deferred revenue"),
    "revenue": _("Revenue"),
    "tax_payable": _("Tax payable"),
    "processor_clearing": _("With the payment processor"),
    "processor_fees": _("Processor's fees"),
    "bank": _("Bank"),
    "customer_credit": _("Customers' credit"),
    "disputed": _("Withdrawn by banks, not decided yet"),
    "suspense": _("Unassigned payments"),
    "bad_debt": _("Bad debt"),
    "opening_balance": _("Brought from the old system"),
}


class DayForm(forms.Form):
    """The day at whose end the books are looked at."""

    on = forms.DateField(label=_("At the end of"), widget=DayInput())


class CloseForm(ActForm):
    """Close the books."""

    title, button, done = _("Close the books"), _("Close them for ever"), _("The books are closed.")
    note = _("Nothing can be posted on a closed day any more, by anybody; books are never opened again.")
    through = forms.DateField(label=_("Last closed day"), widget=DayInput())
    reason = SafeWords(label=_("Why"), help_text=_("Stays on record."), max_length=500)

    def act(self) -> None:
        """Close them."""
        visit = self.visit
        close_books(vendor_id=visit.vendor.id, today=visit.today, actor=visit.actor, **self.cleaned_data)


@require_safe
@staff_page()
def index(request: StaffRequest) -> HttpResponseBase:
    """Show the trial balance of a day, or give it as CSV."""
    visit = request.visit
    form, on = _day(request)
    with door(visit):
        rows = trial_balance(vendor_id=visit.vendor.id, on=on)
        closed = closed_through(visit.vendor.id)
    if request.GET.get("as") == "csv":
        heads = ["account", "jurisdiction", "currency", "debit", "credit"]
        sides = ((row.amount_minor if row.amount_minor > 0 else 0, max(-row.amount_minor, 0)) for row in rows)
        lines = (
            [row.code, row.part, row.currency, *(plain_amount(minor, row.currency) for minor in side)]
            for row, side in zip(rows, sides, strict=True)
        )
        return csv_download(filename=f"trial-balance-{on}.csv", heads=heads, rows=lines)
    debits = sum(row.amount_minor for row in rows if row.amount_minor > 0)
    context = {
        "form": form,
        "on": on,
        "rows": [{"row": row, "word": ACCOUNT_WORDS[row.code], "credit_minor": -row.amount_minor} for row in rows],
        "debits_minor": debits,
        "closed": closed,
        "may_close": visit.role in WHO_CLOSES,
    }
    return page(request, "console/books/index.html", context)


@require_safe
@staff_page()
def ages(request: StaffRequest) -> HttpResponseBase:
    """Show who owed how much since when on a day, or give it as CSV."""
    visit = request.visit
    form, on = _day(request)
    with door(visit):
        rows = ageing(vendor_id=visit.vendor.id, on=on)
    parts = ("not_due_minor", "to_30_minor", "to_60_minor", "to_90_minor", "over_90_minor", "total_minor")
    if request.GET.get("as") == "csv":
        heads = ["number", "company", "currency", "not_due", "1_to_30", "31_to_60", "61_to_90", "over_90", "total"]
        lines = (
            [row.company_number, row.company_name, row.currency]
            + [plain_amount(getattr(row, part), row.currency) for part in parts]
            for row in rows
        )
        return csv_download(filename=f"ageing-{on}.csv", heads=heads, rows=lines)
    number, pages = page_number(request), max(ceil(len(rows) / ROWS_A_PAGE), 1)
    context = {
        "form": form,
        "on": on,
        "rows": rows[(number - 1) * ROWS_A_PAGE : number * ROWS_A_PAGE],
        "sums": [sum(getattr(row, part) for row in rows) for part in parts],
        "number": number,
        "pages": pages,
        "total": len(rows),
    }
    return page(request, "console/books/ageing.html", context)


@require_safe
@staff_page()
def detail(request: StaffRequest, number: int) -> HttpResponseBase:
    """Show an account: its months, and the postings behind its balance."""
    visit = request.visit
    form, on = _day(request)
    with door(visit):
        found = _asked_account(visit, number)
        until = _next_month(on)
        since = date(until.year - 1, until.month, 1)
        months = roll_forward(account_id=found.id, since=since, until=until)
        if request.GET.get("as") == "csv":
            heads = ["month", "opening", "added", "released", "closing"]
            lines = (
                [f"{row.month:%Y-%m}"]
                + [
                    plain_amount(minor, found.currency)
                    for minor in (row.opening_minor, row.added_minor, row.released_minor, row.closing_minor)
                ]
                for row in months
            )
            return csv_download(filename=f"roll-forward-{found.code}-{on}.csv", heads=heads, rows=lines)
        shown = page_number(request)
        postings, total = journal(account_id=found.id, until=on, limit=ROWS_A_PAGE, offset=(shown - 1) * ROWS_A_PAGE)
        buyers = companies_by_ids([row.company_id for row in postings if row.company_id])
        bills = invoices_by_ids({row.document_id for row in postings if row.document_id})
    context = {
        "form": form,
        "on": on,
        "account": found,
        "word": ACCOUNT_WORDS[found.code],
        "months": months,
        "postings": [
            {"row": row, "company": buyers.get(row.company_id or 0), "invoice": bills.get(row.document_id or 0)}
            for row in postings
        ],
        "number": shown,
        "pages": max(ceil(total / ROWS_A_PAGE), 1),
        "total": total,
    }
    return page(request, "console/books/account.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WHO_CLOSES)
def close(request: StaffRequest) -> HttpResponse:
    """Close the books through a day."""
    visit = request.visit
    return act_page(
        request,
        make=lambda posted: CloseForm(posted, visit=visit),
        back=reverse("console:books", kwargs={"vendor": visit.vendor.slug}),
        context={"of": gettext("Books")},
    )


def _day(request: StaffRequest) -> tuple[DayForm, date]:
    """Return the form for a day and the day that the address asks for: today, if it asks for none that there is."""
    asked = DayForm(request.GET if "on" in request.GET else {"on": request.visit.today})
    on = asked.cleaned_data["on"] if asked.is_valid() else request.visit.today
    return asked, on


def _asked_account(visit: StaffVisit, number: int) -> AccountRow:
    """Return the account of the address, within the door. Raises Http404."""
    try:
        return account(vendor_id=visit.vendor.id, account_id=number)
    except AccountNotFound as error:
        raise Http404 from error


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
