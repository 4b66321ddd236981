"""The owner's first page: what do I owe, when, and is it taken care of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from comptoir.customers.queries import stores
from comptoir.cutover.operations import note_portal_opened
from comptoir.cutover.queries import month_charged_twice
from comptoir.inbox.queries import unread_count
from comptoir.invoicing.credit_queries import credit_of_company
from comptoir.invoicing.queries import invoice_count, invoices
from comptoir.payments.queries import (
    PaysBy,
    autopay_plan,
    held_by_open_pages,
    open_verifications,
    payments,
    pays_by,
)
from comptoir.payments.return_codes import reason_in_words
from comptoir.payments.upcoming import Outlook, outlook, upcoming
from comptoir.subscriptions.queries import SubscriptionRow, of_company
from comptoir.tenancy import doors
from comptoir.tenancy.queries import VendorRow

from .shell import CompanyRequest, Visit, company_page, page
from .standing import Owed, owed, shown_status

LATEST = 5

Action = Literal["pay", "approve", "method", "stores", ""]


@dataclass(frozen=True, slots=True)
class Coming:
    """The next invoice: the day it is made, the day it is due, and whether it may be made any moment."""

    issued_on: date
    due_on: date
    is_at_hand: bool


@require_safe
@company_page
def home(request: CompanyRequest) -> HttpResponse:
    """Show what is due and whether it is taken care of, the one thing to do next, stores to confirm, last payments."""
    visit = request.visit
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        note_portal_opened(company_id=visit.company.id, now=visit.now)
        facts = _facts(visit)
    return page(request, "portal/home.html", facts)


def next_action(*, due: Owed | None, paying: PaysBy, automatic: Outlook, unanswered: int) -> Action:
    """Return the one thing to do next: pay what nothing takes care of, approve, save a method, confirm stores."""
    if due and due.payable_minor and (paying != "autopay" or automatic.left_to_payer or automatic.is_another_attempt):
        return "pay"
    if automatic.needs_approval:
        return "approve"
    if paying == "check":
        return "method"
    return "stores" if unanswered else ""


def coming(subscriptions: Iterable[SubscriptionRow], *, vendor: VendorRow, today: date) -> Coming | None:
    """Return when the next invoice is made and due, or None where nothing is left to bill."""
    starts = [row.billed_through for row in subscriptions if row.ends_on is None or row.billed_through < row.ends_on]
    if not starts:
        return None
    first = min(starts)
    issued_on = max(first - timedelta(days=vendor.invoice_lead_days), today)
    due_on = max(first + timedelta(days=vendor.terms_days), issued_on)
    return Coming(issued_on=issued_on, due_on=due_on, is_at_hand=issued_on == today)


def _facts(visit: Visit) -> Mapping[str, Any]:
    company_id = visit.company.id
    held = held_by_open_pages(company_id)
    due = owed(invoices(company_id=company_id, open_only=True), today=visit.today, held=held)
    own_stores = stores(company_id, on=visit.today)
    unanswered = sum(1 for store in own_stores if store.answer is None)
    paying = pays_by(company_id)
    automatic = outlook(upcoming(company_id, today=visit.today))
    latest = payments(company_id, limit=LATEST)
    setback = latest[0] if due and due.payable_minor and latest and latest[0].status in ("failed", "returned") else None
    return {
        "owed": due,
        "open_ones": [(row, shown_status(row, today=visit.today, held=held)) for row in due.invoices] if due else [],
        "plan": autopay_plan(company_id),
        "outlook": automatic,
        "charged_twice": month_charged_twice(company_id, on=visit.today) if paying == "autopay" else None,
        "pays_by": paying,
        "verifications": open_verifications(company_id),
        "action": next_action(due=due, paying=paying, automatic=automatic, unanswered=unanswered)
        if visit.may_act
        else "",
        "unread": unread_count(company_id=company_id, user_id=visit.user_id),
        "stores": len(own_stores),
        "answered": len(own_stores) - unanswered,
        "payments": latest,
        "credit": list(credit_of_company(company_id).items()),
        "setback": setback,
        "reason": reason_in_words(setback.failure_code) if setback else "",
        "was_billed": invoice_count(company_id=company_id) > 0,
        "coming": coming(of_company(company_id), vendor=visit.vendor, today=visit.today)
        if visit.company.billed_since
        else None,
    }
