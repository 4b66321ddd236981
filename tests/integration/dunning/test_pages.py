"""What the team sees and does about who does not pay, and what the owner is told, over the web's own login."""

import re
import threading
from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.db import connections, transaction

from comptoir.access.operations import NewStanding, set_standings
from comptoir.access.queries import standings_of
from comptoir.access.reasons import Reason
from comptoir.documents.errors import NothingToPrint
from comptoir.documents.models import PrintBatch
from comptoir.dunning.models import BrakeStop, Closing, Notice, Pause, Policy, StepText, StoreHours
from comptoir.dunning.papers import print_unposted
from comptoir.dunning.policies import policies
from comptoir.dunning.running import run_dunning
from comptoir.inbox.models import Thread
from comptoir.subscriptions.models import Subscription
from comptoir.tenancy.models import AuditEntry, Vendor
from comptoir.tenancy.queries import vendor as vendor_row
from tests.databases import Database
from tests.factories import TESTS, make_plan, make_subscription
from tests.integration.dunning.conftest import DUE, noon
from tests.running import work as work_off
from tests.web import WebClient
from tests.worlds import World, make_world

FIRM = {"reminder:days": "3", "firm_reminder:days": "10", "final_notice:days": "17", "suspension:days": "25"}


@pytest.fixture
def world(fresh_database: Database) -> World:
    """Arches and Bistro, who do not pay; Bistro has no address."""
    return make_world()


@pytest.fixture
def web(fresh_database: Database, world: World) -> WebClient:
    client = WebClient(fresh_database)
    client.force_login(world.nora)
    return client


def live(world: World, *days: int) -> None:
    for day in (DUE + timedelta(days=each) for each in days):
        Vendor.objects.filter(id=world.northwind.id).update(business_date=day)
        run_dunning(vendor_id=world.northwind.id, on=day, now=noon(day))
        work_off()


