"""A PDF once made stays as it was made."""

import hashlib
import json
import uuid

import pytest
from django.db import DatabaseError, connection, transaction

from comptoir.documents import operations, queries
from comptoir.documents.errors import DocumentNotReady
from comptoir.documents.queries import StoredPdf
from comptoir.tenancy import doors
from comptoir.tenancy.models import Company
from tests.databases import Database
from tests.factories import make_company, make_member, make_vendor

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
