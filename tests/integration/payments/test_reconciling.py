"""Our books beside the processor's, day by day: what both say, what differs, and how that ends."""

import json
import sqlite3
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from comptoir.kit.clocks import wall_now
from comptoir.ledger.queries import trial_balance
from comptoir.payments.errors import DifferenceNotOpen
from comptoir.payments.models import (
    Difference,
    ProcessorMovement,
    ProcessorPayout,
    ReconciledDay,
)
from comptoir.payments.reconciling.queries import movements_of_payout, payouts, reconciled_days
from comptoir.payments.reconciling.running import days_to_reconcile, reconcile
from comptoir.payments.reconciling.settling import settle_difference
from comptoir.payments.tasks import reconcile_soon, submit_due_autopay
from comptoir.tenancy.operations import set_business_date
from comptoir.work.models import WorkItem
from tests.factories import TESTS

from .conftest import CARD, COMES_BACK_LATER, DECLINES_LATER, NO_MONEY, WORKS, Shop, work

DUE = date(2020, 10, 1)


def live_and_compare(shop: Shop, until: date) -> None:
    """Live day by day, and compare each day's books on the next morning, as the worker does."""
    day = date.fromisoformat(str(shop.payer.today))
    while day < until:
        day += timedelta(days=1)
        shop.live_until(day)
        reconcile_soon(vendor_id=shop.vendor.id, on=day)
        work()


def open_differences() -> list[tuple[str, str, str, str]]:
    rows = Difference.objects.filter(closed_on=None).order_by("kind", "id")
    return list(rows.values_list("kind", "ours", "theirs", "explanation"))


def waits_for_a_person(shop: Shop) -> bool:
    return WorkItem.objects.filter(vendor=shop.vendor, kind="books_differ", closed_at=None).exists()


def balance_of(shop: Shop, code: str) -> int:
    rows = trial_balance(vendor_id=shop.vendor.id, on=shop.payer.today)
    return sum(row.amount_minor for row in rows if row.code == code)


def rewrite(shop: Shop, identifier: str, path: str, value: object) -> None:
    """Change what the processor's own books say of an object."""
    with sqlite3.connect(shop.sandbox.home / "sandbox" / "sandbox.sqlite3", timeout=10) as books:
        books.execute(
            "UPDATE thing SET body = json_set(body, ?, json(?)) WHERE id = ?", (path, json.dumps(value), identifier)
        )
    books.close()


def forget(shop: Shop, identifier: str) -> None:
    """Have the processor know nothing of a payment any more."""
    with sqlite3.connect(shop.sandbox.home / "sandbox" / "sandbox.sqlite3", timeout=10) as books:
        books.execute("UPDATE thing SET account = 'acct_sandboxplatform' WHERE id = ?", (identifier,))
    books.close()


def test_what_the_processor_pays_out_is_in_the_bank_to_the_cent(shop: Shop) -> None:
    shop.pay_with(shop.save(CARD, autopay=False), shop.invoices[1], amount_minor=4_000)
    shop.save(WORKS)
    shop.autopay(DUE)
    live_and_compare(shop, date(2020, 10, 14))
    assert Difference.objects.count() == 0
    assert not waits_for_a_person(shop)
    fee_of_card, fee_of_debit = 146, 118
    assert balance_of(shop, "processor_fees") == fee_of_card + fee_of_debit
    assert balance_of(shop, "bank") == 4_000 + 14_800 - fee_of_card - fee_of_debit
    assert balance_of(shop, "processor_clearing") == 0
    days, _total = reconciled_days(vendor_id=shop.vendor.id, limit=60)
    assert days[0].day == date(2020, 10, 13)
    assert {day.unexplained_minor for day in days} == {0}
    assert [day.on_its_way_minor for day in reversed(days) if day.on_its_way_minor] != []
    for payout in payouts(vendor_id=shop.vendor.id, limit=10):
        rows = movements_of_payout(vendor_id=shop.vendor.id, gateway_id=payout.gateway_id)
        assert sum(row.net_minor for row in rows) == payout.amount_minor == payout.items_minor
        assert all(row.confirmation for row in rows)

    compared = ReconciledDay.objects.latest("day").compared_at
    reconcile(vendor_id=shop.vendor.id, day=date(2020, 10, 13), now=wall_now())
    assert ReconciledDay.objects.latest("day").compared_at > compared
    assert balance_of(shop, "processor_fees") == fee_of_card + fee_of_debit, "comparing again posts nothing again"


