"""What a return costs is said before it is charged: in words agreed to, on the page, in a statement, on the slip."""

from datetime import date
from urllib.parse import urlencode

import pytest
from django.db import Error, transaction

from comptoir.invoicing.queries import invoices_by_ids
from comptoir.notices.invoices import check_slip
from comptoir.payments.checks.deciding import apply_check, return_check, undo_check
from comptoir.payments.checks.deposits import TypedCheck, add_check, close_deposit, open_deposit
from comptoir.payments.evidence import authorisations
from comptoir.payments.models import Payment, ReceivedCheck, RecordedConsent, ReturnFee
from comptoir.payments.on_behalf import Clerk, Said, pay_on_behalf
from comptoir.payments.ordering import Order
from comptoir.subscriptions.models import OneOffCharge
from comptoir.tenancy.audit import Actor
from comptoir.tenancy.queries import company as company_row
from comptoir.tenancy.queries import vendor as vendor_row
from tests.factories import NOW, TESTS, TODAY, make_staff, make_user
from tests.integration.console.test_collecting import charge_for_returns

from .conftest import CARD, NO_MONEY, WORKS, Shop, words_on
from .test_rules import run

DUE, REFUSED = date(2020, 10, 1), date(2020, 10, 7)
FEE = "charges $25.00 for it, plus any tax, on the next invoice"


def charged() -> list[int]:
    return list(ReturnFee.objects.order_by("id").values_list("amount_minor", flat=True))


def test_the_words_agreed_to_name_the_fee_and_no_more_is_charged(shop: Shop) -> None:
    charge_for_returns(shop, fee_minor=2_500, cap_minor=6_000)
    shown = shop.web.get(shop.page("method_add", word="bank")).content.decode()
    assert f"{FEE}; at most $60.00 in a calendar month." in shown
    assert "$25.00" not in shop.web.get(shop.page("method_add", word="card")).content.decode()
    shop.save(NO_MONEY)
    charge_for_returns(shop, fee_minor=4_000)
    shop.autopay(DUE)
    shop.live_until(REFUSED)
    assert charged() == [2_500], "what the words named, though it costs more by now"
    (kept,) = authorisations(shop.company.id)
    assert FEE in kept.text
    with pytest.raises(Error, match="refused"):
        run("UPDATE payments_authorisation SET return_fee_minor = 4000")
    with pytest.raises(Error, match="refused"):
        run("UPDATE payments_payment SET return_fee_minor = 4000")


def test_who_agreed_before_there_was_a_fee_pays_none(shop: Shop) -> None:
    shop.save(NO_MONEY)
    charge_for_returns(shop, fee_minor=2_500)
    shop.autopay(DUE)
    shop.live_until(REFUSED)
    payment = shop.payment()
    assert (payment.status, charged()) == ("failed", [])
    charge = OneOffCharge.objects.create(
        company=shop.company,
        product_id=shop.company.subscriptions.earliest("id").plan.product_id,
        description="Fee",
        amount_minor=2_500,
        charge_on=REFUSED,
    )
    with pytest.raises(Error, match="no fee for this"):
        run(
            f"""INSERT INTO payments_returnfee (payment_id, charge_id, amount_minor, charged_on)
                VALUES ({payment.id}, {charge.id}, 2500, '2020-10-08')"""
        )


def test_whoever_pays_once_reads_the_fee_on_the_page(shop: Shop) -> None:
    charge_for_returns(shop, fee_minor=2_500)
    method = shop.save(NO_MONEY, autopay=False)
    for way, is_told in ((str(method.public_id), True), ("us_bank_account", True), ("card", False)):
        review = f"{shop.page('pay_review')}?{urlencode({'invoice': shop.invoices[0].public_id, 'way': way})}"
        shown = shop.web.get(review)
        assert (FEE in shown.content.decode()) == is_told
        form = {"amount_minor": 14_800, "on_account_minor": 0, "reference": shown.context["reference"]}
        if is_told:
            unread = shop.web.post(review, form)
            assert (unread.status_code, Payment.objects.count()) == (409, 0)
            assert "The words of the authorisation changed" in unread.content.decode()
    review = f"{shop.page('pay_review')}?{urlencode({'invoice': shop.invoices[0].public_id, 'way': method.public_id})}"
    assert shop.web.post(review, {**form, "terms": words_on(shop.web.get(review))}).status_code == 302
    shop.settle()
    shop.live_until(date(2020, 9, 23))
    assert (shop.payment().status, charged()) == ("failed", [2_500])