def read(web: WebClient, path: str) -> str:
    answer = web.get(f"/console/northwind/{path}", follow=True)
    assert answer.status_code == 200, answer.status_code
    html = answer.content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def send(web: WebClient, path: str, **typed: str) -> str:
    answer = web.post(f"/console/northwind/{path}", typed, follow=True)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_the_team_follows_holds_promises_posts_and_an_owner_reads_why(world: World, web: WebClient) -> None:
    live(world, 3, 10, 17)
    said = read(web, "dunning/")
    assert "Arches Burgers LLC" in said
    assert "3 letters to post" in said
    assert "Bistro Verte" not in read(web, "dunning/?stage=final_notice&q=arches")
    assert "PDF" in read(web, "dunning/letters/")
    letter = Notice.objects.filter(company=world.bistro).latest("id").public_id
    assert web.get(f"/console/northwind/dunning/letters/{letter}/").content.startswith(b"%PDF")
    assert "Reminders" in send(web, "dunning/letters/print/")
    batch = PrintBatch.objects.latest("id").id
    shown = {"batch": str(batch), "letters": ",".join(map(str, Notice.objects.values_list("id", flat=True)))}
    assert "still being put together" in send(web, "dunning/letters/posted/", **shown)
    work_off()
    said = web.get("/console/northwind/dunning/letters/").content.decode()
    hidden = dict(re.findall(r'type="hidden" name="(batch|letters)" value="([^"]*)"', said))
    assert hidden["batch"] == shown["batch"]
    Notice.objects.filter(public_id=letter).update(printed_in=None)
    assert "Take out of what was printed: Bistro Verte" in read(web, "dunning/letters/")
    Notice.objects.filter(public_id=letter).update(printed_in=batch)
    assert "There is no reminder" in send(web, "dunning/letters/posted/", **{**hidden, "letters": "none,-1"})
    assert "3 letters are posted." in send(web, "dunning/letters/posted/", **hidden)
    back = f"companies/{world.bistro.public_id}/dunning/letters/{letter}/returned/"
    assert "It proves nothing any more" in read(web, back)
    assert "Noted" in send(web, back)
    assert "came back on" in read(web, f"companies/{world.bistro.public_id}/dunning/")
    assert "somebody has said before" in send(web, back)
    again = back.replace("/returned/", "/again/")
    assert "It is written once more about what is open then" in read(web, again)
    assert "It is written anew within the hour" in send(web, again)
    assert "To be given again, says Nora" in read(web, f"companies/{world.bistro.public_id}/dunning/")
    assert "given again already" in send(web, again)

    live(world, 18)
    assert "Given again since" in read(web, f"companies/{world.bistro.public_id}/dunning/")
    company = f"companies/{world.arches.public_id}/dunning/"
    said = read(web, company)
    assert "Final notice" in said
    assert "An invoice of" in said
    until = (DUE + timedelta(days=25)).isoformat()
    assert "On hold until that day is over." in send(web, f"{company}hold/", until=until, reason="They called")
    work_off()
    assert standings_of(world.arches.id)[0].state == "good"
    assert "They called" in read(web, company)
    hold = Pause.objects.get().public_id
    assert "It has ended" in send(web, f"{company}{hold}/release/", reason="A mistake")
    assert "Noted." in send(web, f"{company}promise/", amount="99.00", until=until, reason="By telephone, Anna")
    assert "between today and 90 days" in send(web, f"{company}hold/", until="2029-01-01", reason="For ever")
    store = world.arches.ownerships.get().location.public_id
    assert "There is no such time zone" in send(
        web, f"{company}hours/{store}/", zone="Mars", opens="6:00", closes="23:00"
    )
    hours = {"zone": "America/Denver", "opens": "06:00", "closes": "23:30", "closed_on": "1"}
    assert "Enter both times of a day, or none." in send(web, f"{company}hours/{store}/", **hours, opens_7="08:00")
    assert "Closed all day, or open" in send(web, f"{company}hours/{store}/", **hours, opens_1="08:00", closes_1="9:00")
    send(web, f"{company}hours/{store}/", **hours, opens_7="08:00", closes_7="20:00")
    assert StoreHours.objects.get().zone == "America/Denver"
    assert "06:00–23:30 Monday: closed Sunday: 08:00–20:00 America/Denver" in read(web, company)
    form = web.get(f"/console/northwind/{company}hours/{store}/").content.decode()
    assert re.search(r'name="opens_7" value="08:00"', form)
    assert re.search(r'name="closed_on" value="1"[^>]*checked', form)
    send(web, f"{company}hours/{store}/", zone="America/Denver", opens="06:00", closes="23:30")
    assert "06:00–23:30 America/Denver" in read(web, company)
    assert {"dunning held", "dunning released", "promise to pay noted", "store hours set", "reminders posted"} <= set(
        AuditEntry.objects.filter(actor_label="Nora").values_list("action", flat=True)
    )

    live(world, 26, 27)
    assert standings_of(world.arches.id)[0].state == "suspended", "the promise was not kept"
    stands, _sep, became = read(web, company).partition("How the standing changed")
    why = "An invoice of $99.00 has been due since Oct 1, 2020 and is not paid."
    assert f"{why} Since Wed, Oct 28, 2020, 1:30 AM EDT" in stands, "half past eleven in Denver"
    assert f"Suspended Enterprise Office {why} the policy" in became
    assert became.index("Suspended") < became.index("Payment needed") < became.index("Good standing"), "newest first"
    live(world, 61)
    assert "Arches Burgers LLC" in read(web, "dunning/hand-over/")
    rows = web.get("/console/northwind/dunning/hand-over/?as=csv").getvalue().decode()
    assert "books@arches.example" in rows
    web.force_login(world.anna)
    home = web.get(f"/c/{world.arches.public_id}/").content.decode()
    assert "Access to Enterprise Office is suspended" in home
    assert "Open to you" not in home, "it takes nothing else"
    assert "Access returns at once when you pay." in home
    page = f"/c/{world.arches.public_id}/access/"
    assert f'href="{page}"' in home
    history = web.get(page).content.decode().partition("How the standing changed")[2]
    came = [history.index(word) for word in ("Suspended", "Payment needed", "Good standing")]
    assert came == sorted(came), "suspended at last, warned before, and in good standing while it was held"
    assert "An invoice of" in history
    assert web.get(f"/c/{world.arches.public_id}/pay/").status_code == 200
    written = {"topic": "other_urgent", "subject": "Help", "text": "I cannot pay today.", "urgent": "on"}
    assert web.post(f"/c/{world.arches.public_id}/messages/new/", written).status_code == 302
    assert Thread.objects.get().company == world.arches, "who is locked out writes all the same"


