"""What PostgreSQL refuses of subscriptions and the catalog, attacked around the ORM."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from comptoir.catalog.models import Plan, Scope
from comptoir.subscriptions.models import Subscription
from comptoir.tenancy.models import Company, Vendor
from tests.factories import make_company, make_location, make_plan, make_subscription, make_vendor

OCTOBER, NOVEMBER = date(2020, 10, 1), date(2020, 11, 1)


@dataclass(frozen=True)
class Shop:
    """Arches, a customer of Northwind, has one store since 2019 and takes Office; Harbor and a stranger look on."""

    vendor: Vendor
    harbor: Vendor
    company: Company
    office: Plan
    till: Plan
    addon: Plan
    names: Mapping[str, int]


@pytest.fixture
def shop(db: None) -> Shop:
    """The shop, in a transaction in which rules speak at once that would else wait for its commit."""
    vendor, harbor = make_vendor(slug="northwind"), make_vendor(slug="harbor")
    company, neighbour = make_company(vendor=vendor), make_company(vendor=vendor)
    office = make_plan(vendor=vendor)
    till = make_plan(vendor=vendor, scope=Scope.LOCATION)
    addon = make_plan(vendor=vendor, scope=Scope.LOCATION, addon_of=till)
    foreign = make_plan(vendor=harbor)
    names = {
        "vendor": vendor.id,
        "company": company.id,
        "store": make_location(company=company).id,
        "office": office.id,
        "till": till.id,
        "addon": addon.id,
        "taken": make_subscription(company=company, plan=office).id,
        "product": office.product_id,
        "neighbours store": make_location(company=neighbour).id,
        "foreign company": make_company(vendor=harbor).id,
        "foreign plan": foreign.id,
        "foreign product": foreign.product_id,
        "nobody": 2**40,
    }
    attack("SET CONSTRAINTS ALL IMMEDIATE")
    return Shop(vendor, harbor, company, office, till, addon, names)


@transaction.atomic
def insert(table: str, row: Mapping[str, Any], *, names: Mapping[str, int]) -> None:
    """Insert a row as the database's owner; where an id is meant, a word of ``names`` stands for it."""
    values = [names[value] if column.endswith("_id") and value else value for column, value in row.items()]
    with connection.cursor() as cursor:
        marks = ", ".join(["%s"] * len(values))
        cursor.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", values)


@transaction.atomic
def attack(statement: str) -> None:
    """Run SQL as the database's owner."""
    with connection.cursor() as cursor:
        cursor.execute(statement)


GOOD: Mapping[str, Mapping[str, Any]] = {
    "subscriptions_subscription": {
        "vendor_id": "vendor",
        "company_id": "company",
        "location_id": "store",
        "plan_id": "till",
        "legacy_key": "",
        "anchor_day": 1,
        "starts_on": OCTOBER,
        "billed_from": OCTOBER,
        "billed_through": OCTOBER,
    },
    "subscriptions_discount": {
        "subscription_id": "taken",
        "kind": "percent",
        "basis_points": 1_000,
        "starts_on": OCTOBER,
        "ends_on": NOVEMBER,
    },
    "subscriptions_oneoffcharge": {
        "company_id": "company",
        "location_id": "store",
        "product_id": "product",
        "description": "Training",
        "amount_minor": 100,
        "charge_on": OCTOBER,
    },
    "subscriptions_billingpreferences": {
        "company_id": "company",
        "invoice_per_store": True,
        "purchase_order": "PO 7",
        "terms_days": 30,
        "align_to_day": 31,
    },
    "catalog_plan": {
        "vendor_id": "vendor",
        "product_id": "product",
        "code": "new",
        "name": "New",
        "cadence": "monthly",
        "scope": "location",
        "addon_of_id": "till",
        "minimum_term_months": 12,
    },
    "catalog_price": {"plan_id": "office", "valid_from": OCTOBER, "amount_minor": 100},
}
IN_ADVANCE = {"billed_through": NOVEMBER}
BEFORE_THE_STORE = dict.fromkeys(["starts_on", "billed_from", "billed_through"], date(2018, 12, 31))


