"""What happens, day by day, to a company that does not pay, and to one that does in the end."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from django.core.mail import EmailMultiAlternatives
from django.db import transaction

from comptoir.access.queries import standing_history, standings_of
from comptoir.documents.models import StoredDocument
from comptoir.dunning.foreseeing import foresee
from comptoir.dunning.handing_over import handed_over
from comptoir.dunning.models import Closing, HandOver, Notice
from comptoir.dunning.pausing import hold, note_promise
from comptoir.dunning.policies import policies, set_policy
from comptoir.dunning.queries import company_dunning
from comptoir.inbox.operations import open_thread
from comptoir.mailer.models import Message
from comptoir.tenancy.audit import Actor
from comptoir.tenancy.models import Company, Vendor
from comptoir.tenancy.queries import vendor as vendor_row
from comptoir.work.models import WorkItem
from tests.factories import NOW, TESTS, issue_invoices
from tests.integration.dunning.conftest import DUE, Work, live, notices_of, post_letters, state_of, states_of
from tests.integration.notices.conftest import World, bank_says, make_payment, save_method

SAM = Actor(kind="customer", label="Sam", user_id=1)
Outbox = list[EmailMultiAlternatives]


def after(days: int) -> date:
    return DUE + timedelta(days=days)


def test_who_does_not_pay_is_reminded_step_by_step_suspended_at_night_and_back_at_once(
    world: World, work: Work, mailoutbox: Outbox
) -> None:
    company = world.company("Fish & Chips LLC", email="bills@fish.example")
    method = save_method(company, autopay=False)
    (invoice,) = issue_invoices(vendor=world.vendor)
    work()
    mailoutbox.clear()

    live(world, after(17), work=work, times=2)

    assert notices_of(company) == [
        ("due_soon", after(-5)), ("reminder", after(3)), ("firm_reminder", after(10)), ("final_notice", after(17)),
    ]  # fmt: skip
    assert [mail.subject for mail in mailoutbox] == [
        "$49.00 is due on Oct 1, 2020",
        "$49.00 is past due",
        "Second reminder: $49.00 is past due",
        "Final notice: access ends on Oct 26, 2020 unless $49.00 is paid",
    ]
    assert f"/c/{company.public_id}/pay/?invoice={invoice.public_id}" in mailoutbox[-1].body
    live(world, after(18), work=work)
    assert state_of(company) == "warned", "now that a server took the notice"
    (warned,) = standings_of(company.id)
    assert warned.warned_until == after(25)
    assert warned.why == "An invoice of $49.00 has been due since Oct 1, 2020 and is not paid."

    live(world, after(25), work=work)
    assert state_of(company) == "warned", "it waits for the night"
    closing = Closing.objects.get()
    assert closing.at == datetime(2020, 10, 27, 4, 0, tzinfo=UTC), "midnight in New York, where the vendor is"
    live(world, after(26), work=work)
    assert state_of(company) == "suspended"
    assert standing_history(company.id)[0].at == closing.at
    closed = mailoutbox.pop()
    assert closed.subject == f"Access restricted: {warned.product_name}"
    for said in ("Suspended", warned.why, "Access returns at once when you pay.", f"/c/{company.public_id}/"):
        assert said in closed.body

    payment = make_payment([invoice])
    bank_says(payment, "processing")
    work()
    assert state_of(company) == "good", "its bank has taken it on"
    restored = mailoutbox.pop()
    assert restored.subject == f"Access restored: {warned.product_name}"
    assert "A payment of $49.00 is on its way." in restored.body
    bank_says(payment, "succeeded", returned="R01")
    work()
    live(world, after(28), work=work)
    assert state_of(company) == "suspended", "it came back, and the notice was given long ago"
    again = make_payment([invoice])
    bank_says(again, "succeeded")
    work()
    assert state_of(company) == "good"
    assert standings_of(company.id)[0].why == "What was due is paid."
    assert states_of(company) == ["warned", "suspended", "good", "warned", "suspended", "good"]
    assert method.removed_at is None


def test_several_invoices_are_one_message_and_a_pause_moves_the_steps(
    world: World, work: Work, mailoutbox: Outbox
) -> None:
    company = world.company("Fish & Chips LLC", email="bills@fish.example")
    issue_invoices(vendor=world.vendor)
    issue_invoices(vendor=world.vendor, through=date(2020, 11, 1), issue_date=date(2020, 10, 17))
    work()
    live(world, after(9), work=work)
    hold(
        vendor_id=world.vendor.id, company_id=company.id, until=after(35), reason="They called.", actor=TESTS,
        today=after(9), now=NOW,
    )  # fmt: skip
    mailoutbox.clear()
    seller = vendor_row(world.vendor.id)

    live(world, after(35), work=work)
    assert mailoutbox == []
    live(world, after(36), work=work)

    (mail,) = mailoutbox
    assert mail.subject == "Second reminder: $98.00 is past due", "the older invoice's step, about both"
    live(world, after(44), work=work)
    (warned,), shown = standings_of(company.id), company_dunning(company.id, vendor=seller, on=after(44))
    assert warned.warned_until == dict(shown.coming)["suspension"] == after(51), "eight days, as the policy has it"
    live(world, after(60), work=work)
    assert notices_of(company)[2:] == [
        ("firm_reminder", after(36)), ("final_notice", after(43)), ("final_notice", after(50)),
    ]  # fmt: skip
    told = [mail.subject for mail in mailoutbox if mail.subject.startswith("Final notice")]
    assert told == ["Final notice: access ends on Nov 21, 2020 unless $98.00 is paid"] * 2, "the first day of all"
    suspended = next(change for change in standing_history(company.id) if change.state == "suspended")
    assert suspended.at == datetime(2020, 11, 22, 5, tzinfo=UTC), "not before the day that was named, and a night"


def test_the_day_that_was_named_stands_though_the_policy_becomes_stricter(world: World, work: Work) -> None:
    company = world.company("Fish & Chips LLC", email="bills@fish.example")
    issue_invoices(vendor=world.vendor)
    live(world, after(18), work=work)
    (usual,) = policies(world.vendor.id)
    steps = tuple(replace(step, days=18) if step.kind == "suspension" else step for step in usual.steps)
    with transaction.atomic():
        set_policy(vendor_id=world.vendor.id, wanted=replace(usual, steps=steps, notice_days=1), actor=TESTS)
    work()

    live(world, after(25), work=work)
    (warned,) = standings_of(company.id)
    assert [change.warned_until for change in standing_history(company.id)][-1] == after(25)
    assert (warned.state, Closing.objects.get().decided_on) == ("warned", after(25))
    live(world, after(26), work=work)
    assert state_of(company) == "suspended"


def test_a_final_notice_that_bounced_proves_nothing_until_it_was_posted_on_paper(world: World, work: Work) -> None:
    company = world.company("Fish & Chips LLC", email="bills@fish.example")
    issue_invoices(vendor=world.vendor)
    live(world, after(17), work=work)
    Message.objects.filter(notice__kind="final_notice").update(returned_at=NOW)

    live(world, after(40), work=work)

    assert state_of(company) == "good"
    notice = Notice.objects.get(kind="final_notice")
    assert notice.has_paper
    assert StoredDocument.objects.filter(reference=notice.paper).exists()
    assert post_letters(world.vendor, on=after(40), work=work) == 1
    live(world, after(51), work=work)
    assert state_of(company) == "warned"
    live(world, after(53), work=work)
    assert state_of(company) == "suspended", "five days in the post, seven of notice"


def test_who_has_no_address_gets_paper_is_handed_over_in_the_end_and_comes_off_the_list_by_paying(
    world: World, work: Work
) -> None:
    company = world.company("Fish & Chips LLC", email="")
    (invoice,) = issue_invoices(vendor=world.vendor)
    for weeks in range(1, 10):
        live(world, after(weeks * 7), work=work)
        last = Notice.objects.order_by("id").last()
        if last is not None and last.posted_on is None:
            post_letters(world.vendor, on=after(weeks * 7), work=work)

    assert [kind for kind, _day in notices_of(company)] == ["reminder", "firm_reminder", "final_notice"]
    assert state_of(company) == "suspended"
    assert HandOver.objects.get().ended_on is None
    assert WorkItem.objects.get(kind="hand_over").subject == f"company:{company.public_id}"
    found = company_dunning(company.id, vendor=vendor_row(world.vendor.id), on=after(63))
    assert found.coming == (), "neither suspended nor handed over twice"
    assert foresee(found.policy, vendor=vendor_row(world.vendor.id), today=after(63)).counts == ()

    save_method(company, autopay=False)
    payment = make_payment([invoice])
    bank_says(payment, "succeeded")
    work()
    assert state_of(company) == "good"
    assert HandOver.objects.get().ended_on == after(63)
    assert handed_over(world.vendor.id, on=after(63)) == []
    assert WorkItem.objects.get(kind="hand_over").closed_at is not None


def test_a_rest_below_what_the_policy_reminds_of_is_not_handed_over_and_takes_off_the_list(
    world: World, work: Work
) -> None:
    before, since, never = (world.company(name, email=f"{name}@example.com") for name in ("before", "since", "never"))
    (usual,) = policies(world.vendor.id)
    with transaction.atomic():
        wanted = replace(usual, least_overdue_minor=1_000, most_percent=100)
        set_policy(vendor_id=world.vendor.id, wanted=wanted, actor=TESTS)
    invoices = {invoice.company_id: invoice for invoice in issue_invoices(vendor=world.vendor)}

    def live_on(day: int) -> set[str]:
        Vendor.objects.filter(id=world.vendor.id).update(business_date=after(day - 1))
        world.vendor.refresh_from_db()
        live(world, after(day), work=work)
        return {row.name for row in handed_over(world.vendor.id, on=after(day))}

    def pay_but_a_little(company: Company) -> None:
        invoice = invoices[company.id]
        save_method(company, autopay=False)
        bank_says(make_payment([invoice], amounts={invoice.id: invoice.total_minor - 999}), "succeeded")
        work()

    for day in (3, 10, 17, 18):
        live_on(day)
    pay_but_a_little(before)
    assert [(row.state, row.why) for row in standings_of(before.id)] == [
        ("good", "Only $9.99 of what was due is open."),
    ]  # fmt: skip
    (policy,) = policies(world.vendor.id)
    rows = foresee(policy, vendor=vendor_row(world.vendor.id), today=after(18)).rows
    assert {row.company_name for row in rows} == {"since", "never"}, "nothing comes to who owes but a little"
    assert live_on(60) == {"since", "never"}
    assert company_dunning(before.id, vendor=vendor_row(world.vendor.id), on=after(60)).coming == ()
    pay_but_a_little(since)
    assert {row.name for row in handed_over(world.vendor.id, on=after(60))} == {"never"}
    assert WorkItem.objects.get(kind="hand_over", company=since).closed_at is not None
    assert live_on(61) == {"never"}
    assert state_of(never) == "suspended"


def test_promise_urgent_message_and_release(world: World, work: Work) -> None:
    promised = world.company("Promised LLC", email="bills@promised.example")
    urgent = world.company("Urgent LLC", email="bills@urgent.example")
    issue_invoices(vendor=world.vendor)
    live(world, after(20), work=work)
    note_promise(
        vendor_id=world.vendor.id, company_id=promised.id, amount_minor=4_900, until=after(40), reason="By telephone",
        actor=TESTS, today=after(20), now=NOW,
    )  # fmt: skip
    open_thread(
        vendor=vendor_row(world.vendor.id), company_id=urgent.id, topic="other_urgent", subject="Help",
        text="My store burnt down.", urgent=True, actor=SAM, now=NOW,
    )  # fmt: skip
    work()

    assert (state_of(promised), state_of(urgent)) == ("good", "warned")
    live(world, after(40), work=work)
    assert (state_of(promised), state_of(urgent)) == ("good", "warned")
    live(world, after(42), work=work)
    assert (state_of(promised), state_of(urgent)) == ("suspended", "warned"), "the promise was not kept"


def test_nobody_is_dunned_for_less_than_can_be_paid(world: World, work: Work) -> None:
    company = world.company("Fish & Chips LLC", email="bills@fish.example")
    save_method(company, autopay=False)
    (invoice,) = issue_invoices(vendor=world.vendor)
    bank_says(make_payment([invoice], amounts={invoice.id: invoice.total_minor - 30}), "succeeded")
    (usual,) = policies(world.vendor.id)
    assert foresee(usual, vendor=vendor_row(world.vendor.id), today=after(-10)).total == 0
    live(world, after(40), work=work)
    assert notices_of(company) == []
    assert state_of(company) == "good"
