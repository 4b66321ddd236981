"""What an import brought goes again, and only that: each kind of file, what is built upon it, and the database."""

import io
import zipfile
from collections.abc import Callable
from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction

from comptoir.config.books import check_books
from comptoir.customers.models import Location
from comptoir.cutover.comparison.models import Comparison, LegacyInvoice
from comptoir.cutover.comparison.running import compare_all, request_comparison
from comptoir.cutover.errors import ImportNotFound, ImportRefused, UnableToUndo
from comptoir.cutover.importing import import_export
from comptoir.cutover.legacy.shipped import shipped_profile
from comptoir.cutover.models import ImportUndo, LegacyImport
from comptoir.cutover.obstacles import pointing_at, words_for
from comptoir.cutover.signing_off import sign_off
from comptoir.cutover.undoing import carry_out_undo, request_undo, undo_plan
from comptoir.documents.models import StoredDocument
from comptoir.documents.operations import store
from comptoir.kit.models import Event
from comptoir.subscriptions.models import Subscription
from comptoir.tenancy.audit import Actor, record
from comptoir.tenancy.models import Company, Vendor
from tests.factories import NOW, TESTS, bill_here, issue_invoices, make_member, make_staff, make_vendor

pytestmark = pytest.mark.django_db

EXPORTS = shipped_profile("demo").parent.parent / "src/comptoir/demo/export"
CUSTOMERS = (EXPORTS / "demo-customers.csv").read_bytes()
INVOICES = (EXPORTS / "demo-invoices.csv").read_bytes()
RULES = import_module("comptoir.cutover.migrations.0012_import_undo_rules")
NO_KEY = {"tenancy_company": Company, "customers_location": Location, "subscriptions_subscription": Subscription}


def take(kind: str, content: bytes) -> int:
    return import_export(
        vendor_slug="northwind",
        profile_text=shipped_profile("demo").read_text(),
        profile_name="demo.toml",
        content=content,
        filename=kind,
        actor=TESTS,
        now=NOW,
        kind=kind,
    ).import_id


def papers(*numbers: str) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for number in numbers:
            archive.writestr(f"{number}.pdf", b"%PDF-1.4 " + number.encode())
    return kept.getvalue()


class Undoing:
    """A vendor with an import, and a manager who undoes."""

    def __init__(self) -> None:
        self.vendor: Vendor = make_vendor(slug="northwind")
        manager = make_staff(vendor=self.vendor)
        self.actor = Actor(kind="staff", label="Mina", user_id=manager.id)
        self.customers = take("customers", CUSTOMERS)

    def undo(self, import_id: int) -> ImportUndo:
        request_undo(vendor_id=self.vendor.id, import_id=import_id, reason="not ours", actor=self.actor)
        undo = ImportUndo.objects.latest("id")
        carry_out_undo(undo_id=undo.id, now=NOW)
        carry_out_undo(undo_id=undo.id, now=NOW)  # killed after the commit, and done again
        undo.refresh_from_db()
        return undo

    def in_the_way(self, import_id: int) -> list[str]:
        return [one.words for one in undo_plan(vendor_id=self.vendor.id, import_id=import_id).obstacles]


@pytest.fixture
def undoing() -> Undoing:
    return Undoing()


def test_pdfs_then_invoices_then_customers_go_the_way_they_came(undoing: Undoing) -> None:
    invoices = take("invoices", INVOICES)
    number = LegacyInvoice.objects.order_by("id").values_list("number", flat=True)[0]
    pdfs = take("papers", papers(number))
    again = take("papers", papers(number))
    with transaction.atomic():
        run_id = request_comparison(vendor_id=undoing.vendor.id, tolerance_minor=0, actor=TESTS)
    compare_all(run_id=run_id, now=NOW)
    compared = Comparison.objects.exclude(old_invoice=None).count()
    assert compared
    assert undoing.in_the_way(invoices) == ["PDFs kept with them; undo their import first"]
    assert "Old invoices; undo their import first" in undoing.in_the_way(undoing.customers)

    assert undoing.undo(again).report == {"gone": {"papers": 0}}, "it brought nothing new"
    assert StoredDocument.objects.count() == 1
    assert undoing.undo(pdfs).report == {"gone": {"papers": 1}}
    brought = LegacyInvoice.objects.count()
    assert undoing.undo(invoices).report == {"gone": {"invoices": brought}}
    assert not Comparison.objects.exclude(old_invoice=None).exists()
    undone = undoing.undo(undoing.customers)
    assert undone.status == "done"
    assert Event.objects.filter(name="customers_imported").count() == 2, "once as it came, once as it went"
    for table in (StoredDocument, LegacyInvoice, Comparison, Company, Location, Subscription):
        assert not table.objects.exists(), table  # type: ignore[attr-defined]
    assert check_books() == []


def test_an_import_that_only_saw_what_was_there_takes_nothing_away(undoing: Undoing) -> None:
    before = Company.objects.count()
    assert undoing.undo(take("customers", CUSTOMERS)).report == {"gone": {"companies": 0, "stores": 0, "services": 0}}
    assert Company.objects.count() == before


def _is_billed(undoing: Undoing) -> None:
    bill_here(Company.objects.get(number="1001"))
    assert issue_invoices(vendor=undoing.vendor)


def _has_a_login(undoing: Undoing) -> None:
    make_member(company=Company.objects.get(number="1001"))