def test_the_statement_of_a_payment_on_behalf_names_the_fee(shop: Shop) -> None:
    charge_for_returns(shop, fee_minor=2_500)
    bank, card = shop.save(WORKS, autopay=False), shop.save(CARD, autopay=False)
    nora = make_staff(vendor=shop.vendor, user=make_user(name="Nora"), role="clerk")
    for method, amount_minor in ((bank, 100), (card, 200)):
        with transaction.atomic():
            pay_on_behalf(
                clerk=Clerk(
                    user_id=nora.id,
                    actor=Actor(kind="staff", label="Nora", user_id=nora.id),
                    vendor=vendor_row(shop.vendor.id),
                    today=TODAY,
                    now=NOW,
                ),
                company=company_row(shop.company.id),
                order=Order(invoices=[shop.invoices[0].public_id], amount_minor=amount_minor),
                method_public_id=method.public_id,
                said=Said(given_by="Anna", channel="phone", given_on=TODAY, words="Please do."),
            )
    told = RecordedConsent.objects.order_by("id").values_list("text", "payment__return_fee_minor")
    assert [(FEE in text, fee_minor) for text, fee_minor in told] == [(True, 2_500), (False, 0)]
    shop.settle()


def receive_check(shop: Shop) -> ReceivedCheck:
    """Receive a check, and apply it to the first invoice."""
    where = {"vendor_id": shop.vendor.id, "actor": TESTS}
    with transaction.atomic():
        deposit_id = open_deposit(
            **where, currency="USD", deposited_on=TODAY, control_minor=14_800, control_count=1, today=TODAY, now=NOW
        )
        add_check(vendor_id=shop.vendor.id, deposit_id=deposit_id, check=TypedCheck(amount_minor=14_800, number="1041"))
        close_deposit(**where, deposit_id=deposit_id)
    shop.settle()
    check = ReceivedCheck.objects.latest("id")
    with transaction.atomic():
        apply_check(
            **where,
            public_id=check.public_id,
            company=shop.company.public_id,
            amounts={shop.invoices[0].public_id: 14_800},
            today=TODAY,
        )
    shop.settle()
    return check


def test_a_returned_check_costs_what_its_slip_said(shop: Shop) -> None:
    charge_for_returns(shop, fee_minor=0, check_minor=3_000)
    (invoice,) = invoices_by_ids([shop.invoices[0].id]).values()
    slip = check_slip(
        invoice=invoice,
        amount_minor=14_800,
        buyer=company_row(shop.company.id),
        vendor=vendor_row(shop.vendor.id),
    )
    assert slip.note == "A check that the bank returns unpaid costs $30.00, plus any tax, on the next invoice."
    check = receive_check(shop)
    about = {"vendor_id": shop.vendor.id, "public_id": check.public_id, "actor": TESTS, "today": TODAY, "note": "so"}
    with transaction.atomic():
        undo_check(**about)  # type: ignore[arg-type]
    shop.settle()
    assert charged() == [], "taken off again by the team: nothing came back"
    with transaction.atomic():
        apply_check(
            vendor_id=shop.vendor.id,
            public_id=check.public_id,
            company=shop.company.public_id,
            amounts={shop.invoices[0].public_id: 14_800},
            actor=TESTS,
            today=TODAY,
        )
    shop.settle()
    with transaction.atomic():
        return_check(**about)  # type: ignore[arg-type]
    shop.settle()
    assert (shop.payment().status, charged()) == ("returned", [3_000])
    assert OneOffCharge.objects.get().description == "Fee for returned check 1041"
