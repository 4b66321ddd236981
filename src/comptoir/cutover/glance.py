"""What a company's first page says, from many packages, asked for in one round trip."""

from dataclasses import dataclass
from datetime import date, datetime

from comptoir.access.queries import StandingRow, standings_in_question
from comptoir.customers.outcomes import said_of_stores
from comptoir.customers.queries import store_progress
from comptoir.inbox.queries import unread
from comptoir.invoicing.credit_queries import credit_owed
from comptoir.invoicing.queries import InvoiceRow, open_invoices, was_ever_billed
from comptoir.payments.queries import (
    AutopayPlan,
    PaymentRow,
    PaysBy,
    SavedCard,
    VerificationRow,
    held,
    latest_payments,
    waiting_verifications,
    ways_to_pay,
)
from comptoir.payments.upcoming import Outlook, Upcoming, outlook, upcoming_of
from comptoir.subscriptions.queries import next_to_bill, taken_products
from comptoir.tenancy import doors

from .operations import note_portal_opened
from .queries import debited_before, never_opened, still_twice


@dataclass(frozen=True, slots=True)
class Glance:
    """What is open and how it is going to be paid, what waits for the company, and its latest payments.

    ``held`` is in minor units by invoice id, ``credit`` by currency. ``stores`` are owned, ``answered`` of them looked
    at; ``store_news``: the team answered lately what was said of one. ``bills_from``: from which day on services are
    billed next. ``standings`` are those that are not good, ``open_products`` the names of what is taken and may be used
    in full, ``cards`` those to be renewed.
    """

    open_invoices: list[InvoiceRow]
    held: dict[int, int]
    pays_by: PaysBy
    plan: AutopayPlan | None
    cards: list[SavedCard]
    outlook: Outlook
    charged_twice: date | None
    verifications: list[VerificationRow]
    unread: int
    stores: int
    answered: int
    store_news: bool
    payments: list[PaymentRow]
    credit: dict[str, int]
    was_billed: bool
    bills_from: date | None
    standings: list[StandingRow]
    open_products: list[str]


def glance(*, company_id: int, user_id: int, today: date, now: datetime) -> Glance:
    """Return what a first page says, asked through the company's door; note the first time that somebody looks."""
    invoices, on_hold = open_invoices(company_id=company_id), held(company_id=company_id)
    ways, payments = ways_to_pay(company_id=company_id), latest_payments(company_id=company_id)
    waiting, credit = waiting_verifications(company_id=company_id), credit_owed(company_id=company_id)
    billed, following = was_ever_billed(company_id=company_id), next_to_bill(company_id=company_id)
    twice, first_time = debited_before(company_id=company_id), never_opened(company_id=company_id)
    progress = store_progress(company_id=company_id, on=today)
    news = unread(company_id=company_id, user_id=user_id)
    standings, said = standings_in_question(company_id=company_id), said_of_stores(company_id=company_id)
    taken = taken_products(company_id=company_id, on=today)
    doors.ask_portal(
        invoices,
        on_hold,
        ways,
        payments,
        waiting,
        credit,
        billed,
        following,
        twice,
        first_time,
        progress,
        news,
        standings,
        said,
        taken,
        user_id=user_id,
        company_id=company_id,
    )
    rows, (paying, plan, cards), (stores, answered) = invoices.read(), ways.read(), progress.read()
    closed = {row.product_id for row in standings.read() if row.state != "warned"}
    expected: list[Upcoming] = []
    if first_time.read() or plan:
        with doors.portal(user_id=user_id, company_id=company_id):
            if first_time.read():
                note_portal_opened(company_id=company_id, now=now)
            if plan:
                expected = upcoming_of(rows, today=today)
    return Glance(
        open_invoices=rows,
        held=on_hold.read(),
        pays_by=paying,
        plan=plan,
        cards=[card for card in cards if card.is_to_renew(today)],
        outlook=outlook(expected),
        charged_twice=still_twice(twice.read(), on=today) if paying == "autopay" else None,
        verifications=waiting.read(),
        unread=news.read(),
        stores=stores,
        answered=answered,
        store_news=any(word.is_news(now) for word in said.read()),
        payments=payments.read(),
        credit=credit.read(),
        was_billed=billed.read(),
        bills_from=following.read(),
        standings=standings.read(),
        open_products=[name for product_id, name in taken.read().items() if product_id not in closed],
    )
