"""Waves: all or nothing, once for each company, each letter once, whatever is killed in between."""

import threading
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from comptoir.config.books import check_books
from comptoir.customers.models import Contact, Member
from comptoir.cutover import operations, planning
from comptoir.cutover.before_sending import planned_companies
from comptoir.cutover.errors import WaveRefused
from comptoir.cutover.feed import moved_feed
from comptoir.cutover.funnel import moved_companies
from comptoir.cutover.legacy.shipped import shipped_profile
from comptoir.cutover.models import Handover, LetterText, Move, Wave
from comptoir.cutover.moving import move_company, move_ids_to_carry_out
from comptoir.cutover.waves import wave
from comptoir.identity.models import User
from comptoir.kit.clocks import wall_now
from comptoir.kit.events import deliver_next
from comptoir.kit.models import EventDelivery
from comptoir.mailer.models import Message
from comptoir.tenancy import doors
from comptoir.tenancy.models import AuditEntry, Company, Vendor
from comptoir.tenancy.queries import audit_trail
from tests.factories import (
    NOW,
    TODAY,
    issue_invoices,
    make_company,
    make_member,
    make_staff,
    make_vendor,
)
from tests.integration.cutover.office import DEADLINE, Office, an_old_invoice_comes_in, move_all
from tests.web import WebClient


def test_before_it_is_sent_it_says_what_will_be_billed(office: Office) -> None:
    Contact.objects.filter(company=office.bistro).delete()
    wave_id = office.plan_wave(office.arches, office.bistro)
    with office.door():
        planned = planned_companies(wave(vendor_id=office.vendor.id, wave_id=wave_id))
    assert [(row.name, row.email, row.due_minor, [one.kind for one in row.findings]) for row in planned] == [
        ("Arches", "books@arches.example", 9_900, []),
        ("Bistro", "", 9_900, ["on_paper"]),
    ]


def test_before_it_is_sent_it_says_who_owes_what_in_the_old_system(office: Office) -> None:
    wave_id = office.plan_wave(office.arches, office.bistro)
    an_old_invoice_comes_in(office.arches, open_minor=5_000)
    an_old_invoice_comes_in(office.bistro)
    with office.door():
        planned = planned_companies(wave(vendor_id=office.vendor.id, wave_id=wave_id))
    found = {row.name: {one.kind: one.words for one in row.findings} for row in planned}
    assert found["Arches"]["owes_there"] == "$50.00"
    assert "owes_there" not in found["Bistro"]


def test_before_it_is_sent_it_says_to_whom_the_teams_own_letter_does_not_go(office: Office) -> None:
    Company.objects.filter(id=office.bistro.id).update(language="fr")
    wave_id = office.plan_wave(office.arches, office.bistro)

    def told() -> set[str]:
        with office.door():
            planned = planned_companies(wave(vendor_id=office.vendor.id, wave_id=wave_id))
        return {row.name for row in planned if "shipped_words" in {one.kind for one in row.findings}}

    assert told() == set(), "nobody wrote any: the shipped ones are meant"
    LetterText.objects.create(
        vendor=office.vendor,
        kind="letter",
        language="en",
        subject="We move",
        body="{email} {deadline}",
        written_by="me",
    )
    assert told() == {"Bistro"}


def test_each_company_is_moved_whole_with_its_services_and_on_record(office: Office) -> None:
    wave_id = office.plan_wave(office.arches, office.bistro)
    assert office.send(wave_id) == 2
    with pytest.raises(WaveRefused, match="has been sent"):
        office.send(wave_id)
    assert EventDelivery.objects.filter(event__name="wave_sent").count() == 1
    move_all(wave_id)
    assert set(Company.objects.values_list("billed_since", flat=True)) == {TODAY}
    assert AuditEntry.objects.filter(action="company moved").count() == 2
    assert AuditEntry.objects.filter(action="wave sent", actor_user_id=office.nora.id).count() == 1
    handed = Handover.objects.filter(move__company=office.arches)
    assert [row.billed_through == row.subscription.billed_from for row in handed] == [True]
    assert [row[0] for row in moved_feed(vendor_id=office.vendor.id)] == [office.arches.number, office.bistro.number]
    assert check_books() == []


def test_a_wave_with_a_company_that_nobody_can_reach_is_not_sent(office: Office) -> None:
    Contact.objects.filter(company=office.bistro).delete()
    Company.objects.filter(id=office.bistro.id).update(address_lines=[])
    with pytest.raises(WaveRefused, match=office.bistro.number):
        office.send(office.plan_wave(office.arches, office.bistro))
    assert Wave.objects.get().sent_at is None


def test_a_company_moves_once(office: Office) -> None:
    office.plan_wave(office.arches)
    with pytest.raises(WaveRefused, match=r"Arches \(.*\), in wave “October”"):
        office.plan_wave(office.arches, name="November")
    assert not Wave.objects.filter(name="November").exists()