@pytest.mark.parametrize("table", GOOD)
def test_what_fits_is_taken(shop: Shop, table: str) -> None:
    """What the refusals below are worth: each row there is one of these, with something changed."""
    insert(table, GOOD[table], names=shop.names)


@pytest.mark.parametrize(
    ("table", "wrong", "refusal"),
    [
        ("subscription", {"company_id": "foreign company"}, "its company is another vendor's"),
        ("subscription", {"plan_id": "foreign plan", "location_id": None}, "its plan is another vendor's"),
        ("subscription", {"vendor_id": "nobody"}, "its company is another vendor's"),
        ("subscription", {"plan_id": "nobody"}, "its plan is another vendor's"),
        ("subscription", {"location_id": None}, "sold per store, and it names none"),
        ("subscription", {"plan_id": "office"}, "sold per company, and it names a store"),
        ("subscription", {"location_id": "neighbours store"}, "does not own the store on its first day"),
        ("subscription", BEFORE_THE_STORE, "does not own the store on its first day"),
        ("subscription", {"plan_id": "addon"}, "taken on days on which its plan is not"),
        ("subscription", {"anchor_day": 0}, "anchor_day_is_a_day_of_month"),
        ("subscription", {"ends_on": date(2020, 9, 30)}, "does_not_end_before_it_starts"),
        ("subscription", {"agreed_price_minor": -1}, "agreed_price_is_not_negative"),
        ("subscription", IN_ADVANCE, "moved by coverage alone"),
        ("discount", {"basis_points": 10_001}, "discount_is_up_to_the_whole_price"),
        ("discount", {"basis_points": 0}, "discount_is_up_to_the_whole_price"),
        ("discount", {"amount_minor": 100}, "discount_is_a_percentage_or_an_amount"),
        ("discount", {"basis_points": None}, "discount_is_a_percentage_or_an_amount"),
        ("discount", {"kind": "amount", "basis_points": None, "amount_minor": 0}, "discount_amount_is_positive"),
        ("discount", {"ends_on": date(2020, 9, 30)}, "discount_does_not_end_before_it_starts"),
        ("oneoffcharge", {"product_id": "foreign product"}, "its product is another vendor's"),
        ("oneoffcharge", {"location_id": "neighbours store"}, "does not own the store on that day"),
        ("oneoffcharge", {"charge_on": date(2018, 12, 31)}, "does not own the store on that day"),
        ("oneoffcharge", {"amount_minor": 0}, "charge_is_positive"),
        ("oneoffcharge", {"description": ""}, "charge_says_what_for"),
        ("billingpreferences", {"align_to_day": 32}, "aligned_to_a_day_of_month"),
        ("billingpreferences", {"align_to_day": 0}, "aligned_to_a_day_of_month"),
        ("billingpreferences", {"terms_days": 366}, "terms_are_a_year_at_most"),
        ("catalog_plan", {"product_id": "foreign product"}, "sells a product of another vendor"),
        ("catalog_plan", {"addon_of_id": "foreign plan", "scope": "company"}, "an add-on of a plan of another vendor"),
        ("catalog_plan", {"addon_of_id": "office"}, "an add-on of a plan of another vendor or scope"),
        ("catalog_plan", {"addon_of_id": "addon"}, "or of an add-on"),
        ("catalog_plan", {"cadence": "weekly"}, "plan_cadence_is_known"),
        ("catalog_plan", {"minimum_term_months": 0}, "minimum_term_is_up_to_ten_years"),
        ("catalog_plan", {"minimum_term_months": 121}, "minimum_term_is_up_to_ten_years"),
        ("catalog_price", {"amount_minor": -1}, "price_is_not_negative"),
        ("catalog_price", {"valid_from": date(2000, 1, 1)}, "one_price_per_plan_and_date"),
    ],
)
def test_what_does_not_fit_is_refused(shop: Shop, table: str, wrong: Mapping[str, Any], refusal: str) -> None:
    table = table if table.startswith("catalog") else f"subscriptions_{table}"
    with pytest.raises(IntegrityError, match=refusal):
        insert(table, {**GOOD[table], **wrong}, names=shop.names)


