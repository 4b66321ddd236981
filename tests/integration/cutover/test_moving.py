"""What becomes of a wave: stopped, killed, gone on, taken back; letters that come back; reminders; own words."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.core import mail
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from comptoir.config.books import check_books
from comptoir.customers.models import Contact, Location, Member, StoreVerification
from comptoir.cutover import letter_texts, planning, running, writing
from comptoir.cutover.company_list import CompanyFilter, public_ids
from comptoir.cutover.errors import LetterRefused, NotInWave, TextChanged, UnableToTakeBack, WaveChanged, WaveRefused
from comptoir.cutover.feed import moved_feed
from comptoir.cutover.funnel import steps_missing
from comptoir.cutover.models import LegacyCompany, LegacyImport, Letter, Move
from comptoir.cutover.moving import move_ids_to_carry_out
from comptoir.cutover.tasks import letters_came_back, send_letter_again
from comptoir.cutover.waves import wave as wave_row
from comptoir.invoicing.bill_runs import approve_bill_run, divide, issue_parts, plan_parts, request_bill_run
from comptoir.invoicing.models import Invoice
from comptoir.kit.events import Happened
from comptoir.kit.models import Event
from comptoir.mailer.handing_over import hand_over
from comptoir.mailer.marking import mark_address
from comptoir.mailer.models import MarkReason, Message
from comptoir.notices.own_words import Words
from comptoir.tenancy.models import Company
from comptoir.tenancy.operations import set_business_date
from comptoir.work.models import WorkItem
from tests.factories import NOW, TODAY, issue_invoices, make_company, make_location
from tests.integration.cutover.office import (
    DEADLINE,
    OCTOBER,
    Office,
    an_old_invoice_comes_in,
    funnel,
    move_all,
    put_on_paper,
    sent_wave,
    work,
)
from tests.ways_to_pay import way_to_pay
from tests.web import WebClient


def comes_back(office: Office, address: str) -> None:
    """Let mail to an address come back, and the worker hear of it."""
    message = Message.objects.filter(to=address).latest("id")
    with transaction.atomic():
        mark_address(message=message, reason=MarkReason.BOUNCED, detail="no such mailbox", now=NOW)
    work()


def last_event(name: str) -> Happened:
    event = Event.objects.filter(name=name).latest("id")
    return Happened(event.id, event.name, event.topic, event.vendor_id, event.company_id, event.data)


def test_a_stopped_wave_moves_nobody_until_it_goes_on_and_what_is_in_the_way_of_one_holds_up_no_other(
    office: Office,
) -> None:
    wave_id = sent_wave(office)
    with office.door():
        running.stop_wave(vendor_id=office.vendor.id, wave_id=wave_id, actor=office.actor, now=NOW)
        with pytest.raises(WaveRefused, match="not under way"):
            running.stop_wave(vendor_id=office.vendor.id, wave_id=wave_id, actor=office.actor, now=NOW)
    move_all(wave_id)
    assert not Company.objects.exclude(billed_since=None).exists()
    assert not Message.objects.exists()

    an_old_invoice_comes_in(office.arches)
    with office.door():
        running.continue_wave(vendor_id=office.vendor.id, wave_id=wave_id, actor=office.actor)
    move_all(wave_id)
    found = funnel(office, wave_id)
    assert "comparison of its next invoice with the old system’s last is missing" in found["Arches"].problem
    assert (found["Arches"].moved_on, found["Bistro"].moved_on) == (None, TODAY)
    with office.door():
        row = wave_row(vendor_id=office.vendor.id, wave_id=wave_id)
    assert (row.moved, row.stuck, row.status) == (1, 1, "sent")
    assert move_ids_to_carry_out(wave_id) == [], "not tried again before somebody has looked"


def test_killed_at_any_point_nobody_is_forgotten_and_nothing_goes_out_twice_by_itself(
    office: Office, settings: Settings
) -> None:
    wave_id = sent_wave(office)
    first, second = move_ids_to_carry_out(wave_id)
    move_all(wave_id)  # and once more, as a worker does that was killed after the commit
    move_all(wave_id)
    assert [first, second] == list(Move.objects.order_by("id").values_list("id", flat=True))
    arches, bistro = Message.objects.order_by("id")
    assert ProcrastinateJob.objects.filter(task_name="mailer.deliver").count() == 2

    settings.EMAIL_BACKEND = "tests.integration.mailer.backends.KilledAfterSending"
    with pytest.raises(KeyboardInterrupt):
        hand_over(message_id=arches.id, now=NOW)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    for _time in range(2):
        for message in (arches, bistro):
            hand_over(message_id=message.id, now=NOW)
    assert sorted(sent.to[0] for sent in mail.outbox) == ["books@arches.example", "books@bistro.example"]
    found = funnel(office, wave_id)
    assert (found["Arches"].letter, found["Bistro"].letter) == ("in_doubt", "sent"), "a person decides on the first"
    assert "delivered" in found["Bistro"].stages


def test_who_is_taken_back_is_not_called_and_the_feed_says_on_which_day_where_the_vendor_is(office: Office) -> None:
    wave_id = sent_wave(office)
    Contact.objects.filter(company=office.arches).delete()
    Company.objects.filter(id=office.arches.id).update(address_lines=[])
    move_all(wave_id)
    assert WorkItem.objects.filter(kind="letter_to_call", closed_at=None).exists()
    evening = datetime(2020, 9, 18, 1, 30, tzinfo=UTC)  # the 17th, where the vendor is
    with office.door():
        running.take_back(
            vendor_id=office.vendor.id,
            company_public_id=office.arches.public_id,
            reason="asked for time",
            actor=office.actor,
            now=evening,
        )
    assert not WorkItem.objects.filter(kind="letter_to_call", closed_at=None).exists()
    assert {row[6] for row in moved_feed(vendor_id=office.vendor.id)} == {"", "2020-09-17"}
    back = date(2020, 9, 17)
    assert [row[1] for row in moved_feed(vendor_id=office.vendor.id, since=back)] == ["Arches"], (
        "moved on the day before"
    )
    assert not list(moved_feed(vendor_id=office.vendor.id, since=date(2020, 9, 18)))


def test_who_has_no_invoice_yet_goes_back_and_may_be_moved_later(office: Office, web: WebClient) -> None:
    wave_id = sent_wave(office)
    move_all(wave_id)
    with transaction.atomic():
        planned = request_bill_run(vendor_id=office.vendor.id, through=OCTOBER, issue_date=TODAY, actor=office.actor)
    divide(run_id=planned)
    plan_parts(run_id=planned, now=NOW)
    back = {"company_public_id": office.arches.public_id, "reason": "asked for time", "actor": office.actor, "now": NOW}
    with office.door():
        running.take_back(vendor_id=office.vendor.id, **back)  # type: ignore[arg-type]
        with pytest.raises(NotInWave):
            running.take_back(vendor_id=office.vendor.id, **back)  # type: ignore[arg-type]
    with office.door():
        approve_bill_run(run_id=planned, today=TODAY, actor=office.actor, now=NOW)
    issue_parts(run_id=planned, now=NOW)
    assert list(Invoice.objects.values_list("company__name", flat=True)) == ["Bistro"], "the run was planned before"
    with office.door(), pytest.raises(UnableToTakeBack, match="Bistro"):
        running.take_back(
            vendor_id=office.vendor.id,
            **{**back, "company_public_id": office.bistro.public_id},  # type: ignore[arg-type]
        )
    web.force_login(Member.objects.get(company=office.arches).user)
    assert web.get(f"/c/{office.arches.public_id}/").status_code == 200, "whoever has a login still gets in"
    assert {(row[1], bool(row[6])) for row in moved_feed(vendor_id=office.vendor.id)} == {
        ("Arches", True),
        ("Bistro", False),
    }
    assert check_books() == []

    again = office.plan_wave(office.arches, name="November")
    office.send(again)
    move_all(again)
    assert list(Letter.objects.filter(move__company=office.arches).values_list("reference", flat=True)) == [
        f"cutover-letter:{office.arches.public_id}",
        f"cutover-letter:{office.arches.public_id}:1",
    ]
    assert Message.objects.filter(company=office.arches).count() == 2
    assert check_books() == []


def test_a_letter_that_comes_back_goes_to_the_next_address_then_on_paper_then_somebody_calls(office: Office) -> None:
    wave_id = sent_wave(office, office.arches)
    move_all(wave_id)
    comes_back(office, "books@arches.example")
    assert list(Message.objects.values_list("to", flat=True)) == ["books@arches.example", "owner@arches.example"]
    assert set(Member.objects.values_list("user__email", flat=True)) == {"books@arches.example", "owner@arches.example"}
    comes_back(office, "owner@arches.example")
    comes_back(office, "owner@arches.example")  # told once more: nothing new
    assert funnel(office)["Arches"].letter == "paper"
    who = {"vendor_id": office.vendor.id, "company_public_id": office.arches.public_id, "actor": office.actor}
    put_on_paper(office, office.arches)
    assert "delivered" in funnel(office)["Arches"].stages
    with office.door():
        writing.letter_came_back(now=NOW, **who)  # type: ignore[arg-type]
    assert funnel(office)["Arches"].letter == "call"
    waits = WorkItem.objects.get(kind="letter_to_call", closed_at=None)
    assert (waits.company, waits.subject) == (office.arches, f"company:{office.arches.public_id}")
    with office.door():
        writing.note_call(note="New address: new@arches.example", now=NOW, **who)  # type: ignore[arg-type]
        writing.ask_for_letters(
            vendor_id=office.vendor.id,
            company_public_ids=[office.arches.public_id],
            to="new@arches.example",
            actor=office.actor,
        )
    assert funnel(office)["Arches"].letter == "called"
    assert not WorkItem.objects.filter(kind="letter_to_call", closed_at=None).exists()
    work()
    send_letter_again(last_event("letter_asked"))  # done again, it does nothing new
    assert Message.objects.filter(to="new@arches.example").count() == 1
    assert "type new@arches.example" in Message.objects.get(to="new@arches.example").text
    assert funnel(office)["Arches"].letter_to == "new@arches.example"


def test_without_any_address_and_nothing_to_print_on_somebody_is_asked_to_call(office: Office) -> None:
    wave_id = sent_wave(office, office.arches)
    move_all(wave_id)
    Contact.objects.filter(company=office.arches, role="owner").delete()
    Company.objects.filter(id=office.arches.id).update(address_lines=[])
    comes_back(office, "books@arches.example")
    letters_came_back(last_event("mail_address_marked"))
    assert funnel(office)["Arches"].letter == "call"
    assert WorkItem.objects.get(kind="letter_to_call").subject == f"company:{office.arches.public_id}"


def test_who_owns_no_store_or_answered_for_one_that_was_sold_is_asked_about_none(office: Office) -> None:
    online = make_company(vendor=office.vendor, name="Online")
    own = Location.objects.get(ownerships__company=office.arches)
    sold = make_location(company=office.bistro)
    for location in (own, sold):
        StoreVerification.objects.create(
            company=office.arches, location=location, answer="right", answered_by=office.nora, answered_at=NOW
        )
    for company in (online, office.arches):
        assert steps_missing(company_id=company.id, on=TODAY) == ("password", "method")
    assert "stores" in steps_missing(company_id=office.bistro.id, on=TODAY)


def test_two_people_at_one_plan_do_not_undo_each_other_and_who_is_held_out_stays_out(office: Office) -> None:
    wave_id = office.plan_wave()
    criteria = {"state": "", "address": "yes"}
    with office.door():
        everybody = public_ids(vendor_id=office.vendor.id, wanted=CompanyFilter(address="yes", moved="free"))
        seen = wave_row(vendor_id=office.vendor.id, wave_id=wave_id).version
        planning.add_companies(
            vendor_id=office.vendor.id,
            wave_id=wave_id,
            company_public_ids=everybody,
            actor=office.actor,
            criteria=criteria,
        )
        planning.take_out(
            vendor_id=office.vendor.id,
            wave_id=wave_id,
            company_public_id=office.bistro.public_id,
            actor=office.actor,
            reason="their books close in October",
        )
    with office.door():
        with pytest.raises(WaveChanged, match="since you opened"):
            planning.change_plan(
                vendor_id=office.vendor.id,
                wave_id=wave_id,
                version=seen,
                name="Mine",
                first_invoice_month=OCTOBER,
                letter_on=None,
                reminders=[],
                deadline=DEADLINE,
                actor=office.actor,
                today=TODAY,
                now=NOW,
            )
        with pytest.raises(WaveChanged):
            running.send_wave(
                vendor_id=office.vendor.id, wave_id=wave_id, actor=office.actor, today=TODAY, now=NOW, version=seen
            )
        planning.add_companies(
            vendor_id=office.vendor.id,
            wave_id=wave_id,
            company_public_ids=[office.bistro.public_id],
            actor=office.actor,
            criteria=criteria,
        )
        row = wave_row(vendor_id=office.vendor.id, wave_id=wave_id)
        assert (row.companies, dict(row.criteria)) == (1, {"address": "yes"})
        planning.add_companies(
            vendor_id=office.vendor.id,
            wave_id=wave_id,
            company_public_ids=[office.bistro.public_id],
            actor=office.actor,
        )
        assert wave_row(vendor_id=office.vendor.id, wave_id=wave_id).companies == 2, "by hand, it is let in"


def test_letters_say_what_the_team_wrote_and_its_places_are_checked(office: Office) -> None:
    own = Words("Dear {company}", "Until {deadline}, with **{email}**.\n\n- your stores\n- your bank")
    text = {"vendor_id": office.vendor.id, "kind": "letter", "language": "en", "actor": office.actor}
    with office.door():
        for wrong, why in (
            (Words("Hello", "By {deadline} with {mail}."), "nothing to put in"),
            (Words("Hello", "By {deadline}."), r"\{email\}"),
            (Words("Hello", "{email} {deadline} [pay](pay)"), "leads nowhere"),
        ):
            with pytest.raises(LetterRefused, match=why):
                letter_texts.write_text(edition=0, words=wrong, **text)  # type: ignore[arg-type]
        letter_texts.write_text(edition=0, words=own, **text)  # type: ignore[arg-type]
        with pytest.raises(TextChanged, match="Nora"):
            letter_texts.write_text(edition=0, words=own, **text)  # type: ignore[arg-type]
    wave_id = sent_wave(office, office.arches)
    move_all(wave_id)
    letter = Message.objects.get()
    assert letter.subject == "Dear Arches"
    assert "with books@arches.example." in letter.text
    assert "– your stores" in letter.text
    assert "<strong>books@arches.example</strong>" in letter.html
    link = f"/letter/{Move.objects.get().public_id}/"
    assert link in letter.html
    assert issue_invoices(vendor=office.vendor)


def test_a_letters_link_is_counted_by_its_button_not_by_a_look(office: Office, web: WebClient) -> None:
    wave_id = sent_wave(office, office.arches)
    move_all(wave_id)
    link = f"/letter/{Move.objects.get().public_id}/"
    assert web.get(link).status_code == 200
    assert "opened" not in funnel(office)["Arches"].stages
    assert web.post(link)["Location"] == "/password/reset/"
    assert "opened" in funnel(office)["Arches"].stages
    assert web.get(f"/letter/{uuid4()}/").status_code == 404
    assert web.get("/letter/nonsense/").status_code == 404


def test_whom_the_old_system_debited_is_warned_while_it_may_still_charge_the_first_month(
    office: Office, web: WebClient
) -> None:
    """Of the two, the old system debited Arches by itself; Bistro sent checks."""
    read = LegacyImport.objects.create(
        vendor=office.vendor,
        profile_name="p",
        profile="p",
        filename="f",
        content=b"",
        sha256="0" * 64,
        requested_by="me",
    )
    for company, paid_by in ((office.arches, "ach"), (office.bistro, "check")):
        LegacyCompany.objects.create(
            company=company,
            content_hash="0" * 64,
            paid_by=paid_by,
            paid_by_words=paid_by,
            balance_minor=0,
            imported_by=read,
        )
    move_all(sent_wave(office))

    def warned(company: Company) -> list[str]:
        web.force_login(Member.objects.get(company=company).user)
        pages = ("", "autopay/", "methods/add/bank/", "methods/add/card/")
        shown = {at: web.get(f"/c/{company.public_id}/{at}").content.decode() for at in pages}
        return [at for at, text in shown.items() if "may still do so once more in October 2020" in text]

    assert warned(office.arches) == ["autopay/", "methods/add/bank/", "methods/add/card/"]
    assert warned(office.bistro) == []
    way_to_pay(office.arches, owner=Member.objects.get(company=office.arches).user)
    assert warned(office.arches)[0] == "", "also the first page, now that two systems may take payment"
    with transaction.atomic():
        set_business_date(vendor_id=office.vendor.id, day=date(2020, 11, 1))
    assert warned(office.arches) == [], "October is over"
