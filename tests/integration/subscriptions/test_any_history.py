"""Any history of starts, stops, changes and bill runs bills each day of service once, and costs what its days cost."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import connection, transaction
from django.db.models import F
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from comptoir.catalog.models import Plan
from comptoir.config.books import check_books
from comptoir.customers.models import Location
from comptoir.customers.operations import NewStore, open_store
from comptoir.invoicing.corrections import carry_out, request_credit, request_void
from comptoir.invoicing.models import BillRunItem, Coverage, CreditNoteLine, CreditReason, Invoice, InvoiceLine
from comptoir.invoicing.preview import preview
from comptoir.invoicing.queries import invoice
from comptoir.invoicing.recognition import recognise
from comptoir.kit.errors import ComptoirError
from comptoir.subscriptions.calculation.proration import prorate_days
from comptoir.subscriptions.models import ChargeWithdrawal, OneOffCharge, Subscription
from comptoir.subscriptions.operations import Taken, change_plan, change_quantity, close_store, start, stop
from comptoir.subscriptions.terms import NewCharge, align, charge_once, give_discount, set_preferences, withdraw_charge
from comptoir.taxes.models import Jurisdiction, Registration, TaxRate
from comptoir.tenancy.models import Company, Vendor
from tests.databases import Database
from tests.factories import NOW, TESTS, TODAY, issue_invoices, make_company, make_location, make_plan, make_vendor

WHY = {"reason": "a turn of history", "actor": TESTS}
ALLOWED = {"explanation": "a turn of history", "actor": TESTS, "role": "admin"}
KINDS = ["start", "stop", "change", "quantity", "align", "discount", "charge", "withdraw", "credit", "void", "month"]
KINDS += ["open", "close"] + ["run"] * 3
STEP = st.tuples(
    st.sampled_from(KINDS), st.integers(0, 45), st.integers(-40, 40), st.integers(0, 99), st.integers(0, 400)
)


# One of each, none of which is refused: what chance leaves out is tried all the same.
EVERY_KIND = [
    ("start", 0, 1, 0, 200),
    ("quantity", 0, 10, 3, 0),
    ("change", 0, 12, 1, 0),
    ("align", 0, 0, 30, 0),
    ("discount", 0, 20, 0, 100),
    ("charge", 0, 5, 0, 100),
    ("withdraw", 0, 5, 0, 100),
    ("run", 1, 10, 0, 0),
    ("open", 0, 15, 3, 310),
    ("run", 1, 20, 0, 0),
    ("credit", 1, 0, 0, 10),
    ("month", 31, 0, 0, 0),
    ("stop", 1, 30, 0, 0),
    ("close", 0, 30, 0, 0),
    ("void", 1, 0, 0, 0),
]


@dataclass
class History:
    """A company with three plans to choose from, one for stores with its add-on, and a day that only moves on."""

    vendor: Vendor
    company: Company
    plans: list[Plan]
    till: Plan
    addon: Plan
    today: date = TODAY
    done: list[str] = field(default_factory=list)

    def turn(self, kind: str, *, later: int, around: int, which: int, price: int) -> None:
        """Live on for ``later`` days, then do something, as of a day ``around`` that one; a refusal changes nothing."""
        self.today += timedelta(days=later)
        if kind == "run":
            self._run(through=self.today + timedelta(days=abs(around)))
            return
        with suppress(ComptoirError), transaction.atomic():
            self._change(kind, on=self.today + timedelta(days=around), which=which, price=price)
            self.done.append(kind)

    def _run(self, *, through: date) -> None:
        """Bill what a preview, which PostgreSQL lets write nothing, said before, line by line and tax by tax."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
            shown = preview(company_id=self.company.id, through=through, issue_date=self.today)
        issued = issue_invoices(vendor=self.vendor, through=through, issue_date=self.today)
        made = [invoice(bill.public_id) for bill in issued]
        assert [(bill.lines, bill.taxes, bill.total_minor, bill.due_date) for bill in shown] == [
            (bill.lines, bill.taxes, bill.row.total_minor, bill.row.due_date) for bill in made
        ]

    def _change(self, kind: str, *, on: date, which: int, price: int) -> None:
        own, plan = {"company_id": self.company.id}, self.plans[which % 3]
        running = list(Subscription.objects.filter(**own, ends_on=None).order_by("id").values_list("id", flat=True))
        one = running[which % len(running)] if running else 0
        match kind:
            case "start":
                start(**own, taken=Taken(plan.id, None, price), starts_on=on, quantity=1 + which % 2, actor=TESTS)
            case "stop":
                stop(**own, subscription_ids=[one], ends_on=on, **WHY)
            case "change":
                change_plan(**own, subscription_id=one, plan_id=plan.id, on=on, **WHY)
            case "quantity":
                change_quantity(**own, plan_id=plan.id, location_id=None, quantity=which % 4, on=on, **WHY)
                serving = Subscription.objects.filter(**own, plan=plan, location=None).exclude(ends_on__lte=on)
                lasting = serving.exclude(ends_on=F("starts_on")).values_list("starts_on", "ends_on")
                assert [begun <= on and end is None for begun, end in lasting] == [True] * (which % 4)
            case "align":
                align(**own, day=1 + which % 31, actor=TESTS)
            case "discount":
                off = {"amount_minor": 1 + 20 * price} if which % 2 else {"basis_points": 1 + price}
                ends_on = None if which % 3 else on + timedelta(days=1 + price)
                give_discount(**own, subscription_id=one, **off, starts_on=on, ends_on=ends_on, actor=TESTS)
            case "open" | "close":
                self._store(kind, on=on, which=which, price=price)
            case "credit" | "void":
                self._correct(kind, which=which, price=price)
            case "month":
                recognise(vendor_id=self.vendor.id, until=self.today.replace(day=1))
            case _:
                self._charge(kind, on=on, which=which, price=price)

    def _store(self, kind: str, *, on: date, which: int, price: int) -> None:
        """Open a store that takes a plan, may be with its add-on; or close one with all that it takes."""
        own = {"company_id": self.company.id}
        there = list(Location.objects.filter(ownerships__company=self.company).order_by("id"))
        if kind == "close":
            close_store(**own, location_id=there[which % len(there)].id if there else 0, on=on, **WHY)
            return
        number = f"{self.company.id}-{len(there)}"
        store = NewStore(number, number, "1 Pier", city="Springfield", state="IL", postal_code="62701")
        opened = open_store(**own, vendor_id=self.vendor.id, store=store, opens_on=on, actor=TESTS)
        for plan in (self.till, self.addon)[: 1 + which % 2]:
            start(**own, taken=Taken(plan.id, opened, price), starts_on=on, actor=TESTS)
        set_preferences(**own, invoice_per_store=which % 3 == 0, purchase_order="", terms_days=None, actor=TESTS)

    def _charge(self, kind: str, *, on: date, which: int, price: int) -> None:
        """Charge something once; to withdraw it, or what was charged before it."""
        own = {"company_id": self.company.id}
        charge = NewCharge(self.plans[0].product_id, None, "Training", 1 + price, on)
        made = charge_once(**own, charge=charge, actor=TESTS)
        if kind == "withdraw":
            withdraw_charge(**own, charge_id=made - which % 2, **WHY)

    def _correct(self, kind: str, *, which: int, price: int) -> None:
        """Give something of an invoice's first line back, or all of the invoice; the worker may find that it cannot."""
        Vendor.objects.filter(id=self.vendor.id).update(business_date=self.today)
        issued = list(Invoice.objects.filter(company=self.company).order_by("id").values_list("id", flat=True))
        if not issued:
            return
        bill = issued[which % len(issued)]
        asked = (
            request_void(invoice_id=bill, **ALLOWED)
            if kind == "void"
            else request_credit(invoice_id=bill, amounts={1: price}, reason=CreditReason.GOODWILL, **ALLOWED)
        )
        carry_out(correction_id=asked.id, now=NOW)


