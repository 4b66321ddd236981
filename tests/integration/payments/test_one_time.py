"""Paying once in the portal, on the processor's page, as a browser goes: nothing saved, nothing held for ever."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.http import HttpResponse
from pytest_django import Settings

from comptoir.kit.clocks import wall_now
from comptoir.payments.errors import AmountChanged, MethodNotFound, NothingToPay
from comptoir.payments.gateways import GatewayUnclear
from comptoir.payments.models import Payment, PaymentMethod
from comptoir.payments.ordering import Order
from comptoir.payments.paying import pay_with_saved_method, start_one_time_payment
from comptoir.payments.truth import look_at_payment
from comptoir.tenancy.queries import company as company_row
from tests.factories import make_company, make_member

from .conftest import CARD, CLOSED, COMES_BACK_LATER, WORKS, LossyProxy, Shop, words_on

DECLINED = "4000000000000002"


def pay(shop: Shop, *, way: str = "us_bank_account", count: int = 1) -> HttpResponse:
    """Review the first invoices, and press the button."""
    chosen = "&".join(f"invoice={invoice.public_id}" for invoice in shop.invoices[:count])
    review = f"{shop.page('pay_review')}?{chosen}&way={way}"
    shown = shop.web.get(review)
    assert shown.status_code == 200
    assert "148.00" in shown.content.decode()
    typed = {"amount_minor": 14_800 * count, "reference": shown.context["reference"], "terms": words_on(shown)}
    return shop.web.post(review, typed)


def page_of(answer: HttpResponse) -> str:
    """The processor's page that an answer leads to."""
    assert answer.status_code == 303, answer.content.decode()
    return answer["Location"]


def state(shop: Shop, payment: Payment) -> str:
    """What the payment's page says that it is."""
    answer = shop.web.get(shop.page("payment", payment=payment.public_id))
    assert answer.status_code == 200
    text = answer.content.decode()
    assert payment.confirmation in text
    return text.split('data-state="')[1].split('"')[0]


def test_an_e_check_is_processing_then_paid_and_nothing_is_saved(shop: Shop) -> None:
    assert shop.web.get(shop.page("pay")).content.decode().count("checked") == 3
    hosted = page_of(pay(shop))
    payment = shop.payment()
    assert (payment.status, state(shop, payment)) == ("action_required", "action_required")

    done = shop.fill(hosted, WORKS)
    assert done.location.endswith(shop.page("payment", payment=payment.public_id))
    shop.settle()
    assert state(shop, payment) == "processing"
    assert shop.balances() == [(14_800, 14_800), (14_800, 0)]

    shop.live_until(date(2020, 9, 23))
    assert state(shop, payment) == "succeeded"
    assert shop.balances() == [(0, 0), (14_800, 0)]
    assert shop.payment().method_label == "STRIPE TEST BANK ••6789"
    details = shop.charges()[0].payment_method_details
    assert details
    assert details.us_bank_account
    reference = details.us_bank_account.payment_reference
    assert reference
    assert reference in shop.web.get(shop.page("payment", payment=payment.public_id)).content.decode()
    assert not PaymentMethod.objects.exists()
    customer = shop.charges()[0].customer
    assert isinstance(customer, str)
    assert shop.sandbox.client.v1.customers.payment_methods.list(customer, None, shop.options).data == []


def test_several_invoices_are_paid_by_card_at_once(shop: Shop) -> None:
    shop.fill(page_of(pay(shop, way="card", count=2)), CARD)
    shop.settle()
    assert shop.payment().amount_minor == 29_600
    said = shop.charges()[0].calculated_statement_descriptor
    assert said == f"NORTHWIND* {shop.payment().confirmation.replace('-', '')}", "what the card's statement says"
    assert shop.balances() == [(0, 0), (0, 0)]
    assert shop.web.get(shop.page("pay")).content.decode().count('name="invoice"') == 0


