"""Every address there is, tried with what belongs to somebody else."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

import pytest

from comptoir.identity.models import StaffInvitation
from tests.addresses import (
    ADDRESSES,
    BEHIND_LOGIN,
    FOR_ANYBODY,
    OF_A_CUSTOMER,
    OF_A_TEAM,
    OF_NOBODY,
    SIGNED,
    address,
)
from tests.belongings import Belongings, furnish
from tests.databases import Database
from tests.web import WebClient
from tests.worlds import World

FOREIGN = ("Cantina", "Harbor", "carl@", "hugo@", "harbor.example", "cantina.example")
REFUSALS = {302, 403, 404, 405, 409}


@pytest.fixture
def own(world: World) -> Belongings:
    """What Anna and Nora may see."""
    return furnish(world.arches, invoice=world.invoices[world.arches.name], owner=world.anna, staff=world.nora)


@pytest.fixture
def foreign(world: World) -> Belongings:
    """What neither may see."""
    return furnish(world.cantina, invoice=world.invoices[world.cantina.name], owner=world.carl, staff=world.hugo)


def both_ways(web: WebClient, path: str, things: Belongings) -> Iterator[Any]:
    """Look at an address, and post to it whatever forms post, with what belongs to somebody."""
    yield web.get(path)
    everything = {part: str(thing) for part, thing in asdict(things).items()}
    posted = {
        **everything,
        "answer": f"{things.store}:right",
        "invoices": str(things.invoice),
        "companies": str(things.company),
        "ends_on": "2020-10-15",
        "reason": "because",
        "to": "2020-09-20",
    }
    yield web.post(path, posted)


def assert_refused(response: Any, *, where: str) -> None:
    assert response.status_code in REFUSALS, f"{where} answered {response.status_code}"
    said = response.content.decode(errors="replace") + response.get("Location", "")
    # What the address itself named may be repeated in it.
    named = said.replace("/harbor/", "").replace(quote("/harbor/", safe=""), "")
    for word in FOREIGN:
        assert word not in named, f"{where} says {word}"


def test_the_lists_here_are_not_empty() -> None:
    assert len(OF_A_CUSTOMER) > 10
    assert len(OF_A_TEAM) > 10
    assert FOR_ANYBODY.keys() <= ADDRESSES.keys()


def test_nobody_gets_anywhere_without_a_login(web: WebClient, foreign: Belongings) -> None:
    for name in BEHIND_LOGIN:
        path = address(name, foreign)
        for response in both_ways(web, path, foreign):
            assert response.status_code in {302, 405}, f"{name} answered {response.status_code}"
            if response.status_code == 302:
                assert response["Location"].startswith("/login/"), name


def test_a_customer_gets_nowhere_with_another_customers_address(
    web: WebClient, world: World, foreign: Belongings
) -> None:
    web.force_login(world.anna)
    for name in [*OF_A_CUSTOMER, *OF_A_TEAM]:
        for response in both_ways(web, address(name, foreign), foreign):
            assert response.status_code in {404, 405}, f"{name} answered {response.status_code}"
            assert_refused(response, where=name)


def test_a_customer_gets_nothing_of_anothers_under_the_own_address(
    web: WebClient, world: World, own: Belongings, foreign: Belongings
) -> None:
    web.force_login(world.anna)
    for name in OF_A_CUSTOMER:
        path = address(name, foreign, company=own.company)
        looked, posted = both_ways(web, path, foreign)
        things = set(ADDRESSES[name]) - {"company", "word"}
        if things:
            assert_refused(looked, where=name)
            assert_refused(posted, where=name)
        for response in (looked, posted):
            said = response.content.decode(errors="replace")
            assert not [word for word in FOREIGN if word in said], name


def test_the_billing_team_gets_nowhere_at_another_vendor(web: WebClient, world: World, foreign: Belongings) -> None:
    web.force_login(world.nora)
    for name in [*OF_A_CUSTOMER, *OF_A_TEAM]:
        for response in both_ways(web, address(name, foreign), foreign):
            assert response.status_code in {404, 405}, f"{name} answered {response.status_code}"
            assert_refused(response, where=name)


def test_the_billing_team_gets_nothing_of_another_vendors_under_the_own_address(
    web: WebClient, world: World, own: Belongings, foreign: Belongings
) -> None:
    web.force_login(world.nora)
    for name in OF_A_TEAM:
        path = address(name, foreign, vendor=own.vendor)
        looked, posted = both_ways(web, path, foreign)
        things = set(ADDRESSES[name]) - {"vendor", *OF_NOBODY}
        if things:
            assert_refused(looked, where=name)
        for response in (looked, posted):
            said = response.content.decode(errors="replace")
            assert not [word for word in FOREIGN if word in said], name


def test_an_auditor_changes_nothing(web: WebClient, world: World, own: Belongings) -> None:
    world.nora.staff_of.update(role="auditor")
    web.force_login(world.nora)
    for name in OF_A_TEAM:
        looked, posted = both_ways(web, address(name, own), own)
        assert looked.status_code in {200, 403, 405, 409}, name
        assert posted.status_code in {403, 405}, f"{name} answered {posted.status_code}"


def test_what_managers_and_admins_decide_a_clerk_does_not(web: WebClient, world: World, own: Belongings) -> None:
    world.nora.staff_of.update(role="clerk")
    web.force_login(world.nora)
    for name in (
        "console:wave_send",
        "console:wave_stop",
        "console:wave_continue",
        "console:bill_run_approve",
        "console:bill_run_cancel",
        "console:team_end",
        "console:dunning_stop",
    ):
        assert web.post(address(name, own)).status_code == 403, name
    web.post(address("console:team", own), {"email": "more@northwind.example", "role": "admin"})
    assert not StaffInvitation.objects.filter(email="more@northwind.example").exists()


def test_a_viewer_changes_nothing(web: WebClient, world: World, own: Belongings) -> None:
    world.anna.memberships.update(role="viewer")
    web.force_login(world.anna)
    for name in OF_A_CUSTOMER:
        looked, posted = both_ways(web, address(name, own), own)
        assert looked.status_code in {200, 302, 404, 405}, name
        assert posted.status_code in {403, 405}, f"{name} answered {posted.status_code}"


def test_another_site_posts_nothing(fresh_database: Database, world: World, own: Belongings) -> None:
    web = WebClient(fresh_database, enforce_csrf_checks=True)
    for person in (world.anna, world.nora, None):
        if person:
            web.force_login(person)
        else:
            web.logout()
        for name in sorted(ADDRESSES.keys() - SIGNED):
            posted = web.post(address(name, own), {"next": "/"}, headers={"Origin": "https://evil.example"})
            assert posted.status_code == 403, f"{name} answered {posted.status_code}"


def test_the_own_addresses_do_open(web: WebClient, world: World, own: Belongings) -> None:
    """What the tests above are worth: the same addresses with the own things are not refused."""
    web.force_login(world.anna)
    for name in (
        "portal:home",
        "portal:invoice",
        "portal:invoice_pdf",
        "portal:payment",
        "portal:stores",
        "portal:transfer",
    ):
        assert web.get(address(name, own)).status_code == 200, name
    web.force_login(world.nora)
    for name in (
        "console:home",
        "console:company",
        "console:services",
        "console:company_act",
        "console:subscription_act",
        "console:catalog",
        "console:catalog_price",
        "console:invoice",
        "console:invoice_act",
        "console:invoice_pdf",
        "console:books_account",
        "console:correction_refuse",
        "console:checks",
        "console:check",
        "console:check_act",
        "console:deposit",
        "console:bank_file",
        "console:transfers",
        "console:transfer",
        "console:transfer_act",
        "console:transfer_new",
        "console:transfer_paper",
        "console:wave",
        "console:wave_hold_out",
        "console:move_act",
        "console:waves_progress",
        "console:letter_text",
        "console:bill_run",
        "console:mail",
        "console:mail_clear",
    ):
        assert web.get(address(name, own)).status_code == 200, name