def test_each_day_is_billed_once_whatever_happens_in_whatever_order(fresh_database: Database) -> None:
    numbers = iter(range(10_000))
    happened: set[str] = set()
    illinois = Jurisdiction.objects.create(code="TEST-IL", name="Illinois", level="state", country="US", state="IL")
    for category in ("software", "service", "hardware"):
        TaxRate.objects.create(jurisdiction=illinois, category=category, rate="0.0625", valid_from=date(2020, 1, 1))

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(steps=st.lists(STEP, min_size=4, max_size=12))
    @example(steps=EVERY_KIND)
    def any_history(steps: list[tuple[str, int, int, int, int]]) -> None:
        vendor = make_vendor(slug=f"vendor-{next(numbers)}")
        cadences = ("monthly", "quarterly", "annual")
        Registration.objects.create(vendor=vendor, jurisdiction=illinois, since=date(2020, 1, 1))
        plans = [make_plan(vendor=vendor, price_minor=9_999, cadence=cadence) for cadence in cadences]
        till = make_plan(vendor=vendor, scope="location")
        addon = make_plan(vendor=vendor, scope="location", cadence="quarterly", addon_of=till)
        company = make_company(vendor=vendor)
        make_location(company=company)
        history = History(vendor, company, plans, till, addon)
        for kind, later, around, which, price in [("start", 0, 0, 0, 3_100), *steps, ("run", 1, 0, 0, 0)]:
            history.turn(kind, later=later, around=around, which=which, price=price)
        happened.update(history.done)
        _each_day_once(history)
        _each_charge_once(history)
        assert check_books() == []

    any_history()
    assert happened == {*KINDS} - {"run"}


