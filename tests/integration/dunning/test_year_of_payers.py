"""A year of companies of all kinds of payers: nobody suspended without notice, nobody in good standing refused.

Two hundred of them; ``COMPTOIR_YEAR_COMPANIES=5000`` lives the same year with so many. Lived are the days on which
something falls due to somebody, each with the next: a hundred of the year's.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F

from comptoir.access.entitlements import access_at
from comptoir.access.models import StandingChange
from comptoir.access.queries import standings_of_companies
from comptoir.catalog.models import Product
from comptoir.config.books import check_books
from comptoir.customers.models import Location
from comptoir.dunning.models import Notice, Policy
from comptoir.dunning.pausing import note_promise
from comptoir.dunning.running import run_dunning
from comptoir.inbox.operations import close_thread, open_thread
from comptoir.invoicing.models import Invoice, InvoiceBalance
from comptoir.kit.models import Event, EventDelivery
from comptoir.mailer.models import Message
from comptoir.payments.beginning import begin
from comptoir.payments.checks.deposits import TypedCheck
from comptoir.payments.models import MethodKind, Payment
from comptoir.tenancy.audit import Actor
from comptoir.tenancy.models import Company, Vendor
from comptoir.tenancy.queries import vendor as vendor_row
from tests.databases import Database
from tests.factories import (
    NOW,
    TESTS,
    issue_invoices,
    make_company,
    make_location,
    make_plan,
    make_subscription,
    make_vendor,
)
from tests.integration.dunning.conftest import post_letters
from tests.integration.notices.conftest import bank_disputes, bank_says, number_of, save_method, work
from tests.ways_to_pay import agree, deposited

__all__ = ["work"]

Work = Callable[[], list[str]]
COMPANIES = int(os.environ.get("COMPTOIR_YEAR_COMPANIES", "200"))
FIRST_DAY, LAST_DAY = date(2020, 9, 16), date(2021, 9, 16)
DUE_DATES = [date(2020, 10, 1), date(2021, 1, 1), date(2021, 4, 1), date(2021, 7, 1)]
LEAD = timedelta(days=14)
# After how many days each kind pays; None never does. Most pay on time, once a year; the others owe each quarter.
KINDS: dict[str, tuple[int | None, int]] = {
    "on time": (0, 144),
    "on time, by itself": (0, 2),
    "a week late": (7, 4),
    "when written to firmly": (13, 4),
    "at the last moment": (24, 4),
    "once suspended": (34, 4),
    "once suspended, by card": (34, 4),
    "as promised": (30, 4),
    "after a promise that was not kept": (60, 4),
    "by a debit that comes back, then for good": (34, 4),
    "once suspended, by check": (34, 2),
    "a part, and the rest once suspended": (34, 2),
    "by a card that is declined, then for good": (34, 2),
    "by a card, disputes it, loses, and pays again": (34, 2),
    "after an urgent message": (34, 2),
    "bounces": (None, 4),
    "has no address": (None, 4),
    "never": (None, 4),
}
NEVER_OUT = (
    "on time", "on time, by itself", "a week late", "when written to firmly", "at the last moment", "as promised",
    "by a card, disputes it, loses, and pays again", "after an urgent message",
)  # fmt: skip
# Where the stores are, and the clocks on their walls.
CLOCKS = {
    "NY": "America/New_York", "IL": "America/Chicago", "CA": "America/Los_Angeles", "HI": "Pacific/Honolulu",
}  # fmt: skip
TILL = "netpos"
SAM = Actor(kind="customer", label="Sam", user_id=1)
# Promised is on the day after the final notice, until the day before others pay: days that are lived anyhow.
PROMISED, PROMISED_UNTIL = 18, 33
# Days after the due date: the invoice and each step; what each kind pays; what comes of notices on paper, for
# want of an address and after a mail that bounced.
FALLS_DUE = {-LEAD.days, -5, 3, 10, 17, 25, 60} | {0, 7, 13, 24, 30, 34} | {17 + 5 + 7, 18 + 5 + 7}
WITHIN = timedelta(minutes=1)


@dataclass
class Payer:
    """A company, and what it owes and has done."""

    kind: str
    company: Company
    state: str
    owed: list[Invoice] = field(default_factory=list)
    will_bounce: bool = False

    def pays_on(self, day: date) -> list[Invoice]:
        """Return what it pays on a day."""
        days = KINDS[self.kind][0]
        return [invoice for invoice in self.owed if days is not None and invoice.due_date + timedelta(days=days) <= day]

    def has_paid(self, day: date) -> None:
        """Remember that it has paid what it pays on a day, or that it has to do so once more."""
        paid = [] if self.will_bounce else self.pays_on(day)
        self.owed = [invoice for invoice in self.owed if invoice not in paid]
        self.will_bounce = False


def without_papers(work: Work) -> Work:
    """Return what delivers the news, but for invoices and receipts: their mail and PDFs are another story."""

    def deliver() -> list[str]:
        EventDelivery.objects.filter(listener__startswith="comptoir.notices.", done_at=None).delete()
        return work()

    return deliver


def payers(vendor: Vendor) -> Iterator[Payer]:
    """Make the companies, each kind as often as its share of two hundred says."""
    yearly, quarterly, till = (make_plan(vendor=vendor, cadence=each) for each in ("annual", "quarterly", "quarterly"))
    Product.objects.filter(plan=till).update(code=TILL)
    number = 0
    for kind, (_days, share) in KINDS.items():
        for _one in range(max(share * COMPANIES // 200, 1)):
            number += 1
            email = "" if kind == "has no address" else f"payer{number}@example.com"
            company = make_company(vendor=vendor, name=f"Payer {number}", billing_email=email)
            make_subscription(company=company, plan=yearly if kind == "on time" else quarterly)
            if kind != "on time" and number % 2:
                make_subscription(company=company, plan=till)
            state = sorted(CLOCKS)[number // 2 % len(CLOCKS)]
            make_location(company=company, state=state)
            save_method(company, kind=paid_by(kind), autopay=kind.endswith("by itself"))
            yield Payer(kind, company, state, will_bounce=kind.startswith("by a debit"))


def paid_by(kind: str) -> str:
    """Return how a kind pays."""
    return MethodKind.CARD if "card" in kind else MethodKind.BANK_ACCOUNT


def promise(everybody: list[Payer], day: date) -> None:
    """Take the word of those who promise to pay by a day."""
    for payer in everybody:
        late = sum(each.total_minor for each in payer.owed if each.due_date == day - timedelta(days=PROMISED))
        if late and "promise" in payer.kind:  # kept, or not
            note_promise(
                vendor_id=payer.company.vendor_id, company_id=payer.company.id, amount_minor=late, reason="Told us",
                until=day + timedelta(days=PROMISED_UNTIL - PROMISED), actor=TESTS, today=day, now=NOW,
            )  # fmt: skip


@transaction.atomic
def meet_with_more(everybody: list[Payer], day: date) -> None:
    """Let what else happens between two due dates happen to those of its kind, on days that are lived anyhow."""
    since = (day - max((due for due in DUE_DATES if due <= day), default=day)).days
    for payer in everybody:
        match since, payer.kind:
            case 24, "a part, and the rest once suspended":
                bank_says(pay(payer, payer.owed, share=3), "succeeded")
            case 24, "by a card that is declined, then for good":
                bank_says(pay(payer, payer.owed), "waiting", failed="card_declined")
            case 7, "by a card, disputes it, loses, and pays again":
                bank_says(pay(payer, payer.owed), "succeeded")
            case ((13 | 24), "by a card, disputes it, loses, and pays again"):
                paid = payer.company.payment_set.latest("id")
                bank_disputes(paid, status="needs_response" if since == 13 else "lost")
            case 24, "after an urgent message":
                open_thread(
                    vendor=vendor_row(payer.company.vendor_id), company_id=payer.company.id, topic="other_urgent",
                    subject="Help", text="My store burnt down.", urgent=True, actor=SAM, now=NOW,
                )  # fmt: skip
            case 34, "after an urgent message":
                thread = payer.company.thread_set.latest("id")
                close_thread(thread_public_id=thread.public_id, actor=TESTS, now=NOW)


def pay(payer: Payer, invoices: list[Invoice], *, share: int = 1) -> Payment:
    """Pay what is open of invoices, or a share of it, with the saved method; the bank has not answered yet."""
    balances = InvoiceBalance.objects.filter(invoice__in=invoices)
    by_itself = payer.kind.endswith("by itself")
    with transaction.atomic():
        payment = begin(
            company_id=payer.company.id,
            origin="autopay" if by_itself else "one_time",
            kind=paid_by(payer.kind),
            method=payer.company.paymentmethod_set.get(),
            currency="USD",
            amounts={row.invoice_id: row.open_minor // share for row in balances},
            today=FIRST_DAY,
            now=NOW,
        )
        if payment.kind == MethodKind.BANK_ACCOUNT and not by_itself:
            agree(payment)
        return payment


def send_checks(senders: list[Payer], day: date) -> None:
    """Have the billing team deposit a check of each, with the numbers of the invoices that it pays."""
    checks = [
        TypedCheck(amount_minor=invoice.total_minor, remittance=number_of(invoice))
        for payer in senders
        for invoice in payer.pays_on(day)
    ]
    if checks:
        deposited(checks, vendor_id=senders[0].company.vendor_id, on=day)


def live_a_day(everybody: list[Payer], day: date, *, work: Work) -> None:
    """Let all do what their kind does on a day; what they pay for is in good standing before any mail is read again."""
    those = [payer for payer in everybody if payer.pays_on(day)]
    if not those:
        return
    by_check = [payer for payer in those if payer.kind.endswith("by check")]
    paying = {payer.company.id: pay(payer, payer.pays_on(day)) for payer in those if payer not in by_check}
    first_tries = [payer for payer in those if payer.will_bounce]
    for payer in first_tries:
        bank_says(paying[payer.company.id], "processing")
    work()
    assert_let_in(first_tries, day)
    send_checks(by_check, day)
    for payer in those:
        if payment := paying.get(payer.company.id):
            bank_says(payment, "succeeded", returned="R01" if payer.will_bounce else "")
        payer.has_paid(day)
    work()
    assert_let_in([payer for payer in those if payer not in first_tries], day)


def assert_let_in(payers: list[Payer], day: date) -> None:
    standings = standings_of_companies([payer.company.id for payer in payers])
    for payer in payers:
        states = {row.state for row in standings.get(payer.company.id, ())}
        assert states <= {"good"}, f"{payer.kind}, {day}: not let in again"


def assert_nobody_is_out_who_owes_nothing(vendor: Vendor, stores: list[int], day: date) -> None:
    """Ask as the products do, of every store, whatever anybody expects of its owner's kind."""
    late = InvoiceBalance.objects.filter(open_minor__gt=0, invoice__due_date__lt=day)
    owing = set(late.values_list("invoice__company__public_id", flat=True))
    answers = access_at(stores, vendor_id=vendor.id, now=NOW)
    assert len(answers) == len(stores)
    for store in answers:
        if store.company not in owing:
            may = {(each.access, each.standing) for each in store.products}
            assert may == {(True, "good")}, f"{store.company}, {day}: refused, though in good standing"


