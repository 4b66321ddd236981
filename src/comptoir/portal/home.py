"""The owner's first page: what do I owe, when, and is it taken care of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter
from typing import Any, Literal
from uuid import UUID

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from comptoir.cutover.glance import Glance, glance
from comptoir.kit.money import format_money
from comptoir.look.templatetags.look import status, written_day
from comptoir.payments.queries import PaymentRow, PaysBy
from comptoir.payments.return_codes import reason_in_words
from comptoir.payments.upcoming import Outlook
from comptoir.tenancy.queries import VendorRow

from .shell import CompanyRequest, Visit, company_page, page
from .standing import Owed, owed, shown_status

# Written out by one call a row, as the rows of the list of invoices are.
PAYMENT = """<tr>
    <th scope="row"><a href="{}">{}</a></th>
    <td class="num">{}</td>
    <td>{}</td>
    <td>{}</td>
  </tr>"""

# Of the open invoices, home shows the oldest: it is opened on a phone, too.
OPEN_SHOWN = 12

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
    found = glance(company_id=visit.company.id, user_id=visit.user_id, today=visit.today, now=visit.now)
    return page(request, "portal/home.html", _facts(visit, found))


def next_action(*, due: Owed | None, paying: PaysBy, automatic: Outlook, unanswered: int) -> Action:
    """Return the one thing to do next: pay what nothing takes care of, approve, save a method, confirm stores."""
    if due and due.payable_minor and (paying != "autopay" or automatic.left_to_payer or automatic.is_another_attempt):
        return "pay"
    if automatic.needs_approval:
        return "approve"
    if paying == "check":
        return "method"
    return "stores" if unanswered else ""


def coming(bills_from: date | None, *, vendor: VendorRow, today: date) -> Coming | None:
    """Return when the next invoice is made and due, or None where nothing is left to bill."""
    if bills_from is None:
        return None
    issued_on = max(bills_from - timedelta(days=vendor.invoice_lead_days), today)
    due_on = max(bills_from + timedelta(days=vendor.terms_days), issued_on)
    return Coming(issued_on=issued_on, due_on=due_on, is_at_hand=issued_on == today)


def _payments(visit: Visit, payments: Iterable[PaymentRow]) -> list[SafeString]:
    language, one = get_language() or "en", UUID(int=0)
    # Working an address out takes longer than the rest of a row.
    address = reverse("portal:payment", kwargs={"company": visit.company.public_id, "payment": one})
    return [
        format_html(
            PAYMENT,
            address.replace(str(one), str(payment.public_id)),
            written_day(payment.initiated_on, language),
            format_money(amount_minor=payment.amount_minor, currency=payment.currency, language=language),
            payment.method_label or render_to_string("portal/_paid_from.html", {"payment": payment}),
            status(payment.status),
        )
        for payment in payments
    ]


def _facts(visit: Visit, found: Glance) -> Mapping[str, Any]:
    due = owed(found.open_invoices, today=visit.today, held=found.held)
    latest = found.payments
    setback = latest[0] if due and due.payable_minor and latest and latest[0].status in ("failed", "returned") else None
    unanswered = found.stores - found.answered
    action = next_action(due=due, paying=found.pays_by, automatic=found.outlook, unanswered=unanswered)
    return {
        "owed": due,
        "closed": [row for row in found.standings if row.state != "warned"],
        "warned": sorted((row for row in found.standings if row.warned_until), key=attrgetter("warned_until")),
        "open_products": found.open_products,
        "open_ones": [
            (row, shown_status(row, today=visit.today, held=found.held))
            for row in (due.invoices[:OPEN_SHOWN] if due else ())
        ],
        "plan": found.plan,
        "outlook": found.outlook,
        "charged_twice": found.charged_twice,
        "pays_by": found.pays_by,
        "verifications": found.verifications,
        "cards": [(card, card.expires_on <= visit.today) for card in found.cards],
        "action": action if visit.may_act else "",
        "unread": found.unread,
        "stores": found.stores,
        "answered": found.answered,
        "store_news": found.store_news,
        "payments": _payments(visit, latest),
        "credit": list(found.credit.items()),
        "setback": setback,
        "reason": reason_in_words(setback.failure_code) if setback else "",
        "was_billed": found.was_billed,
        "coming": coming(found.bills_from, vendor=visit.vendor, today=visit.today)
        if visit.company.billed_since
        else None,
    }