def _each_charge_once(history: History) -> None:
    """A charge is billed once when its day has come, unless withdrawn, and again when that invoice was voided."""
    for charge in OneOffCharge.objects.filter(company=history.company):
        lines = list(InvoiceLine.objects.filter(charge=charge))
        if ChargeWithdrawal.objects.filter(charge=charge).exists():
            assert lines == []
        elif charge.charge_on <= history.today:
            (line,) = lines
            voids = CreditNoteLine.objects.filter(
                invoice_id=line.invoice_id, corrects=line.position, credit_note__reason=CreditReason.VOID
            )
            assert voids.exists() == OneOffCharge.objects.filter(repeats=charge).exists()


def _each_day_once(history: History) -> None:
    """Live coverage tiles each subscription's days up to billed-through; a line less its credits costs its live days.

    What was given back of it for another reason comes off that, down to nothing.
    """
    assert not BillRunItem.objects.filter(run__vendor=history.vendor, status="exception").exists()
    lines = {
        (line.invoice_id, line.position): line for line in InvoiceLine.objects.filter(invoice__vendor=history.vendor)
    }
    credited: Counter[tuple[int, int]] = Counter()
    goodwill: Counter[tuple[int, int]] = Counter()
    for note in CreditNoteLine.objects.filter(invoice__vendor=history.vendor).select_related("credit_note"):
        of = goodwill if note.credit_note.reason == CreditReason.GOODWILL else credited
        of[note.invoice_id, note.corrects] += note.amount_minor
    for taken in Subscription.objects.filter(company=history.company):
        assert taken.ends_on is None or taken.billed_through <= taken.ends_on, "what ended is credited by the last run"
        reached = taken.billed_from
        live = Coverage.objects.filter(subscription_id=taken.id, live_until__gt=F("starts_on")).order_by("starts_on")
        for covered in live:
            assert covered.starts_on == reached
            reached = covered.live_until
        assert reached == taken.billed_through
        for covered in Coverage.objects.filter(subscription_id=taken.id):
            key = (covered.invoice_id, covered.position)
            line = lines[key]
            live_minor = prorate_days(
                price_minor=line.unit_minor - line.discount_minor,
                days=(covered.live_until - covered.starts_on).days,
                full_days=line.full_days or 1,
            )
            assert line.amount_minor - credited[key] - goodwill[key] == max(live_minor - goodwill[key], 0)
