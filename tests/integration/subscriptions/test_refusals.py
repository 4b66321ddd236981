"""What is refused of changes to what a company takes, in words or by PostgreSQL, leaves nothing half done."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from comptoir.catalog.errors import CatalogRefused
from comptoir.catalog.models import Plan
from comptoir.catalog.operations import add_product, announce_price
from comptoir.subscriptions.errors import StopBeforeStart, SubscriptionRefused
from comptoir.subscriptions.operations import Taken
from comptoir.tenancy.models import Company, Vendor
from tests.databases import contents
from tests.factories import TESTS, TODAY, make_company, make_location, make_plan, make_subscription, make_vendor
from tests.integration.subscriptions.taking import MID_OCTOBER, NOVEMBER, OCTOBER, WHY, begin, change_plan, start, stop


def test_what_does_not_fit_is_refused_in_words_and_nothing_is_half_done(
    vendor: Vendor, company: Company, plan: Plan
) -> None:
    per_store = make_plan(vendor=vendor, scope="location")
    foreign = make_plan(vendor=make_vendor(slug="harbor"))
    stranger = make_location(company=make_company(vendor=vendor))
    before = contents()
    for taken, refusal in (
        (Taken(per_store.id), "name one that the company owns"),
        (Taken(per_store.id, stranger.id), "name one that the company owns"),
        (Taken(plan.id, stranger.id), "name no store"),
        (Taken(foreign.id), "no such plan"),
        (Taken(plan.id, agreed_price_minor=-1), "zero or more"),
    ):
        with pytest.raises(SubscriptionRefused, match=refusal):
            start(company_id=company.id, taken=taken, starts_on=OCTOBER, actor=TESTS)
    assert contents() == before
    ids = begin(company, plan)
    before = contents()
    with pytest.raises(StopBeforeStart, match="starts on Oct 1, 2020"):
        stop(company_id=company.id, subscription_ids=ids, ends_on=TODAY, **WHY)
    with pytest.raises(SubscriptionRefused, match="Say why"):
        stop(company_id=company.id, subscription_ids=ids, ends_on=NOVEMBER, reason=" ", actor=TESTS)
    assert contents() == before
    stop(company_id=company.id, subscription_ids=ids, ends_on=NOVEMBER, **WHY)
    other, another = make_plan(vendor=vendor), make_company(vendor=vendor)
    before = contents()
    with pytest.raises(SubscriptionRefused, match="ends already, on Nov 1, 2020"):
        stop(company_id=company.id, subscription_ids=ids, ends_on=date(2020, 12, 1), **WHY)
    with pytest.raises(SubscriptionRefused, match="ends already, on Nov 1, 2020"):
        change_plan(company_id=company.id, subscription_id=ids[0], plan_id=other.id, on=MID_OCTOBER, **WHY)
    with pytest.raises(SubscriptionRefused, match="no such subscription"):
        stop(company_id=another.id, subscription_ids=ids, ends_on=NOVEMBER, **WHY)
    assert contents() == before


def test_days_that_the_old_system_billed_are_not_billed_again(vendor: Vendor, company: Company, plan: Plan) -> None:
    with pytest.raises(SubscriptionRefused, match="billed here since Sep 16, 2020"):
        begin(company, plan, on=date(2020, 9, 15))
    moved = make_subscription(company=company, plan=plan, billed_from=OCTOBER)
    larger = make_plan(vendor=vendor)
    with pytest.raises(SubscriptionRefused, match="billed until Oct 1, 2020 before it came here"):
        change_plan(company_id=company.id, subscription_id=moved.id, plan_id=larger.id, on=TODAY, **WHY)


def test_overlapping_prices_taken_codes_and_prices_of_the_past_are_refused(vendor: Vendor, plan: Plan) -> None:
    announce_price(plan_id=plan.id, valid_from=NOVEMBER, amount_minor=1, today=TODAY, actor=TESTS)
    add_product(vendor_id=vendor.id, code="till", name="Till", tax_category="hardware", actor=TESTS)
    before = contents()
    with pytest.raises(CatalogRefused, match="begins on that day"):
        announce_price(plan_id=plan.id, valid_from=NOVEMBER, amount_minor=2, today=TODAY, actor=TESTS)
    with pytest.raises(CatalogRefused, match="today or later"):
        announce_price(plan_id=plan.id, valid_from=date(2020, 8, 31), amount_minor=2, today=TODAY, actor=TESTS)
    with pytest.raises(CatalogRefused, match="zero or more"):
        announce_price(plan_id=plan.id, valid_from=MID_OCTOBER, amount_minor=-2, today=TODAY, actor=TESTS)
    with pytest.raises(CatalogRefused, match="taken already"):
        add_product(vendor_id=vendor.id, code="till", name="Till", tax_category="hardware", actor=TESTS)
    assert contents() == before


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        ("UPDATE catalog_price SET amount_minor = 1", "does not change"),
        ("DELETE FROM catalog_price", "does not change"),
        ("UPDATE catalog_plan SET cadence = 'annual'", "does not change"),
        ("UPDATE subscriptions_subscription SET ends_on = starts_on - 1", "does_not_end_before_it_starts"),
        ("UPDATE subscriptions_subscription SET anchor_day = 32", "anchor_day_is_a_day_of_month"),
        ("UPDATE subscriptions_subscription SET billed_through = billed_through + 31", "moved by coverage alone"),
        ("DELETE FROM subscriptions_subscription", "subscriptions_subscription is kept"),
    ],
)
def test_what_postgresql_refuses_around_the_operations(
    vendor: Vendor, company: Company, plan: Plan, statement: str, refusal: str
) -> None:
    begin(company, plan)
    with pytest.raises(IntegrityError, match=refusal), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
