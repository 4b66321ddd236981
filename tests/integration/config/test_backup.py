"""The books of a vendor with invoices, credits and earned revenue, brought back from a backup."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.db import connection, transaction

from comptoir.invoicing.corrections import carry_out, request_credit
from comptoir.invoicing.models import CreditReason, Invoice
from comptoir.invoicing.recognition import recognise
from tests.databases import Database
from tests.factories import NOW, TESTS, issue_invoices, make_company, make_plan, make_subscription, make_vendor


@pytest.fixture
def elsewhere(fresh_database: Database) -> Iterator[str]:
    """An empty database beside the test's; its URL."""
    name = f"{fresh_database.name}_restored"
    with psycopg.connect(fresh_database.owner_url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"'.encode())
        yield urlunsplit(urlsplit(fresh_database.owner_url)._replace(path=f"/{name}"))
        server.execute(f'DROP DATABASE "{name}"'.encode())


def comptoir(*words: str, url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "comptoir.cli", *words],
        env=os.environ | {"DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_what_is_restored_proves_its_books(fresh_database: Database, elsewhere: str, tmp_path: Path) -> None:
    vendor = make_vendor()
    for _company in range(3):
        make_subscription(company=make_company(vendor=vendor), plan=make_plan(vendor=vendor))
    (bill, *_others) = issue_invoices(vendor=vendor)
    with transaction.atomic():
        asked = request_credit(
            invoice_id=bill.id,
            amounts={1: 1_000},
            reason=CreditReason.GOODWILL,
            explanation="late start",
            actor=TESTS,
            role="clerk",
        )
    carry_out(correction_id=asked.id, now=NOW)
    recognise(vendor_id=vendor.id, until=date(2020, 11, 1))
    connection.close()

    file = tmp_path / "books.backup"
    backed_up = comptoir("backup", str(file), url=fresh_database.owner_url)
    assert backed_up.returncode == 0, backed_up.stderr
    restored = comptoir("restore", str(file), url=elsewhere)
    assert restored.returncode == 0, restored.stderr

    proved = comptoir("check-books", url=elsewhere)
    assert (proved.returncode, "BROKEN" in proved.stdout) == (0, False), proved.stdout + proved.stderr
    with psycopg.connect(elsewhere) as there:
        assert there.execute("SELECT count(*) FROM invoicing_invoice").fetchone() == (Invoice.objects.count(),)
        with pytest.raises(psycopg.errors.IntegrityError, match="does not change"):
            there.execute("UPDATE invoicing_invoice SET total_minor = 1")
