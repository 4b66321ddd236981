"""What is given back, given up and brought forward; and what the month has earned. The books hold after each."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from comptoir.config.books import check_books
from comptoir.customers.models import Location
from comptoir.invoicing.corrections import (
    approve_correction,
    carry_out,
    refuse_correction,
    request_credit,
    request_void,
    request_write_off,
)
from comptoir.invoicing.credit_queries import credit_notes
from comptoir.invoicing.errors import CreditRefused, OpeningRefused
from comptoir.invoicing.models import (
    BillRunItem,
    CompanyCredit,
    Correction,
    Coverage,
    CreditNote,
    CreditReason,
    Invoice,
    InvoiceBalance,
    InvoiceTax,
)
from comptoir.invoicing.opening import OpeningBalance, bring_forward
from comptoir.invoicing.queries import invoice, invoices
from comptoir.invoicing.recognition import recognise
from comptoir.ledger.models import Posting
from comptoir.subscriptions.models import BillingPreferences, Discount, OneOffCharge, Subscription
from comptoir.taxes.models import ExemptionCertificate, Jurisdiction, Registration, TaxRate
from comptoir.tenancy.models import Company, Vendor
from comptoir.tenancy.queries import vendor as vendor_row
from tests.databases import Database
from tests.factories import (
    NOW,
    TESTS,
    TODAY,
    issue_invoices,
    make_company,
    make_location,
    make_plan,
    make_subscription,
    make_vendor,
)

OCTOBER, NOVEMBER = date(2020, 10, 1), date(2020, 11, 1)
CLERK = {"explanation": "double order", "actor": TESTS, "role": "clerk"}


@pytest.fixture
def vendor(fresh_database: Database) -> Iterator[Vendor]:
    """A vendor that collects Illinois' 6.25 %; its books hold when the story is over."""
    made = make_vendor(slug="northwind")
    illinois = Jurisdiction.objects.create(code="TEST-IL", name="Illinois", level="state", country="US", state="IL")
    TaxRate.objects.create(jurisdiction=illinois, category="software", rate="0.0625", valid_from=date(2020, 1, 1))
    for category in ("service", "hardware"):
        TaxRate.objects.create(jurisdiction=illinois, category=category, rate="0", valid_from=date(2020, 1, 1))
    Registration.objects.create(vendor=made, jurisdiction=illinois, since=date(2020, 1, 1))
    yield made
    assert check_books() == []


@pytest.fixture
def arches(vendor: Vendor) -> Company:
    """A company with a plan of 99.00 a month at its one store."""
    company = make_company(vendor=vendor, name="Arches")
    make_subscription(
        company=company, plan=make_plan(vendor=vendor, scope="location"), location=make_location(company=company)
    )
    return company


def do(asked: Correction) -> Correction:
    """Let the worker do what was allowed."""
    carry_out(correction_id=asked.id, now=NOW)
    asked.refresh_from_db()
    return asked


def balance(bill: Invoice) -> int:
    return InvoiceBalance.objects.get(invoice=bill).open_minor


def posted(code: str) -> int:
    """Return an account's balance: debits above zero."""
    return sum(Posting.objects.filter(account__code=code).values_list("amount_minor", flat=True))


def test_tax_is_charged_by_the_stores_place_and_owed_to_the_state(vendor: Vendor, arches: Company) -> None:
    (bill,) = issue_invoices(vendor=vendor)
    assert (bill.net_minor, bill.tax_minor, bill.total_minor) == (9_900, 619, 10_519)
    (tax,) = invoice(bill.public_id).taxes
    assert (tax.name, str(tax.rate), tax.taxable_minor, tax.tax_minor) == ("Illinois", "0.062500", 9_900, 619)
    assert (posted("receivable"), posted("deferred_revenue"), posted("tax_payable")) == (10_519, -9_900, -619)


