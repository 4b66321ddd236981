"""What PostgreSQL refuses, whoever writes: closings without proof, messages twice, decisions twice."""

from collections.abc import Callable
from datetime import date, time, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from comptoir.dunning.models import (
    BrakeStop,
    Closing,
    Notice,
    NoticeItem,
    Pause,
    Policy,
    PolicyChoice,
    Step,
    StoreHours,
)
from comptoir.invoicing.models import Invoice
from comptoir.mailer.models import Message
from comptoir.tenancy.models import Company, Vendor
from tests.factories import NOW, TODAY, issue_invoices, make_location, make_vendor
from tests.integration.dunning.conftest import World
from tests.not_paying import final_notice, put_into_the_post

Refused = Callable[[Callable[[], Any]], None]
POSTED = TODAY - timedelta(days=20)


@pytest.fixture
def company(world: World) -> Company:
    return world.company("Fish & Chips LLC")


@pytest.fixture
def invoice(world: World, company: Company) -> Invoice:
    (issued,) = issue_invoices(vendor=world.vendor)
    return issued


def refused(act: Callable[[], Any]) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        act()


def at_commit(act: Callable[[], Any]) -> None:
    """Do it, with what is looked at when all of it is done."""
    act()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def close(company: Company, proof: Notice, **different: Any) -> Closing:
    """Plan to close the company's product today, on a notice of twenty days ago."""
    values: dict[str, Any] = {
        "vendor": company.vendor,
        "company": company,
        "product": company.subscriptions.get().plan.product,
        "effect": "suspend",
        "proof": proof,
        "proven_on": proof.sent_on + timedelta(days=5),
        "notice_days": 7,
        "decided_on": TODAY,
        "decided_at": NOW,
        "at": NOW,
    }
    return Closing.objects.create(**{**values, **different})


def test_a_day_of_a_stores_week_is_one_of_seven_has_both_times_or_none_and_comes_once(company: Company) -> None:
    hours = StoreHours.objects.create(
        location=make_location(company=company), zone="America/Chicago", opens=time(6), closes=time(23)
    )
    hours.days.create(weekday=7)
    refused(lambda: hours.days.create(weekday=7, opens=time(8), closes=time(20)))
    refused(lambda: hours.days.create(weekday=0))
    refused(lambda: hours.days.create(weekday=8))
    refused(lambda: hours.days.create(weekday=6, opens=time(8)))


def test_nothing_is_closed_without_a_final_notice_to_this_company_received_in_time(
    world: World, company: Company, invoice: Invoice
) -> None:
    proof = final_notice(company, invoice=invoice, posted_on=POSTED)
    other = world.company("Other LLC")
    letter: dict[str, Any] = {
        "vendor": world.vendor, "company": company, "kind": "final_notice", "sent_at": NOW, "has_paper": True,
    }  # fmt: skip
    early, unnamed = (
        Notice.objects.create(**letter, sent_on=POSTED - timedelta(days=days), closes_from=named)
        for days, named in ((2, TODAY + timedelta(days=1)), (3, None))
    )
    for each in (early, unnamed):
        put_into_the_post(each, on=POSTED)
    mild = Notice.objects.create(
        vendor=world.vendor, company=company, kind="reminder", sent_on=POSTED - timedelta(days=9), sent_at=NOW,
        has_paper=True,
    )  # fmt: skip
    put_into_the_post(mild, on=POSTED)
    unposted = Notice.objects.create(
        vendor=world.vendor, company=company, kind="final_notice", sent_on=POSTED - timedelta(days=1), sent_at=NOW,
        has_paper=True,
    )  # fmt: skip

    refused(lambda: close(other, proof, product=company.subscriptions.get().plan.product))
    refused(lambda: close(company, mild))
    refused(lambda: close(company, unposted))
    refused(lambda: close(company, proof, proven_on=POSTED))  # five days in the post
    refused(lambda: close(company, proof, notice_days=16))
    refused(lambda: close(company, proof, effect="never"))
    in_time = {"proven_on": POSTED + timedelta(days=5)}
    refused(lambda: close(company, early, **in_time))  # before the day that it named
    refused(lambda: close(company, unnamed, **in_time))  # it spoke of no closing
    planned = close(company, proof)
    refused(lambda: close(company, proof))  # planned once
    refused(lambda: Closing.objects.filter(id=planned.id).update(notice_days=1))
    refused(lambda: Closing.objects.filter(id=planned.id).update(done_at=NOW - timedelta(hours=1)))  # before its hour
    refused(lambda: Closing.objects.filter(id=planned.id).delete())
    Closing.objects.filter(id=planned.id).update(done_at=NOW)
    refused(lambda: Closing.objects.filter(id=planned.id).update(done_at=None))


