"""What a customer says about automatic payment counts until the processor is asked."""

from datetime import date

import pytest
from django.db import Error

from comptoir.kit.clocks import wall_now
from comptoir.payments.autopay import submit
from comptoir.payments.errors import AmountChanged, TooLateToCallOff
from comptoir.payments.instructing import approve_invoice, call_off_invoice, set_limit
from comptoir.payments.models import AutopayInstruction, DebitNotice, Payment
from comptoir.payments.tasks import submit_due_autopay
from comptoir.payments.upcoming import upcoming

from .conftest import CARD, WORKS, Shop
from .test_rules import run

DUE, NEXT_DUE = date(2020, 10, 1), date(2020, 11, 2)


def states(shop: Shop, today: date) -> list[tuple[str, date | None]]:
    return [(row.state, row.on) for row in upcoming(shop.company.id, today=today)]


def test_above_the_limit_a_member_is_asked_first(shop: Shop) -> None:
    shop.save(WORKS)
    payer, first = shop.payer, shop.invoices[0].public_id
    with payer.door():
        set_limit(payer=payer, limit_minor=14_799)
    shop.autopay(DUE)
    assert not Payment.objects.exists()
    assert states(shop, DUE) == [("needs_approval", None), ("needs_approval", None)]
    with pytest.raises(AmountChanged), payer.door():
        approve_invoice(payer=payer, invoice_public_id=first, amount_minor=14_799)
    with payer.door():
        approve_invoice(payer=payer, invoice_public_id=first, amount_minor=14_800)
    submit_due_autopay(vendor_id=shop.vendor.id, on=DUE)
    shop.settle()
    assert shop.payment().amount_minor == 14_800
    assert states(shop, DUE) == [("needs_approval", None)]
    for attack in (
        "UPDATE payments_autopayinstruction SET amount_minor = 1",
        "DELETE FROM payments_autopayinstruction",
        f"""INSERT INTO payments_autopayinstruction (company_id, invoice_id, kind, amount_minor, given_by_id, given_at)
            VALUES ({shop.company.id}, 0, 'approve', 1, {shop.anna.id}, now())""",
    ):
        with pytest.raises(Error):
            run(attack)


def test_the_limit_is_of_what_is_taken_on_a_day(shop: Shop) -> None:
    """Two invoices below it that fall on one day are above it together; an approved one is taken all the same."""
    shop.save(WORKS)
    payer, first = shop.payer, shop.invoices[0].public_id
    with payer.door():
        set_limit(payer=payer, limit_minor=20_000)
    assert [state for state, _day in states(shop, DUE)] == ["planned", "planned"]
    assert states(shop, NEXT_DUE) == [("needs_approval", None), ("needs_approval", None)]
    submit_due_autopay(vendor_id=shop.vendor.id, on=NEXT_DUE)
    assert not Payment.objects.exists()
    with payer.door():
        approve_invoice(payer=payer, invoice_public_id=first, amount_minor=14_800)
    for again in (NEXT_DUE, NEXT_DUE, date(2020, 11, 3)):
        submit_due_autopay(vendor_id=shop.vendor.id, on=again)
        assert shop.payment().amount_minor == 14_800, "the day is lived every hour, and the other is still not approved"
        assert Payment.objects.count() == 1
        assert states(shop, again) == [("needs_approval", None)]
    with payer.door():
        approve_invoice(payer=payer, invoice_public_id=shop.invoices[1].public_id, amount_minor=14_800)
    submit_due_autopay(vendor_id=shop.vendor.id, on=date(2020, 11, 3))
    assert Payment.objects.count() == 2
    shop.settle()


