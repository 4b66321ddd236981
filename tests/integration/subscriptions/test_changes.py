"""What a company takes changes in the middle of a month; the next bill run charges and gives back to the day."""

import threading
from datetime import date

import pytest
from django.db import transaction

from comptoir.catalog.models import Plan
from comptoir.catalog.operations import add_plan, announce_price
from comptoir.customers.operations import NewStore, open_store
from comptoir.invoicing.models import CreditNoteLine, Invoice, InvoiceLine
from comptoir.subscriptions import operations, terms
from comptoir.subscriptions.errors import SubscriptionRefused, TermsRefused, WithinMinimumTerm
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.operations import Taken
from comptoir.subscriptions.terms import NewCharge
from comptoir.tenancy.models import AuditEntry, Company, Vendor
from tests.databases import Database
from tests.factories import TESTS, TODAY, issue_invoices, make_location, make_plan
from tests.integration.subscriptions.taking import (
    MID_OCTOBER,
    NOVEMBER,
    OCTOBER,
    WHY,
    begin,
    change_plan,
    change_quantity,
    close_store,
    start,
    stop,
)

# Each in a transaction of its own, as a page does it.
align = transaction.atomic(terms.align)
charge_once = transaction.atomic(terms.charge_once)
end_discount = transaction.atomic(terms.end_discount)
give_discount = transaction.atomic(terms.give_discount)
set_preferences = transaction.atomic(terms.set_preferences)


def billed(vendor: Vendor, *, through: date) -> list[tuple[str, date | None, date | None, int]]:
    """Run the bill, and return its lines: what, which days, how much."""
    invoices = issue_invoices(vendor=vendor, through=through)
    lines = InvoiceLine.objects.filter(invoice__in=invoices).order_by("invoice_id", "position")
    return [(line.description, line.starts_on, line.ends_on, line.amount_minor) for line in lines]


def given_back() -> list[tuple[date | None, date | None, int]]:
    lines = CreditNoteLine.objects.order_by("credit_note_id", "position")
    return [(line.starts_on, line.ends_on, line.amount_minor) for line in lines]


def test_what_starts_in_mid_month_is_billed_from_that_day_in_periods_of_its_own(
    vendor: Vendor, company: Company, plan: Plan
) -> None:
    begin(company, plan, on=MID_OCTOBER)

    assert billed(vendor, through=NOVEMBER) == [("Office", MID_OCTOBER, date(2020, 11, 16), 3_100)]


def test_a_company_that_is_aligned_starts_with_a_stub(vendor: Vendor, company: Company, plan: Plan) -> None:
    align(company_id=company.id, day=1, actor=TESTS)
    begin(company, plan, on=MID_OCTOBER)

    assert billed(vendor, through=NOVEMBER) == [
        ("Office", MID_OCTOBER, NOVEMBER, 1_600),
        ("Office", NOVEMBER, date(2020, 12, 1), 3_100),
    ]


def test_aligning_what_is_billed_already_makes_the_next_period_a_stub(
    vendor: Vendor, company: Company, plan: Plan
) -> None:
    taken = begin(company, plan, on=MID_OCTOBER)
    stop(company_id=company.id, subscription_ids=taken, ends_on=date(2021, 3, 1), **WHY)
    billed(vendor, through=MID_OCTOBER)

    align(company_id=company.id, day=1, actor=TESTS)

    assert billed(vendor, through=date(2020, 11, 16)) == [("Office", date(2020, 11, 16), date(2020, 12, 1), 1_550)]


def test_a_stop_in_mid_month_gives_the_unused_days_back(vendor: Vendor, company: Company, plan: Plan) -> None:
    taken = begin(company, plan)
    billed(vendor, through=OCTOBER)

    stop(company_id=company.id, subscription_ids=taken, ends_on=MID_OCTOBER, **WHY)

    assert billed(vendor, through=NOVEMBER) == []
    assert given_back() == [(MID_OCTOBER, NOVEMBER, 1_600)]
    assert AuditEntry.objects.get(action="subscription ended").reason == "the owner called"


def test_a_change_of_plan_gives_back_the_one_and_bills_the_other(vendor: Vendor, company: Company, plan: Plan) -> None:
    (taken,) = begin(company, plan)
    billed(vendor, through=OCTOBER)
    larger = make_plan(vendor=vendor, price_minor=6_200, name="Office Plus")

    change_plan(company_id=company.id, subscription_id=taken, plan_id=larger.id, on=MID_OCTOBER, **WHY)

    assert billed(vendor, through=MID_OCTOBER) == [("Office Plus", MID_OCTOBER, NOVEMBER, 3_200)]
    assert given_back() == [(MID_OCTOBER, NOVEMBER, 1_600)]