def test_an_exemption_counts_until_it_expires(vendor: Vendor, arches: Company) -> None:
    ExemptionCertificate.objects.create(
        company=arches,
        jurisdiction=Jurisdiction.objects.get(code="TEST-IL"),
        number="E-1",
        reason="resale",
        valid_from=date(2020, 1, 1),
        valid_until=date(2020, 10, 17),
    )
    cook = Jurisdiction.objects.create(
        code="TEST-IL-COOK", name="Cook", level="county", country="US", state="IL", county="Cook"
    )
    Location.objects.update(county="Cook")
    (october,) = issue_invoices(vendor=vendor)
    assert october.tax_minor == 0, "and a rate that is missing where nothing is owed is not missed"
    TaxRate.objects.create(jurisdiction=cook, category="software", rate="0", valid_from=date(2020, 1, 1))
    (november,) = issue_invoices(vendor=vendor, through=NOVEMBER, issue_date=date(2020, 10, 17))
    assert november.tax_minor == 619


def test_service_that_ended_is_credited_by_days_with_its_tax_and_the_line_that_it_corrects(
    vendor: Vendor, arches: Company
) -> None:
    (bill,) = issue_invoices(vendor=vendor)
    Subscription.objects.update(ends_on=date(2020, 10, 11))

    issue_invoices(vendor=vendor)

    note = CreditNote.objects.get()
    line = note.lines.get()
    assert (line.corrects, line.starts_on, line.ends_on) == (1, date(2020, 10, 11), NOVEMBER)
    assert (note.net_minor, note.tax_minor) == (6_706, 419)  # 21 of 31 days
    assert BillRunItem.objects.latest("run_id").credit_minor == 7_125, "as it was planned"
    assert balance(bill) == 10_519 - 7_125
    assert Subscription.objects.get().billed_through == date(2020, 10, 11)
    assert [row.number for row in credit_notes(arches.id)] == ["NOR-CN-000001"]
    assert issue_invoices(vendor=vendor) == [], "and only once"
    assert CreditNote.objects.count() == 1


def test_service_that_ended_before_two_periods_is_credited_on_both(vendor: Vendor, arches: Company) -> None:
    issue_invoices(vendor=vendor)
    issue_invoices(vendor=vendor, through=NOVEMBER)
    Subscription.objects.update(ends_on=date(2020, 10, 11))
    issue_invoices(vendor=vendor)
    assert [note.net_minor for note in CreditNote.objects.order_by("id")] == [9_900, 6_706]
    assert list(Coverage.objects.order_by("starts_on").values_list("live_until", flat=True)) == [
        date(2020, 10, 11),
        NOVEMBER,
    ]


def test_a_void_invoice_is_billed_anew(vendor: Vendor, arches: Company) -> None:
    (bill,) = issue_invoices(vendor=vendor)
    with transaction.atomic():
        asked = request_void(invoice_id=bill.id, explanation="wrong company", actor=TESTS, role="manager")
    assert do(asked).status == "done"
    assert balance(bill) == 0
    assert Subscription.objects.get().billed_through == OCTOBER

    (again,) = issue_invoices(vendor=vendor)

    assert again.total_minor == bill.total_minor


def test_an_invoice_is_not_voided_while_a_later_one_bills_the_days_after_it(vendor: Vendor, arches: Company) -> None:
    (october,) = issue_invoices(vendor=vendor)
    issue_invoices(vendor=vendor, through=NOVEMBER)
    with transaction.atomic():
        asked = request_void(invoice_id=october.id, explanation="wrong", actor=TESTS, role="manager")
    assert do(asked).status == "refused"
    assert "Later days of line 1 are billed on another invoice" in asked.outcome
    assert balance(october) == 10_519


def test_what_was_paid_and_is_given_back_becomes_credit_and_pays_the_next_invoice(
    vendor: Vendor, arches: Company
) -> None:
    (bill,) = issue_invoices(vendor=vendor)
    with transaction.atomic():
        do(request_write_off(invoice_id=bill.id, explanation="settled elsewhere", actor=TESTS, role="manager"))
        do(request_credit(invoice_id=bill.id, amounts={1: 5_000}, reason=CreditReason.GOODWILL, **CLERK))  # type: ignore[arg-type]
    assert CompanyCredit.objects.get().balance_minor == 5_313  # with its tax

    (november,) = issue_invoices(vendor=vendor, through=NOVEMBER)

    assert (balance(november), CompanyCredit.objects.get().balance_minor) == (10_519 - 5_313, 0)
    assert [applied.source for applied in invoice(november.public_id).allocations] == ["credit"]


