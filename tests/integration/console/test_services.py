"""The clerk changes what a company takes, the manager what is sold, and the auditor only looks."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.html import strip_tags

from comptoir.catalog.models import Plan, Price
from comptoir.customers.models import Location, Ownership
from comptoir.identity.models import User
from comptoir.subscriptions.models import BillingPreferences, Discount, OneOffCharge, Subscription
from comptoir.taxes.models import ExemptionCertificate, Jurisdiction
from comptoir.tenancy.models import AuditEntry, Company, Vendor
from comptoir.tenancy.operations import set_business_date
from tests.factories import TODAY, make_company, make_location, make_plan, make_subscription, make_vendor
from tests.web import WebClient

Staff = Callable[[str], User]
TODAY_TYPED = TODAY.isoformat()


@pytest.fixture
def arches(vendor: Vendor) -> Company:
    return make_company(vendor=vendor, name="Arches")


@pytest.fixture
def plan(vendor: Vendor) -> Plan:
    return make_plan(vendor=vendor, name="Office", price_minor=3_100)


def address(company: Company, *parts: object) -> str:
    return "/".join([f"/console/northwind/companies/{company.public_id}/services", *map(str, parts), ""])


def do(web: WebClient, path: str, **typed: object) -> None:
    """Send a form, and expect to be led back."""
    answer = web.post(path, typed)
    assert answer.status_code == 302, answer.content.decode()


def text(web: WebClient, path: str) -> str:
    answer = web.get(path)
    assert answer.status_code == 200, path
    return " ".join(strip_tags(answer.content.decode()).split())


def test_a_clerk_starts_discounts_changes_and_ends_services(
    web: WebClient, staff: Staff, vendor: Vendor, arches: Company, plan: Plan
) -> None:
    larger = make_plan(vendor=vendor, name="Office Plus", price_minor=6_200)
    store = make_location(company=arches, name="Harbour")
    web.force_login(staff("clerk"))
    assert "Nothing is taken yet" in text(web, address(arches))

    do(web, address(arches, "start"), plan=plan.id, store="", starts_on=TODAY_TYPED, quantity=2, price="29.50")
    first, second = Subscription.objects.order_by("id")
    assert (first.agreed_price_minor, first.starts_on) == (2_950, TODAY)
    do(web, address(arches, first.id, "discount"), percent="12.5", amount="", starts_on=TODAY_TYPED, ends_on="")
    assert Discount.objects.get().basis_points == 1_250
    assert "12.5% off since Sep 16, 2020" in text(web, address(arches))
    do(web, address(arches, first.id, "plan"), plan=larger.id, on="2020-10-01", price="", reason="grew")
    do(web, address(arches, second.id, "stop"), ends_on="2020-10-01", reason="too many")
    do(web, address(arches, "charge"), product=plan.product_id, store=store.id, description="Training", amount="150",
       charge_on=TODAY_TYPED)  # fmt: skip
    assert OneOffCharge.objects.get().amount_minor == 15_000
    preferences = {"per_store": "on", "purchase_order": "PO-7", "terms_days": "45", "align_to_day": "1"}
    do(web, address(arches, "preferences"), **preferences)
    assert BillingPreferences.objects.values_list("purchase_order", "terms_days", "align_to_day").get() == (
        "PO-7",
        45,
        1,
    )

    page = text(web, address(arches))
    for seen in ("Office Plus", "Training", "PO-7", "all on day 1 of the month", "$29.50"):
        assert seen in page
    assert set(AuditEntry.objects.filter(company=arches, actor_kind="staff").values_list("action", flat=True)) == {
        "subscription started", "discount given", "subscription ended", "charged once", "billing preferences set",
        "billing days aligned",
    }  # fmt: skip


def test_an_end_still_to_come_is_brought_forward_and_one_that_has_come_is_not(
    web: WebClient, staff: Staff, arches: Company, plan: Plan
) -> None:
    taken = make_subscription(company=arches, plan=plan)
    stop = address(arches, taken.id, "stop")
    web.force_login(staff("clerk"))

    do(web, stop, ends_on="2020-12-01", reason="closes at the end of the year")
    page = web.get(address(arches)).content.decode()
    assert stop in page
    assert address(arches, taken.id, "plan") not in page

    do(web, stop, ends_on=TODAY_TYPED, reason="closed sooner")
    assert Subscription.objects.get().ends_on == TODAY
    assert stop not in web.get(address(arches)).content.decode()


def test_the_page_opens_on_a_leap_day_too(web: WebClient, staff: Staff, vendor: Vendor, arches: Company) -> None:
    for day in (date(2021, 9, 16), date(2022, 9, 16), date(2023, 9, 16), date(2024, 2, 29)):
        with transaction.atomic():
            set_business_date(vendor_id=vendor.id, day=day)
    web.force_login(staff("auditor"))
    assert "Nothing is taken yet" in text(web, address(arches))


def test_a_store_opens_and_closes(web: WebClient, staff: Staff, vendor: Vendor, arches: Company) -> None:
    till = make_plan(vendor=vendor, name="Till", scope="location")
    web.force_login(staff("clerk"))
    where = {"address": "1 Pier", "city": "Springfield", "county": "", "state": "il", "postal_code": "62701"}
    do(web, address(arches, "open-store"), number="77", name="Pier", country="us", opens_on=TODAY_TYPED, **where)
    store = Location.objects.get(number="77")
    assert (store.state, store.country) == ("IL", "US")
    do(web, address(arches, "start"), plan=till.id, store=store.id, starts_on=TODAY_TYPED, quantity=1, price="")

    do(web, address(arches, "close-store"), store=store.id, on="2020-10-16", reason="sold")

    assert Subscription.objects.get().ends_on == date(2020, 10, 16)


def test_what_a_store_takes_that_opens_on_a_coming_day_is_entered_beforehand(
    web: WebClient, staff: Staff, vendor: Vendor, arches: Company
) -> None:
    till, coming, before = make_plan(vendor=vendor, name="Till", scope="location"), "2020-10-16", "2020-10-15"
    sold = make_location(company=arches, name="Quay")
    Ownership.objects.filter(location=sold).update(period=DateRange(date(2019, 1, 1), TODAY))
    web.force_login(staff("clerk"))
    where = {"address": "1 Pier", "city": "Springfield", "county": "", "state": "il", "postal_code": "62701"}
    do(web, address(arches, "open-store"), number="77", name="Pier", country="us", opens_on=coming, **where)
    store = Location.objects.get(number="77")
    start = {"plan": till.id, "store": store.id, "quantity": 1, "price": ""}
    charge = {"product": till.product_id, "store": store.id, "description": "Installation", "amount": "150"}

    assert "Quay" not in text(web, address(arches, "start"))
    early = web.post(address(arches, "start"), {**start, "starts_on": before}).content.decode()
    assert "name one that the company owns on Oct 15, 2020" in early
    do(web, address(arches, "start"), **start, starts_on=coming)
    do(web, address(arches, "charge"), **charge, charge_on=coming)
    assert Subscription.objects.get().starts_on == OneOffCharge.objects.get().charge_on == date(2020, 10, 16)

    assert "Close a store" in text(web, address(arches))
    do(web, address(arches, "close-store"), store=store.id, on=TODAY_TYPED, reason="it never opens")
    assert Subscription.objects.get().ends_on == date(2020, 10, 16), "it never was"


def test_an_exemption_certificate_is_put_on_record_and_ended(
    web: WebClient, staff: Staff, vendor: Vendor, arches: Company
) -> None:
    Jurisdiction.objects.create(code="US-IL", name="Illinois", level="state", country="US", state="IL")
    web.force_login(staff("clerk"))
    typed = {"place": "US-IL", "number": "E-77", "reason": "charity", "valid_from": TODAY_TYPED, "valid_until": ""}
    do(web, address(arches, "certificate"), **typed)
    assert "E-77, charity, since Sep 16, 2020" in text(web, address(arches))
    again = web.post(address(arches, "certificate"), typed).content.decode()
    assert "on record already" in again

    kept = ExemptionCertificate.objects.get()
    do(web, address(arches, "end-certificate"), certificate=kept.id, until="2020-12-01")

    assert "from Sep 16, 2020 until before Dec 1, 2020" in text(web, address(arches))


def test_a_refusal_is_said_on_the_form_and_nothing_typed_is_lost(
    web: WebClient, staff: Staff, vendor: Vendor, arches: Company
) -> None:
    year = make_plan(vendor=vendor, minimum_term_months=12)
    web.force_login(staff("clerk"))
    do(web, address(arches, "start"), plan=year.id, store="", starts_on=TODAY_TYPED, quantity=1, price="")
    taken = Subscription.objects.get()
    typed = {"ends_on": "2020-10-01", "reason": "the owner called", "waives": "on"}

    answer = web.post(address(arches, taken.id, "stop"), typed).content.decode()

    assert "was taken until Sep 16, 2021 at least: end it then or later, or a manager waives that." in answer
    assert 'value="the owner called"' in answer
    assert Subscription.objects.get().ends_on is None, "a clerk waives nothing, whatever is sent"
    web.force_login(staff("manager"))
    do(web, address(arches, taken.id, "stop"), **typed)
    assert Subscription.objects.get().ends_on == date(2020, 10, 1)


def test_a_manager_adds_to_the_catalog_and_announces_a_price(web: WebClient, staff: Staff, vendor: Vendor) -> None:
    web.force_login(staff("manager"))
    assert "Nothing is sold yet" in text(web, "/console/northwind/catalog/")
    do(web, "/console/northwind/catalog/product/", name="Till", code="till", tax_category="hardware")
    product = vendor.product_set.get()
    plan = {"name": "Till", "code": "till-monthly", "cadence": "monthly", "scope": "location", "price": "19.90"}
    do(web, "/console/northwind/catalog/plan/", product=product.id, valid_from=TODAY_TYPED, **plan)
    made = Plan.objects.get()

    price = f"/console/northwind/catalog/{made.id}/price/"
    do(web, price, amount="24.90", valid_from="2021-03-01")

    assert list(Price.objects.order_by("valid_from").values_list("amount_minor", flat=True)) == [1_990, 2_490]
    assert "$24.90 from Mar 1, 2021" in text(web, "/console/northwind/catalog/")
    again = web.post(price, {"amount": "25", "valid_from": "2021-03-01"}).content.decode()
    assert "Another price of this plan begins on that day" in again


def test_an_auditor_looks_a_clerk_sells_nothing_and_no_other_vendors_company_opens(
    web: WebClient, staff: Staff, arches: Company, plan: Plan
) -> None:
    foreign = make_company(vendor=make_vendor(slug="harbor"))
    web.force_login(staff("auditor"))
    assert "Charge once" not in text(web, address(arches))
    assert web.get(address(arches, "start")).status_code == 403
    web.force_login(staff("clerk"))
    assert web.get("/console/northwind/catalog/plan/").status_code == 403
    assert web.get(address(foreign)).status_code == 404
    assert web.get(address(foreign, "start")).status_code == 404
    assert web.get(address(arches, 99, "stop")).status_code == 404
    assert web.get(address(arches, "nonsense")).status_code == 404
