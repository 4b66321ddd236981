"""Letters that do not go out as they were written: rewritten while they wait, given again when they came back."""

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, transaction

from comptoir.catalog.models import Product
from comptoir.documents.errors import NothingToPrint
from comptoir.documents.models import StoredDocument
from comptoir.dunning.errors import DunningRefused, NotDecidable
from comptoir.dunning.models import Notice, NoticeItem
from comptoir.dunning.papers import ask_again, note_came_back, note_posted, received_on
from comptoir.dunning.pausing import hold
from comptoir.dunning.policies import add_policy, choose_policy, policies, set_policy
from comptoir.dunning.queries import company_dunning, letters_to_post
from comptoir.mailer.models import Message
from comptoir.tenancy.models import Company
from comptoir.tenancy.queries import vendor as vendor_row
from tests.factories import NOW, TESTS, issue_invoices, make_company, make_vendor
from tests.integration.dunning.conftest import DUE, Work, live, post_letters, print_letters, state_of
from tests.integration.notices.conftest import World, bank_says, make_payment, save_method
from tests.unit.documents.reading import pages_of


def after(days: int) -> date:
    return DUE + timedelta(days=days)


def final_notices(company: Company) -> list[Notice]:
    return list(Notice.objects.filter(company=company, kind="final_notice").order_by("id"))


def words_of(notice: Notice) -> str:
    """Return what stands on a letter's paper."""
    return " ".join(pages_of(bytes(StoredDocument.objects.get(reference=notice.paper).content)))


def test_a_final_notice_that_the_post_brought_back_is_given_again_with_a_day_and_a_proof_of_its_own(
    world: World, work: Work
) -> None:
    company = world.company("Moved LLC", email="")
    (invoice,) = issue_invoices(vendor=world.vendor)
    live(world, after(17), work=work)
    post_letters(world.vendor, on=after(17), work=work)
    (first,) = final_notices(company)
    about = {"vendor_id": world.vendor.id, "company_id": company.id, "public_id": first.public_id, "actor": TESTS}
    with pytest.raises(NotDecidable):
        ask_again(**about)
    again = {"notice": first, "invoice": invoice, "kind": "final_notice", "open_minor": 1, "nth": 2}
    for _since in ("before it came back", "before somebody asked for it"):
        with pytest.raises(DatabaseError), transaction.atomic():
            NoticeItem.objects.create(**again)
        if not Notice.objects.filter(id=first.id, paper_returned_on=None).exists():
            break
        note_came_back(**about, on=after(30), now=NOW)
    live(world, after(40), work=work)
    assert (len(final_notices(company)), state_of(company)) == (1, "good")

    ask_again(**about)
    with pytest.raises(NotDecidable):
        ask_again(**about)
    live(world, after(41), work=work, times=2)
    _first, second = final_notices(company)
    assert (second.sent_on, second.closes_from) == (after(41), after(41 + 5 + 7))
    (shown, before, *_milder) = company_dunning(company.id, vendor=vendor_row(world.vendor.id), on=after(41)).notices
    assert (shown.may_be_given_again, before.was_given_again) == (False, True)
    post_letters(world.vendor, on=after(41), work=work)
    live(world, after(53), work=work)
    assert state_of(company) == "warned"
    live(world, after(54), work=work)
    assert state_of(company) == "suspended"


def test_what_waited_says_what_is_so_when_it_is_printed(world: World, work: Work) -> None:
    held = world.company("Held LLC", email="")
    (invoice,) = issue_invoices(vendor=world.vendor)
    live(world, after(17), work=work)
    (notice,) = final_notices(held)
    assert notice.closes_from == after(17 + 5 + 7)
    assert "$49.00" in words_of(notice)
    hold(
        vendor_id=world.vendor.id, company_id=held.id, until=after(30), reason="They called.", actor=TESTS,
        today=after(17), now=NOW,
    )  # fmt: skip
    save_method(held, autopay=False)
    bank_says(make_payment([invoice], amounts={invoice.id: 1_000}), "succeeded")
    live(world, after(31), work=work, times=2)

    (anew,) = final_notices(held)
    assert anew.closes_from == after(31 + 5 + 7)
    assert "$39.00" in words_of(anew)
    assert "$49.00" not in words_of(anew)
    assert "Nov 13, 2020" in words_of(anew)
    kept = StoredDocument.objects.filter(company=held, reference__startswith=f"reminder:{anew.public_id}").count()
    assert kept == 2, "not a third, which would say the same"
    assert post_letters(world.vendor, on=after(31), work=work) == 3


