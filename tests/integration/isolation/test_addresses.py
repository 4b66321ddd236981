"""Every address there is, tried with what belongs to somebody else."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from comptoir.identity.models import StaffInvitation
from tests.belongings import Belongings, furnish
from tests.databases import Database
from tests.web import WebClient
from tests.worlds import World

FOREIGN = ("Cantina", "Harbor", "carl@", "hugo@", "harbor.example", "cantina.example")
REFUSALS = {302, 403, 404, 405, 409}

# Pages for anybody, each with the reason.
FOR_ANYBODY = {
    "account_login": "the way in",
    "account_reset_password": "the way in",
    "account_set_password": "leads to the way in",
    "account_reset_password_done": "the way in",
    "account_reset_password_from_key": "the way in, with a link that was mailed",
    "account_reset_password_from_key_done": "the way in",
    "mfa_login_webauthn": "the way in",
    "account_logout": "says good-bye",
    "account_inactive": "says that a login is closed",
    "front_door": "a vendor's way in",
    "letter_link": "the way in, with a link that was mailed",
    "brand_css": "how a vendor looks, for its login page",
    "brand_logo": "how a vendor looks, for its login page",
    "set_language": "a choice of words",
    "console_invitation": "the way in, with a link that was mailed",
    "billing_email_link": "what a link that was mailed is for",
    "company_invitation": "the way in, with a link that was mailed",
    "recipient_link": "what a link that was mailed is for",
    "transfer_link": "what a link that was mailed is for",
    "api:stripe_webhook": "signed by the processor",
    "api:mail_webhook": "signed by the mail provider",
    "api:returned_mail_webhook": "signed by the mail server",
    "programs:access": "for programs, with their key",
    "programs:access_of_many": "for programs, with their key",
    "programs:openapi-json": "what programs may ask",
    "openid_configuration": "what the single sign-on is",
    "openid_keys": "what its signatures are verified with",
    "openid_authorize": "the way in to a product; shows nothing without a login",
    "openid_token": "for products, with their secret and a code",
    "openid_revoke": "for products, with their secret",
    "openid_userinfo": "for products, with a token",
    "openid_logout": "says good-bye",
    "healthz": "for whoever watches",
}
SIGNED = {"api:stripe_webhook", "api:mail_webhook", "api:returned_mail_webhook"} | {
    # What programs send, with a secret, a key or a hint of their own; no cookie opens any of it.
    *("openid_token", "openid_revoke", "openid_userinfo", "openid_logout"),
    *("programs:access", "programs:access_of_many", "programs:openapi-json"),
}
# What an address names that belongs to nobody.
OF_NOBODY: dict[str, Any] = {
    "word": "bank-account",
    "what": "start",
    "role": "clerk",
    "uidb36": "1",
    "key": "set-password",
    "token": "nonsense",
    "decision": "send",
    "pk": 1,
    "tongue": "en",
    "letter": "reminder",
    "colour": "0b5d5b",
    "session": 1,
}
# Where the same word in an address means something else than elsewhere.
MEANT: dict[str, dict[str, str]] = {
    "console:books_account": {"number": "account"},
    "console:correction_approve": {"number": "correction"},
    "console:correction_refuse": {"number": "correction"},
    "console:subscription_act": {"what": "subscription_act"},
    "console:invoice_act": {"what": "invoice_act"},
    "console:check_act": {"what": "check_act"},
    "console:help_page": {"key": "help_key"},
    "console:transfer_act": {"what": "transfer_act"},
    "console:move_act": {"what": "move_act"},
    "console:client_act": {"what": "client_act"},
    "console:dunning_act": {"what": "dunning_act"},
    "console:dunning_stop": {"what": "dunning_stop"},
    "console:dunning_text": {"what": "dunning_step", "word": "preview_language"},
    "console:preview": {"what": "preview", "word": "preview_language"},
}
ACTS = {
    "subscription_act": "stop",
    "invoice_act": "credit",
    "check_act": "return",
    "help_key": "furnished",
    "transfer_act": "approve",
    "move_act": "letter",
    "preview": "receipt",
    "client_act": "disable",
    "dunning_act": "hold",
    "dunning_stop": "allow",
    "dunning_step": "reminder",
    "preview_language": "fr",
}


def addresses(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield every address's name, and the names of what is in it."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            assert entry.name, f"{entry.pattern} has no name"
            yield prefix + entry.name, tuple(entry.pattern.regex.groupindex)
        else:
            yield from addresses(entry, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)


ADDRESSES = dict(addresses())
BEHIND_LOGIN = sorted(ADDRESSES.keys() - FOR_ANYBODY.keys())
OF_A_CUSTOMER = [name for name in BEHIND_LOGIN if name.startswith("portal:")]
OF_A_TEAM = [name for name in BEHIND_LOGIN if name.startswith("console:")]


@pytest.fixture
def own(world: World) -> Belongings:
    """What Anna and Nora may see."""
    return furnish(world.arches, invoice=world.invoices[world.arches.name], owner=world.anna, staff=world.nora)


@pytest.fixture
def foreign(world: World) -> Belongings:
    """What neither may see."""
    return furnish(world.cantina, invoice=world.invoices[world.cantina.name], owner=world.carl, staff=world.hugo)


def address(name: str, things: Belongings, **instead: Any) -> str:
    """Write an address with what belongs to somebody."""
    known: Mapping[str, Any] = {**OF_NOBODY, **ACTS, **asdict(things), **instead}
    parts = {part: MEANT.get(name, {}).get(part, part) for part in ADDRESSES[name]}
    missing = set(parts.values()) - known.keys()
    assert not missing, f"tell this test what {missing} of {name} is: add it to Belongings"
    return reverse(name, kwargs={part: known[meant] for part, meant in parts.items()})


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