def test_partial_credits_give_the_tax_back_to_the_cent(vendor: Vendor, arches: Company) -> None:
    (bill,) = issue_invoices(vendor=vendor)
    for minor in (3_333, 3_333, 3_234):
        with transaction.atomic():
            do(request_credit(invoice_id=bill.id, amounts={1: minor}, reason=CreditReason.CORRECTION, **CLERK))  # type: ignore[arg-type]
    assert (balance(bill), posted("tax_payable"), posted("deferred_revenue")) == (0, 0, 0)
    with pytest.raises(CreditRefused, match="less left"), transaction.atomic():
        request_credit(invoice_id=bill.id, amounts={1: 1}, reason=CreditReason.CORRECTION, **CLERK)  # type: ignore[arg-type]


class TestLimits:
    def test_a_clerk_gives_back_a_hundred_and_asks_for_more(self, vendor: Vendor, arches: Company) -> None:
        (bill,) = issue_invoices(vendor=vendor)
        with transaction.atomic():
            asked = request_void(invoice_id=bill.id, **CLERK)  # type: ignore[arg-type]
        assert do(asked).status == "requested"
        with pytest.raises(CreditRefused, match="above what you may allow"), transaction.atomic():
            approve_correction(correction_id=asked.id, actor=TESTS, role="clerk")
        with transaction.atomic():
            approve_correction(correction_id=asked.id, actor=TESTS, role="manager")
        assert do(asked).status == "done"
        assert do(asked).status == "done", "and once"
        assert CreditNote.objects.count() == 1

    def test_a_refused_correction_says_why_and_stays_so(self, vendor: Vendor, arches: Company) -> None:
        (bill,) = issue_invoices(vendor=vendor)
        with transaction.atomic():
            asked = request_void(invoice_id=bill.id, **CLERK)  # type: ignore[arg-type]
            refuse_correction(correction_id=asked.id, why="it was right", actor=TESTS)
        with pytest.raises(CreditRefused, match="does not wait"), transaction.atomic():
            approve_correction(correction_id=asked.id, actor=TESTS, role="admin")

    def test_giving_up_above_ones_limit_waits_for_a_higher_one(self, vendor: Vendor, arches: Company) -> None:
        (bill,) = issue_invoices(vendor=vendor)
        with transaction.atomic():
            asked = request_write_off(invoice_id=bill.id, **CLERK)  # type: ignore[arg-type]
        assert (do(asked).status, balance(bill)) == ("requested", 10_519)
        with transaction.atomic():
            approve_correction(correction_id=asked.id, actor=TESTS, role="manager")
        assert (do(asked).status, balance(bill), posted("bad_debt")) == ("done", 0, 10_519)

    @pytest.mark.parametrize("why", ["", "  "])
    def test_none_goes_without_a_reason(self, vendor: Vendor, arches: Company, why: str) -> None:
        (bill,) = issue_invoices(vendor=vendor)
        of = {"invoice_id": bill.id, "explanation": why, "actor": TESTS, "role": "manager"}
        for ask in (
            lambda: request_credit(amounts={1: 100}, reason=CreditReason.GOODWILL, **of),  # type: ignore[arg-type]
            lambda: request_void(**of),  # type: ignore[arg-type]
            lambda: request_write_off(**of),  # type: ignore[arg-type]
        ):
            with pytest.raises(CreditRefused, match="Say why"), transaction.atomic():
                ask()
        assert not Correction.objects.exists()

    def test_nobody_allows_more_around_the_orm(self, vendor: Vendor, arches: Company) -> None:
        (bill,) = issue_invoices(vendor=vendor)
        with transaction.atomic():
            request_void(invoice_id=bill.id, **CLERK)  # type: ignore[arg-type]
        with pytest.raises(IntegrityError, match="above the limit"), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE invoicing_correction SET status = 'approved', approved_by = 'me', approved_role = 'clerk'"
            )


