"""What is told after a wave was planned, and sent: by mail, on paper, by a call; to the team, and to whom it moves."""

from datetime import date, timedelta

from allauth.mfa.totp.internal.auth import TOTP
from procrastinate.contrib.django.models import ProcrastinateJob

from comptoir.customers.models import Contact
from comptoir.cutover import planning, reminding, writing
from comptoir.cutover.models import DeadlinePaper, Move, WaveNotice
from comptoir.cutover.tasks import ask_for_letters_due, remind_those_who_moved
from comptoir.cutover.waves import wave as wave_row
from comptoir.documents.models import PrintBatch, StoredDocument
from comptoir.mailer.models import Message
from comptoir.tenancy.models import Company
from comptoir.work.models import WorkItem
from comptoir.work.queries import waiting
from tests.factories import NOW, TODAY, make_user
from tests.integration.cutover.office import (
    DEADLINE,
    OCTOBER,
    Office,
    funnel,
    move_all,
    pass_deadline,
    put_on_paper,
    sent_wave,
    work,
)
from tests.unit.documents.reading import pages_of
from tests.ways_to_pay import way_to_pay
from tests.web import WebClient

REMINDER = date(2020, 9, 22)


def at_the_console(web: WebClient, office: Office) -> None:
    TOTP.activate(office.nora, "JBSWY3DPEHPK3PXP")
    web.force_login(office.nora)


def test_a_letter_written_again_on_paper_waits_for_the_printer_again_and_one_come_back_again_for_a_call(
    office: Office,
) -> None:
    Contact.objects.filter(company=office.arches).delete()
    move_all(sent_wave(office, office.arches))
    one = {"vendor_id": office.vendor.id, "company_public_id": office.arches.public_id, "actor": office.actor}
    for _time in range(2):
        assert funnel(office)["Arches"].letter == "paper"
        put_on_paper(office, office.arches)
        assert funnel(office)["Arches"].letter == "printed"
        with office.door():
            writing.letter_came_back(now=NOW, **one)  # type: ignore[arg-type]
        assert funnel(office)["Arches"].letter == "call"
        with office.door():
            writing.note_call(note="Moved next door.", now=NOW, **one)  # type: ignore[arg-type]
            writing.ask_for_letters(
                vendor_id=office.vendor.id, company_public_ids=[office.arches.public_id], to="", actor=office.actor
            )
        work()
    assert WorkItem.objects.filter(kind="letter_to_call").count() == 2


def test_only_those_who_have_not_finished_are_reminded_and_at_the_deadline_told_that_they_pay_by_check(
    office: Office,
) -> None:
    with office.door():
        wave_id = planning.create_wave(
            vendor_id=office.vendor.id,
            name="Pilot",
            first_invoice_month=OCTOBER,
            letter_on=TODAY,
            reminders=[REMINDER],
            deadline=DEADLINE,
            actor=office.actor,
            today=TODAY,
        )
        planning.add_companies(
            vendor_id=office.vendor.id,
            wave_id=wave_id,
            company_public_ids=[office.arches.public_id, office.bistro.public_id],
            actor=office.actor,
        )
    office.send(wave_id)
    move_all(wave_id)
    remind_those_who_moved(vendor_id=office.vendor.id, on=TODAY)
    assert not ProcrastinateJob.objects.filter(task_name="cutover.send_move_notice").exists()
    for _time in range(2):
        remind_those_who_moved(vendor_id=office.vendor.id, on=REMINDER)
    jobs = list(ProcrastinateJob.objects.filter(task_name="cutover.send_move_notice"))
    assert len(jobs) == 2
    Move.objects.filter(company=office.bistro).update(letter_to="owner@bistro.example")
    for job in [*jobs, *jobs]:
        reminding.send_notice(notice_id=job.args["notice_id"], move_id=job.args["move_id"], on=REMINDER, now=NOW)
    reminder = Message.objects.get(to="books@arches.example", key__startswith="cutover-notice")
    assert "Set your password" in reminder.text
    assert "Check that the stores shown are yours" in reminder.text
    assert Message.objects.filter(to="owner@bistro.example").count() == 1

    ProcrastinateJob.objects.filter(task_name="cutover.send_move_notice").update(status="succeeded")
    pass_deadline(office)
    told = Message.objects.filter(to="books@arches.example").latest("id")
    assert told.subject == f"You pay {office.vendor.name} by check from now on"


