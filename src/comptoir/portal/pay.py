"""Paying invoices once: choose, review, pay on the processor's page or from a saved method, see what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from comptoir.documents.errors import DocumentNotReady
from comptoir.documents.serving import pdf_download
from comptoir.invoicing.credit_queries import credit_owed
from comptoir.invoicing.queries import InvoiceRow, invoices_by_ids, open_invoices
from comptoir.kit.errors import ComptoirError
from comptoir.kit.lookups import Uuids
from comptoir.notices.documents import receipt_pdf
from comptoir.payments import paying, queries
from comptoir.payments.agreeing import words_of_debit
from comptoir.payments.consent import Terms
from comptoir.payments.disputes.queries import disputes_of_payment
from comptoir.payments.errors import AmountChanged, NothingToPay, PaymentNotFound
from comptoir.payments.evidence import is_authorised_alone
from comptoir.payments.ordering import Order
from comptoir.payments.payer import Pages
from comptoir.payments.queries import AutopayPlan, MethodRow
from comptoir.payments.refunds.queries import refunds_of_payment
from comptoir.payments.refunds.words import reason_word
from comptoir.payments.return_codes import dispute_in_words, reason_in_words
from comptoir.payments.sharing import share_out
from comptoir.payments.upcoming import upcoming_of
from comptoir.tenancy import doors

from .payer import address, agreed_in, is_htmx, payer_of
from .shell import CompanyRequest, Visit, company_page, page
from .typed_amount import NotAnAmount, read_amount

E_CHECK, CARD = "us_bank_account", "card"
HOSTED = (E_CHECK, CARD)
LONGEST_AMOUNT = 15


@dataclass(frozen=True, slots=True)
class Payable:
    """An invoice, and how much of it can be paid now: what is held by a page that was left open counts, too."""

    invoice: InvoiceRow
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Offer:
    """What a company can pay now, its saved methods, what autopay takes it from, and its credit by currency."""

    open_invoices: Sequence[InvoiceRow]
    payables: Sequence[Payable]
    saved: Sequence[MethodRow]
    plan: AutopayPlan | None
    credit: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be paid, and how: by e-check or card on the processor's page, or with a saved method.

    ``payables`` say how much goes to which invoice; ``on_account_minor`` is for none of them. ``chosen`` are the
    invoices that the payer ticked, and ``typed`` the amount that the payer gave instead of theirs, if any.
    """

    payables: Sequence[Payable]
    on_account_minor: int
    currency: str
    way: str
    method: MethodRow | None
    chosen: Sequence[UUID]
    typed: str

    @property
    def kind(self) -> str:
        """What is debited: a bank account, or a card."""
        return self.method.kind if self.method else self.way

    @property
    def total_minor(self) -> int:
        """What is paid, in minor units."""
        return sum(payable.amount_minor for payable in self.payables) + self.on_account_minor


@require_safe
@company_page
def choose(request: CompanyRequest) -> HttpResponse:
    """Show what can be paid now, all of it chosen, and the ways to pay."""
    return _choosing(request, _offer(request.visit))


