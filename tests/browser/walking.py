"""Going through many pages in a browser, and saying what is wrong with each.

They are shared between the languages; ``COMPTOIR_EVERY_LANGUAGE=1`` opens each in all.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.http import HttpResponse
from playwright.sync_api import Browser, Page

from comptoir.identity.models import User
from tests.browser.conftest import LOCALES, PHONE, SQUEEZED
from tests.databases import Database
from tests.running import served
from tests.web import WebClient

LANGUAGES = tuple(LOCALES)
SHARES = len(LANGUAGES)
WIDE = {"width": 1600, "height": 900}


def share_of(pages: list[str], *, nth: int) -> list[str]:
    """Return the pages that are opened in the nth language."""
    return pages if os.environ.get("COMPTOIR_EVERY_LANGUAGE") else pages[nth::SHARES]


def is_page(answer: HttpResponse) -> bool:
    """Whether an answer is a page: others give a file, or a mail that is shown alone, or are what a form asks for."""
    alone = "attachment" in answer.get("Content-Disposition", "") or "sandbox" in answer["Content-Security-Policy"]
    return answer.status_code == 200 and answer["Content-Type"].startswith("text/html") and not alone


@contextmanager
def at_a_browser(chromium: Browser, database: Database, *, person: User, language: str) -> Iterator[tuple[Page, str]]:
    """Give a browser in which the person is logged in, and the address at which the pages are served."""
    web = WebClient(database)
    web.force_login(person)
    cookie = settings.SESSION_COOKIE_NAME
    with served(database) as url, chromium.new_context(locale=LOCALES[language], no_viewport=True) as context:
        context.add_cookies([{"name": cookie, "value": web.cookies[cookie].value, "url": url}])
        yield context.new_page(), url


def wrong_with(page: Page, *, language: str) -> Iterator[str]:
    """Say what is wrong with the page that is open, on a phone and on a wide screen."""
    at = page.url
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