def assert_all_were_back_within_a_minute() -> None:
    """Of each who came back by paying: what the processor said was put down, and how long it took from then on."""
    said: dict[int, list[datetime]] = defaultdict(list)
    for name in ("payment_processing", "payment_succeeded"):
        for company_id, at in Event.objects.filter(name=name).values_list("company_id", "occurred_at"):
            said[company_id].append(at)
    came_back = StandingChange.objects.filter(
        before__in=("suspended", "limited"), state="good", reason__in=("paid", "payment_coming")
    )
    let_in = {
        change: each.occurred_at
        for each in Event.objects.filter(name="standing_changed")
        for change in each.data["changes"]
    }
    assert came_back.exists()
    for change in came_back:
        last = max(at for at in said[change.company_id] if at <= let_in[change.id])
        assert let_in[change.id] - last < WITHIN, f"{change.company_id} waited"


def is_lived(day: date) -> bool:
    """Return whether something falls due to somebody on a day, or did on the day before.

    Whoever such a day forgot would show on the next one.
    """
    since = (day - max(due for due in DUE_DATES if due - LEAD <= day)).days
    return since in FALLS_DUE or since - 1 in FALLS_DUE


def test_a_year_in_which_nobody_is_suspended_without_notice_and_nobody_in_good_standing_is_refused(
    fresh_database: Database, work: Work
) -> None:
    vendor = make_vendor(name="Harbor")
    Policy.objects.filter(vendor=vendor).update(most_companies=100_000, most_percent=100)
    everybody = list(payers(vendor))
    stores = list(Location.objects.values_list("id", flat=True))
    bouncing = [payer.company for payer in everybody if payer.kind == "bounces"]
    by_company = {payer.company.id: payer for payer in everybody}
    work, printer = without_papers(work), work
    for day in (FIRST_DAY + timedelta(days=each) for each in range(1, (LAST_DAY - FIRST_DAY).days + 1)):
        if not is_lived(day):
            continue
        Vendor.objects.filter(id=vendor.id).update(business_date=day)
        if day + LEAD in DUE_DATES:
            vendor.refresh_from_db()
            for invoice in issue_invoices(vendor=vendor, through=day + LEAD, issue_date=day):
                by_company[invoice.company_id].owed.append(invoice)
        promise(everybody, day)
        live_a_day(everybody, day, work=work)
        meet_with_more(everybody, day)
        run_dunning(vendor_id=vendor.id, on=day, now=datetime.combine(day, time(12), tzinfo=UTC))
        work()
        assert_nobody_is_out_who_owes_nothing(vendor, stores, day)
        Message.objects.filter(company__in=bouncing, returned_at=None).update(returned_at=NOW)
        if Notice.objects.filter(has_paper=True, posted_on=None).exists():
            post_letters(vendor, on=day, work=printer)
    assert_nobody_was_wronged(everybody)
    assert_all_were_back_within_a_minute()
    assert check_books() == []