class TestAroundTheOrm:
    @pytest.mark.parametrize(
        ("statement", "refusal"),
        [
            ("UPDATE invoicing_coverage SET live_until = starts_on", "not those of its credit notes"),
            ("UPDATE invoicing_coverage SET live_until = ends_on + 1", "only shrinks"),
            ("UPDATE invoicing_invoicetax SET tax_minor = 0", "does not change"),
            ("DELETE FROM invoicing_invoicetax", "does not change"),
            ("UPDATE invoicing_companycredit SET balance_minor = 100", "does not change"),
            ("DELETE FROM invoicing_creditnote", "does not change"),
            ("UPDATE invoicing_creditnoteline SET amount_minor = 1", "does not change"),
            ("DELETE FROM invoicing_writeoff", "does not change"),
            (
                "INSERT INTO invoicing_creditmovement (credit_id, entry_id, amount_minor)"
                " SELECT g.id, e.id, 5 FROM invoicing_companycredit g, ledger_journalentry e LIMIT 1",
                "not what its journal entry posted",
            ),
            (
                "INSERT INTO invoicing_creditnoteline (credit_note_id, position, invoice_id, corrects, amount_minor,"
                " tax_parts) SELECT id, 9, invoice_id, 1, 5, '{0}' FROM invoicing_creditnote LIMIT 1",
                "the credit note is issued",
            ),
            (
                "INSERT INTO invoicing_writeoff (invoice_id, amount_minor, reason, written_off_on, written_off_by)"
                " SELECT id, 5, 'x', '2020-10-01', 'me' FROM invoicing_invoice LIMIT 1",
                "not applied to its invoice",
            ),
        ],
    )
    def test_nothing_is_given_back_or_up_by_hand(
        self, vendor: Vendor, arches: Company, statement: str, refusal: str
    ) -> None:
        (bill,) = issue_invoices(vendor=vendor)
        with transaction.atomic():
            do(request_credit(invoice_id=bill.id, amounts={1: 1_000}, reason=CreditReason.GOODWILL, **CLERK))  # type: ignore[arg-type]
            do(request_write_off(invoice_id=bill.id, explanation="gone", actor=TESTS, role="manager"))
            do(request_credit(invoice_id=bill.id, amounts={1: 1_000}, reason=CreditReason.GOODWILL, **CLERK))  # type: ignore[arg-type]
        with pytest.raises(IntegrityError, match=refusal), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    @pytest.mark.parametrize(
        ("table", "column", "rule"),
        [
            ("invoicing_correction", "explanation", "correction_says_how_much_and_why"),
            ("invoicing_creditnote", "explanation", "credit_note_says_why"),
            ("invoicing_writeoff", "reason", "write_off_says_why"),
        ],
    )
    def test_nothing_is_on_record_without_a_reason(
        self, vendor: Vendor, arches: Company, table: str, column: str, rule: str
    ) -> None:
        (bill,) = issue_invoices(vendor=vendor)
        with transaction.atomic():
            do(request_credit(invoice_id=bill.id, amounts={1: 1_000}, reason=CreditReason.GOODWILL, **CLERK))  # type: ignore[arg-type]
            do(request_write_off(invoice_id=bill.id, explanation="gone", actor=TESTS, role="manager"))
        with pytest.raises(IntegrityError, match=rule), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} SELECT (jsonb_populate_record(row, jsonb_build_object('{column}', ''))).*"
                f" FROM {table} row LIMIT 1"
            )


def test_a_balance_of_the_old_system_is_brought_once_by_its_own_number(vendor: Vendor, arches: Company) -> None:
    owed = OpeningBalance(company_id=arches.id, legacy_number="OLD-77", open_minor=12_345)
    with transaction.atomic():
        bring_forward(vendor=vendor_row(vendor.id), balances=[owed], on=TODAY, actor=TESTS)
    (row,) = invoices(company_id=arches.id)
    assert (row.number, row.open_minor) == ("NOR-OB-000001", 12_345)
    assert (posted("receivable"), posted("opening_balance")) == (12_345, -12_345)
    with pytest.raises(OpeningRefused, match="brought here before"), transaction.atomic():
        bring_forward(vendor=vendor_row(vendor.id), balances=[owed], on=TODAY, actor=TESTS)


