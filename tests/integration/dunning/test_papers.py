"""Final notices on paper: what was printed, posted, kept back or brought back, and what of it proves anything."""

from datetime import date, timedelta

import pytest

from comptoir.documents.errors import NothingToPrint
from comptoir.dunning.errors import DunningRefused, NotDecidable
from comptoir.dunning.models import Notice
from comptoir.dunning.papers import note_came_back, note_posted
from comptoir.dunning.pausing import hold
from comptoir.dunning.queries import company_dunning, letters_to_post
from comptoir.mailer.models import Message
from comptoir.tenancy.models import Company
from comptoir.tenancy.queries import vendor as vendor_row
from comptoir.work.models import WorkItem
from tests.factories import NOW, TESTS, issue_invoices
from tests.integration.dunning.conftest import (
    DUE,
    Work,
    live,
    noon,
    notices_of,
    post_letters,
    print_letters,
    state_of,
)
from tests.integration.notices.conftest import World, bank_says, make_payment, save_method


def after(days: int) -> date:
    return DUE + timedelta(days=days)


def final_notice_of(company: Company) -> Notice:
    return Notice.objects.get(company=company, kind="final_notice")


def post(world: World, *, batch: int, seen: list[int], on: date) -> int:
    return note_posted(vendor=vendor_row(world.vendor.id), batch_id=batch, seen=seen, on=on, actor=TESTS)


def test_posted_is_what_was_printed_and_seen_not_what_was_written_or_came_back_meanwhile(
    world: World, work: Work
) -> None:
    mailed = world.company("Mailed LLC", email="bills@mailed.example")
    on_paper, later = (world.company(name, email="") for name in ("Paper LLC", "Later LLC"))
    issue_invoices(vendor=world.vendor)
    hold(
        vendor_id=world.vendor.id, company_id=later.id, until=after(17), reason="They called.", actor=TESTS,
        today=after(-20), now=NOW,
    )  # fmt: skip
    live(world, after(17), work=work)
    batch = print_letters(world.vendor, on=after(17), work=work)
    Message.objects.filter(notice=final_notice_of(mailed)).update(returned_at=NOW)
    live(world, after(18), work=work)
    assert final_notice_of(mailed).has_paper, "older than what was printed, and on paper since"

    everything = list(Notice.objects.values_list("id", flat=True))
    assert post(world, batch=batch, seen=everything, on=after(18)) == 3
    posted = Notice.objects.filter(posted_on=after(18)).order_by("id")
    assert [(notice.company, notice.kind) for notice in posted] == [
        (on_paper, "reminder"), (on_paper, "firm_reminder"), (on_paper, "final_notice"),
    ]  # fmt: skip
    assert Notice.objects.get(company=later).has_paper, "written after the others were printed"
    with pytest.raises(DunningRefused):
        post(world, batch=batch, seen=everything, on=after(18))

    live(world, after(31), work=work)
    assert (state_of(mailed), state_of(on_paper)) == ("good", "suspended")


def test_a_letter_that_the_post_brings_back_lets_in_at_once_and_has_somebody_call(world: World, work: Work) -> None:
    company = world.company("Moved Away LLC", email="")
    issue_invoices(vendor=world.vendor)
    live(world, after(17), work=work)
    post_letters(world.vendor, on=after(17), work=work)
    live(world, after(32), work=work)
    assert state_of(company) == "suspended"

    sent = final_notice_of(company).public_id
    told = {"vendor_id": world.vendor.id, "company_id": company.id, "public_id": sent, "actor": TESTS, "now": NOW}
    note_came_back(**told, on=after(32))
    work()
    assert state_of(company) == "good"
    assert WorkItem.objects.get(kind="reminder_to_call").company == company
    with pytest.raises(NotDecidable):
        note_came_back(**told, on=after(33))
    live(world, after(45), work=work)
    assert state_of(company) == "good", "nothing proves that it was told"
    found = company_dunning(company.id, vendor=vendor_row(world.vendor.id), on=after(45))
    assert found.coming == (), "and nothing is announced that cannot come"


def test_where_there_is_no_address_somebody_calls_and_nothing_is_proven(world: World, work: Work) -> None:
    nowhere = world.company("Nowhere LLC", email="")
    bounced = world.company("Bounced LLC", email="bills@bounced.example")
    Company.objects.filter(id__in=[nowhere.id, bounced.id]).update(address_lines=[])
    issue_invoices(vendor=world.vendor)
    live(world, DUE, work=work)
    assert not WorkItem.objects.filter(kind="reminder_to_call").exists(), "nothing is overdue yet"
    live(world, after(17), work=work)
    Message.objects.filter(notice=final_notice_of(bounced)).update(returned_at=NOW)
    live(world, after(40), work=work)

    assert notices_of(nowhere) == []
    assert not final_notice_of(bounced).has_paper
    assert (state_of(nowhere), state_of(bounced)) == ("good", "good")
    asked = WorkItem.objects.filter(kind="reminder_to_call", closed_at=None)
    assert {item.company for item in asked} == {nowhere, bounced}
    asked.update(closed_at=noon(after(40)), closed_by="Nora")
    live(world, after(46), work=work)
    assert not asked.exists(), "somebody has called these days"
    live(world, after(48), work=work)
    assert asked.count() == 2, "and there is no address yet"

    Company.objects.update(address_lines=["2 Oak Avenue", "Springfield, IL 62702"])
    live(world, after(49), work=work)
    assert notices_of(nowhere) == [("reminder", after(49))], "no step is left out"
    assert final_notice_of(bounced).has_paper


def test_what_is_paused_or_paid_is_neither_written_on_paper_nor_printed_nor_posted(world: World, work: Work) -> None:
    held, held_later, paid, plain, bounced = (
        world.company(name, email="bills@bounced.example" if name == "bounced" else "")
        for name in ("held", "held later", "paid", "plain", "bounced")
    )
    invoices = {invoice.company_id: invoice for invoice in issue_invoices(vendor=world.vendor)}
    live(world, after(17), work=work)
    Message.objects.filter(notice=final_notice_of(bounced)).update(returned_at=NOW)

    def stop(company: Company) -> None:
        hold(
            vendor_id=world.vendor.id, company_id=company.id, until=after(30), reason="They called.", actor=TESTS,
            today=after(17), now=NOW,
        )  # fmt: skip

    stop(held)
    stop(bounced)
    live(world, after(18), work=work)
    assert not final_notice_of(bounced).has_paper
    batch = print_letters(world.vendor, on=after(18), work=work)
    save_method(paid, autopay=False)
    bank_says(make_payment([invoices[paid.id]]), "processing")
    stop(held_later)
    waiting = letters_to_post(vendor=vendor_row(world.vendor.id), on=after(18))
    piles = {pile.batch.id if pile.batch else None: pile for pile in waiting}
    kept = {row.notice.company_name: row.kept_back for pile in piles.values() for row in pile.rows}
    assert kept == {"held": "paused", "held later": "paused", "paid": "paid", "plain": None}
    with pytest.raises(NothingToPrint):
        print_letters(world.vendor, on=after(18), work=work)

    everything = list(Notice.objects.values_list("id", flat=True))
    assert post(world, batch=batch, seen=everything, on=after(18)) == len(piles[batch].to_go)
    posted = Notice.objects.filter(kind="final_notice", posted_on__isnull=False)
    assert [notice.company for notice in posted] == [plain]
    live(world, after(31), work=work)
    assert final_notice_of(bounced).has_paper, "the hold is over"
    print_letters(world.vendor, on=after(31), work=work)
    assert final_notice_of(held_later).printed_in_id not in (None, batch), "printed anew, now that nothing keeps it"
