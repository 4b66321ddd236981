"""The billing team's way over the console, from the old system's export to issued invoices."""

import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.db import transaction
from playwright.sync_api import expect

from comptoir.cutover.legacy.shipped import shipped_profile
from comptoir.kit.clocks import wall_now
from comptoir.mailer.marking import mark_address
from comptoir.mailer.models import MarkReason, Message
from tests.browser.conftest import Person
from tests.factories import make_staff, make_user, make_vendor
from tests.running import Site

EXPORT = shipped_profile("demo").parent.parent / "src/comptoir/demo/export/demo-customers.csv"
BLUEBIRD, LUCIE = "Bluebird Diners LLC", "Chez Lucie Inc."
PASSWORD = "a pepper mill on each table"
SECRET = "JBSWY3DPEHPK3PXP"
CODE_LASTS_SECONDS = 30
DUE = date(2020, 10, 1)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """The old system's export, of two companies: Bluebird Diners (1001) and Chez Lucie (1002)."""
    heads, *rows = EXPORT.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    file = tmp_path / "customers.csv"
    file.write_text(heads + "".join(row for row in rows if row.startswith(("1001,", "1002,"))))
    return file


def make_admin(site: Site, *, language: str) -> str:
    """Make an admin of Northwind with password and second factor; return the address to log in with."""
    vendor = make_vendor(slug="northwind", name="Northwind Restaurant Systems")
    site.open_account(vendor)
    email = f"ada-{language}@northwind.example"
    ada = make_staff(
        vendor=vendor, role="admin", user=make_user(email=email, name="Ada", language=language, password=PASSWORD)
    )
    TOTP.activate(ada, SECRET)
    return email