def test_a_declined_card_may_be_followed_by_another_on_the_same_page(shop: Shop) -> None:
    hosted = page_of(pay(shop, way="card"))
    assert shop.fill(hosted, DECLINED).status == 422
    shop.settle()
    assert shop.payment().status == "action_required"
    assert shop.fill(hosted, CARD).status == 303
    shop.settle()
    assert shop.payment().status == "succeeded"
    assert shop.told() == ["payment_succeeded"]


def test_a_refused_e_check_frees_the_invoice_and_says_why(shop: Shop) -> None:
    shop.fill(page_of(pay(shop)), CLOSED)
    shop.live_until(date(2020, 9, 23))
    payment = shop.payment()
    assert (payment.status, payment.failure_code) == ("failed", "R02")
    assert shop.balances()[0] == (14_800, 0)
    assert (
        "The bank account is closed." in shop.web.get(shop.page("payment", payment=payment.public_id)).content.decode()
    )


def test_a_late_return_reopens_the_invoice(shop: Shop) -> None:
    shop.fill(page_of(pay(shop)), COMES_BACK_LATER)
    shop.live_until(date(2020, 9, 22))
    assert shop.payment().status == "succeeded"
    shop.live_until(date(2020, 9, 30))
    assert shop.payment().status == "returned"
    assert shop.balances()[0] == (14_800, 0)


def test_whoever_comes_back_without_paying_holds_nothing(shop: Shop) -> None:
    hosted = page_of(pay(shop))
    payment = shop.payment()
    answer = shop.web.get(shop.page("payment_left", payment=payment.public_id), follow=True)
    assert "Nothing was taken" in answer.content.decode()
    assert shop.balances()[0] == (14_800, 0)
    assert shop.fill(hosted, WORKS).status == 410
    shop.settle()
    assert (shop.payment().status, shop.told()) == ("canceled", [])


def test_a_page_that_nobody_used_expires_and_holds_nothing(shop: Shop) -> None:
    page_of(pay(shop))
    shop.live_until(date(2020, 9, 18))
    assert shop.payment().status == "canceled"
    assert shop.balances()[0] == (14_800, 0)


def test_a_page_left_open_is_closed_after_an_hour(shop: Shop) -> None:
    hosted = page_of(pay(shop))
    payment = shop.payment()
    look_at_payment(payment_id=payment.id, now=wall_now() + timedelta(minutes=50))
    assert shop.payment().status == "action_required"
    look_at_payment(payment_id=payment.id, now=wall_now() + timedelta(minutes=70))
    assert shop.payment().status == "canceled"
    assert shop.balances()[0] == (14_800, 0)
    assert shop.fill(hosted, WORKS).status == 410


def test_what_was_begun_and_left_is_not_said_to_be_on_its_way(shop: Shop) -> None:
    pay(shop)
    home = shop.web.get(shop.page("home")).content.decode()
    assert "You began to pay $148.00" in home
    assert "Pay now" in home
    assert "On its way" not in home
    assert (
        "Your payment is on its way"
        not in shop.web.get(shop.page("invoice", invoice=shop.invoices[0].public_id)).content.decode()
    )


def test_of_two_tabs_the_later_pays_and_the_earlier_is_closed(shop: Shop) -> None:
    first, second = page_of(pay(shop)), page_of(pay(shop))
    assert shop.fill(first, WORKS).status == 410
    assert shop.fill(second, WORKS).status == 303
    shop.settle()
    assert sorted(Payment.objects.values_list("status", flat=True)) == ["canceled", "processing"]
    assert len(shop.charges()) == 1


def test_a_second_tab_is_refused_when_the_first_has_paid_even_before_the_news(shop: Shop) -> None:
    first = page_of(pay(shop))
    shop.mailbox.held_back = True
    assert shop.fill(first, WORKS).status == 303
    refused = pay(shop)
    assert refused.status_code == 409
    assert "a payment for it is under way" in refused.content.decode()
    assert len(shop.charges()) == 1