def test_two_who_print_in_the_same_moment_print_each_letter_once(world: World, fresh_database: Database) -> None:
    live(world, 3)
    printed: list[int] = []

    def print_them() -> None:
        with fresh_database.as_owner(), suppress(NothingToPrint):
            printed.append(print_letters())
        connections.close_all()

    def print_letters() -> int:
        seller = vendor_row(world.northwind.id)
        return print_unposted(vendor=seller, title="Reminders", today=DUE + timedelta(days=3), actor=TESTS)

    second = threading.Thread(target=print_them)
    with transaction.atomic():
        printed.append(print_letters())
        second.start()
        fresh_database.wait_until_somebody_waits()
    second.join(20)
    assert list(PrintBatch.objects.values_list("id", flat=True)) == printed
    assert Notice.objects.get(has_paper=True).printed_in_id == printed[0]


def test_a_second_person_holds_or_lets_through_what_the_brake_stopped(world: World, web: WebClient) -> None:
    def stop(day: int) -> str:
        stopped = BrakeStop.objects.create(vendor=world.northwind, day=DUE + timedelta(days=day), stopped_at=noon(DUE))
        Closing.objects.filter(company=world.arches, done_at=None, dropped_at=None).update(stop=stopped)
        assert "Arches Burgers LLC" in read(web, "dunning/stops/")
        return f"dunning/stops/{stopped.public_id}"

    live(world, 3, 10, 17, 18, 25)
    page = stop(25)
    live(world, 26)
    assert standings_of(world.arches.id)[0].state == "warned", "it waits for a second person"
    assert "This field is required." in send(web, f"{page}/refuse/", reason=" ")
    assert "They are all on hold for a week." in send(web, f"{page}/refuse/", reason="They paid by check")
    work_off()
    assert standings_of(world.arches.id)[0].state == "good"
    assert "They paid by check" in read(web, "dunning/stops/")
    assert "Somebody has decided this already." in send(web, f"{page}/allow/", reason="All the same")

    live(world, 34)
    page = stop(34)
    assert "Allowed. It happens when stores are closed." in send(web, f"{page}/allow/", reason="No check came")
    work_off()
    assert standings_of(world.arches.id)[0].state == "warned", "not before"
    live(world, 35)
    assert standings_of(world.arches.id)[0].state == "suspended"


def test_an_owner_is_warned_of_the_first_day_of_all(world: World, web: WebClient) -> None:
    later, sooner = (make_plan(vendor=world.northwind, name=name).product_id for name in ("Backoffice", "Till"))
    overdue = {"amount_minor": 9_900, "currency": "USD", "due_on": "2020-10-01", "invoices": 1}
    days = {later: DUE + timedelta(days=30), sooner: DUE + timedelta(days=25)}
    wanted = [
        NewStanding(world.arches.id, product, "warned", Reason.OVERDUE, overdue, day) for product, day in days.items()
    ]
    set_standings(wanted, at=noon(DUE), by=TESTS)
    web.force_login(world.anna)

    def told(page: str) -> str:
        shown = web.get(f"/c/{world.arches.public_id}/{page}").content.decode()
        return " ".join(re.sub(r"<[^>]+>", " ", shown).split())

    for page in ("", "access/"):
        assert "Please pay before Oct 26, 2020 to keep access" in told(page)
    Vendor.objects.filter(id=world.northwind.id).update(business_date=days[sooner])
    for page in ("", "access/"):
        assert "Please pay now to keep access" in told(page), "that day, access may end at any hour"


