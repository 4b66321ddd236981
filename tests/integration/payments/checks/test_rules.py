"""What PostgreSQL keeps of checks, whoever writes and whoever is killed."""

import psycopg
import pytest
from django.db import DatabaseError, OperationalError, connection, transaction

from comptoir.payments.checks.deposits import TypedCheck, add_check
from comptoir.payments.checks.files import UploadedFile, take_bank_file
from comptoir.payments.models import BankFile, Deposit, ReceivedCheck
from tests.databases import Database
from tests.factories import NOW, TODAY, make_company, make_vendor

from .bank import bai2
from .conftest import Counter


def say(sql: str, *values: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.mark.parametrize(
    ("sql", "refusal"),
    [
        ("UPDATE payments_receivedcheck SET amount_minor = 1", "is refused"),
        ("UPDATE payments_receivedcheck SET payer = 'Other'", "is refused"),
        ("DELETE FROM payments_receivedcheck", "its checks never change"),
        ("UPDATE payments_deposit SET control_minor = 1", "is refused"),
        ("UPDATE payments_deposit SET status = 'open', posted_at = NULL", "cannot go from posted to open"),
        ("DELETE FROM payments_deposit", "is refused"),
        ("TRUNCATE payments_deposit CASCADE", "is refused"),
        (
            "UPDATE payments_receivedcheck SET status = 'entered', payment_id = NULL",
            "cannot go from applied to entered",
        ),
        ("UPDATE payments_receivedcheck SET status = 'waiting'", "applied_check_is_a_payment"),
        ("UPDATE payments_receivedcheck SET status = 'waiting', payment_id = NULL", "leaves a payment"),
        ("UPDATE payments_payment SET status = 'returned', ended_at = now()", "is not what its check says"),
        (
            "INSERT INTO payments_receivedcheck (public_id, vendor_id, deposit_id, amount_minor, number, payer,"
            " remittance, status, reasons, matched_by) SELECT gen_random_uuid(), vendor_id, id, 100, '', '', '',"
            " 'entered', '[]', '' FROM payments_deposit",
            "its checks never change",
        ),
    ],
)
def test_a_posted_deposit_and_its_checks_never_change(counter: Counter, sql: str, refusal: str) -> None:
    line = counter.scan_line(counter.invoice(counter.arches))
    counter.receive(TypedCheck(amount_minor=9_900, number="1041", remittance=line))
    with pytest.raises(DatabaseError, match=refusal):
        say(sql)


def test_a_deposit_closes_only_when_it_ties_out(counter: Counter) -> None:
    deposit_id = counter.open(total_minor=1_000, count=1)
    closing = "UPDATE payments_deposit SET status = 'closed', closed_by = 'me' WHERE id = %s"
    with pytest.raises(DatabaseError, match="does not tie out"):
        say(closing, deposit_id)
    for amount_minor in (400, 600):
        with transaction.atomic():
            add_check(vendor_id=counter.vendor.id, deposit_id=deposit_id, check=TypedCheck(amount_minor=amount_minor))
    with pytest.raises(DatabaseError, match="2 checks over 1000 where there must be 1 over 1000"):
        say(closing, deposit_id)


def test_a_closed_deposit_is_posted_only_with_its_checks(counter: Counter) -> None:
    deposit_id = counter.open(total_minor=100, count=1)
    with transaction.atomic():
        add_check(vendor_id=counter.vendor.id, deposit_id=deposit_id, check=TypedCheck(amount_minor=100))
    say("UPDATE payments_deposit SET status = 'closed', closed_by = 'me' WHERE id = %s", deposit_id)
    with pytest.raises(DatabaseError, match="a check of it is not in the books"):
        say("UPDATE payments_deposit SET status = 'posted', posted_at = now() WHERE id = %s", deposit_id)


def test_nothing_of_another_vendor_is_mixed_in(counter: Counter) -> None:
    other = make_vendor()
    stranger = make_company(vendor=other)
    (check,) = counter.receive(TypedCheck(amount_minor=100, payer="J. Doe"))
    with pytest.raises(DatabaseError, match="not of this company's vendor"):
        say(
            "INSERT INTO payments_checkdecision (received_id, kind, company_id, amounts, note, decided_by, decided_on,"
            " status, outcome) VALUES (%s, 'apply', %s, '{}', '', 'me', '2020-09-16', 'requested', '')",
            check.id,
            stranger.id,
        )
    with pytest.raises(DatabaseError, match="company of the vendor"):
        say(
            "INSERT INTO payments_knownpayer (vendor_id, name, company_id, remembered_by, remembered_at)"
            " VALUES (%s, 'doe', %s, 'me', now())",
            counter.vendor.id,
            stranger.id,
        )
    deposit_id = counter.open(total_minor=100, count=1)
    with pytest.raises(DatabaseError, match="deposit of its own vendor"):
        ReceivedCheck.objects.create(vendor=other, deposit_id=deposit_id, amount_minor=1)


def test_an_import_that_is_killed_leaves_nothing(counter: Counter, fresh_database: Database) -> None:
    content = bai2(("115", 500, "L", "", ""), ("116", 300, "", "1", "A"), ("116", 200, "", "2", "B"))
    file = UploadedFile(filename="day.bai", content=content)
    with fresh_database.as_owner(), pytest.raises(OperationalError), transaction.atomic():
        take_bank_file(vendor_id=counter.vendor.id, currency="USD", file=file, actor=counter.nora, today=TODAY, now=NOW)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
        with psycopg.connect(fresh_database.owner_url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        Deposit.objects.count()

    assert (BankFile.objects.count(), Deposit.objects.count(), ReceivedCheck.objects.count()) == (0, 0, 0)
