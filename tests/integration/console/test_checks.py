"""The billing team's pages for checks: typing them in, accepting a match, and reading the bank's file."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from comptoir.payments.models import CheckDecision, Deposit, ReceivedCheck
from tests.databases import Database
from tests.integration.payments.checks.bank import PROFILE, bai2, csv
from tests.running import work
from tests.web import WebClient
from tests.worlds import World


def at(name: str, **parts: object) -> str:
    return reverse(f"console:{name}", kwargs={"vendor": "northwind", **parts})


def test_a_clerk_types_a_deposit_and_accepts_what_waits(web: WebClient, world: World, fresh_database: Database) -> None:
    web.force_login(world.nora)
    invoice = world.invoices[world.arches.name]
    opened = web.post(at("deposit_add"), {"deposited_on": "2020-09-16", "control_minor": "99.00", "control_count": "1"})
    deposit = Deposit.objects.get()
    assert opened["Location"] == at("deposit", deposit=deposit.id)
    here = at("deposit", deposit=deposit.id)

    web.post(here, {"amount_minor": "9.90", "number": "1041", "payer": "Arches Burgers"})
    assert web.post(at("deposit_close", deposit=deposit.id)).status_code == 302
    assert "does not tie out yet" in web.get(here).content.decode()
    wrong = ReceivedCheck.objects.get()
    web.post(at("deposit_remove", deposit=deposit.id, check=wrong.public_id))
    web.post(here, {"amount_minor": "99.00", "number": "1041", "payer": "Arches Burgers"})
    assert "It ties out." in web.get(here).content.decode()
    web.post(at("deposit_close", deposit=deposit.id))
    work()

    check = ReceivedCheck.objects.get()
    listed = web.get(at("checks")).content.decode()
    assert check.status == "waiting"
    assert "85 %" in listed
    assert f'name="invoice_{invoice.public_id}" value="99.00"' in listed
    web.post(
        at("check", check=check.public_id),
        {"company": str(world.arches.public_id), f"invoice_{invoice.public_id}": "99.00"},
    )
    work()
    check.refresh_from_db()
    invoice.balance.refresh_from_db()
    assert (check.status, check.matched_by, invoice.balance.open_minor) == ("applied", "Nora", 0)


def test_two_clerks_decide_one_check_once(web: WebClient, world: World, fresh_database: Database) -> None:
    web.force_login(world.nora)
    web.post(at("deposit_add"), {"deposited_on": "2020-09-16", "control_minor": "5", "control_count": "1"})
    web.post(at("deposit", deposit=Deposit.objects.get().id), {"amount_minor": "5", "payer": "J. Doe"})
    web.post(at("deposit_close", deposit=Deposit.objects.get().id))
    work()
    check = ReceivedCheck.objects.get()
    for company in (world.arches, world.bistro):
        answer = web.post(at("check", check=check.public_id), {"company": str(company.public_id)})
    assert "A colleague decided this check a moment ago" in answer.content.decode()
    assert CheckDecision.objects.get().company == world.arches


def test_a_bank_file_is_read_on_the_page(web: WebClient, world: World, fresh_database: Database) -> None:
    web.force_login(world.nora)
    content = bai2(("115", 9_900, "L1", "", ""), ("116", 9_900, "", "7", "ARCHES BURGERS LLC NOR-000001"))

    told = web.post(at("bank_file_upload"), {"file": SimpleUploadedFile("day.bai", content)})
    work()

    shown = web.get(told["Location"]).content.decode()
    assert "Invoice NOR-000001 is named." in shown
    again = web.post(at("bank_file_upload"), {"file": SimpleUploadedFile("day.bai", content)})
    assert "This file was read before" in again.content.decode()


def test_a_csv_profile_is_used_again(web: WebClient, world: World, fresh_database: Database) -> None:
    web.force_login(world.nora)
    for number, day in enumerate(("09/15/2020", "09/16/2020")):
        content = csv((day, "A", "CHK", str(number), "$10.00", "Somebody", ""))
        files = {"file": SimpleUploadedFile("bank.csv", content)}
        if not number:
            files["profile"] = SimpleUploadedFile("bank.toml", PROFILE.encode())
        assert web.post(at("bank_file_upload"), files).status_code == 302
    assert ReceivedCheck.objects.count() == 2


def test_what_the_bank_credited_over_another_total_is_tied_to_a_deposit_on_the_page(
    web: WebClient, world: World, fresh_database: Database
) -> None:
    web.force_login(world.nora)
    web.post(at("deposit_add"), {"deposited_on": "2020-09-16", "control_minor": "99.00", "control_count": "1"})
    ours = Deposit.objects.get()
    web.post(at("deposit", deposit=ours.id), {"amount_minor": "99.00", "number": "1041", "payer": "J. Doe"})
    web.post(at("deposit_close", deposit=ours.id))
    work()
    assert "The bank has not named this deposit yet" in web.get(at("deposit", deposit=ours.id)).content.decode()
    content = bai2(("301", 9_800, "DEP77", "", "BRANCH DEPOSIT"))
    web.post(at("bank_file_upload"), {"file": SimpleUploadedFile("day.bai", content)})
    told = Deposit.objects.latest("id")
    assert at("deposit_ours", deposit=told.id) in web.get(at("deposit", deposit=told.id)).content.decode()
    asked = web.get(at("deposit_ours", deposit=told.id)).content.decode()
    assert "Sep 16, 2020: $99.00, by Nora; difference -$1.00" in asked
    form = {"deposit": str(ours.id), "note": "The bank read 98.00 on Doe’s check."}
    said = web.post(at("deposit_ours", deposit=told.id), form, follow=True).content.decode()
    assert "The bank credited $98.00; that differs by -$1.00." in said
    assert "The bank read 98.00" in said
    assert "differs by -$1.00" in web.get(at("checks")).content.decode()
