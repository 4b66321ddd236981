"""An owner's way through the portal, from the first password to the receipt."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import expect

from comptoir.identity.models import User
from comptoir.tenancy.models import Company
from tests.browser.conftest import Person
from tests.factories import (
    issue_invoices,
    make_company,
    make_location,
    make_member,
    make_plan,
    make_subscription,
    make_user,
    make_vendor,
)
from tests.running import Site

PASSWORD = "three blue birds in a tree"
BANK_ACCOUNT = "000123456789"
SETTLED = date(2020, 9, 22)


def make_owner(site: Site, *, language: str) -> tuple[User, Company]:
    """Make someone who was moved and never logged in, with two stores and October's invoice of 198.00."""
    vendor = make_vendor(slug=f"northwind-{language}", name="Northwind Restaurant Systems")
    site.open_account(vendor)
    company = make_company(
        vendor=vendor, name="Bluebird Diners LLC", language=language, billing_email="maria@bluebird.example"
    )
    plan = make_plan(vendor=vendor, scope="location")
    for name in ("Market Street", "Lake Road"):
        make_subscription(company=company, plan=plan, location=make_location(company=company, name=name))
    maria = make_user(email="maria@bluebird.example", name="Maria", language=language)
    make_member(company=company, user=maria)
    issue_invoices(vendor=vendor)
    site.settle()
    return maria, company


def type_bank_account(person: Person) -> None:
    """Choose a test number on the processor's page, which fills in the form, and send it."""
    page = person.page
    page.get_by_role("button", name=re.compile(BANK_ACCOUNT)).click()
    page.locator("#us_bank_account button[type=submit]").click()
    page.wait_for_url(re.compile(re.escape(person.site.url)))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_owner_pays_by_e_check_then_lets_autopay_do_it(
    site: Site, person: Callable[[str], Person], language: str
) -> None:
    owner, company = make_owner(site, language=language)
    maria = person(language)
    sets_the_first_password(maria, owner)
    reads_the_invoice(maria, company)
    pays_once_by_electronic_check(maria, company)
    saves_a_bank_account_for_autopay(maria)
    answers_for_the_stores_and_reads_the_help(maria)
    finds_the_receipt_when_the_bank_has_settled(maria, company)


def sets_the_first_password(maria: Person, owner: User) -> None:
    maria.opens("/login/")
    maria.looks_at("Log in")
    maria.follows("Forgot password?")
    maria.types("E-mail address", owner.email)
    maria.looks_at("Choose a password")
    maria.presses("Send me the link")
    maria.looks_at("Look into your mailbox")
    maria.site.settle()
    maria.opens(maria.site.link_for(owner.email, part="/password/reset/"))
    maria.types("New password", PASSWORD)
    maria.types("The same again", PASSWORD)
    maria.looks_at("Choose a password")
    maria.presses("Save the password")


def reads_the_invoice(maria: Person, company: Company) -> None:
    maria.sees("198")
    maria.looks_at(company.name)
    maria.goes_to("Invoices")
    maria.sees("NOR-000001")
    maria.looks_at("Invoices")
    maria.follows("NOR-000001")
    maria.sees("Lake Road")
    maria.looks_at("Invoice %(number)s", number="NOR-000001")
    assert maria.downloads("Download the PDF").path().read_bytes().startswith(b"%PDF")


def pays_once_by_electronic_check(maria: Person, company: Company) -> None:
    maria.follows("Pay now")
    maria.page.get_by_role("radio", name=maria.words("Electronic check, once")).check()
    maria.looks_at("Pay")
    maria.presses("Review", "do")
    maria.looks_at("Review your payment")
    maria.page.locator("main form button").click()
    type_bank_account(maria)
    maria.site.settle()
    expect(maria.page.locator("[data-state=processing]")).to_be_visible()
    maria.looks_at("Your payment")
    maria.goes_to("Home")
    maria.sees(maria.words("Nothing more to pay."))
    maria.looks_at(company.name)


def saves_a_bank_account_for_autopay(maria: Person) -> None:
    maria.goes_to("Payment methods")
    maria.looks_at("Payment methods")
    maria.follows("Add a bank account")
    maria.page.get_by_role("radio", name=maria.words("Pay my invoices automatically")).check()
    maria.looks_at("Add a bank account")
    maria.presses("Continue to the secure page")
    type_bank_account(maria)
    maria.site.settle()
    expect(maria.page.locator("[data-state=completed]")).to_be_visible()
    maria.looks_at("Your bank account")
    maria.goes_to("Payment methods")
    maria.sees("6789")
    maria.sees(maria.words("Autopay"))
    maria.looks_at("Payment methods")


def answers_for_the_stores_and_reads_the_help(maria: Person) -> None:
    maria.goes_to("Stores")
    maria.looks_at("Stores")
    maria.presses("All of these are ours")
    maria.sees(maria.words("You looked at all of them. Thank you; you can change an answer at any time."))
    maria.looks_at("Stores")
    maria.goes_to("Help")
    for question in maria.page.locator("summary").filter(visible=True).all()[1:]:
        question.click()
    maria.looks_at("Help")


def finds_the_receipt_when_the_bank_has_settled(maria: Person, company: Company) -> None:
    maria.site.live_until(SETTLED, vendor=company.vendor)
    maria.goes_to("Home")
    maria.sees(maria.words("Nothing to pay"))
    maria.looks_at(company.name)
    maria.page.locator("main a[href*='/payments/']").click()
    expect(maria.page.locator("[data-state=succeeded]")).to_be_visible()
    maria.looks_at("Your payment")
    assert maria.downloads("Download the receipt").path().read_bytes().startswith(b"%PDF")
