"""Paying needs no JavaScript: a browser with none goes from the way in, through method and review, to done."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from comptoir.payments.models import Payment
from tests.browser.conftest import PHONE, Person
from tests.browser.test_owner import BANK_ACCOUNT, PASSWORD, make_owner
from tests.running import Site

ROUTING_NUMBER = "110000000"  # the processor's test bank


@pytest.fixture
def bare_page(chromium: Browser) -> Iterator[Page]:
    """A phone's browser that runs no scripts."""
    with chromium.new_context(locale="fr-FR", viewport=PHONE, java_script_enabled=False) as context:
        yield context.new_page()


def test_an_owner_without_scripts_pays_by_e_check_and_is_sure(site: Site, bare_page: Page) -> None:
    owner, company = make_owner(site, language="fr")
    owner.set_password(PASSWORD)
    owner.save()
    maria = Person(page=bare_page, site=site, language="fr")
    maria.opens(f"/c/{company.public_id}/")
    maria.types("E-mail address", owner.email)
    maria.page.locator("#id_password").fill(PASSWORD)
    maria.presses("Log in")
    maria.follows("Pay now")
    maria.page.get_by_role("radio", name=maria.words("Electronic check, once")).check()
    maria.presses("Review", "do")
    expect(maria.page.locator("h1")).to_have_text(maria.words("Review your payment"))
    maria.page.locator("main form button").click()
    types_the_account(maria.page)
    maria.page.wait_for_url(re.compile(re.escape(site.url)))
    expect(maria.page.locator("h1")).to_have_text(maria.words("Your payment"))
    site.settle()
    if maria.page.locator("[data-state=processing]").count() == 0:
        maria.follows("Look again")
    expect(maria.page.locator("[data-state=processing]")).to_be_visible()
    maria.follows("Done")
    maria.sees(maria.words("Nothing more to pay."))
    assert Payment.objects.get(company=company).status == "processing"


def types_the_account(page: Page) -> None:
    """Fill in the processor's page by hand."""
    form = page.locator("#us_bank_account")
    form.locator("[name=holder_name]").fill("Bluebird Diners")
    for choice in ("company", "checking"):
        form.locator(f"[value={choice}]").check()
    form.locator("[name=account_number]").fill(BANK_ACCOUNT)
    form.locator("[name=routing_number]").fill(ROUTING_NUMBER)
    form.locator("button[type=submit]").click()
