"""The demo's data: loaded once, into a real database, with accounts at a running sandbox."""

import json
from collections.abc import Iterator
from datetime import date

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import authenticate
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from comptoir.config.books import CHECKS
from comptoir.cutover.waves import waves
from comptoir.demo.cast import PASSWORD, STARTS_ON, VENDORS, Person
from comptoir.demo.load import load_if_empty, move_everybody, set_processors_clocks
from comptoir.identity.models import StaffMember
from comptoir.payments.queries import gateway_account
from comptoir.tenancy.models import AuditEntry, Company
from comptoir.tenancy.operations import set_business_date
from comptoir.tenancy.queries import vendor_by_slug, vendors
from tests.databases import Database
from tests.integration.cli.test_command import comptoir
from tests.integration.stripe_sandbox.conftest import Sandbox, free_port, start_sandbox


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    running = start_sandbox(tmp_path_factory.mktemp("sandbox"), free_port())
    yield running
    running.process.terminate()
    assert running.process.wait(timeout=15) == 0


@pytest.fixture
def loaded(fresh_database: Database, sandbox: Sandbox, settings: Settings) -> Database:
    settings.STRIPE_API_KEY, settings.STRIPE_API_BASE = "sk_test_story", sandbox.url
    load_if_empty()
    return fresh_database


def test_two_sandbox_vendors_stand_in_september_each_with_its_own_account(loaded: Database) -> None:
    made = vendors()

    assert [vendor.slug for vendor in made] == ["harbor", "northwind"]
    assert {vendor.business_date for vendor in made} == {STARTS_ON}
    accounts = {gateway_account(vendor.id) for vendor in made}
    assert None not in accounts
    assert len(accounts) == 2


def test_harbor_has_its_customers_and_northwind_waits_for_the_import(loaded: Database) -> None:
    numbers = Company.objects.order_by("number").values_list("vendor__slug", "number")

    assert list(numbers) == [("harbor", f"H-0{number}") for number in range(1, 7)]


@pytest.mark.parametrize("person", [person for vendor in VENDORS for person in vendor.team], ids=lambda who: who.email)
def test_everybody_of_the_teams_gets_in_with_the_printed_password_and_code(loaded: Database, person: Person) -> None:
    user = authenticate(None, email=person.email, password=PASSWORD)

    assert user is not None
    second_step = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    assert person.totp_secret not in str(second_step.data)
    assert second_step.wrap().validate_code(person.code())
    assert StaffMember.objects.get(user_id=user.pk).role == person.role


def test_harbors_waves_are_planned_from_a_picked_few_in_october_to_everyone_else_in_january(loaded: Database) -> None:
    planned = [
        (row.name, row.first_invoice_month.isoformat()[:7], row.companies)
        for row in waves(vendor_by_slug("harbor").id)[::-1]
    ]
    assert planned == [
        ("Pilot", "2020-10", 2),
        ("Monthly, by card", "2020-11", 1),
        ("Monthly", "2020-12", 1),
        ("Everyone else", "2021-01", 2),
    ]
    assert move_everybody() == {"northwind": Company.objects.filter(vendor__slug="northwind").count(), "harbor": 6}
    assert not Company.objects.filter(billed_since=None).exists()


def test_what_is_loaded_lives_through_its_first_month_and_the_books_hold(loaded: Database, sandbox: Sandbox) -> None:
    """As `comptoir demo --load-only` and then `comptoir simulate` do, at the processor's stand-in."""
    move_everybody()
    processor = {"STRIPE_API_KEY": "sk_test_story", "STRIPE_API_BASE": sandbox.url}

    lived = comptoir("simulate", "--months", "1", url=loaded.owner_url, **processor)

    assert (lived.returncode, lived.stderr) == (0, "")
    months = [line for line in lived.stdout.splitlines() if not line.startswith("holds ")]
    assert [line.split(":")[0] for line in months[:2]] == ["harbor, September 2020", "northwind, September 2020"]
    assert [line.split(": ")[1].split(" ")[0] != "0" for line in months[:2]] == [True, True], "each issues invoices"
    assert all(line.endswith(" 0 exceptions") for line in months[:2])
    assert not ProcrastinateJob.objects.filter(status="failed").exists()
    assert months[2:] == [f"{len(CHECKS)} of {len(CHECKS)} rules hold."]


def test_loading_again_changes_nothing(loaded: Database) -> None:
    before = (Company.objects.count(), StaffMember.objects.count(), AuditEntry.objects.count())
    accounts = [gateway_account(vendor.id) for vendor in vendors()]

    load_if_empty()

    assert (Company.objects.count(), StaffMember.objects.count(), AuditEntry.objects.count()) == before
    assert [gateway_account(vendor.id) for vendor in vendors()] == accounts


def test_the_processors_clock_follows_days_that_were_lived_without_it(loaded: Database, sandbox: Sandbox) -> None:
    northwind = vendor_by_slug("northwind")
    with transaction.atomic():
        set_business_date(vendor_id=northwind.id, day=date(2020, 11, 1))
    for _start in range(2):
        set_processors_clocks()
    told = sandbox.ask("GET", f"/sandbox/accounts/{gateway_account(northwind.id)}/clock")
    assert json.loads(told.text)["now"].startswith("2020-11-01T12:00:00")