@pytest.mark.parametrize(
    ("table", "again", "refusal"),
    [
        ("subscriptions_discount", {"starts_on": date(2020, 10, 31), "ends_on": None}, "one_discount_at_a_time"),
        ("subscriptions_billingpreferences", {}, "company_id|pkey"),
        ("catalog_plan", {}, "plan_code_is_the_vendors_own"),
        ("catalog_price", {"amount_minor": 200}, "one_price_per_plan_and_date"),
    ],
)
def test_what_there_is_one_of_does_not_come_twice(
    shop: Shop, table: str, again: Mapping[str, Any], refusal: str
) -> None:
    insert(table, GOOD[table], names=shop.names)
    with pytest.raises(IntegrityError, match=refusal):
        insert(table, {**GOOD[table], **again}, names=shop.names)


def test_a_subscription_of_the_old_system_is_imported_once(shop: Shop) -> None:
    imported = {**GOOD["subscriptions_subscription"], "legacy_key": "OLD-1"}
    insert("subscriptions_subscription", imported, names=shop.names)
    with pytest.raises(IntegrityError, match="subscription_imported_once"):
        insert("subscriptions_subscription", imported, names=shop.names)


@pytest.mark.parametrize(
    "moved",
    [
        "UPDATE subscriptions_subscription SET ends_on = '2020-12-01' WHERE plan_id = {till}",
        "UPDATE subscriptions_subscription SET starts_on = '2020-10-02' WHERE plan_id = {till}",
        "UPDATE subscriptions_subscription SET ends_on = NULL WHERE plan_id = {addon}",
    ],
)
def test_an_addon_never_outlives_its_plan_whichever_of_them_moves(shop: Shop, moved: str) -> None:
    until_2021 = {**GOOD["subscriptions_subscription"], "ends_on": date(2021, 1, 1)}
    insert("subscriptions_subscription", until_2021, names=shop.names)
    insert("subscriptions_subscription", {**until_2021, "plan_id": "addon"}, names=shop.names)
    with pytest.raises(IntegrityError, match="taken on days on which its plan is not"):
        attack(moved.format(till=shop.till.id, addon=shop.addon.id))
    both = f"plan_id IN ({shop.till.id}, {shop.addon.id})"
    attack(f"UPDATE subscriptions_subscription SET ends_on = '2020-12-01' WHERE {both}")
    assert Subscription.objects.filter(ends_on=date(2020, 12, 1)).count() == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE subscriptions_subscription SET plan_id = {foreign}",
        "UPDATE subscriptions_subscription SET id = id + 1000",
        "UPDATE subscriptions_subscription SET vendor_id = vendor_id + 1",
        "UPDATE subscriptions_subscription SET company_id = company_id + 1",
        "UPDATE subscriptions_subscription SET location_id = 1",
        "UPDATE subscriptions_discount SET basis_points = 9000",
        "UPDATE subscriptions_discount SET starts_on = '2019-01-01'",
        "DELETE FROM subscriptions_discount",
        "UPDATE subscriptions_oneoffcharge SET amount_minor = 1",
        "DELETE FROM subscriptions_oneoffcharge",
        "UPDATE subscriptions_billingpreferences SET company_id = company_id + 1",
        "DELETE FROM subscriptions_billingpreferences",
        "UPDATE catalog_product SET vendor_id = vendor_id + 1",
        "DELETE FROM catalog_product",
        "UPDATE catalog_plan SET scope = 'company'",
        "UPDATE catalog_plan SET id = id + 1000",
        "DELETE FROM catalog_plan",
        "UPDATE catalog_price SET valid_from = '2021-01-01'",
        "TRUNCATE catalog_price",
        "UPDATE customers_location SET id = id + 1000",
        "UPDATE customers_location SET vendor_id = {harbor}",
        "UPDATE tenancy_company SET id = id + 1000",
        "UPDATE tenancy_vendor SET id = id + 1000",
        "UPDATE tenancy_vendor SET currency = 'EUR'",
    ],
)
def test_what_was_agreed_never_changes(shop: Shop, statement: str) -> None:
    for table in ("subscriptions_discount", "subscriptions_oneoffcharge", "subscriptions_billingpreferences"):
        insert(table, GOOD[table], names=shop.names)
    with pytest.raises(IntegrityError, match="does not change"):
        attack(statement.format(foreign=shop.names["foreign plan"], harbor=shop.harbor.id))