def test_every_product_that_is_taken_is_named_with_its_standing(world: World, web: WebClient) -> None:
    web.force_login(world.anna)
    page = f"/c/{world.arches.public_id}/access/"
    good = web.get(page).content.decode()
    assert re.search(r"Enterprise Office.*Good standing.*always has been", good, re.DOTALL)
    assert "How the standing changed" not in good

    taken = world.arches.subscriptions.get().plan.product_id
    make_subscription(company=world.arches, plan=make_plan(vendor=world.northwind, name="Till"))
    later = make_plan(vendor=world.northwind, name="Later")
    begins = date(2999, 1, 1)
    Subscription.objects.create(
        vendor=world.northwind, company=world.arches, plan=later, anchor_day=1, starts_on=begins, billed_from=begins,
        billed_through=begins,
    )  # fmt: skip
    overdue = {"amount_minor": 9_900, "currency": "USD", "due_on": "2020-10-01", "invoices": 1}
    set_standings(
        [NewStanding(world.arches.id, taken, "suspended", Reason.OVERDUE, overdue, None)], at=noon(DUE), by=TESTS
    )
    shown = web.get(page).content.decode().partition("How the standing changed")[0]
    assert re.search(r"Enterprise Office.*Suspended.*Till.*Good standing.*always has been", shown, re.DOTALL)
    assert "Later" not in shown


def test_a_policy_is_looked_at_before_it_is_set_worded_and_chosen(world: World, web: WebClient) -> None:
    usual = Policy.objects.get(vendor=world.northwind, is_usual=True)
    page = f"dunning/policies/{usual.public_id}/"
    assert "5 days before the due date" in read(web, "dunning/policies/")
    shown = web.get(f"/console/northwind/{page}").content.decode()
    assert "Arches Burgers LLC" in shown
    settings = ("notice_days", "debit_restores", "most_companies", "most_percent", "least_overdue", "fee_product")
    assert all(f'name="{name}"' in shown for name in settings)
    product = world.arches.subscriptions.get().plan.product_id
    other = world.bistro.subscriptions.get().plan.product_id
    typed = {
        **FIRM,
        "notice_days": "9",
        "most_companies": "10",
        "most_percent": "50",
        f"product:{product}:effect": "limit",
        f"product:{product}:extra": "4",
        f"product:{other}:effect": "suspend",
    }
    assert "Firm reminder" in send(web, page, **typed, look="yes")
    assert policies(world.northwind.id)[0].notice_days == 7, "looked at, not set"
    wrong = {**typed, "firm_reminder:days": "2"}
    assert "in rising order" in send(web, page, **wrong)
    without = {**typed, "final_notice:days": ""}
    assert "Nobody is suspended without a final notice" in send(web, page, **without)
    handed = {**without, "suspension:days": "", "hand_over:days": "60"}
    assert "Nobody is handed over without a final notice" in send(web, page, **handed)
    assert "It counts from now on." in send(web, page, **typed)
    row = policies(world.northwind.id)[0]
    assert (row.notice_days, [step.days for step in row.steps]) == (9, [3, 10, 17, 25])
    assert row.rule_for(product, code="x").effect == "limit"
    assert AuditEntry.objects.get(action="dunning policy set").before["notice_days"] == 7

    words = f"{page}fr/reminder/"
    assert "ne sont pas encore arrivés" in read(web, words)
    assert "There is no {money}" in send(web, words, subject="{amount}", words="Payez {money}")
    send(web, words, subject="Payez {amount}", words="Cher client de {vendor},\n\npayez.")
    assert StepText.objects.get().language == "fr"

    send(web, "dunning/policies/add/", name="Exempt")
    exempt = next(row for row in policies(world.northwind.id) if row.name == "Exempt")
    nothing = dict.fromkeys(FIRM, "") | {"notice_days": "7"} | {k: v for k, v in typed.items() if "product" in k}
    send(web, f"dunning/policies/{exempt.public_id}/", **nothing)
    said = send(
        web, f"companies/{world.arches.public_id}/dunning/policy/", policy=str(exempt.id), reason="An old friend"
    )
    assert "Exempt" in said
    live(world, 3)
    assert set(Notice.objects.values_list("company__name", flat=True)) == {"Bistro Verte Inc"}