def test_of_two_waves_that_take_a_company_at_the_same_time_the_later_is_told_which_has_it(office: Office) -> None:
    october, november = office.plan_wave(), office.plan_wave(name="November")
    told: list[str] = []

    def put_into(wave_id: int, *companies: Company) -> None:
        planning.add_companies(
            vendor_id=office.vendor.id,
            wave_id=wave_id,
            company_public_ids=[company.public_id for company in companies],
            actor=office.actor,
        )

    def take() -> None:
        try:
            with office.door():
                put_into(november, office.bistro, office.arches)
        except WaveRefused as error:
            told.append(str(error))

    other = threading.Thread(target=take)
    with office.door():
        put_into(october, office.arches)
        other.start()
        office.database.wait_until_somebody_waits()
    other.join(timeout=10)
    assert told == [
        f"A company moves once; these are in a wave, or billed here, already: {office.arches}, in wave “October”."
    ]
    assert list(Move.objects.values_list("wave_id", "company_id")) == [(october, office.arches.id)], (
        "nor is Bistro taken"
    )


def test_an_empty_wave_is_not_sent_and_a_late_one_not_planned(office: Office) -> None:
    with pytest.raises(WaveRefused, match="no company"):
        office.send(office.plan_wave())
    with pytest.raises(WaveRefused, match="past"), office.door():
        planning.create_wave(
            vendor_id=office.vendor.id,
            name="August",
            first_invoice_month=date(2020, 8, 1),
            deadline=DEADLINE,
            actor=office.actor,
            today=TODAY,
        )


def test_the_billing_address_is_the_login_and_either_address_opens_the_door(office: Office) -> None:
    wave_id = office.plan_wave(office.arches)
    office.send(wave_id)
    move_all(wave_id)
    person = Member.objects.get(company=office.arches, role="owner").user
    assert person.email == "books@arches.example"
    assert not person.has_usable_password()
    assert [row.address for row in person.addresses.all()] == ["owner@arches.example"]
    assert Message.objects.get().to == "books@arches.example"


def test_one_person_owns_two_companies_by_one_login(office: Office) -> None:
    Contact.objects.filter(role="billing").update(email="books@shared.example")
    wave_id = office.plan_wave(office.arches, office.bistro)
    office.send(wave_id)
    move_all(wave_id)
    assert Member.objects.filter(user__email="books@shared.example").count() == 2
    assert Message.objects.count() == 2


def test_whatever_is_done_again_happens_once(office: Office) -> None:
    wave_id = office.plan_wave(office.arches, office.bistro)
    office.send(wave_id)
    moves = move_ids_to_carry_out(wave_id)
    for _time in range(2):
        for move_id in moves:
            move_company(move_id=move_id, now=NOW)
    assert Message.objects.count() == Member.objects.count() == 2
    assert move_ids_to_carry_out(wave_id) == []


def test_killed_before_the_commit_nothing_was_done_and_it_is_done_again(office: Office) -> None:
    wave_id = office.plan_wave(office.arches)
    office.send(wave_id)
    (move_id,) = move_ids_to_carry_out(wave_id)
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        move_company(move_id=move_id, now=NOW)
        raise KeyboardInterrupt
    assert not Message.objects.exists()
    assert not User.objects.filter(email="books@arches.example").exists()
    move_all(wave_id)
    assert Message.objects.count() == 1


def test_the_event_becomes_one_job_for_each_company(office: Office) -> None:
    wave_id = office.plan_wave(office.arches, office.bistro)
    office.send(wave_id)
    while deliver_next(now=wall_now()):
        pass
    jobs = ProcrastinateJob.objects.filter(task_name="cutover.carry_out_move")
    assert sorted(job.args["move_id"] for job in jobs) == move_ids_to_carry_out(wave_id)


def test_the_funnel_tells_how_far_each_company_is(office: Office, web: WebClient) -> None:
    wave_id = office.plan_wave(office.arches, office.bistro)
    office.send(wave_id)
    move_all(wave_id)
    owner = Member.objects.get(company=office.arches).user
    web.force_login(owner)
    web.get(f"/c/{office.arches.public_id}/")
    web.post(f"/c/{office.arches.public_id}/stores/", {"answer": "all:right"})
    with office.door():
        assert "store answered" in [entry.action for entry in audit_trail(company_id=office.arches.id)]
    issue_invoices(vendor=office.vendor)
    with office.door():
        arches, bistro = moved_companies(vendor_id=office.vendor.id, wave_id=wave_id, today=TODAY)
    assert arches.stages == {"moved", "opened", "stores", "invoice"}
    assert bistro.stages == {"moved", "invoice"}
    assert (arches.letter, bistro.pays_by) == ("queued", "check")


