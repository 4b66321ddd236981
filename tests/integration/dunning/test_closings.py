"""The hour at which a company is closed out, when something has changed since it was planned."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.mail import EmailMultiAlternatives

from comptoir.access.operations import NewStanding, set_standings
from comptoir.access.queries import standings_of
from comptoir.catalog.models import Product
from comptoir.dunning import closings, deciding
from comptoir.dunning.calculation.hours import Day
from comptoir.dunning.hours import set_hours
from comptoir.dunning.models import Closing, Notice
from comptoir.dunning.pausing import hold
from comptoir.mailer.models import MarkedAddress, Message
from comptoir.tenancy.audit import Actor
from tests.factories import NOW, TESTS, issue_invoices, make_location, make_plan, make_subscription
from tests.integration.dunning.conftest import DUE, Work, live, state_of
from tests.integration.notices.conftest import World, bank_says, make_payment, save_method


def after(days: int) -> date:
    return DUE + timedelta(days=days)


def test_one_company_that_fails_holds_up_no_other(
    world: World, work: Work, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fails, other = (world.company(name, email=f"{name}@example.com") for name in ("first", "second"))
    issue_invoices(vendor=world.vendor)
    live(world, after(25), work=work)

    def refuse_one(wanted: Sequence[NewStanding], *, at: datetime, by: Actor) -> None:
        if wanted[0].company_id == fails.id:
            raise ValueError(fails.name)
        set_standings(wanted, at=at, by=by)

    monkeypatch.setattr(closings, "set_standings", refuse_one)
    live(world, after(26), work=work)

    assert (state_of(fails), state_of(other)) == ("warned", "suspended")
    assert f"nothing was closed to company {fails.id}" in caplog.text
    monkeypatch.undo()
    live(world, after(27), work=work)
    assert state_of(fails) == "suspended"


def test_what_is_closed_in_one_night_is_closed_and_told_at_once(
    world: World, work: Work, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    """A till has to wait for the night, and the office, which need not, waits with it."""
    company = world.company("Diner LLC", email="bills@diner.example")
    till = make_plan(vendor=world.vendor, name="NetPOS", price_minor=2_900)
    Product.objects.filter(id=till.product_id).update(code="netpos")
    make_subscription(company=company, plan=till)
    issue_invoices(vendor=world.vendor)
    live(world, after(26), work=work)
    first, second = Closing.objects.all()
    assert first.at == second.at == datetime(2020, 10, 27, 1, tzinfo=ZoneInfo("America/New_York"))
    assert sorted(row.state for row in standings_of(company.id)) == ["limited", "suspended"]
    (told,) = (mail for mail in mailoutbox if mail.subject.startswith("Access restricted"))
    assert all(row.product_name in told.body for row in standings_of(company.id))


def test_one_of_whom_nothing_can_be_decided_holds_up_no_other(
    world: World, work: Work, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fails, other = (world.company(name, email=f"{name}@example.com") for name in ("first", "second"))
    issue_invoices(vendor=world.vendor)
    live(world, after(17), work=work)

    def refuse_one(wanted: Sequence[NewStanding], *, at: datetime, by: Actor) -> None:
        if fails.id in {each.company_id for each in wanted}:
            raise ValueError(fails.name)
        set_standings(wanted, at=at, by=by)

    monkeypatch.setattr(deciding, "set_standings", refuse_one)
    live(world, after(18), work=work)
    assert (state_of(fails), state_of(other)) == ("good", "warned")
    assert f"nothing could be decided of company {fails.id}" in caplog.text
    monkeypatch.undo()
    live(world, after(19), work=work)
    assert state_of(fails) == "warned"


def test_what_its_notice_no_longer_proves_is_dropped_and_planned_anew_by_another(world: World, work: Work) -> None:
    company = world.company("Fish & Chips LLC")
    issue_invoices(vendor=world.vendor)
    issue_invoices(vendor=world.vendor, through=date(2020, 11, 1), issue_date=date(2020, 10, 17))
    live(world, after(50), work=work)
    hold(
        vendor_id=world.vendor.id, company_id=company.id, until=after(60), reason="They called.", actor=TESTS,
        today=after(50), now=NOW,
    )  # fmt: skip
    work()
    live(world, after(61), work=work)
    planned = Closing.objects.get(done_at=None)
    first, second = Notice.objects.filter(kind="final_notice").order_by("id")
    assert (state_of(company), planned.proof) == ("warned", first)

    Message.objects.filter(notice=first).update(returned_at=NOW)
    live(world, after(62), work=work)
    planned.refresh_from_db()
    assert planned.dropped_at is not None
    assert state_of(company) == "warned"
    live(world, after(63), work=work)
    assert state_of(company) == "suspended"
    assert Closing.objects.latest("id").proof == second


def test_a_store_that_never_closed_is_closed_out_once_somebody_enters_its_hours(world: World, work: Work) -> None:
    company = world.company("Diner LLC")
    store = make_location(company=company)
    never = {"vendor_id": world.vendor.id, "company_id": company.id, "store": store.public_id, "zone": "America/Denver"}
    set_hours(**never, usual=Day(time(6), time(6)), other={}, actor=TESTS)
    issue_invoices(vendor=world.vendor)
    live(world, after(30), work=work)
    assert Closing.objects.get().at is None
    assert state_of(company) == "warned"

    set_hours(**never, usual=Day(time(0), time(0)), other={2: None}, actor=TESTS)
    live(world, after(33), work=work)
    assert state_of(company) == "suspended"
    closed_at = Closing.objects.get().at
    assert closed_at is not None
    assert closed_at.astimezone(ZoneInfo("America/Denver")) == datetime(2020, 11, 3, tzinfo=ZoneInfo("America/Denver"))


def test_a_final_notice_that_was_kept_back_goes_on_paper(world: World, work: Work) -> None:
    company = world.company("Fish & Chips LLC", email="bills@fish.example")
    issue_invoices(vendor=world.vendor)
    live(world, after(16), work=work)
    message = Message.objects.latest("id")
    MarkedAddress.objects.create(
        vendor=world.vendor, address=message.to, reason="bounced", message=message, marked_at=NOW
    )

    live(world, after(18), work=work)

    notice = Notice.objects.get(kind="final_notice")
    assert notice.message is not None
    assert notice.message.held_at is not None
    assert notice.has_paper
    assert state_of(company) == "good"


def test_what_is_paid_meanwhile_goes_on_no_paper_and_holds_up_nobody(world: World, work: Work) -> None:
    company, other = (world.company(name, email=f"{name}@example.com") for name in ("paying", "other"))
    save_method(company, autopay=False)
    (own,) = (invoice for invoice in issue_invoices(vendor=world.vendor) if invoice.company_id == company.id)
    live(world, after(17), work=work)
    Message.objects.filter(notice__kind="final_notice", company=company).update(returned_at=NOW)
    payment = make_payment([own])
    bank_says(payment, "processing")

    live(world, after(26), work=work)

    assert not Notice.objects.get(company=company, kind="final_notice").has_paper
    assert state_of(other) == "suspended"