def test_a_smaller_quantity_ends_the_last_taken_a_larger_starts_more(
    vendor: Vendor, company: Company, plan: Plan
) -> None:
    begin(company, plan, quantity=3)
    billed(vendor, through=OCTOBER)
    place = {"company_id": company.id, "plan_id": plan.id, "location_id": None}

    change_quantity(**place, quantity=2, on=MID_OCTOBER, **WHY)
    billed(vendor, through=OCTOBER)
    assert given_back() == [(MID_OCTOBER, NOVEMBER, 1_600)]

    change_quantity(**place, quantity=4, on=MID_OCTOBER, **WHY)
    assert billed(vendor, through=MID_OCTOBER) == [("Office", MID_OCTOBER, NOVEMBER, 1_600)] * 2
    assert Subscription.objects.filter(ends_on=None).count() == 4


def test_a_quantity_reckons_with_what_ends_and_begins_later(vendor: Vendor, company: Company, plan: Plan) -> None:
    first, second, third = begin(company, plan, quantity=3)
    stop(company_id=company.id, subscription_ids=[first], ends_on=NOVEMBER, **WHY)
    wanted = {"company_id": company.id, "plan_id": plan.id, "location_id": None, "on": MID_OCTOBER}
    for more_than_lasts in (3, 4):
        with pytest.raises(SubscriptionRefused, match="changes until Nov 1, 2020 already"):
            change_quantity(**wanted, quantity=more_than_lasts, **WHY)

    change_quantity(**wanted, quantity=2, **WHY)
    lasting = Subscription.objects.filter(ends_on=None)
    assert set(lasting.values_list("id", flat=True)) == {second, third}
    assert Subscription.objects.get(id=first).ends_on == MID_OCTOBER

    begin(company, plan, on=NOVEMBER)
    with pytest.raises(SubscriptionRefused, match="changes until Nov 1, 2020 already"):
        change_quantity(**wanted, quantity=3, **WHY)
    change_quantity(**wanted | {"on": NOVEMBER}, quantity=1, **WHY)
    assert lasting.count() == 1


def test_a_store_opens_and_closes_in_mid_month_with_all_that_it_takes(vendor: Vendor, company: Company) -> None:
    till, addon = _till_and_addon(vendor)
    store = NewStore(number="77", name="Harbour", address="1 Pier", city="Springfield", state="IL", postal_code="62701")
    opened = open_store(company_id=company.id, vendor_id=vendor.id, store=store, opens_on=MID_OCTOBER, actor=TESTS)
    align(company_id=company.id, day=1, actor=TESTS)
    for plan in (till, addon):
        taken = Taken(plan_id=plan.id, location_id=opened)
        start(company_id=company.id, taken=taken, starts_on=MID_OCTOBER, actor=TESTS)
    assert [line[3] for line in billed(vendor, through=MID_OCTOBER)] == [1_600, 320]

    closed = close_store(company_id=company.id, location_id=opened, on=date(2020, 10, 26), **WHY)

    assert closed == 2
    billed(vendor, through=NOVEMBER)
    assert given_back() == [
        (date(2020, 10, 26), NOVEMBER, 600),
        (date(2020, 10, 26), NOVEMBER, 120),
    ]


def test_an_end_still_to_come_is_brought_forward(vendor: Vendor, company: Company, plan: Plan) -> None:
    taken = begin(company, plan)
    billed(vendor, through=OCTOBER)
    stop(company_id=company.id, subscription_ids=taken, ends_on=date(2020, 10, 26), **WHY)

    stop(company_id=company.id, subscription_ids=taken, ends_on=MID_OCTOBER, **WHY)

    billed(vendor, through=OCTOBER)
    assert given_back() == [(MID_OCTOBER, NOVEMBER, 1_600)]
    changed = AuditEntry.objects.filter(action="subscription ended").latest("id")
    assert changed.before == {"ends_on": "2020-10-26"}


def test_a_store_that_closes_takes_along_what_would_have_ended_or_started_later(
    vendor: Vendor, company: Company
) -> None:
    till, _addon = _till_and_addon(vendor)
    place = Taken(till.id, make_location(company=company).id)
    for starts_on in (OCTOBER, NOVEMBER):
        start(company_id=company.id, taken=place, starts_on=starts_on, actor=TESTS)
    (ends_later,) = start(company_id=company.id, taken=place, starts_on=OCTOBER, actor=TESTS)
    stop(company_id=company.id, subscription_ids=[ends_later], ends_on=date(2020, 12, 1), **WHY)

    closing = {"company_id": company.id, "location_id": place.location_id or 0, "on": MID_OCTOBER}

    assert close_store(**closing, **WHY) == 3
    assert close_store(**closing, **WHY) == 0
    assert [line[1:] for line in billed(vendor, through=NOVEMBER)] == [(OCTOBER, MID_OCTOBER, 1_500)] * 2


def test_two_who_want_three_units_at_the_same_moment_get_three(
    vendor: Vendor, company: Company, plan: Plan, fresh_database: Database
) -> None:
    begin(company, plan)
    wanted = {"company_id": company.id, "plan_id": plan.id, "location_id": None, "quantity": 3, "on": MID_OCTOBER}

    def want() -> None:
        with fresh_database.as_owner():
            change_quantity(**wanted, **WHY)

    other = threading.Thread(target=want)
    with transaction.atomic():
        operations.change_quantity(**wanted, **WHY)
        other.start()
        other.join(timeout=0.5)
        assert other.is_alive(), "it waits for the first to be done"
    other.join(timeout=20)

    assert Subscription.objects.count() == 3


