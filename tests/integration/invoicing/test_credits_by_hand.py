"""What PostgreSQL refuses of credit notes and limits, written around the application."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from comptoir.invoicing.models import CreditNote, Invoice, NumberSeries
from comptoir.kit.copying import copy_rows, take_ids
from comptoir.ledger.operations import Entry, PostingLine, accounts, post
from comptoir.tenancy import doors
from comptoir.tenancy.models import Vendor
from tests.databases import Database
from tests.factories import make_staff, make_vendor

from .conftest import Books
from .copied import NOVEMBER, copied, of_the_first_company

NOT_WHOLE = "it lacks its number, does not add up, or is not of its invoice"
TOO_MUCH = "gives back more of a line, its days or its taxes than was billed"
NO_DAYS = (None, None)
LAST_TEN_DAYS = ("2020-11-21", "2020-12-01")


@pytest.fixture
def bill(issued: Books) -> Invoice:
    """November at 49.00, and 4.90 of tax."""
    copied(issued, (of_the_first_company(), *NOVEMBER, 4_900), taxes=[(10, 4_900)], bears=[("{1}", "{490}")])
    return Invoice.objects.latest("id")


@transaction.atomic
def credited(
    bill: Invoice,
    *lines: tuple[Any, ...],
    live_until: str | None = None,
    numbered: str | None = "credit_note",
    leap: int = 0,
    unapplied_minor: int = 0,
    foreign: Invoice | None = None,
    **instead: object,
) -> None:
    """COPY a credit note as it should be, with its lines, number, entry and allocation, and commit.

    Each line says its position on the invoice, its days, amount and parts of the taxes. The coverage of the invoice's
    line then lives until ``live_until``. What is wrong with it: a number of another series or none, a ``leap``, a part
    that is not applied, a line of a ``foreign`` invoice more, or values of its columns ``instead``.
    """
    net_minor, tax_minor = sum(line[3] for line in lines), sum(sum(line[4]) for line in lines)
    total_minor = net_minor + tax_minor
    (note_id,) = take_ids(table="invoicing_creditnote", count=1)
    note = {
        "id": note_id,
        "public_id": f"00000000-0000-0000-0000-{note_id:012}",
        "vendor_id": bill.vendor_id,
        "company_id": bill.company_id,
        "invoice_id": bill.id,
        "reason": "correction",
        "explanation": "by hand",
        "issue_date": "2020-10-20",
        "bill_to": "{}",
        "language": "en",
        "currency": "USD",
        "net_minor": net_minor,
        "tax_minor": tax_minor,
        "total_minor": total_minor,
        "issued_by": "me",
        **instead,
    }
    copy_rows(table="invoicing_creditnote", columns=list(note), rows=[tuple(note.values())])
    copy_rows(
        table="invoicing_creditnoteline",
        columns=["credit_note_id", "position", "invoice_id", "corrects", "starts_on", "ends_on", "amount_minor",
                 "tax_parts"],
        rows=[(note_id, position, bill.id, *line) for position, line in enumerate(lines, 1)]
        + ([(note_id, 9, foreign.id, 1, *NO_DAYS, 5, [])] if foreign else []),
    )  # fmt: skip
    if live_until:
        give_back("2020-11-01", live_until)
    if numbered:
        kind_of = {"vendor_id": note["vendor_id"], "kind": numbered}
        series, _made = NumberSeries.objects.get_or_create(**kind_of, defaults={"prefix": f"of {kind_of}"})
        copy_rows(
            table="invoicing_creditnotenumber",
            columns=["credit_note_id", "series_id", "number"],
            rows=[(note_id, series.id, series.next_number + leap)],
        )
    account, applied_minor = accounts(vendor_id=bill.vendor_id, currency="USD"), total_minor - unapplied_minor
    sides = [PostingLine(account["bank"], applied_minor), PostingLine(account["receivable"], -applied_minor, bill.id)]
    (entry_id,) = post(
        vendor_id=bill.vendor_id,
        posted_on=date(2020, 10, 20),
        reason="copied",
        entries=[Entry(bill.company_id, "copied", sides)],
    )
    say(
        "UPDATE invoicing_invoicebalance SET open_minor = open_minor - %s, "
        "settled_at = CASE WHEN open_minor = %s THEN timestamptz '2020-10-20' END WHERE invoice_id = %s",
        applied_minor, applied_minor, bill.id,
    )  # fmt: skip
    copy_rows(
        table="invoicing_allocation",
        columns=["invoice_id", "credit_note_id", "entry_id", "amount_minor", "allocated_at"],
        rows=[(bill.id, note_id, entry_id, applied_minor, "2020-10-20")],
    )


def say(statement: str, *values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


def give_back(starts_on: str, live_until: str) -> None:
    """Let the first company's days that it was billed for from ``starts_on`` live until then."""
    say(
        "UPDATE invoicing_coverage SET live_until = %s WHERE starts_on = %s AND subscription_id = %s",
        live_until, starts_on, of_the_first_company(),
    )  # fmt: skip


def test_a_credit_note_that_is_right_is_taken(bill: Invoice) -> None:
    credited(bill, (1, *LAST_TEN_DAYS, 1_633, [163]), live_until="2020-11-21")
    credited(bill, (1, *NO_DAYS, 1_000, [100]))
    credited(bill, (1, *NO_DAYS, 2_267, [226]))
    assert CreditNote.objects.count() == 3
    with pytest.raises(IntegrityError, match=TOO_MUCH):
        credited(bill, (1, *NO_DAYS, 1, [0]), total_minor=1)


