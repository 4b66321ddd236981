"""What is open in the old system comes into the books with the move, once: killed, taken back, moved anew."""

import pytest
from django.db import IntegrityError, connection, transaction

from comptoir.config.books import check_books
from comptoir.cutover import moving, running
from comptoir.cutover.before_sending import planned_companies
from comptoir.cutover.comparison.models import Comparison, ComparisonRun, LegacyInvoice
from comptoir.cutover.errors import UnableToTakeBack
from comptoir.cutover.feed import moved_feed
from comptoir.cutover.funnel import moved_companies
from comptoir.cutover.models import LegacyCompany, Wave
from comptoir.cutover.waves import wave
from comptoir.invoicing.corrections import carry_out, request_void
from comptoir.invoicing.models import Invoice, InvoiceKind
from comptoir.invoicing.opening import OpeningBalance, bring_forward
from comptoir.invoicing.queries import open_invoices
from comptoir.ledger.models import Posting
from comptoir.tenancy.models import Company
from comptoir.tenancy.queries import vendor as vendor_row
from tests.factories import NOW, TESTS, TODAY
from tests.integration.cutover.office import Office, an_old_invoice_comes_in, move_all


def owes(office: Office, company: Company, *, open_minor: int) -> None:
    """Import what a company owes there, and let nothing stand in the way of its move."""
    an_old_invoice_comes_in(company, open_minor=open_minor)
    run, _made = ComparisonRun.objects.get_or_create(
        vendor=office.vendor, tolerance_minor=0, requested_by="me", defaults={"companies": 0}
    )
    Comparison.objects.create(
        company=company,
        run=run,
        old_invoice=LegacyInvoice.objects.get(company=company),
        verdict="matched",
        old_minor=100,
        new_minor=100,
        difference_minor=0,
        unexplained_minor=0,
        lines=[],
        fingerprint="0" * 64,
        compared_at=NOW,
    )


def sent(office: Office, *companies: Company, name: str = "October", brings: bool = True) -> int:
    wave_id = office.plan_wave(*companies, name=name)
    if brings:
        held = Wave.objects.get(id=wave_id)
        held.brings_balances, held.version = True, held.version + 1
        held.save()
    office.send(wave_id)
    return wave_id


def brought(company: Company) -> list[tuple[str, int]]:
    found = Invoice.objects.filter(company=company, kind=InvoiceKind.OPENING, balance__open_minor__gt=0)
    return list(found.order_by("id").values_list("lines__description", "balance__open_minor"))


def stages(office: Office, name: str) -> frozenset[str]:
    with office.door():
        rows = moved_companies(vendor_id=office.vendor.id, today=TODAY)
    return next(row.stages for row in rows if row.name == name)


def contra(company: Company) -> int:
    rows = Posting.objects.filter(company=company, account__code="opening_balance")
    return sum(rows.values_list("amount_minor", flat=True))


def test_it_comes_with_the_move_is_open_here_and_the_old_system_is_told(office: Office) -> None:
    owes(office, office.arches, open_minor=5_000)
    LegacyCompany.objects.create(
        company=office.bistro,
        content_hash="0" * 64,
        paid_by="check",
        paid_by_words="Check",
        balance_minor=700,
        last_invoice_number="L-9",
        imported_by_id=LegacyInvoice.objects.get().imported_by_id,
    )
    wave_id = sent(office, office.arches, office.bistro)
    with office.door():
        planned = planned_companies(wave(vendor_id=office.vendor.id, wave_id=wave_id))
    assert [[(one.kind, one.words) for one in row.findings] for row in planned] == [
        [("brings_balance", "$50.00")],
        [("brings_balance", "$7.00")],
    ]
    move_all(wave_id)
    move_all(wave_id)
    assert brought(office.arches) == [("L-1", 5_000)]
    assert brought(office.bistro) == [("L-9", 700)], "no invoice of it was imported: its balance counts"
    assert [row.open_minor for row in open_invoices(company_id=office.arches.id).read()] == [5_000]
    assert contra(office.arches) == -5_000
    assert {(row[1], row[7]) for row in moved_feed(vendor_id=office.vendor.id)} == {
        ("Arches", "L-1"),
        ("Bistro", "L-9"),
    }
    assert not {"invoice", "paid"} & stages(office, "Arches"), "it is no invoice of what is billed here"
    assert check_books() == []


def test_a_wave_that_brings_nothing_leaves_it_to_the_old_system(office: Office) -> None:
    owes(office, office.arches, open_minor=5_000)
    move_all(sent(office, office.arches, brings=False))
    assert not Invoice.objects.exists()
    assert {row[7] for row in moved_feed(vendor_id=office.vendor.id)} == {""}


def test_killed_before_the_commit_nothing_came_and_then_it_comes_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    owes(office, office.arches, open_minor=5_000)
    wave_id = sent(office, office.arches)

    def killed(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(moving, "write_letter", killed)
        move_all(wave_id)
    assert not Invoice.objects.exists()
    assert check_books() == []
    move_all(wave_id)
    assert brought(office.arches) == [("L-1", 5_000)]


def test_taken_back_once_it_is_credited_and_brought_again_with_the_next_move(office: Office) -> None:
    owes(office, office.arches, open_minor=5_000)
    move_all(sent(office, office.arches))
    back = {"company_public_id": office.arches.public_id, "reason": "asked for time", "actor": office.actor, "now": NOW}
    with office.door(), pytest.raises(UnableToTakeBack, match="credited in full first"):
        running.take_back(vendor_id=office.vendor.id, **back)  # type: ignore[arg-type]
    with transaction.atomic():
        invoice_id = Invoice.objects.get().id
        asked = request_void(invoice_id=invoice_id, explanation="goes back", actor=office.actor, role="admin")
    carry_out(correction_id=asked.id, now=NOW)
    with office.door():
        running.take_back(vendor_id=office.vendor.id, **back)  # type: ignore[arg-type]
    assert brought(office.arches) == []
    assert contra(office.arches) == 0
    assert {row[7] for row in moved_feed(vendor_id=office.vendor.id)} == {""}
    assert check_books() == []

    move_all(sent(office, office.arches, name="November"))
    assert brought(office.arches) == [("L-1", 5_000)]
    assert contra(office.arches) == -5_000
    assert check_books() == []


class TestAroundTheOrm:
    """PostgreSQL lets nothing of the old system be collected here twice, or by both."""

    def test_a_number_is_brought_once(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        owes(office, office.arches, open_minor=5_000)
        move_all(sent(office, office.arches))
        monkeypatch.setattr("comptoir.invoicing.opening.brought", lambda _company_ids: {})
        owed = OpeningBalance(company_id=office.arches.id, legacy_number="L-1", open_minor=5_000)
        with pytest.raises(IntegrityError, match="brought here before"), transaction.atomic():
            bring_forward(vendor=vendor_row(office.vendor.id), balances=[owed], on=TODAY, actor=TESTS)

    def test_who_owes_here_does_not_go_back(self, office: Office) -> None:
        owes(office, office.arches, open_minor=5_000)
        move_all(sent(office, office.arches))
        with (
            pytest.raises(IntegrityError, match="does not change"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("UPDATE cutover_move SET taken_back_at = now(), taken_back_why = 'x'")
            cursor.execute("UPDATE tenancy_company SET billed_since = NULL WHERE id = %s", [office.arches.id])
