"""Companies: the list with its filters, and one company on one page."""

from collections.abc import Sequence
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from comptoir.access.queries import standings_of
from comptoir.catalog.prices import price_on, prices_of
from comptoir.customers.papers import invoices_by
from comptoir.customers.queries import contacts, members, stores
from comptoir.customers.recipients import recipients
from comptoir.cutover.company_list import CompanyFilter, search_companies
from comptoir.cutover.funnel import letter_edition
from comptoir.cutover.queries import legacy_facts, month_charged_twice
from comptoir.cutover.waves import wave_of
from comptoir.documents.queries import stored_references
from comptoir.invoicing.credit_queries import credit_of_company
from comptoir.invoicing.queries import InvoiceRow, invoices
from comptoir.mailer.queries import messages
from comptoir.notices.documents import letter_reference, sample_reference
from comptoir.payments.code_names import code_in_words
from comptoir.payments.listing import find_confirmation
from comptoir.payments.queries import methods, payments, pays_by, releases
from comptoir.payments.upcoming import NoticeRow, WordRow, autopay_limit, notices_of, upcoming, words_of
from comptoir.subscriptions.queries import SubscriptionRow, of_company
from comptoir.tenancy.queries import CompanyRow, audit_trail, find_company

from .company_filter import CADENCE_WORDS, LANGUAGE_WORDS, PAID_BY_WORDS, read_filter
from .shell import StaffRequest, StaffVisit, door, page, page_number, staff_page


@require_safe
@staff_page()
def index(request: StaffRequest) -> HttpResponse:
    """List companies, by the filters of the address; a payment's confirmation number leads to the payment."""
    visit = request.visit
    form, wanted = read_filter(request.GET)
    with door(visit):
        paid = find_confirmation(vendor_id=visit.vendor.id, text=wanted.text) if wanted.text else None
        listed = search_companies(
            vendor_id=visit.vendor.id, wanted=wanted, page=page_number(request), today=visit.today
        )
    if paid is not None:
        return redirect("console:payment", vendor=visit.vendor.slug, payment=paid)
    return page(
        request,
        "console/companies/index.html",
        {
            "form": form,
            "listed": listed,
            "filtered": wanted != CompanyFilter(),
            "paid_by_words": PAID_BY_WORDS,
        },
    )


@require_safe
@staff_page()
def detail(request: StaffRequest, company: UUID) -> HttpResponse:
    """Show all that is known of a company."""
    visit = request.visit
    with door(visit):
        row = asked_company(visit, company)
        owned = invoices(company_id=row.id)
        taken = of_company(row.id)
        legacy = legacy_facts(row.id)
        edition = letter_edition(row.id)
        letter = letter_reference(row.public_id, edition=edition)
        sample = sample_reference(row.public_id, edition=edition)
        papers = stored_references([letter, sample])
        context = {
            "company": row,
            "standings": standings_of(row.id),
            "contacts": contacts(row.id),
            "recipients": [one.email for one in recipients(row.id) if one.agreed_at],
            "papers_by": invoices_by(row.id),
            "members": members(row.id),
            "stores": stores(row.id, on=visit.today),
            "subscriptions": _priced(taken),
            "invoices": owned,
            "open_minor": sum(invoice.open_minor for invoice in owned),
            "in_flight_minor": sum(invoice.in_flight_minor for invoice in owned),
            "payments": payments(row.id),
            "methods": [(each, code_in_words(each.unusable_reason)) for each in methods(row.id)],
            "releases": [(each, code_in_words(each.refused_code)) for each in releases(row.id)],
            "pays_by": pays_by(row.id),
            "upcoming": upcoming(row.id, today=visit.today),
            "limit_minor": autopay_limit(row.id),
            "notices": _by_invoice(notices_of(row.id), owned),
            "words": _by_invoice(words_of(row.id), owned),
            "charged_twice": month_charged_twice(row.id, on=visit.today),
            "credit": list(credit_of_company(row.id).items()),
            "wave": wave_of(row.id),
            "legacy": legacy,
            "paid_by_word": PAID_BY_WORDS[legacy.paid_by] if legacy else "",
            "language_word": LANGUAGE_WORDS[row.language],
            "has_letter": letter in papers,
            "has_sample": sample in papers,
            "messages_sent": messages(company_id=row.id),
            "trail": audit_trail(company_id=row.id),
        }
    return page(request, "console/companies/detail.html", context)


def asked_company(visit: StaffVisit, public_id: UUID) -> CompanyRow:
    """Return the company of the address, within the door. Raises Http404 where the vendor has no such company."""
    row = find_company(vendor_id=visit.vendor.id, public_id=public_id)
    if row is None:
        raise Http404
    return row


def _by_invoice(rows: Sequence[NoticeRow | WordRow], owned: Sequence[InvoiceRow]) -> list[dict[str, object]]:
    """What was told, or said, with the invoice that it was about."""
    by_id = {invoice.id: invoice for invoice in owned}
    return [{"row": row, "invoice": by_id[row.invoice_id]} for row in rows if row.invoice_id in by_id]


def _priced(taken: list[SubscriptionRow]) -> list[dict[str, object]]:
    """What a company takes, with the cadence's word and the price of the next period."""
    prices = prices_of(row.plan_id for row in taken)
    return [
        {
            "row": row,
            "cadence": CADENCE_WORDS[row.cadence],
            "price_minor": price_on(prices.get(row.plan_id, ()), row.billed_through)
            if row.agreed_price_minor is None
            else row.agreed_price_minor,
        }
        for row in taken
    ]
