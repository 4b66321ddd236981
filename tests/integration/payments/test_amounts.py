"""Paying part, paying more, paying in advance: to the cent, and nothing of it can be lost or taken twice."""

from datetime import date
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from django.db import Error, transaction
from django.http import HttpResponse

from comptoir.config.books import check_books
from comptoir.invoicing.credit_queries import credit_of_company
from comptoir.invoicing.models import CompanyCredit, CreditMovement
from comptoir.kit.clocks import wall_now
from comptoir.ledger.operations import Entry, PostingLine, accounts, post
from comptoir.payments.models import Payment, PaymentMethod
from tests.factories import issue_invoices, make_company

from .conftest import CARD, COMES_BACK_LATER, WORKS, Shop, words_on
from .test_rules import insert, run


def review(shop: Shop, *, amount: str = "", chosen: tuple[int, ...] = (), way: str = "card") -> str:
    """The address of the review of a choice."""
    asked = [("way", way), ("amount", amount), *(("invoice", str(shop.invoices[n].public_id)) for n in chosen)]
    return f"{shop.page('pay_review')}?{urlencode(asked)}"


def pay(
    shop: Shop, address: str, *, amount_minor: int, on_account_minor: int = 0, reference: UUID | None = None
) -> HttpResponse:
    """Press the button of a review that showed these amounts."""
    shown = {"amount_minor": amount_minor, "on_account_minor": on_account_minor, "reference": reference or uuid4()}
    return shop.web.post(address, {**shown, "terms": words_on(shop.web.get(address))})


def pay_by_card(shop: Shop, address: str, **amounts: int) -> None:
    """Pay on the processor's page, and wait for its news."""
    answer = pay(shop, address, **amounts)
    assert answer.status_code == 303, answer.content.decode()
    assert shop.fill(answer["Location"], CARD).status == 303
    shop.settle()


def credit(shop: Shop) -> dict[str, int]:
    return credit_of_company(shop.company.id)


def test_a_part_pays_the_oldest_first(shop: Shop) -> None:
    address = review(shop, amount="200.00")
    shown = shop.web.get(address).content.decode()
    assert "of $148.00" in shown
    pay_by_card(shop, address, amount_minor=20_000)
    assert shop.balances() == [(0, 0), (9_600, 0)]
    assert credit(shop) == {}


def test_the_payers_own_choice_comes_before_age(shop: Shop) -> None:
    pay_by_card(shop, review(shop, amount="100", chosen=(1,)), amount_minor=10_000)
    assert shop.balances() == [(14_800, 0), (4_800, 0)]


def test_what_is_paid_beyond_becomes_credit_which_the_next_invoice_uses(shop: Shop) -> None:
    address = review(shop, amount="346.00", chosen=(0, 1))
    assert "$50.00 more than the invoices come to" in shop.web.get(address).content.decode()
    pay_by_card(shop, address, amount_minor=34_600, on_account_minor=5_000)
    assert shop.balances() == [(0, 0), (0, 0)]
    assert credit(shop) == {"USD": 5_000}
    assert "credit of $50.00" in shop.web.get(shop.page("home")).content.decode()
    payment = shop.payment()
    assert "Your credit" in shop.web.get(shop.page("payment", payment=payment.public_id)).content.decode()

    issue_invoices(vendor=shop.vendor, through=date(2020, 12, 1))
    assert shop.balances()[2] == (9_800, 0)
    assert credit(shop) == {}


def test_nothing_owed_can_be_paid_in_advance(shop: Shop) -> None:
    pay_by_card(shop, review(shop, chosen=(0, 1)), amount_minor=29_600)
    assert "Pay in advance" in shop.web.get(shop.page("pay")).content.decode()
    pay_by_card(shop, review(shop, amount="30"), amount_minor=3_000, on_account_minor=3_000)
    assert credit(shop) == {"USD": 3_000}
    assert not shop.payment().items.exists()


@pytest.mark.parametrize(("amount", "on_account_minor"), [("50", 0), ("500", 20_400)], ids=["a part", "in advance"])
def test_the_same_form_sent_again_takes_nothing_more(shop: Shop, amount: str, on_account_minor: int) -> None:
    method = shop.save(WORKS, autopay=False)
    address, reference = review(shop, amount=amount, way=str(method.public_id)), uuid4()
    shown = {"amount_minor": int(amount) * 100, "on_account_minor": on_account_minor}
    answers = [pay(shop, address, reference=reference, **shown) for _ in range(2)]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert Payment.objects.count() == 1
    assert pay(shop, address, **shown).status_code in (302, 409), "a new form is another payment"