def one_time_code() -> str:
    """Return the code that is valid now; one that ends while it is sent would be refused, so wait for the next."""
    left = CODE_LASTS_SECONDS - time.time() % CODE_LASTS_SECONDS
    if left < 2:
        time.sleep(left)
    return str(format_hotp_value(hotp_value(SECRET, int(time.time()) // CODE_LASTS_SECONDS)))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_team_imports_customers_moves_them_and_bills_them(
    site: Site, person: Callable[[str], Person], export: Path, language: str
) -> None:
    email = make_admin(site, language=language)
    ada = person(language)
    logs_in_with_a_second_factor(ada, email)
    imports_the_customers(ada, export)
    sends_a_wave(ada)
    runs_the_bill(ada)
    looks_after_the_mail(ada)
    looks_after_the_papers(ada)
    looks_how_far_all_are(ada)
    rewrites_the_letter(ada)
    assert len(site.mails_to("lucie@chez-lucie.example")) == 2, "the letter, the invoice"


def logs_in_with_a_second_factor(ada: Person, email: str) -> None:
    ada.opens("/login/")
    ada.types("E-mail address", email)
    ada.page.locator("[name=password]").fill(PASSWORD)
    ada.presses("Log in")
    ada.looks_at("Second step")
    ada.page.locator("[name=code]").fill(one_time_code())
    ada.presses("Log in")


def imports_the_customers(ada: Person, export: Path) -> None:
    ada.looks_at("Overview")
    ada.follows("Import", "do")
    ada.looks_at("Import from the old system")
    ada.page.locator("[name=export]").set_input_files(export)
    ada.presses("Import", "do")
    ada.looks_at(export.name)
    ada.site.settle()
    ada.sees(ada.words("Nothing odd was found."))
    ada.looks_at(export.name)
    ada.goes_to("Companies")
    ada.sees(BLUEBIRD)
    ada.looks_at("Companies")
    ada.follows(BLUEBIRD)
    ada.looks_at(BLUEBIRD)


def sends_a_wave(ada: Person) -> None:
    ada.goes_to("Overview")
    ada.follows("Plan a wave")
    ada.types("Name", "First wave")
    ada.page.locator("[name=deadline]").fill("2020-09-28")
    ada.looks_at("Waves")
    ada.presses("Plan the wave")
    for company in (BLUEBIRD, LUCIE):
        ada.page.get_by_role("checkbox", name=company).check()
    ada.looks_at("First wave")
    ada.presses("Put the chosen ones into the wave")
    ada.looks_at("First wave")
    ada.presses("Send the wave")
    ada.site.settle()
    ada.page.reload()
    ada.sees(ada.words("Letter delivered"))
    ada.looks_at("First wave")


def runs_the_bill(ada: Person) -> None:
    ada.goes_to("Bill runs", "menu")
    expect(ada.page.locator("[name=through]")).to_have_value(DUE.isoformat())
    ada.looks_at("Bill runs")
    ada.presses("Plan a bill run")
    ada.site.settle()
    ada.sees(LUCIE)
    ada.looks_at("Bill run")
    ada.presses("Approve and issue the invoices")
    ada.site.settle()
    ada.sees(ada.words("Invoiced"))
    ada.looks_at("Bill run")
    ada.follows(LUCIE)
    ada.sees("NOR-00000")
    ada.looks_at(LUCIE)


def looks_after_the_papers(ada: Person) -> None:
    ada.goes_to("What customers get")
    ada.looks_at("What customers get")
    ada.follows("Change it")
    ada.page.locator("[name=country]").select_option("FR")
    ada.page.locator("[name=vat_id]").fill("FR44732829320")
    ada.looks_at("Legal details")
    ada.presses("Keep them")
    ada.sees("FR44732829320")
    ada.goes_to("For the printer")
    ada.looks_at("For the printer")
    ada.goes_to("Waves")
    ada.page.get_by_role("link", name="First wave").click()
    ada.looks_at("First wave")
    ada.presses("Put them together for the printer")
    ada.site.settle()
    ada.sees(ada.words("Letters, {wave}").format(wave="First wave"))
    expect(ada.page.locator("main progress")).to_have_count(0)
    ada.looks_at("For the printer")


def looks_after_the_mail(ada: Person) -> None:
    """An address that mail comes back from waits for somebody."""
    with transaction.atomic():
        mail = Message.objects.filter(to="lucie@chez-lucie.example").latest("id")
        mark_address(message=mail, reason=MarkReason.BOUNCED, detail="550 5.1.1 no such mailbox", now=wall_now())
    ada.site.settle()
    ada.opens("/console/northwind/mail/")
    ada.sees("550 5.1.1 no such mailbox")
    ada.looks_at("Mail that needs someone")
    ada.page.get_by_role("link", name=ada.words("Let mail go there again")).click()
    ada.page.locator("[name=reason]").fill(ada.words("Telephone"))
    ada.presses("Clear the mark")
    ada.sees(ada.words("All mail went out"))


def looks_how_far_all_are(ada: Person) -> None:
    ada.goes_to("Waves")
    ada.follows("How far everyone is")
    ada.looks_at("How far everyone is")
    assert LUCIE in Path(ada.downloads("As CSV").path()).read_text()


def rewrites_the_letter(ada: Person) -> None:
    """The preview follows what is typed, and says what is wrong with it."""
    ada.goes_to("Waves")
    ada.follows("Words of the letters")
    ada.looks_at("Words of the letters")
    ada.page.locator("[href$='/letters/letter/en/']").click()
    ada.looks_at("Letter")
    ada.page.locator("[name=body]").fill("Dear **{company}**, log in with {mail} by {deadline}.")
    expect(ada.page.locator("#preview")).to_contain_text("{mail}")
    expect(ada.page.locator("#preview strong")).to_be_visible()
    ada.page.locator("[name=body]").fill("Dear **{company}**, log in with {email} by {deadline}.")
    expect(ada.page.locator("#preview")).to_contain_text("sam@fishandchips.example")
    ada.presses("Save")
    ada.sees("Ada")
