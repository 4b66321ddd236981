"""A PDF once made stays as it was made."""

import hashlib
import json
import uuid
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from comptoir.documents import operations, queries
from comptoir.documents.data import Brand, Party, StatementDocument
from comptoir.documents.errors import DocumentNotReady
from comptoir.documents.models import StoredDocument
from comptoir.documents.queries import StoredPdf
from comptoir.tenancy import doors
from comptoir.tenancy.models import Company
from comptoir.tenancy.queries import company_row
from tests.databases import Database
from tests.factories import make_company, make_member, make_staff, make_vendor

REFERENCE = f"invoice:{uuid.UUID(int=1)}"


def store(company: Company, *, content: bytes = b"%PDF first", reference: str = REFERENCE) -> StoredPdf:
    return operations.store(
        vendor_id=company.vendor_id,
        company_id=company.id,
        reference=reference,
        filename="Invoice 1.pdf",
        content=content,
    )


@pytest.fixture
def company(db: None) -> Company:
    return make_company(vendor=make_vendor())


def test_what_is_stored_comes_back_with_its_hash(company: Company) -> None:
    store(company)

    found = queries.stored_pdf(REFERENCE)
    assert found == StoredPdf(
        filename="Invoice 1.pdf", content=b"%PDF first", sha256=hashlib.sha256(b"%PDF first").hexdigest()
    )


def test_the_first_stays(company: Company) -> None:
    first = store(company)

    assert store(company, content=b"%PDF second") == first
    assert queries.stored_pdf(REFERENCE) == first


def test_what_is_not_made_yet_says_what_to_do(company: Company) -> None:
    with pytest.raises(DocumentNotReady, match="try again"):
        queries.stored_pdf(REFERENCE)


def test_the_stored_ones_of_many_are_known(company: Company) -> None:
    store(company)

    assert queries.stored_references([REFERENCE, "invoice:unknown"]) == {REFERENCE}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE documents_storeddocument SET content = 'other'",
        "DELETE FROM documents_storeddocument",
        "TRUNCATE documents_storeddocument",
    ],
)
def test_postgresql_lets_nobody_change_it(company: Company, change: str) -> None:
    store(company)

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


def test_postgresql_keeps_no_file_under_another_ones_hash(company: Company) -> None:
    put = (
        "INSERT INTO documents_storeddocument (public_id, vendor_id, company_id, reference, filename, sha256, content)"
        " VALUES (gen_random_uuid(), %s, %s, 'invoice:x', 'x.pdf', encode(sha256('one'), 'hex'), %s)"
    )
    with pytest.raises(DatabaseError, match="document_is_true_to_its_hash"), transaction.atomic():
        connection.cursor().execute(put, [company.vendor_id, company.id, b"another"])

    connection.cursor().execute(put, [company.vendor_id, company.id, b"one"])


def test_a_paper_is_of_a_company_of_its_vendor(company: Company) -> None:
    with pytest.raises(DatabaseError, match="another vendor's"), transaction.atomic():
        operations.store(
            vendor_id=make_vendor().id, company_id=company.id, reference=REFERENCE, filename="x.pdf", content=b"x"
        )


def test_an_owner_reads_the_own_companys_papers_only(fresh_database: Database) -> None:
    vendor = make_vendor()
    own, foreign = make_company(vendor=vendor), make_company(vendor=vendor)
    owner = make_member(company=own)
    store(own, reference="invoice:own")
    store(foreign, reference="invoice:foreign")

    with fresh_database.as_web(), doors.portal(user_id=owner.id, company_id=own.id):
        assert queries.stored_pdf("invoice:own").content == b"%PDF first"
        with pytest.raises(DocumentNotReady):
            queries.stored_pdf("invoice:foreign")


def statement(opening_minor: int, *, colour: str = "#1f5f8b") -> StatementDocument:
    return StatementDocument(
        brand=Brand(name="Northwind", legal_name="Northwind Inc.", address=(), colour=colour),
        bill_to=Party(name="Green Olive", address=("77 Market Street",)),
        starts_on=date(2020, 10, 1),
        ends_on=date(2020, 11, 1),
        opening_minor=opening_minor,
        entries=(),
        currency="USD",
        language="en",
    )


def test_what_is_asked_for_on_demand_stays_as_long_as_it_says_the_same(fresh_database: Database) -> None:
    own = make_company(vendor=make_vendor())
    owner, row = make_member(company=own), company_row(own)

    with fresh_database.as_web(), doors.portal(user_id=owner.id, company_id=own.id):
        first = operations.on_demand("statement", statement(100), company=row, filename="a.pdf")
        assert (
            operations.on_demand("statement", statement(100, colour="#7f1d1d"), company=row, filename="b.pdf") == first
        )
        assert operations.on_demand("statement", statement(200), company=row, filename="a.pdf").sha256 != first.sha256
    assert StoredDocument.objects.filter(company=own).count() == 2


def test_pages_keep_only_what_is_made_on_demand_for_their_own_company(fresh_database: Database) -> None:
    """Around the ORM: no page can slip in an invoice, nor take the name of another company's paper."""
    vendor = make_vendor()
    own, other, strangers = make_company(vendor=vendor), make_company(vendor=vendor), make_company(vendor=make_vendor())
    owner, clerk = make_member(company=own), make_staff(vendor=vendor)
    put = (
        "INSERT INTO documents_storeddocument (public_id, vendor_id, company_id, reference, filename, sha256, content)"
        " VALUES (gen_random_uuid(), %s, %s, %s, 'x.pdf', encode(sha256('x'), 'hex'), 'x')"
    )

    def keep(company: Company, reference: str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(put, [company.vendor_id, company.id, reference])

    with fresh_database.as_web():
        for opened in (
            doors.portal(user_id=owner.id, company_id=own.id),
            doors.staff(user_id=clerk.id, vendor_id=vendor.id),
        ):
            with opened:
                keep(own, f"slip:{own.public_id}:{id(opened)}")
                for company, reference in (
                    (own, f"invoice:{own.public_id}"),
                    (strangers, f"slip:{strangers.public_id}:1"),
                ):
                    with pytest.raises(DatabaseError, match="row-level security"):
                        keep(company, reference)
                with pytest.raises(DatabaseError, match="named by another company"):
                    keep(own, f"slip:{other.public_id}:1")


def test_a_batch_for_the_printer_holds_its_vendors_papers_alone(company: Company) -> None:
    """Whoever asks, and around the ORM."""
    other = make_company(vendor=make_vendor())
    store(company)
    store(other, reference="letter:another")
    asked = "INSERT INTO documents_printbatch (vendor_id, title, sheets, requested_by, requested_on)"

    def put_together(*references: str) -> None:
        sheets = json.dumps([["1001", "Arches", [reference]] for reference in references])
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"{asked} VALUES (%s, 'x', %s, 'x', '2020-09-16')", [company.vendor_id, sheets])

    put_together(REFERENCE)
    for bad in ("letter:another", "invoice:none"):
        with pytest.raises(DatabaseError, match=f"{bad} is no paper of its vendor"):
            put_together(REFERENCE, bad)
