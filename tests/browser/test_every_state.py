"""Pages in states that a furnished world does not show: with nothing on them, and with a form that was refused."""

from collections.abc import Iterator

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.urls import reverse
from playwright.sync_api import Browser, Page

from tests.addresses import ADDRESSES, OF_A_CUSTOMER, OF_A_TEAM
from tests.browser.test_every_page import furnished, pages_of
from tests.browser.walking import LANGUAGES, SHARES, at_a_browser, is_page, share_of, wrong_with
from tests.databases import Database
from tests.factories import make_company, make_member, make_staff, make_vendor
from tests.web import WebClient

# The forms that one fills in; of those that take one press of a button, nothing can be wrong.
FORMS = """[...document.querySelectorAll("main form[method=post]")].filter(
    form => form.querySelector("input:not([type=hidden]), textarea, select"))"""
# Sends a form as a browser does that checks nothing, with nothing in it.
SEND_EMPTY = f"""nth => {{
    const form = {FORMS}[nth];
    for (const field of form.querySelectorAll("input:not([type=hidden]), textarea, select")) {{
        if (["radio", "checkbox"].includes(field.type)) field.checked = false;
        else if (field.tagName == "SELECT") field.selectedIndex = -1;
        else field.value = "";
    }}
    HTMLFormElement.prototype.submit.call(form);
}}"""


@pytest.mark.parametrize("nth", range(SHARES))
@pytest.mark.parametrize("side", ["portal", "console"])
def test_axe_finds_nothing_where_there_is_nothing(
    chromium: Browser, fresh_database: Database, side: str, nth: int
) -> None:
    vendor = make_vendor()
    company = make_company(vendor=vendor)
    if side == "portal":
        person, names, named = make_member(company=company), OF_A_CUSTOMER, {"company": company.public_id}
    else:
        person, names, named = make_staff(vendor=vendor, role="admin"), OF_A_TEAM, {"vendor": vendor.slug}
        TOTP.activate(person, "JBSWY3DPEHPK3PXP")
    web = WebClient(fresh_database)
    web.force_login(person)
    pages = [reverse(name, kwargs=named) for name in names if set(ADDRESSES[name]) == named.keys()]
    share = share_of([path for path in pages if is_page(web.get(path))], nth=nth)
    assert len(share) >= 4
    language = LANGUAGES[nth]
    with at_a_browser(chromium, fresh_database, person=person, language=language) as (page, url):
        assert [words for path in share for words in _wrong_at(page, f"{url}{path}", language=language)] == []


@pytest.mark.parametrize("nth", range(SHARES))
@pytest.mark.parametrize("side", ["portal", "console"])
def test_axe_finds_nothing_on_what_answers_a_form_that_was_sent_empty(
    chromium: Browser, fresh_database: Database, side: str, nth: int
) -> None:
    world, own = furnished()
    person, names = (world.anna, OF_A_CUSTOMER) if side == "portal" else (world.nora, OF_A_TEAM)
    pages = pages_of(fresh_database, person=person, names=names, own=own)
    language, wrong, refused = LANGUAGES[nth], [], 0
    with at_a_browser(chromium, fresh_database, person=person, language=language) as (page, url):
        for path in share_of(pages, nth=nth):
            for _answer in _answers(page, f"{url}{path}"):
                refused += 1
                wrong += wrong_with(page, language=language)
    assert wrong == []
    assert refused >= 3


def _wrong_at(page: Page, address: str, *, language: str) -> Iterator[str]:
    page.goto(address)
    yield from wrong_with(page, language=language)


def _answers(page: Page, address: str) -> Iterator[None]:
    """Send each form of a page empty; stop at each page that says what is wrong."""
    page.goto(address)
    for nth in range(page.evaluate(f"{FORMS}.length")):
        page.goto(address)
        with page.expect_navigation():
            page.evaluate(SEND_EMPTY, nth)
        if page.locator("[aria-invalid=true], .field__error, .tone-danger").count():
            yield
