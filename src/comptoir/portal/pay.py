"""Paying invoices once: choose, review, pay on the processor's page or from a saved method, see what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from comptoir.documents.errors import DocumentNotReady
from comptoir.invoicing.queries import InvoiceRow, invoices, invoices_by_ids
from comptoir.notices.documents import receipt_pdf
from comptoir.payments import paying, queries
from comptoir.payments.errors import PaymentNotFound
from comptoir.payments.payer import Pages
from comptoir.payments.queries import MethodRow
from comptoir.payments.return_codes import reason_in_words
from comptoir.tenancy import doors

from .payer import address, is_htmx, payer_of
from .shell import CompanyRequest, Visit, company_page, page, pdf_download

E_CHECK, CARD = "us_bank_account", "card"
HOSTED = (E_CHECK, CARD)
LONGEST_AMOUNT = 15


@dataclass(frozen=True, slots=True)
class Payable:
    """An invoice, and how much of it can be paid now: what is held by a page that was left open counts, too."""

    invoice: InvoiceRow
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be paid, and how: by e-check or card on the processor's page, or with a saved method."""

    payables: Sequence[Payable]
    way: str
    method: MethodRow | None

    @property
    def total_minor(self) -> int:
        """What the chosen invoices come to, in minor units."""
        return sum(payable.amount_minor for payable in self.payables)

    @property
    def currency(self) -> str:
        """The currency of the first, which must be that of all."""
        return self.payables[0].invoice.currency


@require_safe
@company_page
def choose(request: CompanyRequest) -> HttpResponse:
    """Show what can be paid now, all of it chosen, and the ways to pay."""
    visit = request.visit
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        payable = _payable(visit)
        saved = [method for method in queries.methods(visit.company.id) if not method.unusable_reason]
        plan = queries.autopay_plan(visit.company.id)
    wanted = {str(each.invoice.public_id) for each in payable} & set(request.GET.getlist("invoice"))
    return page(
        request,
        "portal/pay.html",
        {
            "payable": [(each, not wanted or str(each.invoice.public_id) in wanted) for each in payable],
            "methods": saved,
            "plan": plan,
            "way": request.GET.get("way") or E_CHECK,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@company_page
def review(request: CompanyRequest) -> HttpResponse:
    """Show once more what will be paid and how; then lead to the processor's page, or have the worker debit."""
    visit = request.visit
    chosen = _choice(visit, given=request.GET.getlist("invoice"), way=request.GET.get("way", ""))
    if chosen is None:
        messages.error(request, _("Choose at least one invoice that is not paid yet, and how you want to pay."))
        return redirect("portal:pay", company=visit.company.public_id)
    if request.method != "POST":
        return page(request, "portal/pay_review.html", {"choice": chosen})
    public_ids = [each.invoice.public_id for each in chosen.payables]
    shown = request.POST.get("amount_minor", "")
    amount_minor = int(shown) if shown.isdecimal() and len(shown) <= LONGEST_AMOUNT else 0
    if chosen.method:
        payment = paying.pay_with_saved_method(
            payer=payer_of(visit),
            invoices=public_ids,
            amount_minor=amount_minor,
            method_public_id=chosen.method.public_id,
        )
        return redirect("portal:payment", company=visit.company.public_id, payment=payment)
    onward = paying.start_one_time_payment(
        payer=payer_of(visit),
        invoices=public_ids,
        amount_minor=amount_minor,
        kind=chosen.way,
        pages=Pages(
            done=lambda payment: address(request, "portal:payment", payment=payment),
            back=lambda payment: address(request, "portal:payment_left", payment=payment),
        ),
    )
    return HttpResponseRedirect(onward, status=303)


@require_safe
@company_page
def payment(request: CompanyRequest, payment: UUID) -> HttpResponse:
    """Show how a payment stands, and what happens next; while nothing is known, the page asks again."""
    visit = request.visit
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        try:
            row = queries.payment(payment)
        except PaymentNotFound as error:
            raise Http404 from error
        paid = invoices_by_ids(invoice_id for invoice_id, _amount in row.items)
    context = {
        "payment": row,
        "items": [(paid[invoice_id], amount) for invoice_id, amount in row.items],
        "reason": reason_in_words(row.failure_code),
        "waiting": row.status in ("created", "action_required"),
    }
    return page(request, "portal/payment_state.html" if is_htmx(request) else "portal/payment.html", context)


@require_safe
@company_page
def receipt(request: CompanyRequest, payment: UUID) -> HttpResponse:
    """Hand a payment's receipt over, or say that it is being made."""
    visit = request.visit
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        try:
            row = queries.payment(payment)
            if row.succeeded_on is None:
                raise Http404
            document = receipt_pdf(row.public_id)
        except PaymentNotFound as error:
            raise Http404 from error
        except DocumentNotReady as not_ready:
            messages.info(request, str(not_ready))
            return redirect("portal:payment", company=visit.company.public_id, payment=payment)
    return pdf_download(document)


@require_safe
@company_page
def payment_left(request: CompanyRequest, payment: UUID) -> HttpResponse:
    """Take back whoever left the processor's page without paying: close that page, free the invoices."""
    visit = request.visit
    if visit.may_act:
        try:
            paying.leave_payment_page(payer=payer_of(visit), payment_public_id=payment)
        except PaymentNotFound as error:
            raise Http404 from error
    return redirect("portal:payment", company=visit.company.public_id, payment=payment)


def _choice(visit: Visit, *, given: Sequence[str], way: str) -> Choice | None:
    """What the address says, if any of it is there to be paid that way."""
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        chosen = [each for each in _payable(visit) if str(each.invoice.public_id) in given]
        saved = queries.methods(visit.company.id)
    method = next((method for method in saved if str(method.public_id) == way), None)
    if not chosen or (method is None and way not in HOSTED):
        return None
    return Choice(payables=chosen, way=way, method=method)


def _payable(visit: Visit) -> list[Payable]:
    held = queries.held_by_open_pages(visit.company.id)
    found = [
        Payable(invoice=invoice, amount_minor=invoice.payable_minor + held.get(invoice.id, 0))
        for invoice in invoices(company_id=visit.company.id, open_only=True)
    ]
    return [each for each in found if each.amount_minor]