def test_a_credit_note_has_its_number_adds_up_and_is_of_its_invoice(bill: Invoice) -> None:
    other = Invoice.objects.exclude(company_id=bill.company_id).get()
    wrong: list[dict[str, Any]] = [
        {"numbered": None},
        {"net_minor": 999, "total_minor": 1_099},
        {"tax_minor": 99, "total_minor": 1_099},
        {"unapplied_minor": 1},
        {"foreign": other},
        {"company_id": other.company_id},
        {"vendor_id": make_vendor(slug="harbor").id},
        {"currency": "EUR"},
        {"issue_date": "2020-10-15"},
    ]
    for instead in wrong:
        with pytest.raises(IntegrityError, match=NOT_WHOLE):
            credited(bill, (1, *NO_DAYS, 1_000, [100]), **instead)
    with pytest.raises(IntegrityError, match="a number is of its vendor's series of credit notes"):
        credited(bill, (1, *NO_DAYS, 1_000, [100]), numbered="invoice")
    with pytest.raises(IntegrityError, match="follow their series without a gap"):
        credited(bill, (1, *NO_DAYS, 1_000, [100]), leap=1)
    assert CreditNote.objects.count() == 0


@pytest.mark.parametrize(
    ("lines", "live_until"),
    [
        ([(1, *NO_DAYS, 4_901, [0])], None),
        ([(1, *NO_DAYS, 2_500, [0]), (1, *NO_DAYS, 2_401, [0])], None),
        ([(1, *NO_DAYS, 1_000, [491])], None),
        ([(1, *NO_DAYS, 1_000, [-1]), (1, *NO_DAYS, 1_000, [1])], None),
        ([(1, *NO_DAYS, 1_000, [])], None),
        ([(1, *NO_DAYS, 1_000, [50, 50])], None),
        ([(2, *NO_DAYS, 1_000, [100])], None),
        ([(1, *LAST_TEN_DAYS, 1_633, [163])], None),
        ([(1, *LAST_TEN_DAYS, 1_633, [163])], "2020-11-20"),
        ([(1, "2020-11-20", "2020-11-30", 1_633, [163])], "2020-11-21"),
        ([(1, "2020-11-22", "2020-12-02", 1_633, [163])], "2020-11-21"),
    ],
)
def test_no_more_is_given_back_than_was_billed(bill: Invoice, lines: Any, live_until: str | None) -> None:
    with pytest.raises(IntegrityError, match=TOO_MUCH):
        credited(bill, *lines, live_until=live_until)


def test_days_are_given_back_the_latest_first(bill: Invoice) -> None:
    with pytest.raises(IntegrityError, match="the latest first"):
        give_back("2020-10-01", "2020-10-21")


class TestLimits:
    """Behind the billing team's door, a role is one's own, whatever is written."""

    ALLOW = "UPDATE invoicing_correction SET status = 'approved', approved_by = 'me', approved_role = %s"
    SET = "INSERT INTO invoicing_approvallimit (vendor_id, role, limit_minor) VALUES (%s, 'clerk', 1000000)"

    @contextmanager
    def behind_the_door(self, database: Database, *, vendor_id: int, role: str) -> Iterator[None]:
        member = make_staff(vendor=Vendor.objects.get(id=vendor_id), role=role)
        with database.as_web(), doors.staff(user_id=member.id, vendor_id=vendor_id):
            yield

    def test_nobody_allows_by_a_role_that_is_not_ones_own(self, bill: Invoice, fresh_database: Database) -> None:
        say(
            "INSERT INTO invoicing_correction (vendor_id, invoice_id, kind, lines, amount_minor, reason, explanation,"
            " status, requested_by, approved_by, approved_role, outcome)"
            " VALUES (%s, %s, 'void', '[]', 5390, 'void', 'wrong', 'requested', 'me', '', '', '')",
            bill.vendor_id, bill.id,
        )  # fmt: skip
        for own, written in (("clerk", "manager"), ("manager", "admin"), ("auditor", "clerk")):
            with (
                pytest.raises(DatabaseError, match="does not have the role"),
                self.behind_the_door(fresh_database, vendor_id=bill.vendor_id, role=own),
            ):
                say(self.ALLOW, written)
        with self.behind_the_door(fresh_database, vendor_id=bill.vendor_id, role="clerk"):
            assert say(self.ALLOW, "clerk") == 1

    def test_an_admin_alone_sets_limits(self, bill: Invoice, fresh_database: Database) -> None:
        for role in ("clerk", "manager", "auditor"):
            with (
                pytest.raises(DatabaseError, match="an admin alone sets approval limits"),
                self.behind_the_door(fresh_database, vendor_id=bill.vendor_id, role=role),
            ):
                say(self.SET, bill.vendor_id)
        with self.behind_the_door(fresh_database, vendor_id=bill.vendor_id, role="admin"):
            assert say(self.SET, bill.vendor_id) == 1
        with (
            pytest.raises(DatabaseError, match="an admin alone sets approval limits"),
            self.behind_the_door(fresh_database, vendor_id=bill.vendor_id, role="manager"),
        ):
            say("UPDATE invoicing_approvallimit SET limit_minor = NULL")