def test_a_day_on_which_nothing_moved_is_compared_once(shop: Shop) -> None:
    shop.save(DECLINES_LATER)
    shop.autopay(DUE)
    live_and_compare(shop, date(2020, 10, 5))
    assert ProcessorMovement.objects.count() == 0, "a card that is declined moves nothing"
    days = [date(2020, 10, day) for day in range(1, 5)]
    assert list(ReconciledDay.objects.order_by("day").values_list("day", flat=True)) == days
    assert days_to_reconcile(vendor_id=shop.vendor.id, on=date(2020, 10, 5)) == []


def test_refusals_and_returns_cost_fees_and_differ_from_nothing(shop: Shop) -> None:
    shop.pay_with(shop.save(COMES_BACK_LATER, autopay=False), shop.invoices[1], amount_minor=5_000)
    shop.save(NO_MONEY)
    live_and_compare(shop, DUE)
    submit_due_autopay(vendor_id=shop.vendor.id, on=DUE)
    live_and_compare(shop, date(2020, 10, 14))
    assert list(Difference.objects.values_list("kind", "ours", "theirs", "explanation")) == []
    assert balance_of(shop, "processor_fees") == 400 + 40 + 400
    kinds = ProcessorMovement.objects.values_list("kind", flat=True).distinct()
    assert set(kinds) >= {"payment", "back", "fee"}


def test_lost_news_is_found_on_the_next_morning_and_gone_on_the_one_after(shop: Shop) -> None:
    shop.save(WORKS)
    shop.autopay(DUE)
    shop.mailbox.held_back = True
    live_and_compare(shop, date(2020, 10, 7))
    # The comparison found it, and had the processor asked: what came of that is compared on the next day.
    assert open_differences() == [("state", "processing", "succeeded", "")]
    assert waits_for_a_person(shop)
    assert shop.payment().status == "succeeded"
    live_and_compare(shop, date(2020, 10, 8))
    assert open_differences() == []
    assert set(Difference.objects.values_list("closed_on", "settled_by")) == {(date(2020, 10, 8), "")}
    assert not waits_for_a_person(shop)


def test_what_comes_around_midnight_is_explained_and_closes_by_itself(shop: Shop) -> None:
    shop.save(WORKS)
    shop.autopay(DUE)
    live_and_compare(shop, date(2020, 10, 6))
    shop.mailbox.held_back = True
    shop.live_until(date(2020, 10, 7))
    with transaction.atomic():
        set_business_date(vendor_id=shop.vendor.id, day=date(2020, 10, 8))
    for letter in shop.mailbox.letters:
        shop.mailbox.hand_over(letter)
    work()
    assert shop.payment().succeeded_on == date(2020, 10, 8)
    reconcile(vendor_id=shop.vendor.id, day=date(2020, 10, 7), now=wall_now())
    assert open_differences() == [("money", "0", "14800", "over_midnight")]
    assert not waits_for_a_person(shop), "it is known how it comes"
    reconcile(vendor_id=shop.vendor.id, day=date(2020, 10, 8), now=wall_now())
    assert open_differences() == []
    assert Difference.objects.get().closed_on == date(2020, 10, 8)