def test_what_was_called_off_or_paid_by_hand_leaves_room_below_the_limit(shop: Shop) -> None:
    """The limit is of what automatic payment takes: the rest of the day may be taken where the first was not by it."""
    shop.save(WORKS)
    payer, (first, second) = shop.payer, shop.invoices
    with payer.door():
        set_limit(payer=payer, limit_minor=20_000)
        approve_invoice(payer=payer, invoice_public_id=first.public_id, amount_minor=14_800)
    submit_due_autopay(vendor_id=shop.vendor.id, on=NEXT_DUE)
    assert states(shop, NEXT_DUE) == [("needs_approval", None)]
    with payer.door():
        call_off_invoice(payer=payer, invoice_public_id=first.public_id)
    shop.settle()
    assert shop.payment().status == "canceled"
    assert [state for state, _day in states(shop, NEXT_DUE)] == ["called_off", "planned"]
    submit_due_autopay(vendor_id=shop.vendor.id, on=NEXT_DUE)
    assert list(shop.payment().items.values_list("invoice_id", flat=True)) == [second.id]
    shop.settle()


def test_one_invoice_is_called_off_until_it_is_submitted_and_taken_after_all(shop: Shop) -> None:
    shop.save(WORKS)
    payer, first = shop.payer, shop.invoices[0].public_id
    shop.live_until(DUE)
    submit_due_autopay(vendor_id=shop.vendor.id, on=DUE)
    with payer.door():
        call_off_invoice(payer=payer, invoice_public_id=first)
    shop.settle()
    assert shop.payment().status == "canceled"
    assert shop.charges() == []
    assert shop.balances()[0] == (14_800, 0)
    assert states(shop, DUE)[0] == ("called_off", None)
    with payer.door():
        approve_invoice(payer=payer, invoice_public_id=first, amount_minor=14_800)
    submit_due_autopay(vendor_id=shop.vendor.id, on=DUE)
    submit(payment_public_id=shop.payment().public_id, now=wall_now())
    with pytest.raises(TooLateToCallOff), payer.door():
        call_off_invoice(payer=payer, invoice_public_id=first)
    shop.settle()
    assert len(shop.charges()) == 1
    assert list(AutopayInstruction.objects.order_by("id").values_list("kind", flat=True)) == ["call_off", "approve"]


def test_whoever_pays_by_hand_reads_what_is_taken_when_and_of_what_is_not_nothing(shop: Shop) -> None:
    shop.save(WORKS)
    all_of_them, some = "takes these when they are due", "takes those that say so"

    def shown() -> tuple[bool, bool, int]:
        text = shop.web.get(shop.page("pay")).content.decode()
        return all_of_them in text, some in text, text.count("taken automatically on")

    assert shown() == (True, False, 2)
    for invoice, left in zip(shop.invoices, ((False, True, 1), (False, False, 0)), strict=True):
        with shop.payer.door():
            call_off_invoice(payer=shop.payer, invoice_public_id=invoice.public_id)
        assert shown() == left


def test_another_amount_than_the_last_is_taken_ten_days_after_it_was_told(shop: Shop) -> None:
    shop.save(WORKS)
    payer = shop.payer
    shop.autopay(DUE)
    second = shop.invoices[1]
    assert states(shop, date(2020, 10, 20)) == [("planned", NEXT_DUE)], "the same amount: on the due date"
    shop.live_until(date(2020, 10, 7))
    shop.pay_with(shop.save(CARD, autopay=False), second, amount_minor=100)
    assert states(shop, date(2020, 11, 2)) == [("planned", date(2020, 11, 12))], "told today at the earliest"
    DebitNotice.objects.create(
        company=shop.company,
        invoice=second,
        kind="invoice",
        amount_minor=14_700,
        debit_on=NEXT_DUE,
        sent_to="books@arches.example",
        sent_on=date(2020, 10, 26),
        sent_at=payer.now,
    )
    assert states(shop, date(2020, 10, 27)) == [("planned", date(2020, 11, 5))]
    submit_due_autopay(vendor_id=shop.vendor.id, on=NEXT_DUE)
    assert Payment.objects.filter(origin="autopay").count() == 1