def assert_nobody_was_wronged(everybody: list[Payer]) -> None:
    """Read the year's record again, by rules of its own."""
    closed: dict[str, set[int]] = {kind: set() for kind in KINDS}
    by_company = {payer.company.id: payer for payer in everybody}
    changes = StandingChange.objects.filter(state__in=("suspended", "limited")).exclude(before=F("state"))
    assert {change.state for change in changes} == {"limited", "suspended"}
    for change in changes.select_related("product"):
        payer = by_company[change.company_id]
        closed[payer.kind].add(change.company_id)
        day = change.at.astimezone(ZoneInfo(CLOCKS[payer.state]))
        is_till = change.product.code == TILL
        assert change.state == ("limited" if is_till else "suspended")
        assert day.hour in (range(1, 5) if is_till else range(6)), "a store is closed from midnight to six"
        told = Notice.objects.filter(company_id=change.company_id, kind="final_notice")
        received = [
            notice.posted_on + timedelta(days=5) if notice.posted_on else notice.sent_on
            for notice in told.select_related("message")
            if notice.posted_on or (notice.message and notice.message.sent_at and not notice.message.returned_at)
        ]
        assert any(on + timedelta(days=7) <= day.date() for on in received), f"{change.company_id} was not told in time"
    for kind in KINDS:
        those = sum(payer.kind == kind for payer in everybody)
        assert len(closed[kind]) == (0 if kind in NEVER_OUT else those), kind
    assert not Notice.objects.filter(company__in=[p.company for p in everybody if p.kind == "on time"]).exclude(
        kind="due_soon"
    )
    paid = [payer.company.id for payer in everybody if KINDS[payer.kind][0] is not None]
    late = InvoiceBalance.objects.filter(open_minor__gt=0, invoice__due_date__lt=LAST_DAY - timedelta(days=40))
    assert not late.filter(invoice__company_id__in=paid).exists()
