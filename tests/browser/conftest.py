"""A person at a browser, who looks at each page the way a careful person would."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import translation
from django.utils.translation import gettext, pgettext
from playwright.sync_api import Browser, Download, Locator, Page, expect, sync_playwright

from tests.running import Site, sandbox, site

__all__ = ["sandbox", "site"]

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
LOCALES = {"en": "en-US", "fr": "fr-FR", "es": "es-ES"}
# Words set one below the other, for want of room.
SQUEEZED = """() => [...document.querySelectorAll("main :is(h1, h2, p, dd, li, button, th, td)")].filter(one => {
    const words = document.createRange();
    words.selectNodeContents(one);
    const taken = words.getBoundingClientRect();
    return one.textContent.trim().length > 8 && taken.height > 3 * taken.width;
}).map(one => one.textContent.trim())"""
expect.set_options(timeout=10_000)


@dataclass
class Person:
    """Someone who reads one language. What they click on is named in English, and found in theirs."""

    page: Page
    site: Site
    language: str
    complaints: list[str] = field(default_factory=list)

    def words(self, english: str, context: str = "", **values: object) -> str:
        """Return words of ours as this person reads them."""
        with translation.override(self.language):
            return (pgettext(context, english) if context else gettext(english)) % values

    def opens(self, address: str) -> None:
        """Open an address: a path of ours, or a link."""
        self.page.goto(address if address.startswith("http") else f"{self.site.url}{address}")

    def follows(self, english: str, context: str = "", *, within: Locator | None = None) -> None:
        """Click on a link."""
        (within or self.page).get_by_role("link", name=self.words(english, context), exact=True).first.click()

    def goes_to(self, english: str, context: str = "") -> None:
        """Click on a link of the main menu; open the group that it is in."""
        menu = self.page.get_by_role("navigation", name=self.words("Main"))
        link = self.page.get_by_role("link", name=self.words(english, context), exact=True, include_hidden=True)
        if (group := menu.locator("details:not([open])").filter(has=link)).count():
            group.locator("summary").click()
        menu.get_by_role("link", name=self.words(english, context), exact=True).click()

    def presses(self, english: str, context: str = "") -> None:
        """Press a button."""
        self.page.get_by_role("button", name=self.words(english, context), exact=True).click()

    def types(self, english: str, text: str) -> None:
        """Type into a field."""
        self.page.get_by_label(self.words(english), exact=True).fill(text)

    def sees(self, text: str) -> None:
        """Find this on the page, at once or when it comes."""
        expect(self.page.locator("main")).to_contain_text(text)

    def downloads(self, english: str) -> Download:
        """Click on a link that gives a file."""
        with self.page.expect_download() as coming:
            self.follows(english)
        return coming.value

    def looks_at(self, heading: str, context: str = "", **values: object) -> None:
        """Look at the page so headed, on a phone and on a desk: it fits, axe finds nothing, the language is right."""
        expect(self.page.locator("h1")).to_have_text(self.words(heading, context, **values))
        self.page.wait_for_load_state("load")
        for size in (PHONE, DESK):
            self.page.set_viewport_size({"width": size["width"], "height": size["height"]})
            where = f"{self.page.url} at {size['width']}"
            assert self.page.evaluate("document.documentElement.scrollWidth") <= size["width"], where
            assert self.page.evaluate(SQUEEZED) == [], where
            found = Axe().run(self.page)
            assert found.violations_count == 0, f"{where}\n{found.generate_report()}"
        assert self.page.locator("html").get_attribute("lang") == self.language
        assert self.complaints == []


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, without a window."""
    path = os.environ.get("COMPTOIR_CHROMIUM") or shutil.which("chromium")
    assert path, "Set COMPTOIR_CHROMIUM to a Chromium; “python scripts/chromium.py” finds or installs one."
    options = ["--disable-gpu", "--disable-background-networking"]
    if os.geteuid() == 0:
        options.append("--no-sandbox")
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patched:
        # Playwright keeps an event loop in this thread, so Django would take every query for one from async code.
        patched.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=path, args=options)
        yield browser
        browser.close()


@pytest.fixture
def person(chromium: Browser, site: Site) -> Iterator[Callable[[str], Person]]:
    """Makes someone with a browser of their own, who reads a language."""
    contexts = []

    def make(language: str) -> Person:
        context = chromium.new_context(locale=LOCALES[language], viewport=None, no_viewport=True)
        contexts.append(context)
        made = Person(page=context.new_page(), site=site, language=language)
        made.page.on("console", lambda said: made.complaints.append(said.text) if said.type != "log" else None)
        made.page.on("pageerror", lambda error: made.complaints.append(str(error)))
        return made

    yield make
    for context in contexts:
        context.close()
