"""A store is sold: the seller's phone, the buyer's mailed link, the team's desk, and the day."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from allauth.mfa.totp.internal.auth import TOTP

from tests.browser.conftest import Person
from tests.browser.test_billing_team import PASSWORD, SECRET, logs_in_with_a_second_factor
from tests.factories import (
    issue_invoices,
    make_company,
    make_location,
    make_member,
    make_plan,
    make_staff,
    make_subscription,
    make_user,
    make_vendor,
)
from tests.running import Site

ON = date(2020, 10, 11)
SELLER, BUYER, TEAM = "sam@arches.example", "paula@plains.example", "ada@northwind.example"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_store_is_sold(site: Site, person: Callable[[str], Person], language: str) -> None:
    vendor = make_vendor(slug="northwind", name="Northwind Restaurant Systems", business_date=ON - timedelta(days=2))
    seller = make_company(vendor=vendor, name="Arches Burgers LLC", language=language, billing_email=SELLER)
    plan = make_plan(vendor=vendor, price_minor=31_000, scope="location")
    for name in ("Downtown", "Airport"):
        make_subscription(company=seller, plan=plan, location=make_location(company=seller, name=name))
    issue_invoices(vendor=vendor)
    make_member(company=seller, user=make_user(email=SELLER, name="Sam", language=language, password=PASSWORD))
    ada = make_user(email=TEAM, name="Ada", language=language, password=PASSWORD)
    TOTP.activate(make_staff(vendor=vendor, role="admin", user=ada), SECRET)
    _starts(person(language), site)
    _accepts(person(language), site)
    _approves(person(language), site)
    site.live_until(ON, vendor=vendor)
    _has_taken_over(person(language), site)
    assert len(site.mails_to(SELLER)) == 7, "the invoice, a reminder, four steps, the credit note"


def _starts(sam: Person, site: Site) -> None:
    sam.opens("/login/")
    sam.types("E-mail address", SELLER)
    sam.page.locator("[name=password]").fill(PASSWORD)
    sam.presses("Log in")
    sam.goes_to("Stores")
    sam.follows("A store changes owner")
    sam.looks_at("Change of owner")
    sam.page.get_by_role("link", name=sam.words("We pass stores on")).click()
    sam.looks_at("We pass stores on")
    sam.page.locator("[name=stores]").first.check()
    sam.page.locator("[name=on]").fill("2020-09-15")
    sam.types("The buyer's company", "Plains Dining LLC")
    sam.page.locator("[name=email]").fill(BUYER)
    sam.presses("Send the invitation")
    sam.sees(sam.words("This day has passed; choose today or a later day. For a sale before today, write to the team."))
    sam.looks_at("We pass stores on")
    sam.page.locator("[name=on]").fill(ON.isoformat())
    sam.page.locator("[name=attached]").set_input_files(
        {"name": "sale.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 sale"}
    )
    sam.presses("Send the invitation")
    sam.looks_at("To %(other)s", other="Plains Dining LLC")
    site.settle()


def _accepts(paula: Person, site: Site) -> None:
    paula.opens(site.link_for(BUYER, part="change-of-owner"))
    paula.looks_at("Take stores over from %(seller)s", seller="Arches Burgers LLC")
    for name, value in (
        ("person", "Paula Plain"),
        ("street", "9 Prairie Road"),
        ("city", "Springfield"),
        ("state", "IL"),
        ("postal_code", "62704"),
    ):
        paula.page.locator(f"[name={name}]").fill(value)
    paula.presses("Accept", "change of owner")
    paula.looks_at("You have accepted")
    site.settle()
    paula.opens(site.link_for(BUYER, part="change-of-owner"))
    paula.looks_at("You have accepted this change of owner")


def _approves(ada: Person, site: Site) -> None:
    logs_in_with_a_second_factor(ada, TEAM)
    ada.goes_to("Waiting")
    ada.page.locator("main a", has_text=ada.words("A change of owner to approve")).first.click()
    ada.looks_at("Arches Burgers LLC → Plains Dining LLC")
    ada.follows("Approve it")
    ada.looks_at("Approve the change of owner")
    ada.page.locator("[name=prices][value=agreed]").check()
    ada.page.locator("[name=number]").fill("P-1")
    ada.presses("Approve it")
    ada.looks_at("Arches Burgers LLC → Plains Dining LLC")
    ada.goes_to("Change of owner")
    ada.looks_at("Change of owner")
    site.settle()


def _has_taken_over(paula: Person, site: Site) -> None:
    """Her first password is set as everybody's is."""
    paula.opens("/password/reset/")
    paula.page.locator("[name=email]").fill(BUYER)
    paula.page.locator("main form button").first.click()
    site.settle()
    paula.opens(site.link_for(BUYER, part="/password/reset/"))
    for field in paula.page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    paula.page.locator("main form button").first.click()
    paula.page.wait_for_load_state("load")
    paula.goes_to("Stores")
    paula.sees("Downtown")
    paula.follows("A store changes owner")
    paula.looks_at("Change of owner")
    paula.page.locator("main a", has_text="Arches Burgers LLC").first.click()
    paula.looks_at("From %(other)s", other="Arches Burgers LLC")
