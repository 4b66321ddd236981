"""Checks: what waits for a person, and one check with the companies that it may be of."""

from collections.abc import Mapping
from math import ceil
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from comptoir.cutover.company_list import CompanyFilter, search_companies
from comptoir.invoicing.finding import payable_invoices
from comptoir.invoicing.queries import InvoiceRow, invoices_by_ids
from comptoir.kit.errors import ComptoirError
from comptoir.kit.safe_words import SafeWords
from comptoir.payments.checks import deciding, queries
from comptoir.payments.checks.errors import CheckNotFound
from comptoir.payments.checks.matching import Candidate
from comptoir.payments.checks.queries import CheckRow
from comptoir.payments.checks.words import in_words
from comptoir.payments.queries import payment
from comptoir.payments.sharing import share_out
from comptoir.tenancy.queries import CompanyRow, companies_by_ids, find_company

from .acts import ActForm, AmountField, act_page
from .shell import WRITERS, StaffRequest, StaffVisit, door, page, page_number, staff_page

ROWS_A_PAGE = 25
STATUS_WORDS = {
    "entered": (_("Being entered"), "neutral"),
    "waiting": (pgettext_lazy("check", "Waits for a person"), "warning"),
    "applied": (pgettext_lazy("check", "Applied"), "success"),
    "returned": (_("Returned by the bank"), "danger"),
}


