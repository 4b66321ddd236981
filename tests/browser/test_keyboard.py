"""An owner logs in, pays and writes with the keyboard alone, and sees at each stop where it is."""

import re
from collections.abc import Callable, Mapping

import pytest
from playwright.sync_api import Locator, ViewportSize, expect

from tests.browser.conftest import DESK, PHONE, Person
from tests.browser.test_owner import BANK_ACCOUNT, PASSWORD, make_owner
from tests.running import Site

MOST_STOPS = 60
# Where the keyboard is: whether that is in view, and marked by an outline, its own or that of the choice around it.
STOP = """() => {
    const one = document.activeElement, around = one.closest(".choice"), place = one.getBoundingClientRect();
    const marked = [one, around].some(each => {
        const style = each && getComputedStyle(each);
        return style && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    });
    const in_view = place.bottom > 0 && place.top < innerHeight && place.right > 0 && place.left < innerWidth;
    return one === document.body || marked && in_view ? "" : one.outerHTML;
}"""


@pytest.mark.parametrize(("language", "size"), [("en", PHONE), ("fr", DESK)], ids=["phone", "desk"])
def test_an_owner_pays_and_writes_with_the_keyboard_alone(
    site: Site, person: Callable[[str], Person], language: str, size: Mapping[str, int]
) -> None:
    owner, _company = make_owner(site, language=language)
    owner.set_password(PASSWORD)
    owner.save()
    maria = person(language)
    maria.page.set_viewport_size(ViewportSize(width=size["width"], height=size["height"]))
    maria.opens("/login/")
    types_at(maria, maria.page.get_by_label(maria.words("E-mail address"), exact=True), owner.email)
    types_at(maria, maria.page.get_by_label(maria.words("Password"), exact=True), PASSWORD)
    maria.page.keyboard.press("Enter")
    skips_to_the_content(maria)
    pays(maria)
    writes(maria)


def skips_to_the_content(maria: Person) -> None:
    expect(maria.page.locator(".owed__amount").first).to_be_visible()
    maria.page.keyboard.press("Tab")
    skip = maria.page.get_by_role("link", name=maria.words("Skip to the content"))
    expect(skip).to_be_focused()
    assert maria.page.evaluate(STOP) == ""
    maria.page.keyboard.press("Enter")
    maria.page.keyboard.press("Tab")
    assert maria.page.evaluate("document.activeElement.closest('main') !== null")


def pays(maria: Person) -> None:
    page = maria.page
    enters(maria, page.get_by_role("link", name=maria.words("Pay now"), exact=True))
    once = page.get_by_role("radio", name=maria.words("Electronic check, once"))
    tabs_to(maria, once)
    page.keyboard.press("Space")
    expect(once).to_be_checked()
    enters(maria, page.get_by_role("button", name=maria.words("Review", "do"), exact=True))
    expect(page.locator("h1")).to_have_text(maria.words("Review your payment"))
    enters(maria, page.locator("main form button"))
    enters(maria, page.get_by_role("button", name=re.compile(BANK_ACCOUNT)), ours=False)
    expect(page.locator("#us_bank_account button[type=submit]")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(re.escape(maria.site.url)))
    maria.site.settle()
    expect(page.locator("[data-state=processing]")).to_be_visible()
    enters(maria, page.get_by_role("link", name=maria.words("Done"), exact=True))
    maria.sees(maria.words("Nothing more to pay."))


def writes(maria: Person) -> None:
    page = maria.page
    menu = page.get_by_role("navigation", name=maria.words("Main"))
    enters(maria, menu.get_by_role("link", name=maria.words("Messages"), exact=True))
    enters(maria, page.get_by_role("link", name=maria.words("Write a message"), exact=True).first)
    tabs_to(maria, page.locator("#id_topic"))
    page.keyboard.press("End")
    types_at(maria, page.locator("#id_subject"), "A store")
    types_at(maria, page.locator("#id_text"), "It closes on Friday.")
    urgent = page.locator("#id_urgent")
    tabs_to(maria, urgent)
    page.keyboard.press("Space")
    expect(urgent).to_be_checked()
    enters(maria, page.get_by_role("button", name=maria.words("Send"), exact=True))
    maria.sees("It closes on Friday.")


def tabs_to(maria: Person, wanted: Locator, *, ours: bool = True) -> None:
    """Press Tab until the keyboard is there; at each stop of our own pages it must be seen where it is."""
    expect(wanted).to_be_visible()
    for _stop in range(MOST_STOPS):
        maria.page.keyboard.press("Tab")
        assert not ours or maria.page.evaluate(STOP) == ""
        if wanted.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"{MOST_STOPS} times Tab do not lead to {wanted}")


def enters(maria: Person, wanted: Locator, *, ours: bool = True) -> None:
    tabs_to(maria, wanted, ours=ours)
    maria.page.keyboard.press("Enter")


def types_at(maria: Person, field: Locator, words: str) -> None:
    tabs_to(maria, field)
    maria.page.keyboard.type(words)
