"""Mail as a program with a narrow window shows it, in the light and in the dark, in the colours of any vendor."""

from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser

from comptoir.notices.composing import compose
from comptoir.notices.sample_facts import VENDOR
from comptoir.notices.samples import NEWS, sample_news

NARROWEST = {"width": 320, "height": 600}
HARDEST = {"light": "#ffe94d", "dark": "#1b1464"}  # a colour that the page has nearly, too
MOST_WORDS = {news.folder: what for what, news in NEWS.items()} | {"invoice": "invoice-by-check"}


@pytest.mark.parametrize("scheme", HARDEST)
@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_mail_fits_a_narrow_window_and_can_be_read(chromium: Browser, language: str, scheme: str) -> None:
    vendor = replace(VENDOR, colour=HARDEST[scheme])
    with chromium.new_context(viewport=NARROWEST, color_scheme=scheme) as context:  # type: ignore[arg-type]
        page = context.new_page()
        for what in MOST_WORDS.values():
            name, facts = sample_news(what, vendor=vendor, language=language)
            page.set_content(compose(name=name, vendor=vendor, language=language, facts=facts).html)

            assert page.evaluate("document.documentElement.scrollWidth") <= NARROWEST["width"], what
            found = Axe().run(page, options={"runOnly": ["color-contrast", "link-in-text-block", "html-has-lang"]})
            assert found.violations_count == 0, f"{what}\n{found.generate_report()}"