def test_money_that_is_not_ours_or_was_taken_twice_is_settled_by_a_person_once(shop: Shop) -> None:
    method = shop.save(WORKS)
    shop.autopay(DUE)
    for metadata in ({}, {"payment": str(shop.payment().public_id)}):
        shop.sandbox.client.v1.payment_intents.create(
            {
                "amount": 2_500,
                "currency": "usd",
                "customer": shop.company.gatewaycustomer.customer_id,
                "payment_method": method.gateway_id,
                "allowed_payment_method_types": ["us_bank_account"],
                "off_session": True,
                "confirm": True,
                "metadata": metadata,
            },
            shop.options,
        )
    live_and_compare(shop, date(2020, 10, 9))
    found = open_differences()
    assert [kind for kind, *_rest in found] == ["not_ours", "twice"]
    assert found[0] == ("not_ours", "0", "2500", "")
    assert found[1][1] == shop.payment().intent_id
    assert ReconciledDay.objects.latest("day").differing_minor == -5_000

    def settle(note: str) -> None:
        for row in Difference.objects.filter(closed_on=None):
            with transaction.atomic():
                settle_difference(
                    vendor_id=shop.vendor.id,
                    public_id=row.public_id,
                    note=note,
                    actor=TESTS,
                    today=shop.payer.today,
                    now=wall_now(),
                )

    with pytest.raises(DifferenceNotOpen, match="note"):
        settle(" ")
    settle("Charged on the dashboard; given back there.")
    assert not waits_for_a_person(shop)
    live_and_compare(shop, date(2020, 10, 11))
    assert open_differences() == []
    assert Difference.objects.count() == 2, "what a person settled is not listed again"


def test_every_figure_that_either_side_changes_is_found(shop: Shop) -> None:
    shop.save(WORKS)
    shop.autopay(DUE)
    live_and_compare(shop, date(2020, 10, 9))
    assert Difference.objects.count() == 0
    payment, payout = shop.payment(), ProcessorPayout.objects.get()
    movement = ProcessorMovement.objects.get(kind="payment")
    rewrite(shop, payment.intent_id or "", "$.amount", 14_801)
    rewrite(shop, payment.intent_id or "", "$.currency", "cad")
    rewrite(shop, movement.gateway_id, "$.fee", 120)
    rewrite(shop, payout.gateway_id, "$.status", "failed")
    before = balance_of(shop, "bank")
    live_and_compare(shop, date(2020, 10, 10))
    assert [(kind, ours, theirs) for kind, ours, theirs, _why in open_differences()] == [
        ("amount", "14800", "14801"),
        ("currency", "USD", "CAD"),
        ("fee", "14800 118 USD", "14800 120 USD"),
        ("payout", "paid", "failed"),
    ]
    assert balance_of(shop, "bank") == before - payout.amount_minor, "what did not stay in the bank is posted back"

    forget(shop, payment.intent_id or "")
    live_and_compare(shop, date(2020, 10, 11))
    assert {kind for kind, *_rest in open_differences()} == {"not_theirs", "fee", "payout"}


def test_what_was_read_and_what_was_settled_never_change(shop: Shop) -> None:
    shop.save(WORKS)
    shop.autopay(DUE)
    live_and_compare(shop, date(2020, 10, 9))
    Difference.objects.create(
        vendor=shop.vendor, kind="state", subject="pi", currency="USD", ours="a", theirs="b", found_on=DUE
    )
    for statement, why in (
        ("UPDATE payments_processormovement SET amount_minor = 1", "refused"),
        ("UPDATE payments_processormovement SET payout_id = NULL WHERE payout_id IS NOT NULL", "refused"),
        ("UPDATE payments_processormovement SET fee_entry_id = NULL", "refused"),
        ("DELETE FROM payments_processormovement", "refused"),
        ("UPDATE payments_processorpayout SET amount_minor = 1", "refused"),
        ("UPDATE payments_processorpayout SET status = 'on_its_way'", "payout_is_in_the_books"),
        ("UPDATE payments_processorpayout SET status = 'failed'", "payout_is_in_the_books"),
        ("UPDATE payments_difference SET found_on = found_on + 1", "refused"),
        ("UPDATE payments_difference SET theirs = ours", "difference_from_processor_differs"),
        ("UPDATE payments_difference SET settled_by = 'Nora', closed_on = '2020-10-09'", "says_by_whom_and_why"),
        ("UPDATE payments_difference SET settled_by = 'Nora', note = 'x'", "says_by_whom_and_why"),
        ("DELETE FROM payments_difference", "refused"),
        ("DELETE FROM payments_reconciledday", "refused"),
        ("UPDATE payments_reconciledday SET day = day + 1", "refused"),
    ):
        with pytest.raises(DatabaseError, match=why), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    Difference.objects.update(closed_on=DUE)
    with pytest.raises(DatabaseError, match="refused"), transaction.atomic():
        Difference.objects.update(closed_on=None)
