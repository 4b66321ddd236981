"""What an owner finds, shares and guards, and the team's pages that answer it; each looked at with care."""

import re
from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from playwright.sync_api import expect

from comptoir.identity.models import User
from comptoir.tenancy.models import Company
from tests.browser.conftest import Person
from tests.browser.test_billing_team import PASSWORD as TEAM_PASSWORD
from tests.browser.test_billing_team import SECRET, logs_in_with_a_second_factor
from tests.browser.test_owner import PASSWORD, make_owner
from tests.factories import make_staff, make_user
from tests.running import Site


@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_owner_finds_shares_and_guards(site: Site, person: Callable[[str], Person], language: str) -> None:
    owner, company = make_owner(site, language=language)
    owner.set_password(PASSWORD)
    owner.save()
    maria = person(language)
    logs_in_under_the_vendors_name(maria, owner, company)
    narrows_the_list(maria, company)
    has_the_bills_sent_to_somebody_else(maria, company, reader=person(language))
    invites_somebody(maria, company, guest=person(language))
    searches_the_help(maria, company)
    guards_the_login(maria, owner)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_team_writes_answers_and_chooses_the_look(
    site: Site, person: Callable[[str], Person], language: str
) -> None:
    _owner, company = make_owner(site, language=language)
    nora = make_user(email="nora@northwind.example", language=language, password=TEAM_PASSWORD)
    make_staff(vendor=company.vendor, user=nora, role="admin")
    TOTP.activate(nora, SECRET)
    team = person(language)
    console = f"/console/{company.vendor.slug}"
    logs_in_with_a_second_factor(team, nora.email)
    team.opens(f"{console}/help/")
    team.looks_at("Help pages")
    team.opens(f"{console}/help/{language}/pay-once/")
    team.looks_at("Change the answer")
    team.page.locator("#id_body").fill("**{vendor}** says: {nonsense}")
    expect(team.page.locator("#preview strong")).to_have_text("{vendor}")
    team.presses("Save")
    team.sees("{nonsense}")
    team.looks_at("Change the answer")
    team.opens(f"{console}/look/")
    team.page.locator("#id_colour").fill("#ffee88")
    expect(team.page.locator("#preview .field__error")).to_be_visible()
    team.presses("Save")
    team.looks_at("Look", context="of a vendor")


def logs_in_under_the_vendors_name(maria: Person, owner: User, company: Company) -> None:
    maria.opens(f"/at/{company.vendor.slug}/")
    expect(maria.page.locator("header")).to_contain_text("Northwind Restaurant Systems")
    maria.looks_at("Log in")
    maria.types("E-mail address", owner.email)
    maria.page.locator("#id_password").fill(PASSWORD)
    maria.presses("Log in")
    maria.looks_at(company.name)


def narrows_the_list(maria: Person, company: Company) -> None:
    maria.goes_to("Invoices")
    maria.page.locator("#id_state").select_option("unpaid")
    maria.presses("Filter")
    maria.sees("NOR-000001")
    maria.looks_at("Invoices")
    assert maria.downloads("As a table (CSV)").path().read_bytes().count(b"NOR-") == 1
    assert maria.downloads("All PDFs (zip)").path().read_bytes().startswith(b"PK")
    maria.opens(f"/c/{company.public_id}/invoices/?state=paid")
    maria.sees(maria.words("No invoice is like this"))
    maria.looks_at("Invoices")
    maria.opens(f"/c/{company.public_id}/invoices/?since=2020-02-01&through=2020-01-01")
    expect(maria.page.locator(".field__error")).to_be_visible()
    maria.looks_at("Invoices")


def has_the_bills_sent_to_somebody_else(maria: Person, company: Company, *, reader: Person) -> None:
    maria.opens(f"/c/{company.public_id}/contacts/")
    maria.page.locator("#id_further-email").fill("maria@bluebird.example")
    maria.presses("Ask this address")
    expect(maria.page.locator(".field__error")).to_be_visible()
    maria.looks_at("Billing contacts")
    maria.page.locator("#id_further-email").fill("tax@accountants.example")
    maria.presses("Ask this address")
    maria.looks_at("Billing contacts")
    maria.site.settle()
    reader.opens(maria.site.link_for("tax@accountants.example", part="/bills-to/"))
    reader.looks_at("Get the bills, too?")
    reader.presses("Yes, send them to me")
    reader.looks_at("You get the bills from now on")


def invites_somebody(maria: Person, company: Company, *, guest: Person) -> None:
    maria.opens(f"/c/{company.public_id}/people/")
    maria.looks_at("People")
    maria.page.locator("#id_email").fill("ines@accountants.example")
    maria.page.locator("input[name=role][value=viewer]").check()
    maria.presses("Send the invitation")
    maria.sees("ines@accountants.example")
    maria.looks_at("People")
    maria.site.settle()
    guest.opens(maria.site.link_for("ines@accountants.example", part="/invited/"))
    guest.types("Your name", "Inès")
    guest.types("Password", "short")
    guest.types("Password, again", "short")
    guest.presses("Accept the invitation")
    expect(guest.page.locator(".field__error").first).to_be_visible()
    guest.looks_at("Act for %(company)s", company=company.name)


def searches_the_help(maria: Person, company: Company) -> None:
    word = {"en": "vault", "fr": "coffre"}[maria.language]
    maria.opens(f"/c/{company.public_id}/help/?q={word}")
    assert maria.page.locator("details[open]").count() > 0
    maria.looks_at("Help")
    maria.opens(f"/c/{company.public_id}/help/?q=zebra")
    maria.looks_at("Help")
    maria.goes_to("Payment methods")
    maria.looks_at("Payment methods")
    maria.follows("Why must I enter my bank account or card again?")
    expect(maria.page.locator("#enter-again[open]")).to_be_visible()


def guards_the_login(maria: Person, owner: User) -> None:
    """With a passkey, which wants a host by name."""
    page = maria.page
    here = maria.site.url.replace("127.0.0.1", "localhost")
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    cdp.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
            }
        },
    )
    page.goto(f"{here}/login/")
    maria.types("E-mail address", owner.email)
    page.locator("#id_password").fill(PASSWORD)
    maria.presses("Log in")
    page.goto(f"{here}/security/")
    maria.looks_at("Login and security")
    maria.follows("Add a passkey")
    maria.looks_at("Add a passkey")
    page.locator("#id_passwordless").check()
    maria.presses("Add a passkey")
    page.wait_for_url(re.compile("recovery-codes"))
    page.goto(f"{here}/security/")
    maria.looks_at("Login and security")
    page.get_by_role("link", name=re.compile(f"^{maria.words('Rename')}")).click()
    maria.looks_at("Confirm that it is you")
    page.locator("a[href*='/passkeys/confirm/']").click()
    maria.looks_at("Confirm that it is you")
    maria.presses("Use a passkey")
    maria.looks_at("Rename the passkey")
    maria.presses("Save")
    page.goto(f"{here}/security/")
    page.get_by_role("link", name=re.compile(f"^{maria.words('Remove')}")).click()
    maria.looks_at("Remove the passkey?")
    page.context.clear_cookies()
    page.goto(f"{here}/login/")
    page.locator("#passkey_login").click()
    page.wait_for_url(re.compile(r"/c/"))
