"""A telephone company's customers with a made-up old invoice each: every wrong one is found, and none else."""

import pytest
from django.db import IntegrityError, connection, transaction

from comptoir.cutover.comparison.deciding import add_note, may_not_move, sign, withdraw
from comptoir.cutover.comparison.models import Comparison, ComparisonNote, ComparisonRun, LegacyInvoice
from comptoir.cutover.comparison.queries import compared_company, comparisons, latest_run
from comptoir.cutover.comparison.running import compare_all, compare_next, request_comparison
from comptoir.cutover.errors import ComparisonRefused, WaveRefused
from comptoir.cutover.models import Move
from comptoir.cutover.planning import add_companies
from comptoir.cutover.running import send_wave
from comptoir.tenancy import doors
from comptoir.tenancy.audit import Actor
from comptoir.tenancy.models import Company, Vendor
from tests.databases import Database
from tests.factories import NOW, TESTS, TODAY, make_vendor
from tests.integration.cutover.office import move_all
from tests.integration.cutover.telco import (
    compare_now,
    customers,
    old_invoices,
    person,
    pilot_wave,
    public_id,
    run_import,
)


def test_every_wrong_invoice_is_found_and_none_else(telco: Vendor) -> None:
    owned = customers(128)
    run_import([customer.row for customer in owned])
    invoices = list(old_invoices(owned))
    report = run_import(
        [row for row, _verdict in invoices] + [customers(129)[-1].invoice(amount_minor=1)], kind="invoices"
    )
    assert (report.read, report.created, report.refused) == (129, 128, 1)
    assert "import the customers first" in report.findings[0].reason
    assert run_import([row for row, _verdict in invoices], kind="invoices").unchanged == 128

    wanted = {customer.number: verdict for customer, (_row, verdict) in zip(owned, invoices, strict=True)}
    assert may_not_move(list(Company.objects.values_list("id", flat=True))) == set(
        Company.objects.values_list("id", flat=True)
    ), "nobody moves who was not compared"
    run_id = request_comparison(vendor_id=telco.id, tolerance_minor=0, actor=TESTS)
    with pytest.raises(ComparisonRefused, match="already"):
        request_comparison(vendor_id=telco.id, tolerance_minor=0, actor=TESTS)
    assert compare_next(run_id=run_id, now=NOW, size=50), "killed after a part, it goes on where it stood"
    compare_all(run_id=run_id, now=NOW)
    latest = latest_run(telco.id)
    assert latest is not None
    assert (latest.companies, latest.compared, latest.finished_at) == (128, 128, NOW)
    found = dict(Comparison.objects.values_list("company__number", "verdict"))
    assert found == wanted

    listed = comparisons(vendor_id=telco.id, state="open", text="", reason="", page=1)
    assert {row.number for row in listed.rows} == {
        number for number, verdict in wanted.items() if verdict == "unexplained"
    }
    assert listed.counts == {"open": 16, "explained": 16, "matched": 96}
    assert listed.rows[0].unexplained_minor >= listed.rows[-1].unexplained_minor
    assert comparisons(vendor_id=telco.id, state="", text="", reason="proration", page=9).total == 16

    compare_now(telco, tolerance_minor=1)
    passed = set(Comparison.objects.filter(verdict="explained").values_list("company__number", flat=True))
    assert {owned[position].number for position in (7, 39, 71, 103)} <= passed, "a cent is let pass now"


def test_a_difference_is_signed_by_a_manager_for_what_was_looked_at(telco: Vendor) -> None:
    right, wrong = customers(2)
    run_import([right.row, wrong.row])
    rows = [right.invoice(amount_minor=right.price_minor), wrong.invoice(amount_minor=1)]
    run_import(rows, kind="invoices")
    compare_now(telco)
    manager, clerk = person(telco, "manager"), person(telco, "clerk")
    shown = compared_company(vendor_id=telco.id, company_public_id=public_id(wrong.number))
    wave_id = pilot_wave(telco)
    add_companies(
        vendor_id=telco.id,
        wave_id=wave_id,
        company_public_ids=map(public_id, [right.number, wrong.number]),
        actor=TESTS,
    )
    with pytest.raises(WaveRefused, match=wrong.number):
        send_wave(vendor_id=telco.id, wave_id=wave_id, actor=TESTS, today=TODAY, now=NOW)
    with pytest.raises(IntegrityError, match="compared with the old one"), transaction.atomic():
        Move.objects.filter(company__number=wrong.number).update(moved_on=TODAY, moved_at=NOW, reached_by="paper")
        Company.objects.filter(number=wrong.number).update(billed_since=TODAY)

    def signed(by: Actor, fingerprint: str = shown.fingerprint) -> None:
        sign(
            vendor_id=telco.id,
            company_public_id=public_id(wrong.number),
            fingerprint=fingerprint,
            reason="A goodwill month.",
            actor=by,
            now=NOW,
        )

    with pytest.raises(ComparisonRefused):
        signed(clerk)
    with pytest.raises(ComparisonRefused, match="have changed"):
        signed(manager, fingerprint="0" * 64)
    add_note(
        vendor_id=telco.id,
        company_public_id=public_id(wrong.number),
        text="They got September for nothing.",
        actor=clerk,
        now=NOW,
    )
    signed(manager)
    with pytest.raises(ComparisonRefused, match="signed this already"):
        signed(person(telco, "admin"))

    compare_now(telco)
    assert not may_not_move([company.id for company in Company.objects.all()]), "what was signed survives a new run"
    run_import([rows[0], wrong.invoice(amount_minor=2)], kind="invoices")
    state = compared_company(vendor_id=telco.id, company_public_id=public_id(wrong.number)).row.state
    assert state == "outdated"
    compare_now(telco)
    again = compared_company(vendor_id=telco.id, company_public_id=public_id(wrong.number))
    assert (again.row.state, again.row.notes, [each.counts for each in again.signatures]) == ("open", 1, [False])
    signed(manager, again.fingerprint)
    withdraw(vendor_id=telco.id, company_public_id=public_id(wrong.number), actor=manager, now=NOW)
    with pytest.raises(ComparisonRefused, match="no signature"):
        withdraw(vendor_id=telco.id, company_public_id=public_id(wrong.number), actor=manager, now=NOW)
    signed(manager, again.fingerprint)
    assert send_wave(vendor_id=telco.id, wave_id=wave_id, actor=TESTS, today=TODAY, now=NOW) == 2
    move_all(wave_id)
    compare_now(telco)
    assert Comparison.objects.get(company__number=wrong.number).run_id != ComparisonRun.objects.latest("id").id, (
        "a company that has moved is not compared any more"
    )