def test_a_final_notice_that_lay_printed_until_its_day_is_near_is_not_posted_but_written_anew(
    world: World, work: Work
) -> None:
    company, paid = (world.company(name, email="") for name in ("Late LLC", "Paid LLC"))
    invoices = {invoice.company_id: invoice for invoice in issue_invoices(vendor=world.vendor)}
    live(world, after(17), work=work)
    batch, seller = print_letters(world.vendor, on=after(17), work=work), vendor_row(world.vendor.id)
    (notice,) = final_notices(company)
    near = after(24)
    with pytest.raises(DatabaseError, match="before the post does"), transaction.atomic():
        Notice.objects.filter(id=notice.id).update(posted_on=near, posted_by="Nora")
    with pytest.raises(DunningRefused):
        note_posted(vendor=seller, batch_id=batch, seen=[notice.id], on=near, actor=TESTS)

    save_method(paid, autopay=False)
    bank_says(make_payment([invoices[paid.id]]), "succeeded")
    live(world, near, work=work)
    (anew,) = final_notices(company)
    assert (anew.printed_in, anew.closes_from) == (None, after(24 + 5 + 7))
    lost = [
        ("Late LLC", "final_notice"),
        *(("Paid LLC", kind) for kind in ("reminder", "firm_reminder", "final_notice")),
    ]

    def to_take_out() -> list[list[tuple[str, str]]]:
        piles = letters_to_post(vendor=seller, on=near)
        return [[(sheet.name, sheet.kind) for sheet in pile.take_out] for pile in piles]

    assert to_take_out() == [[], lost], "of what is to be printed, and of what was"
    assert post_letters(world.vendor, on=near, work=work) == 1
    assert to_take_out() == [lost], "they are in the stack still"
    everything = list(Notice.objects.values_list("id", flat=True))
    assert note_posted(vendor=seller, batch_id=batch, seen=everything, on=near, actor=TESTS) == 2
    assert to_take_out() == []
    live(world, after(36), work=work)
    assert state_of(company) == "warned"
    live(world, after(37), work=work)
    assert state_of(company) == "suspended"
    with pytest.raises(NothingToPrint):
        print_letters(world.vendor, on=after(37), work=work)


def test_a_letter_has_days_to_be_posted_however_short_the_policys_notice(world: World, work: Work) -> None:
    company = world.company("Hasty LLC", email="")
    (usual,) = policies(world.vendor.id)
    steps = tuple(replace(step, days=18) if step.kind == "suspension" else step for step in usual.steps)
    with transaction.atomic():
        set_policy(vendor_id=world.vendor.id, wanted=replace(usual, steps=steps, notice_days=1), actor=TESTS)
    issue_invoices(vendor=world.vendor)
    live(world, after(21), work=work)
    (notice,) = final_notices(company)
    assert notice.closes_from == after(17 + 5 + 5), "as it was written, four days ago"
    assert post_letters(world.vendor, on=after(21), work=work) == 3
    live(world, after(27), work=work)
    assert state_of(company) == "warned"
    live(world, after(28), work=work)
    assert state_of(company) == "suspended"


def test_who_was_told_by_mail_is_suspended_on_the_day_that_it_named_though_nobody_posts_the_paper(
    world: World, work: Work
) -> None:
    company = world.company("Both LLC", email="bills@both.example")
    (usual,) = policies(world.vendor.id)
    steps = tuple(replace(step, on_paper_too=step.kind == "final_notice") for step in usual.steps)
    with transaction.atomic():
        set_policy(vendor_id=world.vendor.id, wanted=replace(usual, steps=steps), actor=TESTS)
    (invoice,) = issue_invoices(vendor=world.vendor)
    live(world, after(20), work=work)
    (notice,) = final_notices(company)
    assert (notice.has_paper, notice.closes_from) == (True, after(17 + 5 + 7))
    with pytest.raises(DatabaseError, match="named stands"), transaction.atomic():
        Notice.objects.filter(id=notice.id).update(closes_from=after(40))
    save_method(company, autopay=False)
    bank_says(make_payment([invoice], amounts={invoice.id: 1_000}), "succeeded")

    live(world, after(28), work=work, times=2)
    (near,) = final_notices(company)
    assert near.closes_from == notice.closes_from
    assert "$39.00" in words_of(near)
    assert "Oct 30, 2020" in words_of(near)
    live(world, after(29), work=work)
    assert state_of(company) == "warned"
    live(world, after(40), work=work)
    assert state_of(company) == "suspended"
    (still,) = final_notices(company)
    assert (still.closes_from, still.paper) == (near.closes_from, near.paper)
    assert post_letters(world.vendor, on=after(40), work=work) == 1, "there is no hurry with it"