class TestAroundTheOrm:
    """What PostgreSQL refuses, whoever asks."""

    @pytest.mark.parametrize(
        "attack",
        [
            "DELETE FROM cutover_move",
            "INSERT INTO cutover_move (wave_id, company_id, letter_to) SELECT wave_id, {late}, '' FROM cutover_move",
            "UPDATE cutover_move SET company_id = {late}",
            "UPDATE cutover_wave SET status = 'planned', sent_at = NULL, sent_on = NULL, version = version + 1",
            "UPDATE cutover_wave SET stopped_at = now()",
            "DELETE FROM cutover_wavenotice",
            "TRUNCATE cutover_move CASCADE",
            "DELETE FROM cutover_wave",
        ],
    )
    def test_a_wave_that_was_sent_stays_as_it_was(self, office: Office, attack: str) -> None:
        office.send(office.plan_wave(office.arches))
        with (
            pytest.raises(DatabaseError, match=r"refused|stay as they are|does not count"),
            connection.cursor() as cursor,
        ):
            cursor.execute(attack.format(late=office.bistro.id))

    def test_a_company_of_another_vendor_does_not_get_into_a_wave(self, office: Office) -> None:
        stranger = make_company(vendor=make_vendor(), billed_since=None)
        wave_id = office.plan_wave()
        with office.door():
            assert (
                planning.add_companies(
                    vendor_id=office.vendor.id,
                    wave_id=wave_id,
                    company_public_ids=[stranger.public_id],
                    actor=office.actor,
                )
                == 0
            )
        with pytest.raises(DatabaseError, match="row-level security"), office.door():
            Move.objects.create(wave_id=wave_id, company_id=stranger.id)

    def test_which_system_bills_a_company_changes_with_its_move_alone(self, office: Office) -> None:
        with pytest.raises(DatabaseError, match="from the day of its move"), office.door():
            Company.objects.filter(id=office.arches.id).update(billed_since=TODAY)
        with pytest.raises(DatabaseError, match="permission denied"), office.door():
            Company.objects.filter(id=office.arches.id).update(name="Mine")

    @pytest.mark.parametrize(
        ("attack", "refusal"),
        [
            ("UPDATE tenancy_company SET billed_since = NULL", "does not change"),
            ("UPDATE cutover_move SET taken_back_at = now(), taken_back_why = 'x'", "still billed here"),
            ("UPDATE cutover_move SET moved_on = moved_on + 1", "does not change"),
            ("UPDATE cutover_handover SET billed_through = billed_through + 1", "does not change"),
            (
                "UPDATE subscriptions_subscription SET billed_from = billed_from + 1, billed_through = billed_from + 1",
                "was handed over",
            ),
            ("UPDATE cutover_move SET reached_by = ''", "moved_company_has_its_day_and_is_told"),
            ("DELETE FROM cutover_letter", "does not change"),
            ("INSERT INTO cutover_move (wave_id, company_id) SELECT wave_id, company_id FROM cutover_move", "sent"),
        ],
    )
    def test_a_moved_company_stays_moved_from_the_day_where_the_old_system_stopped(
        self, office: Office, attack: str, refusal: str
    ) -> None:
        wave_id = office.plan_wave(office.arches)
        office.send(wave_id)
        move_all(wave_id)
        with pytest.raises(DatabaseError, match=refusal), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(attack)

    def test_a_service_that_was_not_handed_over_is_not_moved(self, office: Office) -> None:
        taken = office.arches.subscriptions.get()
        type(taken).objects.filter(id=taken.id).update(legacy_key="A/1")
        wave_id = office.plan_wave(office.arches)
        office.send(wave_id)
        with pytest.raises(DatabaseError, match="where the old system stopped"), transaction.atomic():
            Move.objects.update(moved_on=TODAY, moved_at=NOW, reached_by="email")
            Company.objects.filter(id=office.arches.id).update(billed_since=TODAY)

    def test_another_vendors_team_sees_neither_imports_nor_waves_nor_moves(self, office: Office) -> None:
        office.plan_wave(office.arches)
        with office.door():
            operations.request_import(
                vendor_id=office.vendor.id,
                profile_name="p.toml",
                profile_text=shipped_profile("demo").read_text(),
                filename="customers.csv",
                content=b"",
                actor=office.actor,
            )
        rival: Vendor = make_vendor()
        spy = make_staff(vendor=rival)
        with office.database.as_web(), doors.staff(user_id=spy.id, vendor_id=rival.id), connection.cursor() as cursor:
            for table in (
                "cutover_legacyimport",
                "cutover_wave",
                "cutover_move",
                "cutover_wavenotice",
                "tenancy_company",
            ):
                cursor.execute(f"SELECT count(*) FROM {table}")
                assert cursor.fetchone() == (0,), table

    @pytest.mark.parametrize(
        "table",
        [
            "cutover_wave",
            "cutover_handover",
            "cutover_letter",
            "cutover_lettertext",
            "cutover_legacyimport",
            "cutover_legacycompany",
            "identity_staffinvitation",
        ],
    )
    def test_a_customers_page_cannot_read_what_is_the_teams(self, office: Office, table: str) -> None:
        person = make_member(company=office.arches)
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            office.database.as_web(),
            doors.portal(user_id=person.id, company_id=office.arches.id),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"SELECT * FROM {table}")
