"""PDFs of the old system's invoices, kept for the record; and totals that a manager signs off."""

import io
import zipfile
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from comptoir.cutover.comparison.models import LegacyInvoice
from comptoir.cutover.comparison.queries import old_invoices
from comptoir.cutover.errors import ImportRefused
from comptoir.cutover.importing import ImportReport, import_export
from comptoir.cutover.legacy.errors import ExportUnreadable
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
    assert [finding.done for finding in again.findings] == ["The one kept first stays."], "and somebody is told"
    assert take("papers", zipped(**{"L-71894-1001": b"%PDF-1.4 first"})).findings == ()
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


def test_a_zip_is_asked_for_as_little_as_its_number_of_files_allows(northwind: Vendor) -> None:
    take("invoices", (EXPORTS / "demo-invoices.csv").read_bytes())
    numbers = list(LegacyInvoice.objects.values_list("number", flat=True))
    papers = {number: b"%PDF-1.4 " + number.encode() for number in numbers}

    def looks(count: int) -> int:
        with CaptureQueriesContext(connection) as asked:
            take("papers", zipped(**dict(list(papers.items())[:count])))
        return sum("SELECT" in query["sql"] and "cutover_legacyinvoice" in query["sql"] for query in asked)

    assert looks(2) == looks(20)


@pytest.mark.parametrize("spoilt", ["locked", "damaged", "packed as nobody knows"])
def test_a_paper_that_cannot_be_unpacked_is_refused_and_the_others_are_kept(northwind: Vendor, spoilt: str) -> None:
    take("invoices", (EXPORTS / "demo-invoices.csv").read_bytes())
    other = LegacyInvoice.objects.exclude(number="L-71894-1001").values_list("number", flat=True)[0]
    content = bytearray(zipped(**{"L-71894-1001": b"%PDF-1.4 first", other: b"%PDF-1.4 second"}))
    local, listed = content.index(b"PK\3\4", 60), content.index(b"PK\1\2", content.index(b"PK\1\2") + 4)
    if spoilt == "locked":
        content[local + 6] |= 1
        content[listed + 8] |= 1
    elif spoilt == "damaged":
        content[content.index(b"first")] ^= 1
    else:
        content[local + 8] = content[listed + 10] = 99
    report = take("papers", bytes(content))
    assert (report.created, report.refused) == (1, 1)
    assert report.findings[0].value == "scans/L-71894-1001.pdf"


def test_a_zip_that_unpacks_to_too_much_or_has_names_that_are_none_is_refused_whole(northwind: Vendor) -> None:
    bomb = bytearray(zipped(**{"L-71894-1001": b"%PDF-1.4 first"}))
    listed = bomb.index(b"PK\1\2", bomb.index(b"PK\1\2") + 4)
    bomb[listed + 24 : listed + 28] = (2**30 + 1).to_bytes(4, "little")
    with pytest.raises(ExportUnreadable, match="1 GB"):
        take("papers", bytes(bomb))
    odd = bytearray(zipped(**{"L-71894-1001é": b"%PDF-1.4 first"}))
    name = odd.rindex("é".encode())
    odd[name : name + 2] = b"\xff\xff"
    with pytest.raises(ImportRefused, match="not a zip"):
        take("papers", bytes(odd))


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
