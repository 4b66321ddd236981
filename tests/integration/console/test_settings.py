"""A manager says when invoices are issued and due, and everybody sees who did; the test clock tells of its way."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils.html import strip_tags

from comptoir.identity.models import User
from comptoir.tenancy.models import Vendor
from comptoir.tenancy.operations import set_billing_terms, set_business_date
from tests.factories import TESTS
from tests.web import WebClient

Staff = Callable[[str], User]
PAGE, CLOCK = "/console/northwind/settings/", "/console/northwind/clock/"


def text(answer: object) -> str:
    return " ".join(strip_tags(answer.content.decode()).split())  # type: ignore[attr-defined]


def test_an_admin_sets_when_invoices_are_issued_and_due(web: WebClient, staff: Staff, vendor: Vendor) -> None:
    with transaction.atomic():
        set_billing_terms(vendor_id=vendor.id, invoice_lead_days=10, terms_days=0, actor=TESTS)
    web.force_login(staff("clerk"))
    assert "issued 10 days before the period starts. It is due when the period starts." in text(web.get(PAGE))
    assert web.get(f"{PAGE}terms/").status_code == 403

    web.force_login(staff("admin"))
    refused = web.post(f"{PAGE}terms/", {"invoice_lead_days": "91", "terms_days": "30"})
    assert "Issue invoices 0 to 90 days ahead" in text(refused)
    kept = text(web.post(f"{PAGE}terms/", {"invoice_lead_days": "20", "terms_days": "30"}, follow=True))
    assert "issued 20 days before the period starts. It is due 30 days after the period starts." in kept
    assert "admin@northwind.example" in kept
    assert kept.index("10 → 20 0 → 30") < kept.index("15 → 10 0 → 0"), "the latest first"
    vendor.refresh_from_db()
    assert (vendor.invoice_lead_days, vendor.terms_days) == (20, 30)


def test_the_database_keeps_terms_within_bounds(vendor: Vendor) -> None:
    for change in ("invoice_lead_days = 91", "terms_days = 366"):
        with pytest.raises(DatabaseError, match="within_bounds"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE tenancy_vendor SET {change}")


def test_the_clock_tells_how_far_it_is_until_it_arrives(web: WebClient, staff: Staff, vendor: Vendor) -> None:
    web.force_login(staff("manager"))
    assert "hx-trigger" not in web.get(CLOCK).content.decode(), "it stands still"
    moving = web.post(CLOCK, {"to": "2020-09-26"}, follow=True)
    assert "It is on its way to Sep 26, 2020. Days lived through0 of 10" in text(moving)
    assert 'hx-trigger="every 1s"' in moving.content.decode()

    with transaction.atomic():
        set_business_date(vendor_id=vendor.id, day=date(2020, 9, 20))
    on_the_way = web.get(CLOCK, headers={"HX-Request": "true"})
    assert 'value="4" max="10"' in on_the_way.content.decode()
    assert "HX-Refresh" not in on_the_way.headers

    with transaction.atomic():
        set_business_date(vendor_id=vendor.id, day=date(2020, 9, 26))
    arrived = web.get(CLOCK, headers={"HX-Request": "true"})
    assert arrived.headers["HX-Refresh"] == "true"
    assert "hx-trigger" not in arrived.content.decode()
