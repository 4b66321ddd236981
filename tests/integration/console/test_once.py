"""A form that is sent twice, by a double click or from two tabs, does what it asks for once."""

import re
import threading
from collections.abc import Callable
from contextlib import suppress
from uuid import uuid4

import psycopg
import pytest
from django.utils.html import strip_tags

from comptoir.customers.models import Location
from comptoir.identity.models import User
from comptoir.invoicing.models import Correction
from comptoir.payments.models import ReceivedCheck
from comptoir.subscriptions.models import OneOffCharge, Subscription
from comptoir.tenancy import doors
from comptoir.tenancy.errors import AlreadyDone
from comptoir.tenancy.models import Vendor
from comptoir.tenancy.once import take_reference
from tests.databases import Database
from tests.factories import TODAY, issue_invoices, make_company, make_plan, make_subscription, make_vendor
from tests.web import WebClient, double_click

Staff = Callable[[str], User]


def test_a_double_click_does_it_once(fresh_database: Database, web: WebClient, staff: Staff, vendor: Vendor) -> None:
    arches = make_company(vendor=vendor, name="Arches")
    plan = make_plan(vendor=vendor, name="Office", price_minor=3_100)
    make_subscription(company=arches, plan=plan)
    invoice = issue_invoices(vendor=vendor)[0]
    clerk = staff("clerk")
    services = f"/console/northwind/companies/{arches.public_id}/services"
    store = {"number": "9", "name": "Harbour", "address": "1 Pier", "city": "Erie", "state": "PA"}
    forms: list[tuple[str, dict[str, object], Callable[[], int], int]] = [
        (
            f"{services}/start/",
            {"plan": plan.id, "store": "", "starts_on": TODAY, "quantity": 1, "price": ""},
            Subscription.objects.count,
            2,
        ),
        (
            f"{services}/charge/",
            {"product": plan.product_id, "description": "Training", "amount": "20", "charge_on": TODAY, "store": ""},
            OneOffCharge.objects.count,
            1,
        ),
        (
            f"{services}/open-store/",
            {**store, "postal_code": "16501", "country": "US", "opens_on": TODAY},
            Location.objects.count,
            1,
        ),
        (
            f"/console/northwind/invoices/{invoice.public_id}/credit/",
            {"reason": "goodwill", "line_1": "5", "explanation": "the till was down"},
            Correction.objects.count,
            1,
        ),
    ]
    for path, typed, made, expected in forms:
        tabs = [WebClient(fresh_database), WebClient(fresh_database)]
        for tab in tabs:
            tab.force_login(clerk)
        shown = tabs[0].get(path).content.decode()
        found = re.search(r'name="reference" value="([^"]+)"', shown)
        assert found, path
        once = {**typed, "reference": found[1]}
        assert double_click(tabs, path, once) == [302, 302], path
        assert made() == expected, path
        later = strip_tags(tabs[0].post(path, once, follow=True).content.decode())
        assert "it was not done twice" in later, path
        assert made() == expected, path


def test_a_form_without_its_reference_does_nothing(web: WebClient, staff: Staff, vendor: Vendor) -> None:
    plan = make_plan(vendor=vendor)
    web.force_login(staff("admin"))
    answer = web.post(
        f"/console/northwind/catalog/{plan.id}/price/", {"amount": "5", "valid_from": "2021-03-01", "reference": "x"}
    )
    assert answer.status_code == 409
    assert "open its page again" in answer.content.decode()


def test_a_typed_check_is_there_once(web: WebClient, staff: Staff) -> None:
    web.force_login(staff("clerk"))
    typed = {"deposited_on": TODAY, "control_minor": "99.00", "control_count": "2", "reference": str(uuid4())}
    here = web.post("/console/northwind/checks/deposit/", typed)["Location"]
    again = web.post("/console/northwind/checks/deposit/", typed, follow=True).content.decode()
    assert "it was not done twice" in again

    check = {"amount_minor": "9.90", "reference": str(uuid4())}
    web.post(here, check)
    assert "it was not done twice" in web.post(here, check, follow=True).content.decode()
    assert ReceivedCheck.objects.count() == 1


def test_the_same_form_waits_for_the_first(fresh_database: Database, staff: Staff, vendor: Vendor) -> None:
    """The second waits at the reference; it is refused when the first is done, and goes on when the first failed."""
    clerk = staff("clerk")
    outcomes: list[str] = []

    def second(reference: str) -> None:
        with fresh_database.as_web():
            try:
                with doors.staff(user_id=clerk.id, vendor_id=vendor.id):
                    take_reference(vendor_id=vendor.id, reference=reference)
                outcomes.append("done")
            except AlreadyDone:
                outcomes.append("already")

    for fails, expected in ((False, "already"), (True, "done")):
        reference = str(uuid4())
        other = threading.Thread(target=second, args=[reference])
        with (
            fresh_database.as_web(),
            suppress(RuntimeError),
            doors.staff(user_id=clerk.id, vendor_id=vendor.id),
        ):
            take_reference(vendor_id=vendor.id, reference=reference)
            other.start()
            fresh_database.wait_until_somebody_waits()
            if fails:
                raise RuntimeError("what the form asks for is refused")
        other.join()
        assert outcomes.pop() == expected


def test_references_are_the_vendors_own(fresh_database: Database, staff: Staff, vendor: Vendor) -> None:
    other, reference = make_vendor(slug="eastwind", name="Eastwind"), str(uuid4())
    take_reference(vendor_id=other.id, reference=reference)
    clerk = staff("clerk")
    with fresh_database.as_web():
        with doors.staff(user_id=clerk.id, vendor_id=vendor.id):
            take_reference(vendor_id=vendor.id, reference=reference)
        with (
            pytest.raises(Exception, match="row-level security"),
            doors.staff(user_id=clerk.id, vendor_id=vendor.id),
        ):
            take_reference(vendor_id=other.id, reference=str(uuid4()))
    with (
        psycopg.connect(fresh_database.owner_url) as owner,
        pytest.raises(psycopg.errors.Error, match="does not change"),
    ):
        owner.execute("DELETE FROM tenancy_doneonce")
