"""Every page that a customer or the team can open, with something of everything on it, as a phone and axe see it.

They are shared between the languages; ``COMPTOIR_EVERY_LANGUAGE=1`` opens each in all.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from comptoir.identity.models import User
from tests.addresses import OF_A_CUSTOMER, OF_A_TEAM, address
from tests.belongings import Belongings, furnish
from tests.browser.walking import LANGUAGES, SHARES, at_a_browser, is_page, share_of, wrong_with
from tests.databases import Database
from tests.web import WebClient
from tests.worlds import World, make_world

# What leads on to another page from where things stand; and what nothing is furnished for, such as a file that is not
# there, or the processor’s page. A test of its own tells the story of each.
LEADS_ON = {
    "portal:credit_note_pdf",
    "portal:method_release",
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


@pytest.mark.parametrize("nth", range(SHARES))
@pytest.mark.parametrize("side", ["portal", "console"])
def test_axe_finds_nothing_and_it_fits_from_phone_to_wide(
    chromium: Browser, fresh_database: Database, side: str, nth: int
) -> None:
    world, own = furnished()
    person, names = (world.anna, OF_A_CUSTOMER) if side == "portal" else (world.nora, OF_A_TEAM)
    pages = pages_of(fresh_database, person=person, names=names, own=own)
    share = share_of(pages, nth=nth)
    assert len(share) >= 9
    with at_a_browser(chromium, fresh_database, person=person, language=LANGUAGES[nth]) as (page, url):
        assert [words for path in share for words in _wrong_at(page, f"{url}{path}", language=LANGUAGES[nth])] == []


def _wrong_at(page: Page, address: str, *, language: str) -> Iterator[str]:
    page.goto(address)
    yield from wrong_with(page, language=language)


def furnished() -> tuple[World, Belongings]:
    """Make the world, with something of everything for Arches."""
    world = make_world()
    return world, furnish(world.arches, invoice=world.invoices[world.arches.name], owner=world.anna, staff=world.nora)


def pages_of(database: Database, *, person: User, names: list[str], own: Belongings) -> list[str]:
    """Return the addresses that show a page; each of the others is known for what it is."""
    web = WebClient(database)
    web.force_login(person)
    answers = {name: web.get(address(name, own)) for name in names}
    assert {name for name, answer in answers.items() if answer.status_code not in (200, 405)} == set(names) & {
        *LEADS_ON,
        *NOTHING_FURNISHED,
    }
    return [address(name, own) for name, answer in answers.items() if is_page(answer)]