SIGN = (
    "INSERT INTO cutover_comparisonsignature"
    " (company_id, fingerprint, reason, signed_by_id, signed_by_name, withdrawn_by_name, signed_at)"
)
ATTACKS = [
    "UPDATE cutover_comparisonnote SET text = 'other'",
    "DELETE FROM cutover_comparisonnote",
    "UPDATE cutover_comparisonsignature SET reason = 'other'",
    "DELETE FROM cutover_comparisonsignature",
    "UPDATE cutover_comparisonrun SET compared = 0",
    "UPDATE cutover_legacyimport SET kind = 'customers'",
    "UPDATE cutover_legacyimport SET is_trial = NOT is_trial",
    "UPDATE cutover_legacyinvoice SET total_minor = 2",
    f"{SIGN} SELECT company_id, repeat('0', 64), 'x', signed_by_id, 'x', '', now() FROM cutover_comparisonsignature",
    f"{SIGN} SELECT s.company_id, s.fingerprint, 'x', n.written_by_id, 'x', '', now()"
    " FROM cutover_comparisonsignature s, cutover_comparisonnote n",
]


def test_what_postgresql_refuses_whoever_asks(telco: Vendor) -> None:
    (wrong,) = customers(1)
    run_import([wrong.row])
    run_import([wrong.invoice(amount_minor=1)], kind="invoices")
    compare_now(telco)
    shown = compared_company(vendor_id=telco.id, company_public_id=public_id(wrong.number))
    of = {"vendor_id": telco.id, "company_public_id": public_id(wrong.number), "now": NOW}
    add_note(**of, text="Why?", actor=person(telco, "clerk"))  # type: ignore[arg-type]
    sign(**of, fingerprint=shown.fingerprint, reason="Why not.", actor=person(telco, "manager"))  # type: ignore[arg-type]
    for attack in ATTACKS:
        with (
            pytest.raises(IntegrityError, match=r"refused|adds_up|to sign|by a manager"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(attack)
    assert ComparisonNote.objects.get().text == "Why?"


def test_the_team_works_in_its_own_door_and_others_see_nothing(fresh_database: Database) -> None:
    telco = make_vendor(slug="telco", name="Telco")
    (wrong,) = customers(1)
    run_import([wrong.row])
    run_import([wrong.invoice(amount_minor=1)], kind="invoices")
    compare_now(telco)
    manager, company = person(telco, "manager"), Company.objects.get()
    assert manager.user_id is not None
    with fresh_database.as_web(), doors.staff(user_id=manager.user_id, vendor_id=telco.id):
        shown = compared_company(vendor_id=telco.id, company_public_id=company.public_id)
        add_note(vendor_id=telco.id, company_public_id=company.public_id, text="Looked at.", actor=manager, now=NOW)
        sign(
            vendor_id=telco.id,
            company_public_id=company.public_id,
            fingerprint=shown.fingerprint,
            reason="Fine.",
            actor=manager,
            now=NOW,
        )
        withdraw(vendor_id=telco.id, company_public_id=company.public_id, actor=manager, now=NOW)
        request_comparison(vendor_id=telco.id, tolerance_minor=5, actor=manager)
        assert comparisons(vendor_id=telco.id, state="", text="", reason="", page=1).total == 1
    other = make_vendor()
    stranger = person(other, "manager")
    assert stranger.user_id is not None
    with fresh_database.as_web(), doors.staff(user_id=stranger.user_id, vendor_id=other.id):
        assert not LegacyInvoice.objects.exists()
        assert comparisons(vendor_id=telco.id, state="", text="", reason="", page=1).total == 0


def test_who_may_not_sign_a_difference_does_not_let_it_pass_by_a_tolerance(fresh_database: Database) -> None:
    telco = make_vendor(slug="telco", name="Telco")
    manager, clerk = person(telco, "manager"), person(telco, "clerk")

    def asked(by: Actor, tolerance_minor: int) -> None:
        assert by.user_id is not None
        with fresh_database.as_web(), doors.staff(user_id=by.user_id, vendor_id=telco.id):
            run_id = request_comparison(vendor_id=telco.id, tolerance_minor=tolerance_minor, actor=by)
        compare_all(run_id=run_id, now=NOW)

    asked(clerk, 0)
    with pytest.raises(ComparisonRefused, match="for a manager"):
        asked(clerk, 1)
    asked(manager, 5)
    asked(clerk, 5)
    with pytest.raises(ComparisonRefused, match="for a manager"):
        asked(clerk, 6)