def test_on_the_day_of_its_letters_a_wave_waits_for_somebody_to_send_it(office: Office, web: WebClient) -> None:
    plan = {
        "first_invoice_month": OCTOBER,
        "reminders": [],
        "deadline": DEADLINE,
        "actor": office.actor,
        "today": TODAY,
    }
    of = {"vendor_id": office.vendor.id}

    def due(on: date) -> list[str]:
        ask_for_letters_due(**of, on=on)
        with office.door():
            return [item.subject_id for item in waiting(**of, kind="wave_to_send")]

    with office.door():
        wave_id = planning.create_wave(name="Pilot", letter_on=TODAY, **plan, **of)  # type: ignore[arg-type]
        planning.create_wave(name="Undated", **plan, **of)  # type: ignore[arg-type]
        planning.add_companies(wave_id=wave_id, company_public_ids=[office.arches.public_id], actor=office.actor, **of)
        version = wave_row(wave_id=wave_id, **of).version
    assert due(TODAY - timedelta(days=1)) == []
    assert due(TODAY) == due(TODAY) == [str(wave_id)]
    at_the_console(web, office)
    listed = web.get(f"/console/{office.vendor.slug}/work/").content.decode()
    assert f'href="/console/{office.vendor.slug}/waves/{wave_id}/"' in listed
    later = {"wave_id": wave_id, "version": version, "name": "Pilot", "letter_on": REMINDER, "now": NOW}
    with office.door():
        planning.change_plan(**later, **plan, **of)  # type: ignore[arg-type]
    assert due(TODAY) == []
    assert due(REMINDER) == [str(wave_id)]
    office.send(wave_id)
    assert due(REMINDER) == []


def test_at_the_deadline_whom_no_mail_reaches_is_told_on_paper_or_called(office: Office, web: WebClient) -> None:
    Contact.objects.all().delete()
    Company.objects.filter(id=office.arches.id).update(language="fr")
    wave_id = sent_wave(office)
    move_all(wave_id)
    bistro = {"vendor_id": office.vendor.id, "company_public_id": office.bistro.public_id, "actor": office.actor}
    put_on_paper(office, office.arches, office.bistro)
    with office.door():
        writing.letter_came_back(now=NOW, **bistro)  # type: ignore[arg-type]
        writing.note_call(note="Asked to send an address.", now=NOW, **bistro)  # type: ignore[arg-type]
    pass_deadline(office)
    found = funnel(office)
    assert (found["Arches"].letter, found["Arches"].is_to_print) == ("printed", True)
    assert not found["Bistro"].is_to_print
    assert WorkItem.objects.get(kind="deadline_to_call", closed_at=None).company == office.bistro
    assert not Message.objects.exists()

    at_the_console(web, office)
    wave = f"/console/{office.vendor.slug}/waves/{wave_id}/"
    assert "1 letter goes on paper" in web.get(wave).content.decode()
    web.post(f"{wave}print/")
    (envelope,) = PrintBatch.objects.get().sheets
    assert envelope[2] == [f"cutover-deadline:{Move.objects.get(company=office.arches).public_id}"]
    paper = StoredDocument.objects.get(reference=envelope[2][0])
    assert f"numéro de client {office.arches.number}" in pages_of(bytes(paper.content))[0]
    assert "goes on paper" not in web.get(wave).content.decode()
    with office.door():
        writing.note_call(note="Told.", now=NOW, **bistro)  # type: ignore[arg-type]
    assert not WorkItem.objects.filter(kind="deadline_to_call", closed_at=None).exists()


def test_whom_no_mail_reaches_is_called_before_the_deadline_unless_nothing_is_missing(office: Office) -> None:
    Contact.objects.all().delete()
    wave_id = office.plan_wave(office.arches, office.bistro)
    WaveNotice.objects.create(wave_id=wave_id, kind="reminder", due_on=REMINDER)
    office.send(wave_id)
    move_all(wave_id)
    remind_those_who_moved(vendor_id=office.vendor.id, on=REMINDER)
    jobs = ProcrastinateJob.objects.filter(task_name="cutover.send_move_notice")
    assert jobs.count() == 2
    for job in [*jobs, *jobs]:
        reminding.send_notice(notice_id=job.args["notice_id"], move_id=job.args["move_id"], on=REMINDER, now=NOW)
    to_call = WorkItem.objects.filter(kind="missing_to_call", closed_at=None)
    assert {item.company for item in to_call} == {office.arches, office.bistro}
    assert not Message.objects.exists()

    with office.door():
        writing.note_call(
            vendor_id=office.vendor.id,
            company_public_id=office.bistro.public_id,
            actor=office.actor,
            note="Will log in tonight.",
            now=NOW,
        )
    assert to_call.get().company == office.arches
    jobs.update(status="succeeded")
    pass_deadline(office)
    assert not to_call.all().exists(), "what is said at the deadline goes on paper"
    assert all(moved.deadline_of for moved in funnel(office).values())


def test_the_word_at_the_deadline_waits_until_it_is_printed_itself_and_comes_back_with_the_letter(
    office: Office,
) -> None:
    Contact.objects.all().delete()
    move_all(sent_wave(office))
    pass_deadline(office)
    assert all(moved.letter == "paper" and moved.deadline_of for moved in funnel(office).values())
    way_to_pay(office.arches, owner=make_user())
    put_on_paper(office, office.arches)
    assert funnel(office)["Arches"].letter == "printed"
    assert DeadlinePaper.objects.get(move__company=office.arches).printed_at is None, "it was left out of the envelope"
    with office.door():
        for company in (office.arches, office.bistro):
            writing.letter_came_back(
                vendor_id=office.vendor.id, company_public_id=company.public_id, actor=office.actor, now=NOW
            )
    assert not any(moved.is_to_print for moved in funnel(office).values())
    assert WorkItem.objects.get(kind="deadline_to_call", closed_at=None).company == office.bistro