def test_a_company_gets_an_invoice_per_store_with_its_own_terms_and_reference(vendor: Vendor, arches: Company) -> None:
    plan = make_plan(vendor=vendor, scope="location", price_minor=1_000)
    make_subscription(company=arches, plan=plan, location=make_location(company=arches))
    BillingPreferences.objects.create(company=arches, invoice_per_store=True, purchase_order="PO 4711", terms_days=30)
    bills = issue_invoices(vendor=vendor)
    assert sorted(bill.net_minor for bill in bills) == [1_000, 9_900]
    assert {(bill.purchase_order, bill.due_date) for bill in bills} == {("PO 4711", date(2020, 10, 31))}


def test_a_discount_shows_on_the_line_and_a_charge_is_billed_once(vendor: Vendor, arches: Company) -> None:
    taken = Subscription.objects.get()
    Discount.objects.create(subscription=taken, kind="percent", basis_points=1_000, starts_on=OCTOBER)
    OneOffCharge.objects.create(
        company=arches,
        location=taken.location,
        product=taken.plan.product,
        description="Training",
        amount_minor=20_000,
        charge_on=OCTOBER,
    )
    (bill,) = issue_invoices(vendor=vendor)
    lines = invoice(bill.public_id).lines
    assert [(line.description, line.discount_minor, line.amount_minor) for line in lines] == [
        ("Enterprise Office", 990, 8_910),
        ("Training", 0, 20_000),
    ]
    assert InvoiceTax.objects.get(invoice=bill).taxable_minor == 28_910
    (november,) = issue_invoices(vendor=vendor, through=NOVEMBER)
    assert november.net_minor == 8_910


def test_revenue_is_earned_by_the_days_of_service_and_a_charge_on_its_own_day(vendor: Vendor) -> None:
    """A quarter of 92 days at 92.00, a month from the 16th at 31.00, and charges on both sides of a month's end."""
    quarter, month, charged = (make_company(vendor=vendor) for _each in range(3))
    for company in (quarter, month, charged):
        make_location(company=company)
    by_quarter = make_plan(vendor=vendor, price_minor=9_200, cadence="quarterly")
    by_month = make_plan(vendor=vendor, price_minor=3_100)
    make_subscription(company=quarter, plan=by_quarter)
    make_subscription(company=month, plan=by_month, billed_from=date(2020, 10, 16))
    for day, minor in ((date(2020, 10, 31), 500), (NOVEMBER, 70)):
        OneOffCharge.objects.create(
            company=charged, product=by_month.product, description="Training", amount_minor=minor, charge_on=day
        )
    issue_invoices(vendor=vendor, through=NOVEMBER)

    def earned(company: Company, *, until: date) -> int:
        recognise(vendor_id=vendor.id, until=until)
        revenue = Posting.objects.filter(account__code="revenue", company=company)
        return -sum(revenue.values_list("amount_minor", flat=True))

    days = [NOVEMBER, date(2020, 12, 1), date(2021, 1, 1)]
    told = [[earned(company, until=day) for company in (quarter, month, charged)] for day in days]

    assert told == [[3_100, 1_600, 500], [6_100, 3_100, 570], [9_200, 3_100, 570]]


def test_a_month_earns_its_days_and_a_credit_takes_back_what_was_earned(vendor: Vendor, arches: Company) -> None:
    (bill,) = issue_invoices(vendor=vendor)
    issue_invoices(vendor=vendor, through=NOVEMBER)
    assert recognise(vendor_id=vendor.id, until=OCTOBER) == 0
    assert recognise(vendor_id=vendor.id, until=NOVEMBER) == 9_900
    assert recognise(vendor_id=vendor.id, until=NOVEMBER) == 0, "once"
    assert (posted("deferred_revenue"), posted("revenue")) == (-9_900, -9_900)

    with transaction.atomic():
        do(request_credit(invoice_id=bill.id, amounts={1: 900}, reason=CreditReason.GOODWILL, **CLERK))  # type: ignore[arg-type]
    assert recognise(vendor_id=vendor.id, until=date(2020, 12, 1)) == 9_900 - 900
    assert (posted("deferred_revenue"), posted("revenue")) == (0, -18_900)