def _choosing(request: CompanyRequest, offer: Offer, *, refused: ComptoirError | None = None) -> HttpResponse:
    """Show the choice that the address has; with what was ``refused`` of it, beside it, and nothing of it lost."""
    visit, payable = request.visit, offer.payables
    saved = [method for method in offer.saved if not method.unusable_reason]
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        taken_on = {each.invoice.id: each.on for each in upcoming_of(offer.open_invoices, today=visit.today) if each.on}
    default = next((str(method.public_id) for method in saved if method.is_default), E_CHECK)
    wanted = {str(each.invoice.public_id) for each in payable} & set(request.GET.getlist("invoice"))
    typed = request.GET.get("amount", "")
    chooses_all = refused is None and not (wanted or typed)
    return page(
        request,
        "portal/pay.html",
        {
            "payable": [
                (each, chooses_all or str(each.invoice.public_id) in wanted, taken_on.get(each.invoice.id))
                for each in payable
            ],
            "takes_all": all(each.invoice.id in taken_on for each in payable),
            "takes_some": any(each.invoice.id in taken_on for each in payable),
            "methods": saved,
            "plan": offer.plan,
            "way": request.GET.get("way") or default,
            "typed": typed,
            "credit": list(offer.credit.items()),
            "wrong_amount": refused if isinstance(refused, NotAnAmount) or not payable else None,
            "wrong_choice": refused,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@company_page
def review(request: CompanyRequest) -> HttpResponse:
    """Show once more what will be paid and how; then lead to the processor's page, or have the worker debit."""
    visit = request.visit
    offer = _offer(visit)
    try:
        choice = _choice(visit, request.GET, offer=offer)
    except (NothingToPay, NotAnAmount) as error:
        return _choosing(request, offer, refused=error)
    if request.method != "POST":
        words = {"choice": choice, "terms": _terms(visit, choice), "reference": uuid4()}
        return page(request, "portal/pay_review.html", words)
    order = Order(
        invoices=choice.chosen,
        amount_minor=_shown(request, "amount_minor"),
        on_account_minor=_shown(request, "on_account_minor"),
        agreed=agreed_in(request),
    )
    if choice.method:
        payment = paying.pay_with_saved_method(
            payer=payer_of(visit),
            order=order,
            method_public_id=choice.method.public_id,
            reference=_reference(request),
        )
        return redirect("portal:payment", company=visit.company.public_id, payment=payment)
    onward = paying.start_one_time_payment(
        payer=payer_of(visit),
        order=order,
        kind=choice.way,
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
    verification = queries.verification_of_payment(public_ids=Uuids([payment]))
    authorised = is_authorised_alone(public_ids=Uuids([payment]))
    with doors.portal(verification, authorised, user_id=visit.user_id, company_id=visit.company.id):
        try:
            row = queries.payment(payment)
        except PaymentNotFound as error:
            raise Http404 from error
        paid = invoices_by_ids(invoice_id for invoice_id, _amount in row.items)
        refunds = refunds_of_payment(payment)
        disputed = disputes_of_payment(payment)
    context = {
        "payment": row,
        "items": [(paid[invoice_id], amount) for invoice_id, amount in row.items],
        "reason": reason_in_words(row.failure_code),
        "refunds": [{"row": each, "reason": reason_word(each.reason)} for each in refunds],
        "dispute": dispute_in_words(disputed[0].reason) if disputed else "",
        "waiting": row.status in ("created", "action_required"),
        "verification": verification.read(),
        "authorised": authorised.read(),
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


def _shown(request: CompanyRequest, name: str) -> int:
    """Return an amount in minor units that the review page showed, as the form gives it back."""
    shown = request.POST.get(name, "")
    return int(shown) if shown.isdecimal() and len(shown) <= LONGEST_AMOUNT else 0


def _reference(request: CompanyRequest) -> UUID:
    """Return the id that the review page gave its payment: the same form pays once, however often it is sent."""
    try:
        return UUID(request.POST.get("reference", ""))
    except ValueError as error:
        raise AmountChanged(_("This page was not complete. Look at what you pay once more, then pay.")) from error


def _choice(visit: Visit, asked: QueryDict, *, offer: Offer) -> Choice:
    """What the address says. Raises NothingToPay, NotAnAmount where that cannot be paid."""
    given, way, typed = asked.getlist("invoice"), asked.get("way", ""), asked.get("amount", "").strip()
    payable = offer.payables
    method = next((method for method in offer.saved if str(method.public_id) == way), None)
    chosen = [each for each in payable if str(each.invoice.public_id) in given]
    if (method is None and way not in HOSTED) or not (chosen or typed) or len(chosen) < len(set(given)):
        raise NothingToPay(_("Choose at least one invoice that is not paid yet, and how you want to pay."))
    over = chosen or [each for each in payable if each.invoice.currency == visit.vendor.currency]
    currency = over[0].invoice.currency if over else visit.vendor.currency
    total = sum(each.amount_minor for each in over)
    amount = read_amount(typed, currency=currency) if typed else total
    shares = share_out(amount, payable=[(each.invoice.id, each.amount_minor) for each in over])
    by_id = {each.invoice.id: each.invoice for each in over}
    return Choice(
        payables=[Payable(invoice=by_id[key], amount_minor=minor) for key, minor in shares.amounts.items()],
        on_account_minor=shares.on_account_minor,
        currency=currency,
        way=way,
        method=method,
        chosen=[each.invoice.public_id for each in chosen],
        typed=typed,
    )


def _terms(visit: Visit, choice: Choice) -> Terms | None:
    """The words that whoever pays so agrees to, if it needs any."""
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        return words_of_debit(
            payer_of(visit),
            kind=choice.kind,
            amount_minor=choice.total_minor,
            currency=choice.currency,
            method_label=choice.method.label if choice.method else "",
        )


def _offer(visit: Visit) -> Offer:
    company_id = visit.company.id
    invoices, on_hold = open_invoices(company_id=company_id), queries.held(company_id=company_id)
    ways, credit = queries.ways_to_pay(company_id=company_id), credit_owed(company_id=company_id)
    with doors.portal(invoices, on_hold, ways, credit, user_id=visit.user_id, company_id=company_id):
        saved = queries.methods(company_id)
    held = on_hold.read()
    found = [Payable(row, amount_minor=row.payable_minor + held.get(row.id, 0)) for row in invoices.read()]
    return Offer(
        open_invoices=invoices.read(),
        payables=[each for each in found if each.amount_minor],
        saved=saved,
        plan=ways.read()[1],
        credit=credit.read(),
    )