def test_a_form_without_its_id_is_refused(shop: Shop) -> None:
    method = shop.save(WORKS, autopay=False)
    answer = shop.web.post(review(shop, amount="50", way=str(method.public_id)), {"amount_minor": 5_000})
    assert answer.status_code == 409
    assert not Payment.objects.exists()


def test_credit_is_taken_back_with_the_payment_that_left_it_and_off_what_it_paid(shop: Shop) -> None:
    method = shop.save(COMES_BACK_LATER, autopay=False)
    address = review(shop, amount="346.00", way=str(method.public_id))
    assert pay(shop, address, amount_minor=34_600, on_account_minor=5_000).status_code == 302
    shop.settle()
    shop.live_until(date(2020, 9, 22))
    assert (shop.payment().status, credit(shop)) == ("succeeded", {"USD": 5_000})
    issue_invoices(vendor=shop.vendor, through=date(2020, 12, 1))
    assert shop.balances()[2] == (9_800, 0)

    shop.live_until(date(2020, 9, 30))
    assert shop.payment().status == "returned"
    assert shop.balances() == [(14_800, 0), (14_800, 0), (14_800, 0)]
    assert credit(shop) == {}
    assert check_books() == []


def test_credit_that_was_given_back_before_its_payment_returned_is_lost_and_said(shop: Shop) -> None:
    method = shop.save(COMES_BACK_LATER, autopay=False)
    assert pay(
        shop, review(shop, amount="346.00", way=str(method.public_id)), amount_minor=34_600, on_account_minor=5_000
    )
    shop.settle()
    shop.live_until(date(2020, 9, 22))
    account = accounts(vendor_id=shop.vendor.id, currency="USD")
    with transaction.atomic():
        (entry_id,) = post(
            vendor_id=shop.vendor.id,
            posted_on=date(2020, 9, 22),
            reason="test",
            entries=[
                Entry(
                    shop.company.id,
                    "given back",
                    [PostingLine(account["customer_credit"], 4_000), PostingLine(account["bank"], -4_000)],
                )
            ],
        )
        kept = CompanyCredit.objects.get(company=shop.company)
        CreditMovement.objects.create(credit=kept, entry_id=entry_id, amount_minor=-4_000)
    shop.live_until(date(2020, 9, 30))
    assert shop.payment().status == "returned"
    assert credit(shop) == {}
    lost = CreditMovement.objects.get(credit=kept, amount_minor=4_000)
    assert lost.payment_public_id is None
    assert check_books() == []


@pytest.mark.parametrize("typed", ["0", "0.00", "-5", "148.001", "14,80", "a lot", "1e3", "NaN", "9" * 20])
def test_an_amount_that_is_none_is_refused_with_a_word(shop: Shop, typed: str) -> None:
    answer = shop.web.get(review(shop, amount=typed), follow=True)
    text = answer.content.decode()
    assert "An amount of zero cannot be paid" in text or "Write the amount in digits" in text
    assert not Payment.objects.exists()


def test_what_is_wrong_with_a_choice_is_said_beside_it_and_nothing_of_it_is_lost(shop: Shop) -> None:
    first, second = (f'value="{invoice.public_id}"' for invoice in shop.invoices)
    shown = shop.web.get(review(shop, amount="a lot", chosen=(1,))).content.decode()
    assert 'value="a lot" aria-invalid="true" aria-describedby="amount-error' in shown
    assert "Write the amount in digits" in shown[shown.index('id="amount-error"') :][:700]
    assert f"{second} checked" in shown
    assert f"{first} checked" not in shown
    assert 'value="card" checked' in shown
    nothing = shop.web.get(review(shop)).content.decode()
    assert "Choose at least one invoice" in nothing[nothing.index('id="invoices-error"') :][:700]
    assert f"{first} checked" not in nothing
    assert 'aria-invalid="true"' not in nothing


def test_an_amount_of_zero_that_a_form_sends_takes_nothing(shop: Shop) -> None:
    refused = pay(shop, review(shop, chosen=(0,)), amount_minor=0)
    assert refused.status_code == 409
    assert "An amount of zero cannot be paid" in refused.content.decode()
    assert not Payment.objects.exists()