def test_paper_is_posted_as_it_was_printed_comes_back_once_and_proves_nothing_then(
    world: World, company: Company, invoice: Invoice
) -> None:
    proof = final_notice(company, invoice=invoice, posted_on=POSTED)
    proof.refresh_from_db()
    letter: dict[str, Any] = {
        "vendor": world.vendor, "company": company, "kind": "final_notice", "sent_on": POSTED + timedelta(days=1),
        "sent_at": NOW, "has_paper": True,
    }  # fmt: skip
    posted: dict[str, Any] = {"posted_on": TODAY, "posted_by": "Nora"}
    returned: dict[str, Any] = {"paper_returned_on": TODAY, "paper_returned_by": "Nora"}
    other = Notice.objects.filter(id=Notice.objects.create(**letter).id)

    refused(lambda: Notice.objects.create(**{**letter, **posted, "sent_on": TODAY}))
    refused(lambda: other.update(**posted))  # never printed
    refused(lambda: other.update(printed_in=proof.printed_in_id, **posted))  # another letter was
    refused(lambda: other.update(**returned))  # never posted
    nowhere = world.company("Nowhere LLC")
    Company.objects.filter(id=nowhere.id).update(address_lines=[])
    refused(lambda: Notice.objects.create(**{**letter, "company": nowhere}))

    planned, sent = close(company, proof), Notice.objects.filter(id=proof.id)
    refused(lambda: sent.update(printed_in=None))
    refused(lambda: sent.update(**{**returned, "paper_returned_by": ""}))
    refused(lambda: sent.update(**{**returned, "paper_returned_on": POSTED - timedelta(days=1)}))
    sent.update(**returned)
    refused(lambda: Closing.objects.filter(id=planned.id).update(done_at=NOW))
    refused(lambda: sent.update(paper_returned_on=None, paper_returned_by=""))


def test_a_notice_that_came_back_meanwhile_or_an_open_stop_closes_nothing(
    world: World, company: Company, invoice: Invoice
) -> None:
    message = Message.objects.create(
        vendor=world.vendor, company=company, key="dunning:x", to="bills@fish.example", sender_name="Harbor",
        reply_to="a@b.example", subject="Pay", text="Pay", html="Pay", sending_at=NOW, sent_at=NOW,
    )  # fmt: skip
    mailed = Notice.objects.create(
        vendor=world.vendor, company=company, kind="final_notice", sent_on=POSTED, sent_at=NOW,
        sent_to="bills@fish.example", message=message, closes_from=TODAY,
    )  # fmt: skip
    sent = Notice.objects.filter(id=mailed.id)
    refused(lambda: sent.update(closes_from=TODAY + timedelta(days=1)))  # what was named stands
    refused(lambda: sent.update(closes_from=TODAY - timedelta(days=1), has_paper=True))
    planned = close(company, mailed)
    Message.objects.filter(id=message.id).update(returned_at=NOW)
    refused(lambda: Closing.objects.filter(id=planned.id).update(done_at=NOW))
    Message.objects.filter(id=message.id).update(returned_at=None)
    stop = BrakeStop.objects.create(vendor=world.vendor, day=TODAY, stopped_at=NOW)
    refused(lambda: BrakeStop.objects.create(vendor=world.vendor, day=TODAY, stopped_at=NOW))
    Closing.objects.filter(id=planned.id).update(stop=stop)
    refused(lambda: Closing.objects.filter(id=planned.id).update(done_at=NOW))
    refused(lambda: BrakeStop.objects.filter(id=stop.id).update(approved=True, decided_at=NOW))  # by nobody
    decided = {"approved": True, "decided_at": NOW, "decided_by": "Nora", "reason": "looked at"}
    BrakeStop.objects.filter(id=stop.id).update(**decided)
    refused(lambda: BrakeStop.objects.filter(id=stop.id).update(approved=False))
    Closing.objects.filter(id=planned.id).update(done_at=NOW)


