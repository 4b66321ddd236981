"""Every page that a customer or the team can open, with something of everything on it, as a phone and axe see it.

They are shared between the languages; ``COMPTOIR_EVERY_LANGUAGE=1`` opens each in all.
"""

import os
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.http import HttpResponse
from playwright.sync_api import Browser, Page

from comptoir.identity.models import User
from tests.addresses import OF_A_CUSTOMER, OF_A_TEAM, address
from tests.belongings import Belongings, furnish
from tests.browser.conftest import LOCALES, PHONE, SQUEEZED
from tests.databases import Database
from tests.running import served
from tests.web import WebClient
from tests.worlds import World, make_world

LANGUAGES = tuple(LOCALES)
SHARES = len(LANGUAGES)
EVERY_LANGUAGE = bool(os.environ.get("COMPTOIR_EVERY_LANGUAGE"))
# What leads on to another page from where things stand; and what nothing is furnished for, such as a file that is not
# there, or the processor’s page. A test of its own tells the story of each.
LEADS_ON = {
    "portal:credit_note_pdf",
    "portal:payment_left",
    "portal:payment_receipt",
    "console:transfer_place",
}
NOTHING_FURNISHED = {
    "portal:method_add",
    "portal:old_invoice_pdf",
    "console:credit_note_pdf",
    "console:import_undo",
    "console:letter",
    "console:sample",
}
WIDE = {"width": 1600, "height": 900}


@pytest.mark.parametrize("nth", range(SHARES))
@pytest.mark.parametrize("side", ["portal", "console"])
def test_axe_finds_nothing_and_it_fits_from_phone_to_wide(
    chromium: Browser, fresh_database: Database, side: str, nth: int
) -> None:
    world, own = _furnished()
    person, names = (world.anna, OF_A_CUSTOMER) if side == "portal" else (world.nora, OF_A_TEAM)
    pages = _pages(fresh_database, person=person, names=names, own=own)
    share = pages if EVERY_LANGUAGE else pages[nth::SHARES]
    assert len(share) >= 9
    assert _wrong(chromium, fresh_database, person=person, pages=share, language=LANGUAGES[nth]) == []


def _furnished() -> tuple[World, Belongings]:
    world = make_world()
    return world, furnish(world.arches, invoice=world.invoices[world.arches.name], owner=world.anna, staff=world.nora)


def _pages(database: Database, *, person: User, names: list[str], own: Belongings) -> list[str]:
    """Return the addresses that show a page; each of the others is known for what it is."""
    web = WebClient(database)
    web.force_login(person)
    answers = {name: web.get(address(name, own)) for name in names}
    assert {name for name, answer in answers.items() if answer.status_code not in (200, 405)} == set(names) & {
        *LEADS_ON,
        *NOTHING_FURNISHED,
    }
    return [address(name, own) for name, answer in answers.items() if _is_page(answer)]


def _is_page(answer: HttpResponse) -> bool:
    """Others give a file, or a mail that is shown alone, or are what a form alone asks for."""
    alone = "attachment" in answer.get("Content-Disposition", "") or "sandbox" in answer["Content-Security-Policy"]
    return answer.status_code == 200 and answer["Content-Type"].startswith("text/html") and not alone


def _wrong(chromium: Browser, database: Database, *, person: User, pages: list[str], language: str) -> list[str]:
    """Return what is wrong with the pages as a browser shows them to the person."""
    web = WebClient(database)
    web.force_login(person)
    cookie = settings.SESSION_COOKIE_NAME
    with served(database) as url, chromium.new_context(locale=LOCALES[language], no_viewport=True) as context:
        context.add_cookies([{"name": cookie, "value": web.cookies[cookie].value, "url": url}])
        page = context.new_page()
        return [words for path in pages for words in _wrong_with(page, f"{url}{path}", language=language)]


def _wrong_with(page: Page, at: str, *, language: str) -> Iterator[str]:
    page.goto(at)
    if page.locator("html").get_attribute("lang") != language:
        yield f"{at} is in another language"
    if page.locator("h1").count() != 1:
        yield f"{at} has {page.locator('h1').count()} headings"
    for size in (WIDE, PHONE):
        page.set_viewport_size({"width": size["width"], "height": size["height"]})
        if page.evaluate("document.documentElement.scrollWidth") > size["width"]:
            yield f"{at} is wider than {size['width']}"
        if squeezed := page.evaluate(SQUEEZED):
            yield f"{at} squeezes {squeezed} at {size['width']}"
    found = Axe().run(page)
    if found.violations_count:
        yield f"{at} {found.generate_report()}"