def test_an_amount_that_changed_since_it_was_shown_is_not_taken(shop: Shop) -> None:
    with pytest.raises(AmountChanged):
        start_one_time_payment(
            payer=shop.payer,
            order=Order(invoices=[shop.invoices[0].public_id], amount_minor=14_801),
            kind="card",
            pages=shop.pages,
        )
    assert not Payment.objects.exists()


def test_a_lost_answer_leaves_one_page_which_the_next_try_finds(
    shop: Shop, proxy: LossyProxy, settings: Settings
) -> None:
    settings.STRIPE_API_BASE = proxy.url
    proxy.loses = "/v1/checkout/sessions"
    with pytest.raises(GatewayUnclear):
        start_one_time_payment(
            payer=shop.payer,
            order=Order(invoices=[shop.invoices[0].public_id], amount_minor=14_800),
            kind="card",
            pages=shop.pages,
        )
    assert (shop.payment().status, shop.payment().session_id) == ("created", None)
    proxy.loses = ""
    hosted = page_of(pay(shop, way="card"))
    assert shop.fill(hosted, CARD).status == 303
    shop.settle()
    assert sorted(Payment.objects.values_list("status", flat=True)) == ["canceled", "succeeded"]


def test_a_payment_that_never_reached_the_processor_is_called_off(shop: Shop, settings: Settings) -> None:
    shop.fill(page_of(pay(shop, way="card")), DECLINED)
    shop.web.get(shop.page("payment_left", payment=shop.payment().public_id))
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    with pytest.raises(GatewayUnclear):
        start_one_time_payment(
            payer=shop.payer,
            order=Order(invoices=[shop.invoices[0].public_id], amount_minor=14_800),
            kind="card",
            pages=shop.pages,
        )
    settings.STRIPE_API_BASE = shop.sandbox.url
    payment = shop.payment()
    look_at_payment(payment_id=payment.id, now=wall_now())
    assert shop.payment().status == "created", "a call may still be on its way"
    look_at_payment(payment_id=payment.id, now=wall_now().replace(year=wall_now().year + 1))
    assert shop.payment().status == "canceled"
    assert shop.balances()[0] == (14_800, 0)


def test_a_saved_method_pays_once_without_autopay(shop: Shop) -> None:
    method = shop.save(WORKS, autopay=False)
    answer = pay(shop, way=str(method.public_id))
    assert answer.status_code == 302
    shop.settle()
    payment = shop.payment()
    assert (payment.origin, payment.status, payment.method) == ("one_time", "processing", method)


def test_nobody_pays_with_or_for_another_company(shop: Shop) -> None:
    method = shop.save(WORKS, autopay=False)
    other = make_company(vendor=shop.vendor)
    make_member(company=other, user=shop.anna)
    theirs = f"/c/{other.public_id}/pay/review/?invoice={shop.invoices[0].public_id}&way={method.public_id}"
    assert "field__error" in shop.web.post(theirs, {"amount_minor": 14_800}).content.decode()
    payer = replace(shop.payer, company=company_row(other.id))
    for method_id in (method.public_id, uuid4()):
        with pytest.raises(MethodNotFound):
            pay_with_saved_method(
                payer=payer,
                order=Order(invoices=[shop.invoices[0].public_id], amount_minor=14_800),
                method_public_id=method_id,
                reference=uuid4(),
            )
    with pytest.raises(NothingToPay):
        start_one_time_payment(
            payer=payer,
            order=Order(invoices=[shop.invoices[0].public_id], amount_minor=14_800),
            kind="card",
            pages=shop.pages,
        )
    assert not Payment.objects.exists()
    assert shop.balances()[0] == (14_800, 0)


def test_a_viewer_looks_and_does_not_pay(shop: Shop) -> None:
    shop.web.force_login(make_member(company=shop.company, role="viewer"))
    chosen = f"{shop.page('pay_review')}?invoice={shop.invoices[0].public_id}&way=card"
    assert shop.web.get(chosen).status_code == 200
    assert shop.web.post(chosen, {"amount_minor": 14_800}).status_code == 403
    assert not Payment.objects.exists()
