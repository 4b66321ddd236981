"""PDFs of the old system's invoices, kept for the record; and totals that a manager signs off."""

import io
import zipfile
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from comptoir.cutover.comparison.models import LegacyInvoice
from comptoir.cutover.comparison.queries import old_invoices
from comptoir.cutover.errors import ImportRefused
from comptoir.cutover.importing import ImportReport, import_export
from comptoir.cutover.legacy.shipped import shipped_profile
from comptoir.cutover.old_papers import old_paper, papers_kept
from comptoir.cutover.queries import import_row
from comptoir.cutover.signing_off import sign_off
from comptoir.tenancy.audit import Actor
from comptoir.tenancy.models import Company, Vendor
from tests.factories import NOW, TESTS, make_staff, make_user, make_vendor

pytestmark = pytest.mark.django_db

EXPORTS = shipped_profile("demo").parent.parent / "src/comptoir/demo/export"


@pytest.fixture
def northwind() -> Vendor:
    vendor = make_vendor(slug="northwind")
    take("customers", (EXPORTS / "demo-customers.csv").read_bytes())
    return vendor


def take(kind: str, content: bytes, *, is_trial: bool = False) -> ImportReport:
    return import_export(
        vendor_slug="northwind",
        profile_text=shipped_profile("demo").read_text(),
        profile_name="demo.toml",
        content=content,
        filename=kind,
        actor=TESTS,
        now=NOW,
        kind=kind,
        is_trial=is_trial,
    )


def zipped(**papers: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("scans/", b"")
        for number, content in papers.items():
            archive.writestr(f"scans/{number}.pdf", content)
    return kept.getvalue()


def test_pdfs_are_kept_with_the_invoices_that_they_are_called_by(northwind: Vendor) -> None:
    take("invoices", (EXPORTS / "demo-invoices.csv").read_bytes())
    papers = {"L-71894-1001": b"%PDF-1.4 first", "L-0": b"%PDF-1.4 nobody's", "L-71895-1002": b"no PDF"}
    report = take("papers", zipped(**papers))
    assert (report.read, report.created, report.refused) == (3, 1, 2)
    assert [(finding.line, finding.value) for finding in report.findings] == [
        (2, "scans/L-0.pdf"),
        (3, "scans/L-71895-1002.pdf"),
    ]
    again = take("papers", zipped(**{"L-71894-1001": b"%PDF-1.4 another"}))
    assert (again.created, again.unchanged) == (0, 1)
    company = Company.objects.get(number="1001")
    (row,) = old_invoices(company.id)
    kept = old_paper(company_id=company.id, invoice_id=row.id)
    assert kept is not None
    assert kept.content == b"%PDF-1.4 first", "what was kept first stays"
    assert papers_kept([row.id]) == {row.id}
    other = LegacyInvoice.objects.exclude(company=company).first()
    assert other is not None
    assert old_paper(company_id=company.id, invoice_id=other.id) is None
    with pytest.raises(ImportRefused, match="not a zip"):
        take("papers", b"%PDF-1.4 alone")


def test_a_manager_signs_off_what_the_old_system_says_too(northwind: Vendor) -> None:
    trial = take("invoices", (EXPORTS / "demo-invoices.csv").read_bytes(), is_trial=True)
    assert not LegacyInvoice.objects.exists()
    report = take("invoices", (EXPORTS / "demo-invoices.csv").read_bytes())
    assert report.counts == trial.counts
    total = Decimal(report.control_total)

    def signed(role: str, import_id: int, their_total: Decimal) -> None:
        user = make_staff(vendor=northwind, user=make_user(), role=role)
        sign_off(
            vendor_id=northwind.id,
            import_id=import_id,
            their_total=their_total,
            actor=Actor(kind="staff", label="Ada", user_id=user.id),
            now=NOW,
        )

    with pytest.raises(ImportRefused, match="find what is missing"):
        signed("manager", report.import_id, total + 1)
    with pytest.raises(ImportRefused, match="has taken"):
        signed("manager", trial.import_id, total)
    with pytest.raises(ImportRefused):
        signed("clerk", report.import_id, total)
    signed("manager", report.import_id, total)
    assert import_row(vendor_id=northwind.id, import_id=report.import_id).signed_by == "Ada"
    with pytest.raises(ImportRefused, match="already"):
        signed("admin", report.import_id, total)
    for attack in (
        "DELETE FROM cutover_importsignoff",
        "UPDATE cutover_importsignoff SET control_total = '1'",
        "INSERT INTO cutover_importsignoff (read_id, control_total, signed_by_id, signed_by_name, signed_at)"
        f" SELECT {trial.import_id}, control_total, signed_by_id, 'x', now() FROM cutover_importsignoff",
    ):
        with (
            pytest.raises(IntegrityError, match=r"refused|signs off"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(attack)