def test_an_addon_comes_with_its_plan_and_goes_with_it(vendor: Vendor, company: Company) -> None:
    till, addon = _till_and_addon(vendor)
    store = make_location(company=company)
    with pytest.raises(SubscriptionRefused, match="beside its plan"):
        start(company_id=company.id, taken=Taken(addon.id, store.id), starts_on=OCTOBER, actor=TESTS)
    (main,) = start(company_id=company.id, taken=Taken(till.id, store.id), starts_on=OCTOBER, actor=TESTS)
    start(company_id=company.id, taken=Taken(addon.id, store.id), starts_on=OCTOBER, actor=TESTS)

    stop(company_id=company.id, subscription_ids=[main], ends_on=MID_OCTOBER, **WHY)

    assert set(Subscription.objects.values_list("ends_on", flat=True)) == {MID_OCTOBER}


def test_a_minimum_term_holds_until_it_is_waived_and_goes_along_to_another_plan_of_the_product(
    vendor: Vendor, company: Company
) -> None:
    year = make_plan(vendor=vendor, minimum_term_months=12)
    other = add_plan(
        product_id=year.product_id,
        code="quarterly",
        name="Office by the quarter",
        cadence="quarterly",
        scope="company",
        price_minor=27_000,
        valid_from=date(2020, 1, 1),
        actor=TESTS,
    )
    (taken,) = begin(company, year)
    with pytest.raises(WithinMinimumTerm, match="Oct 1, 2021"):
        stop(company_id=company.id, subscription_ids=[taken], ends_on=NOVEMBER, **WHY)

    moved = change_plan(company_id=company.id, subscription_id=taken, plan_id=other, on=NOVEMBER, **WHY)

    assert Subscription.objects.get(id=moved).minimum_term_ends_on == date(2021, 10, 1)
    stop(company_id=company.id, subscription_ids=[moved], ends_on=NOVEMBER, waives_minimum_term=True, **WHY)
    assert Subscription.objects.get(id=moved).ends_on == NOVEMBER


def test_a_price_announced_for_march_bills_march_and_not_what_is_paid(
    vendor: Vendor, company: Company, plan: Plan
) -> None:
    begin(company, plan)
    announce_price(plan_id=plan.id, valid_from=NOVEMBER, amount_minor=3_600, today=TODAY, actor=TESTS)

    assert [line[3] for line in billed(vendor, through=NOVEMBER)] == [3_100, 3_600]


def test_a_price_announced_for_days_that_are_billed_bills_the_next_period_and_not_those(
    vendor: Vendor, company: Company, plan: Plan
) -> None:
    begin(company, plan)
    assert [line[3] for line in billed(vendor, through=OCTOBER)] == [3_100]

    announce_price(plan_id=plan.id, valid_from=MID_OCTOBER, amount_minor=3_600, today=TODAY, actor=TESTS)

    assert billed(vendor, through=MID_OCTOBER) == []
    assert billed(vendor, through=NOVEMBER) == [("Office", NOVEMBER, date(2020, 12, 1), 3_600)]
    assert given_back() == []


def test_a_discount_takes_off_the_periods_that_start_while_it_holds(
    vendor: Vendor, company: Company, plan: Plan
) -> None:
    (taken,) = begin(company, plan)
    term = {"company_id": company.id, "subscription_id": taken, "actor": TESTS}
    half = give_discount(**term, basis_points=5_000, starts_on=OCTOBER, ends_on=None)
    assert [line[3] for line in billed(vendor, through=OCTOBER)] == [1_550]
    with pytest.raises(TermsRefused, match="Another discount"):
        give_discount(**term, amount_minor=100, starts_on=NOVEMBER, ends_on=None)

    end_discount(company_id=company.id, discount_id=half, ends_on=NOVEMBER, actor=TESTS)
    give_discount(**term, amount_minor=100, starts_on=NOVEMBER, ends_on=date(2020, 12, 1))

    assert [line[3] for line in billed(vendor, through=date(2020, 12, 1))] == [3_000, 3_100]


def test_a_charge_is_billed_once_and_preferences_go_onto_the_invoice(
    vendor: Vendor, company: Company, plan: Plan
) -> None:
    charge_once(company_id=company.id, charge=NewCharge(plan.product_id, None, "Training", 5_000, TODAY), actor=TESTS)
    set_preferences(company_id=company.id, invoice_per_store=False, purchase_order="PO-7", terms_days=45, actor=TESTS)

    assert billed(vendor, through=OCTOBER) == [("Training", None, None, 5_000)]
    assert billed(vendor, through=OCTOBER) == []
    assert Invoice.objects.get().purchase_order == "PO-7"


def _till_and_addon(vendor: Vendor) -> tuple[Plan, Plan]:
    till = make_plan(vendor=vendor, price_minor=3_100, name="A till", scope="location")
    return till, make_plan(vendor=vendor, price_minor=620, name="Beside it", scope="location", addon_of=till)