class SplitForm(forms.Form):
    """What of a check goes to which invoice of a company; what is left becomes its credit."""

    def __init__(self, *args: Any, check: CheckRow, invoices: list[InvoiceRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._invoices = invoices
        payable = [(row.id, row.payable_minor) for row in invoices]
        proposed = share_out(check.amount_minor, payable=payable).amounts
        for row in invoices:
            self.fields[_field(row.public_id)] = AmountField(
                label=row.number, currency=check.currency, required=False, min_value=0, initial=proposed.get(row.id)
            )

    def rows(self) -> list[tuple[InvoiceRow, forms.BoundField]]:
        """Return each invoice with its field."""
        return [(row, self[_field(row.public_id)]) for row in self._invoices]

    def amounts(self) -> dict[UUID, int]:
        """Return what was given to which invoice, in minor units."""
        given = {row.public_id: self.cleaned_data[_field(row.public_id)] for row in self._invoices}
        return {public_id: minor for public_id, minor in given.items() if minor}


class TakeOffForm(ActForm):
    """Say that a check was applied wrongly."""

    title, button = _("Take the check off"), _("Take it off")
    done = _("The check is being taken off; it waits for a person again.")
    note = _("What it paid is open again. Then say whose it is.")
    reason = SafeWords(label=_("Why"), help_text=_("Stays on record."), max_length=500)
    check: UUID

    def act(self) -> None:
        """Say so."""
        visit = self.visit
        deciding.undo_check(
            vendor_id=visit.vendor.id,
            public_id=self.check,
            actor=visit.actor,
            today=visit.today,
            note=self.cleaned_data["reason"],
        )


class ReturnForm(ActForm):
    """Say that the bank sent a check back."""

    title, button = _("The check came back"), _("Take it back")
    done = _("The check is being taken back.")
    note = _("What it paid is open again, and its company is told by mail. A bank file does this by itself.")
    reason = SafeWords(label=_("What the bank says"), help_text=_("Stays on record."), max_length=500)
    check: UUID

    def act(self) -> None:
        """Say so."""
        visit = self.visit
        deciding.return_check(
            vendor_id=visit.vendor.id,
            public_id=self.check,
            actor=visit.actor,
            today=visit.today,
            note=self.cleaned_data["reason"],
        )


ACTS: dict[str, type[TakeOffForm | ReturnForm]] = {"take-off": TakeOffForm, "return": ReturnForm}


@require_safe
@staff_page()
def index(request: StaffRequest) -> HttpResponse:
    """Show what waits for a person with its likeliest company, the deposits, and the bank's files."""
    visit, number = request.visit, page_number(request)
    with door(visit):
        waiting, waiting_minor = queries.waiting_sum(visit.vendor.id)
        rows = queries.checks_waiting(vendor_id=visit.vendor.id, limit=ROWS_A_PAGE, offset=(number - 1) * ROWS_A_PAGE)
        guesses = queries.candidates_of(row.id for row in rows)
        best = {row.id: found[0] for row in rows if (found := guesses[row.id])}
        context = {
            "checks": _with_candidates(rows, {check_id: [guess] for check_id, guess in best.items()}),
            "waiting": waiting,
            "waiting_minor": waiting_minor,
            "number": number,
            "pages": max(ceil(waiting / ROWS_A_PAGE), 1),
            "deposits": queries.deposits(vendor_id=visit.vendor.id),
            "files": queries.bank_files(vendor_id=visit.vendor.id),
        }
    return page(request, "console/checks/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def detail(request: StaffRequest, check: UUID) -> HttpResponse:
    """Show a check and the companies that it may be of, or give it to one: to its invoices, and the rest as credit."""
    visit = request.visit
    with door(visit):
        row = _asked_check(visit, check)
    if request.method == "POST" and _given(request, row):
        messages.success(request, gettext("The check is being applied."))
        return redirect("console:checks", vendor=visit.vendor.slug)
    with door(visit):
        context = _facts(request, row)
    return page(request, "console/checks/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def act(request: StaffRequest, check: UUID, what: str) -> HttpResponse:
    """Take a check off, or take it back."""
    visit = request.visit
    if what not in ACTS:
        raise Http404
    with door(visit):
        row = _asked_check(visit, check)
    back = reverse("console:check", kwargs={"vendor": visit.vendor.slug, "check": check})
    return act_page(
        request,
        make=ACTS[what].about(visit, check=row.public_id),
        back=back,
        context={"of": title_of(row), "what": row.payer},
    )


def title_of(row: CheckRow) -> str:
    """Return what a check is called."""
    return gettext("Check %(number)s") % {"number": row.number} if row.number else gettext("Check")


def in_status_words(rows: list[CheckRow]) -> list[dict[str, Any]]:
    """Return checks with their titles, the words for where they stand, and the company that each was applied to."""
    buyers = companies_by_ids([row.company_id for row in rows if row.company_id])
    return [
        {
            "row": row,
            "title": title_of(row),
            "word": STATUS_WORDS[row.status][0],
            "tone": STATUS_WORDS[row.status][1],
            "company": buyers.get(row.company_id or 0),
        }
        for row in rows
    ]


def _facts(request: StaffRequest, row: CheckRow) -> dict[str, Any]:
    visit = request.visit
    (told,) = in_status_words([row])
    paid = payment(row.payment_public_id) if row.payment_public_id else None
    context: dict[str, Any] = {**told, "payment": paid, "invoices": []}
    if paid:
        bills = invoices_by_ids(invoice_id for invoice_id, _minor in paid.items)
        context["invoices"] = [(bills[invoice_id], minor) for invoice_id, minor in paid.items]
    if row.status != "waiting":
        return context
    asked = request.GET.get("q", "").strip()
    chosen = _asked_company(visit, request.GET.get("company", ""))
    context["candidates"] = _with_candidates([row], queries.candidates_of([row.id]))[0]["candidates"]
    context["q"] = asked
    if asked:
        wanted = CompanyFilter(text=asked)
        context["found"] = search_companies(vendor_id=visit.vendor.id, wanted=wanted, page=1, today=visit.today)
    if chosen:
        payable = payable_invoices([chosen.id]).get(chosen.id, [])
        context |= {"chosen": chosen, "split": SplitForm(check=row, invoices=payable)}
    return context


def _with_candidates(rows: list[CheckRow], guesses: Mapping[int, list[Candidate]]) -> list[dict[str, Any]]:
    """Return checks with candidates that a page can show and post back: company, invoices, amounts, reasons."""
    found = [guess for each in guesses.values() for guess in each]
    buyers = companies_by_ids([guess.company_id for guess in found])
    bills = invoices_by_ids({invoice_id for guess in found for invoice_id in guess.amounts})
    return [
        {
            "row": row,
            "title": title_of(row),
            "candidates": [
                {
                    "company": buyers[guess.company_id],
                    "confidence": guess.confidence,
                    "reasons": in_words(guess.reasons),
                    "shares": [(bills[invoice_id], minor) for invoice_id, minor in guess.amounts.items()],
                    "credit_minor": row.amount_minor - sum(guess.amounts.values()),
                }
                for guess in guesses.get(row.id, [])
            ],
        }
        for row in rows
    ]


def _given(request: StaffRequest, row: CheckRow) -> bool:
    """Give the check to the company that was posted; return whether that was taken, or say why not."""
    visit = request.visit
    try:
        with door(visit):
            company, amounts = _posted(visit, row, request.POST)
            deciding.apply_check(
                vendor_id=visit.vendor.id,
                public_id=row.public_id,
                company=company,
                amounts=amounts,
                actor=visit.actor,
                today=visit.today,
            )
    except ComptoirError as error:
        messages.error(request, str(error))
        return False
    return True


def _posted(visit: StaffVisit, row: CheckRow, posted: QueryDict) -> tuple[UUID, dict[UUID, int]]:
    """Return the company and the amounts by invoice that a page posted. Raises CheckNotFound for nonsense."""
    company = _asked_company(visit, posted.get("company", ""))
    payable = payable_invoices([company.id]).get(company.id, []) if company else []
    form = SplitForm(posted, check=row, invoices=payable)
    if company is None or not form.is_valid():
        raise CheckNotFound(gettext("Choose a company, and amounts as they are written on the check."))
    return company.public_id, form.amounts()


def _asked_company(visit: StaffVisit, named: str) -> CompanyRow | None:
    try:
        return find_company(vendor_id=visit.vendor.id, public_id=UUID(named))
    except ValueError:
        return None


def _asked_check(visit: StaffVisit, public_id: UUID) -> CheckRow:
    """Return the check of the address, within the door. Raises Http404 where the vendor has no such check."""
    try:
        return queries.check(vendor_id=visit.vendor.id, public_id=public_id)
    except CheckNotFound as error:
        raise Http404 from error


def _field(invoice: UUID) -> str:
    return f"invoice_{invoice}"
