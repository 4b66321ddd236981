"""Automatic payment: what is taken when, from what; a limit above which the company is asked; a word on one invoice."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from babel.numbers import get_currency_precision
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from comptoir.cutover.queries import debited_before, still_twice
from comptoir.invoicing.queries import open_invoices
from comptoir.kit.errors import ComptoirError
from comptoir.kit.lookups import Ids
from comptoir.payments.instructing import approve_invoice, call_off_invoice, set_limit
from comptoir.payments.planning import limits
from comptoir.payments.queries import ways_to_pay
from comptoir.payments.upcoming import upcoming_of
from comptoir.tenancy import doors

from .payer import payer_of
from .shell import CompanyRequest, Visit, company_page, page

LONGEST_AMOUNT = 15


class LimitForm(forms.Form):
    """The amount above which the company is asked first."""

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._places = get_currency_precision(currency)
        self.fields["limit"] = forms.DecimalField(
            label=gettext("Ask us first above (%(currency)s)") % {"currency": currency},
            help_text=_(
                "What falls on one day and is more is taken only after you have approved it here. Empty: never ask."
            ),
            required=False,
            min_value=0,
            max_digits=12,
            decimal_places=self._places,
        )

    @property
    def limit_minor(self) -> int | None:
        """What was typed, in minor units."""
        limit: Decimal | None = self.cleaned_data["limit"]
        return None if limit is None else int(limit.scaleb(self._places))


@require_safe
@company_page
def overview(request: CompanyRequest) -> HttpResponse:
    """Show what automatic payment is going to do, and what it waits for."""
    return _shown(request)


@require_POST
@company_page
def limit(request: CompanyRequest) -> HttpResponse:
    """Set the amount above which the company is asked first."""
    visit = request.visit
    form = LimitForm(request.POST, currency=visit.vendor.currency)
    if not form.is_valid():
        return _shown(request, refused=form)
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        set_limit(payer=payer_of(visit), limit_minor=form.limit_minor)
    messages.success(request, gettext("Saved. It counts for every payment that was not submitted yet."))
    return _back(visit)


@require_POST
@company_page
def call_off(request: CompanyRequest, invoice: UUID) -> HttpResponse:
    """Have automatic payment leave one invoice alone."""
    visit = request.visit
    try:
        with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
            call_off_invoice(payer=payer_of(visit), invoice_public_id=invoice)
    except ComptoirError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, gettext("Called off: nothing is taken for this invoice. Please pay it yourself."))
    return _back(visit)


@require_POST
@company_page
def approve(request: CompanyRequest, invoice: UUID) -> HttpResponse:
    """Let automatic payment take one invoice, also above the limit."""
    visit = request.visit
    shown = request.POST.get("amount_minor", "")
    amount_minor = int(shown) if shown.isdecimal() and len(shown) <= LONGEST_AMOUNT else 0
    try:
        with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
            approve_invoice(payer=payer_of(visit), invoice_public_id=invoice, amount_minor=amount_minor)
    except ComptoirError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, gettext("Approved: this invoice is paid automatically."))
    return _back(visit)


def _shown(request: CompanyRequest, *, refused: LimitForm | None = None) -> HttpResponse:
    visit, company_id = request.visit, request.visit.company.id
    limited, ways = limits(company_ids=Ids([company_id])), ways_to_pay(company_id=company_id)
    invoices, before = open_invoices(company_id=company_id), debited_before(company_id=company_id)
    with doors.portal(limited, ways, invoices, before, user_id=visit.user_id, company_id=company_id):
        expected = upcoming_of(invoices.read(), today=visit.today)
    limit_minor = limited.read().get(company_id)
    context = {
        "plan": ways.read()[1],
        "upcoming": expected,
        "limit_minor": limit_minor,
        "charged_twice": still_twice(before.read(), on=visit.today),
        "form": refused or _limit_form(visit.vendor.currency, limit_minor=limit_minor),
    }
    return page(request, "portal/autopay.html", context, status=422 if refused else 200)


def _limit_form(currency: str, *, limit_minor: int | None) -> LimitForm:
    places = get_currency_precision(currency)
    initial = {} if limit_minor is None else {"limit": Decimal(limit_minor).scaleb(-places)}
    return LimitForm(currency=currency, initial=initial)


def _back(visit: Visit) -> HttpResponse:
    return redirect("portal:autopay", company=visit.company.public_id)