def test_a_step_is_written_once_and_a_company_gets_one_message_a_day(
    world: World, company: Company, invoice: Invoice
) -> None:
    first = final_notice(company, invoice=invoice, posted_on=POSTED)
    refused(lambda: final_notice(company, invoice=invoice, posted_on=POSTED))
    refused(lambda: final_notice(company, invoice=invoice, posted_on=POSTED + timedelta(days=1)))
    item = NoticeItem.objects.get(notice=first)
    refused(lambda: NoticeItem.objects.filter(id=item.id).delete())
    refused(lambda: Notice.objects.filter(id=first.id).update(sent_on=TODAY))
    refused(lambda: Notice.objects.filter(id=first.id).update(posted_on=TODAY))  # posted once
    refused(lambda: Notice.objects.filter(id=first.id).update(closes_from=TODAY + timedelta(days=9)))
    refused(lambda: Notice.objects.filter(id=first.id).delete())
    refused(
        lambda: Notice.objects.create(vendor=world.vendor, company=company, kind="reminder", sent_on=TODAY, sent_at=NOW)
    )  # sent nowhere
    letter: dict[str, Any] = {
        "vendor": world.vendor, "company": company, "sent_on": TODAY, "sent_at": NOW, "has_paper": True,
    }  # fmt: skip
    refused(lambda: Notice.objects.create(**letter, kind="reminder", closes_from=TODAY + timedelta(days=8)))
    refused(lambda: Notice.objects.create(**letter, kind="final_notice", closes_from=TODAY))


def test_holds_promises_and_policies_are_whole_and_of_one_vendor(world: World, company: Company) -> None:
    whole: dict[str, Any] = {
        "vendor": world.vendor, "company": company, "kind": "hold", "until": TODAY, "reason": "because",
        "made_on": TODAY, "made_at": NOW, "made_by": "Nora",
    }  # fmt: skip
    for wrong in (
        {"kind": "promise"}, {"amount_minor": 5}, {"reason": ""}, {"until": date(2020, 1, 1)}, {"released_at": NOW},
        {"vendor": make_vendor()},
    ):  # fmt: skip
        refused(lambda wrong=wrong: Pause.objects.create(**{**whole, **wrong}))  # type: ignore[misc]
    held = Pause.objects.create(**whole)
    refused(lambda: Pause.objects.create(**whole))
    refused(lambda: Pause.objects.filter(id=held.id).update(until=TODAY + timedelta(days=99)))
    Pause.objects.filter(id=held.id).update(released_at=NOW, released_by="Nora")
    refused(lambda: Pause.objects.filter(id=held.id).update(released_at=None, released_by=""))

    usual = Policy.objects.get(vendor=world.vendor)
    assert [(step.kind, step.days) for step in usual.steps.order_by("days")] == [
        ("due_soon", -5), ("reminder", 3), ("firm_reminder", 10), ("final_notice", 17), ("suspension", 25),
        ("hand_over", 60),
    ]  # fmt: skip
    refused(lambda: at_commit(lambda: usual.steps.filter(kind="final_notice").delete()))
    untold = usual.steps.filter(kind__in=("final_notice", "suspension"))
    refused(lambda: at_commit(lambda: untold.delete()))  # handed over all the same
    other = Policy.objects.create(vendor=world.vendor, name="Other")
    refused(lambda: at_commit(lambda: other.steps.create(kind="hand_over", days=60)))
    refused(lambda: Policy.objects.create(vendor=world.vendor, is_usual=True))
    refused(lambda: PolicyChoice.objects.create(company=company, policy=Policy.objects.get(vendor=make_vendor())))
    refused(lambda: Step.objects.filter(policy=usual, kind="due_soon").update(days=2))
    refused(lambda: Step.objects.filter(policy=usual, kind="suspension").update(fee_minor=100))
    assert Vendor.objects.count() == Policy.objects.filter(is_usual=True).count()


def test_a_policy_of_earlier_days_that_suspends_without_a_final_notice_does_so_no_longer(world: World) -> None:
    settled = import_module("comptoir.dunning.migrations.0007_settled_policies").SETTLED
    policy = Policy.objects.get(vendor=world.vendor)
    sound = set(Step.objects.exclude(policy=policy).values_list("id", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE dunning_step DISABLE TRIGGER USER")
        policy.steps.filter(kind="final_notice").delete()
        cursor.execute("ALTER TABLE dunning_step ENABLE TRIGGER USER")
        cursor.execute(settled)
    assert set(policy.steps.values_list("kind", flat=True)) == {"due_soon", "reminder", "firm_reminder"}
    assert set(Step.objects.exclude(policy=policy).values_list("id", flat=True)) == sound