def test_nobody_gets_on_paper_what_nobody_is_reminded_of_any_more(world: World, work: Work) -> None:
    exempt, moved, owing = (world.company(f"{name} LLC", email="") for name in ("Exempt", "Moved", "Owing"))
    issue_invoices(vendor=world.vendor)
    live(world, after(17), work=work)
    batch, seller = print_letters(world.vendor, on=after(17), work=work), vendor_row(world.vendor.id)
    (came_back,) = final_notices(moved)
    note_posted(vendor=seller, batch_id=batch, seen=[came_back.id], on=after(17), actor=TESTS)
    about = {"vendor_id": world.vendor.id, "company_id": moved.id, "public_id": came_back.public_id, "actor": TESTS}
    note_came_back(**about, on=after(17), now=NOW)
    ask_again(**about)
    group = add_policy(vendor_id=world.vendor.id, name="Exempt", actor=TESTS)
    row = next(row for row in policies(world.vendor.id) if row.public_id == group)
    with transaction.atomic():
        set_policy(vendor_id=world.vendor.id, wanted=replace(row, steps=()), actor=TESTS)
    for company in (exempt, moved):
        choose_policy(vendor_id=world.vendor.id, company_id=company.id, policy_id=row.id, actor=TESTS, reason="agreed")

    live(world, after(25), work=work)
    assert len(final_notices(moved)) == 1, "given again to nobody who is exempt"
    assert [each.closes_from for each in final_notices(exempt)] == [after(29)], "nor written anew"
    assert [each.closes_from for each in final_notices(owing)] == [after(24 + 5 + 7)]

    def kept_back() -> set[tuple[str, str | None]]:
        piles = letters_to_post(vendor=seller, on=after(25))
        return {(row.notice.company_name, row.kept_back) for pile in piles for row in pile.rows}

    assert kept_back() == {("Exempt LLC", "spared"), ("Moved LLC", "spared"), ("Owing LLC", None)}
    usual = next(row for row in policies(world.vendor.id) if row.is_usual)
    with transaction.atomic():
        set_policy(vendor_id=world.vendor.id, wanted=replace(usual, least_overdue_minor=5_000), actor=TESTS)
    assert {why for _company, why in kept_back()} == {"spared"}
    with pytest.raises(NothingToPrint):
        print_letters(world.vendor, on=after(25), work=work)


def test_a_reminder_that_costs_something_says_how_much(world: World, work: Work) -> None:
    for language in ("en", "fr", "es"):
        world.company(f"Company {language}", email=f"{language}@example.com", language=language)
    (usual,) = policies(world.vendor.id)
    steps = tuple(replace(step, fee_minor=500 * (step.kind == "reminder")) for step in usual.steps)
    product_id = Product.objects.values_list("id", flat=True).get(vendor=world.vendor)
    with transaction.atomic():
        set_policy(
            vendor_id=world.vendor.id, wanted=replace(usual, steps=steps, fee_product_id=product_id), actor=TESTS
        )
    issue_invoices(vendor=world.vendor)
    live(world, after(10), work=work)
    said = {
        (notice.company.language, "5.00" in notice.message.text or "5,00" in notice.message.text, notice.kind)
        for notice in Notice.objects.select_related("company", "message")
        if notice.message and notice.charge_id
    }
    assert said == {("en", True, "reminder"), ("fr", True, "reminder"), ("es", True, "reminder")}


def test_a_mail_counts_from_the_day_on_which_the_recipients_server_took_it(db: None) -> None:
    vendor = make_vendor(business_date=None)
    company = make_company(vendor=vendor)
    message = Message.objects.create(
        vendor=vendor, company=company, key="dunning:x", to="bills@fish.example", sender_name="Harbor",
        reply_to="a@b.example", subject="Pay", text="Pay", html="Pay", sending_at=NOW, sent_at=NOW,
    )  # fmt: skip
    notice = Notice.objects.create(
        vendor=vendor, company=company, kind="final_notice", sent_on=NOW.date(), sent_at=NOW, sent_to=message.to,
        message=message, closes_from=NOW.date() + timedelta(days=8),
    )  # fmt: skip
    sent, zone = Message.objects.filter(id=message.id), ZoneInfo(vendor.time_zone)

    def days_later(days: int) -> date:
        return max(NOW.date(), (NOW + timedelta(days=days)).astimezone(zone).date())

    assert received_on(notice.id) == days_later(0), "when the provider took it, for want of more"
    sent.update(delivered_at=NOW + timedelta(days=3))
    assert received_on(notice.id) == days_later(3)
    sent.update(returned_at=NOW + timedelta(days=4))
    assert received_on(notice.id) is None
