"""Deposits tie out to what the bank says: named by its file, over another total by a person's word, or looked into."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from comptoir.payments.checks.confirming import say_it_is, watch_deposits
from comptoir.payments.checks.deposits import TypedCheck
from comptoir.payments.checks.errors import DepositRefused
from comptoir.payments.checks.queries import deposit, may_be
from comptoir.payments.models import Deposit
from comptoir.tenancy import doors
from comptoir.work.models import WorkItem
from comptoir.work.operations import close_item
from tests.factories import NOW, TODAY

from .bank import bai2
from .conftest import Counter
from .test_files import take

WEEK = timedelta(days=7)


def watched(counter: Counter, on: date) -> list[str]:
    """Let a morning come; return which deposits are on the team's list."""
    with transaction.atomic():
        watch_deposits(vendor_id=counter.vendor.id, on=on, now=NOW)
    return list(WorkItem.objects.filter(kind="deposit_differs", closed_at=None).values_list("subject", flat=True))


def say(counter: Counter, told: Deposit, ours: Deposit, *, note: str = "one check was read as 98.00") -> None:
    with doors.staff(user_id=counter.nora.user_id or 0, vendor_id=counter.vendor.id):
        say_it_is(
            vendor_id=counter.vendor.id, told_id=told.id, deposit_id=ours.id, note=note, actor=counter.nora, now=NOW
        )


def handed_in(counter: Counter, minor: int = 9_900) -> Deposit:
    return counter.receive(TypedCheck(amount_minor=minor, number="1041", payer="Arches Burgers LLC"))[0].deposit


def credited(counter: Counter, minor: int, reference: str = "DEP77") -> Deposit:
    take(counter, bai2(("301", minor, reference, "", "BRANCH DEPOSIT")))
    return Deposit.objects.latest("id")


def test_a_deposit_that_the_bank_names_is_confirmed_by_its_file(counter: Counter) -> None:
    ours = handed_in(counter)
    assert deposit(vendor_id=counter.vendor.id, deposit_id=ours.id).bank_minor is None
    assert watched(counter, TODAY + 2 * WEEK) == [], "a bank whose files nobody reads names none"
    credited(counter, 9_900)
    row = deposit(vendor_id=counter.vendor.id, deposit_id=ours.id)
    assert (row.bank_minor, row.bank_difference_minor, row.bank_reference) == (9_900, 0, "DEP77")
    assert watched(counter, TODAY + 2 * WEEK) == []


def test_what_the_bank_does_not_name_for_a_week_is_on_the_list_until_it_does(counter: Counter) -> None:
    credited(counter, 4_900)  # its checks are typed by nobody
    ours = handed_in(counter)
    told = Deposit.objects.earliest("id")
    assert watched(counter, TODAY) == []
    assert watched(counter, TODAY + timedelta(days=1)) == [f"deposit:{told.id}"]
    assert watched(counter, TODAY + WEEK) == [f"deposit:{told.id}"]
    assert watched(counter, TODAY + timedelta(days=8)) == [f"deposit:{told.id}", f"deposit:{ours.id}"]
    take(counter, bai2(("301", 9_900, "LATE", "", "BRANCH DEPOSIT")))
    assert watched(counter, TODAY + timedelta(days=9)) == [f"deposit:{told.id}"]
    item = WorkItem.objects.get(closed_at=None)
    with transaction.atomic():
        close_item(
            vendor_id=counter.vendor.id, item_id=item.id, actor=counter.nora, now=NOW, note="the bank took it back"
        )
    assert watched(counter, TODAY + timedelta(days=10)) == [], "what a person settled is not asked again"


def test_a_bank_that_counted_otherwise_is_tied_by_a_persons_word_and_the_difference_is_said(counter: Counter) -> None:
    ours, told = handed_in(counter), credited(counter, 9_800)
    assert (told.status, len(watched(counter, TODAY + timedelta(days=8)))) == ("open", 2)
    (offered,) = may_be(deposit(vendor_id=counter.vendor.id, deposit_id=told.id), vendor_id=counter.vendor.id)
    assert offered.id == ours.id
    with pytest.raises(DepositRefused, match="Say what the difference is"):
        say(counter, told, ours, note=" ")
    say(counter, told, ours)
    row = deposit(vendor_id=counter.vendor.id, deposit_id=ours.id)
    assert (row.bank_minor, row.bank_difference_minor, row.bank_reference) == (9_800, -100, "DEP77")
    assert row.told_note == "one check was read as 98.00"
    assert Deposit.objects.get(id=told.id).status == "dropped"
    assert watched(counter, TODAY + timedelta(days=8)) == []
    with pytest.raises(DepositRefused, match="Only what the bank credited"):
        say(counter, told, ours)
    again = credited(counter, 9_700, reference="DEP78")
    with pytest.raises(DepositRefused, match="has named this deposit before"):
        say(counter, again, ours)


def test_a_deposit_with_checks_of_its_own_is_no_other(counter: Counter) -> None:
    ours = handed_in(counter)
    take(counter, bai2(("115", 9_800, "L", "", ""), ("116", 9_000, "", "1", "ARCHES")))
    with pytest.raises(DepositRefused, match="has no checks yet"):
        say(counter, Deposit.objects.latest("id"), ours)


@pytest.mark.parametrize(
    ("sql", "refusal"),
    [
        ("UPDATE payments_deposit SET told_by_id = {told}, told_note = 'x' WHERE id = {ours}", "is not what the bank"),
        ("UPDATE payments_deposit SET told_by_id = {ours}, told_note = 'x' WHERE id = {ours}", "is not what the bank"),
        ("UPDATE payments_deposit SET told_note = 'x' WHERE id = {ours}", "says_why"),
    ],
)
def test_postgresql_ties_a_deposit_to_nothing_but_a_credit_without_checks(
    counter: Counter, sql: str, refusal: str
) -> None:
    ours, told = handed_in(counter), credited(counter, 9_800)
    with pytest.raises(DatabaseError, match=refusal), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.format(told=told.id, ours=ours.id))


def test_postgresql_keeps_what_a_deposit_was_tied_to(counter: Counter) -> None:
    ours, told = handed_in(counter), credited(counter, 9_800)
    say(counter, told, ours)
    for change in ("told_note = 'other'", "told_by_id = NULL, told_note = ''"):
        with pytest.raises(DatabaseError, match="is refused"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE payments_deposit SET {change} WHERE id = {ours.id}")