def test_an_invoice_that_someone_else_paid_meanwhile_does_not_turn_into_credit(shop: Shop) -> None:
    address = review(shop, amount="296.00")
    shop.web.get(address)
    pay_by_card(shop, review(shop, chosen=(0,)), amount_minor=14_800)
    refused = pay(shop, address, amount_minor=29_600)
    assert refused.status_code == 409
    assert "has changed since the amount was shown" in refused.content.decode()
    assert len(shop.charges()) == 1


def test_an_e_check_can_be_part_of_an_invoice_and_the_rest_be_paid_by_card_meanwhile(shop: Shop) -> None:
    answer = pay(shop, review(shop, amount="48", chosen=(0,), way="us_bank_account"), amount_minor=4_800)
    assert shop.fill(answer["Location"], WORKS).status == 303
    shop.settle()
    assert shop.balances()[0] == (14_800, 4_800)
    pay_by_card(shop, review(shop, chosen=(0,)), amount_minor=10_000)
    assert shop.balances()[0] == (4_800, 4_800)
    shop.live_until(date(2020, 9, 23))
    assert shop.balances()[0] == (0, 0)


def test_postgresql_lets_nothing_be_on_account_that_is_not_said(shop: Shop) -> None:
    with pytest.raises(Error, match="do not add up"):
        run(insert(shop, amount=200, extra=", on_account_minor", values=", 100"))
    for wrong in (-1, 201):
        with pytest.raises(Error, match="on_account_is_part"):
            run(insert(shop, amount=200, extra=", on_account_minor", values=f", {wrong}"))
    run(insert(shop, amount=200, extra=", on_account_minor", values=", 200"))
    with pytest.raises(Error, match="payments_payment"):
        run("UPDATE payments_payment SET on_account_minor = 0")


def test_invoices_of_two_currencies_are_not_paid_together(shop: Shop) -> None:
    def bill_second_in(currency: str) -> None:
        change = f"UPDATE invoicing_invoice SET currency = '{currency}' WHERE id = {shop.invoices[1].id}"
        run(
            "ALTER TABLE invoicing_invoice DISABLE TRIGGER USER",
            change,
            "ALTER TABLE invoicing_invoice ENABLE TRIGGER USER",
        )

    address = review(shop, chosen=(0, 1))
    bill_second_in("CAD")
    refused = pay(shop, address, amount_minor=29_600)
    bill_second_in("USD")
    assert refused.status_code == 409
    assert "different currencies are paid separately" in refused.content.decode()
    with pytest.raises(Error, match="another company's or currency's"):
        run(
            insert(shop, amount=100).replace("'USD'", "'EUR'"),
            f"INSERT INTO payments_paymentitem (payment_id, invoice_id, amount_minor)"
            f" SELECT max(id), {shop.invoices[0].id}, 100 FROM payments_payment",
            f"UPDATE invoicing_invoicebalance SET in_flight_minor = 100 WHERE invoice_id = {shop.invoices[0].id}",
        )
    assert not Payment.objects.exists()


def test_a_page_that_has_expired_takes_nothing(shop: Shop) -> None:
    answer = pay(shop, review(shop, chosen=(0,)), amount_minor=14_800)
    shop.live_until(date(2020, 9, 18))
    late = shop.fill(answer["Location"], CARD)
    assert (late.status, "This page has expired" in late.text) == (410, True)
    shop.settle()
    assert (shop.payment().status, shop.balances()[0]) == ("canceled", (14_800, 0))
    assert (
        shop.web.get(shop.page("payment", payment=shop.payment().public_id)).content.decode().count("Nothing was taken")
    )


def test_a_method_of_another_company_pays_nothing(shop: Shop) -> None:
    shop.save(WORKS, autopay=False)
    other = make_company(vendor=shop.vendor)
    theirs = PaymentMethod.objects.create(
        company=other, gateway_id="pm_theirs", kind="us_bank_account", brand="BANK", last4="0001", saved_at=wall_now()
    )
    answer = pay(shop, review(shop, chosen=(0,), way=str(theirs.public_id)), amount_minor=14_800)
    assert answer.status_code == 200
    assert "field__error" in answer.content.decode(), "it is not there to be chosen"
    assert not Payment.objects.exists()