def _has_a_document(undoing: Undoing) -> None:
    company = Company.objects.get(number="1001")
    store(vendor_id=undoing.vendor.id, company_id=company.id, reference="letter:1", filename="l.pdf", content=b"%PDF-")


def _is_on_record(undoing: Undoing) -> None:
    company = Company.objects.get(number="1001")
    record(actor=TESTS, action="seen", subject="x", vendor_id=undoing.vendor.id, company_id=company.id)


@pytest.mark.parametrize(
    ("happens", "said"),
    [
        (_is_billed, {"Billed here already", "Invoices, credits and bill runs", "Entries in the books"}),
        (_has_a_login, {"Logins, invitations and answers of customers"}),
        (_has_a_document, {"Documents kept for them"}),
        (_is_on_record, {"Acts of the team about them, on record"}),
    ],
)
def test_what_is_built_upon_it_is_in_the_way_before_and_after_it_is_asked_for(
    undoing: Undoing, happens: Callable[[Undoing], None], said: set[str]
) -> None:
    request_undo(vendor_id=undoing.vendor.id, import_id=undoing.customers, reason="not ours", actor=undoing.actor)
    happens(undoing)
    before = Company.objects.count()
    undo = ImportUndo.objects.get()
    carry_out_undo(undo_id=undo.id, now=NOW)
    undo.refresh_from_db()
    assert undo.status == "refused"
    assert Company.objects.count() == before
    assert set(undoing.in_the_way(undoing.customers)) >= said
    with pytest.raises(UnableToUndo, match="cannot be undone"):
        undoing.undo(undoing.customers)


def test_each_table_that_could_be_built_upon_it_is_looked_into() -> None:
    for table, origin in NO_KEY.items():
        for relation in pointing_at(origin):
            assert words_for(relation.related_model), relation
            field = relation.field
            if not field.db_constraint:
                looked_into = f"{relation.related_model._meta.db_table} x WHERE x.{field.column} = gone.id"
                assert looked_into in RULES.MAY_GO[table], "no foreign key refuses it"


def test_only_what_an_import_took_is_undone_once_by_a_manager_and_not_signed_off_then(undoing: Undoing) -> None:
    other = make_vendor(slug="harbor")
    with pytest.raises(ImportNotFound):
        undo_plan(vendor_id=other.id, import_id=undoing.customers)
    with pytest.raises(UnableToUndo, match="by a manager"):
        request_undo(vendor_id=undoing.vendor.id, import_id=undoing.customers, reason="x", actor=TESTS)
    clerk = Actor(kind="staff", label="Carl", user_id=make_staff(vendor=undoing.vendor, role="clerk").id)
    with pytest.raises(UnableToUndo, match="you may not"):
        request_undo(vendor_id=undoing.vendor.id, import_id=undoing.customers, reason="x", actor=clerk)
    undoing.undo(undoing.customers)
    with pytest.raises(UnableToUndo, match="undone already"):
        undoing.undo(undoing.customers)
    counts = (LegacyImport.objects.get().report or {})["counts"]
    with pytest.raises(ImportRefused, match="nothing to sign off"):
        sign_off(
            vendor_id=undoing.vendor.id,
            import_id=undoing.customers,
            their_total=counts["control_total"],
            actor=undoing.actor,
            now=NOW,
        )


class TestAroundTheOrm:
    """PostgreSQL lets nothing go that no undoing names, or that anything points at."""

    @pytest.mark.parametrize("table", [*RULES.MAY_GO])
    def test_nothing_goes_unless_its_import_is_being_undone(self, undoing: Undoing, table: str) -> None:
        take("invoices", INVOICES)
        take("papers", papers(LegacyInvoice.objects.values_list("number", flat=True)[0]))
        with pytest.raises(IntegrityError, match="being undone"), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table}")

    @pytest.mark.parametrize(
        "attack",
        [
            "UPDATE tenancy_company SET billed_since = '2020-09-01'; DELETE FROM tenancy_company",
            "UPDATE subscriptions_subscription SET legacy_key = ''; DELETE FROM subscriptions_subscription",
            "DELETE FROM cutover_legacycompany; DELETE FROM tenancy_company",
            "UPDATE cutover_importundo SET status = 'done', finished_at = now(), report = '{}'",
            "DELETE FROM tenancy_company; SET CONSTRAINTS ALL IMMEDIATE",
            "DELETE FROM cutover_importundo",
            "UPDATE cutover_importundo SET reason = 'another'",
            "INSERT INTO cutover_importsignoff (read_id, control_total, signed_by_id, signed_by_name, signed_at)"
            " SELECT read_id, report #>> '{counts,control_total}', requested_by_id, 'x', now()"
            " FROM (SELECT u.read_id, u.requested_by_id, i.report FROM cutover_importundo u"
            " JOIN cutover_legacyimport i ON i.id = u.read_id) asked",
        ],
    )
    def test_what_is_asked_for_is_done_whole_or_not_at_all(self, undoing: Undoing, attack: str) -> None:
        request_undo(vendor_id=undoing.vendor.id, import_id=undoing.customers, reason="not ours", actor=undoing.actor)
        with pytest.raises(IntegrityError), connection.cursor() as cursor:
            cursor.execute(attack)

    def test_what_was_undone_stays_undone(self, undoing: Undoing) -> None:
        undoing.undo(undoing.customers)
        with pytest.raises(IntegrityError), connection.cursor() as cursor:
            cursor.execute("UPDATE cutover_importundo SET status = 'requested', finished_at = NULL, report = NULL")
