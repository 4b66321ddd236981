"""Saved methods: several, one proposed first; named, replaced, removed; bank accounts verified by small deposits."""

import json
import re
from datetime import date

import pytest
from django.db import Error

from comptoir.kit.safe_words import AccountNumberFound
from comptoir.payments.expiring import remind_of_expiring_cards
from comptoir.payments.keeping import make_default, name_method
from comptoir.payments.models import Authorisation, BankVerification, ExpiryReminder, Payment, PaymentMethod
from comptoir.payments.queries import methods, pays_by
from comptoir.payments.saving import start_saving
from comptoir.payments.upcoming import upcoming
from comptoir.tenancy import doors
from comptoir.tenancy.models import AuditEntry
from tests.unit.documents.reading import pages_of

from .conftest import CARD, CLOSED, WORKS, Shop
from .test_one_time import page_of, pay
from .test_rules import run

NUMBER = "4242 4242 4242 4242"


def typed(shop: Shop, url: str, *, verify_by: str, holder: str = "company") -> None:
    """Type the bank account by hand on the processor's page, and choose how it is verified."""
    answer = shop.sandbox.post_form(
        url,
        method="us_bank_account",
        account_number=WORKS,
        routing_number="110000000",
        holder_name="Ada Owner",
        holder_type=holder,
        account_type="checking",
        verify_by=verify_by,
    )
    assert answer.status == 303, answer.text
    shop.settle()


def begin_saving(shop: Shop) -> str:
    return start_saving(payer=shop.payer, kind="us_bank_account", consent=shop.consent(), pages=shop.pages)


def waiting(shop: Shop) -> BankVerification:
    return BankVerification.objects.get(company=shop.company, ended_at=None)


def test_a_bank_account_typed_by_hand_is_saved_once_its_owner_tells_the_two_amounts(shop: Shop) -> None:
    typed(shop, begin_saving(shop), verify_by="amounts")
    waits = waiting(shop)
    assert (waits.kind, waits.arrives_on) == ("amounts", date(2020, 9, 18))
    assert not PaymentMethod.objects.exists()
    assert pays_by(shop.company.id) == "check"
    shown = shop.web.get(shop.page("methods")).content.decode()
    assert "Two small deposits arrive on the account by" in shown
    assert waits.url in shown
    assert waits.setup is not None
    assert waits.url in shop.web.get(shop.page("method_saved", setup=waits.setup.public_id)).content.decode()

    assert shop.sandbox.post_form(waits.url, first="11", second="12").status == 422
    shop.settle()
    assert not PaymentMethod.objects.exists()
    assert shop.sandbox.post_form(waits.url, first="45", second="32").status == 200
    shop.settle()
    assert PaymentMethod.objects.get().is_default
    assert pays_by(shop.company.id) == "autopay"
    assert "small deposits" not in shop.web.get(shop.page("methods")).content.decode()


def test_a_bank_account_that_nobody_verifies_is_given_up_after_ten_days(shop: Shop) -> None:
    typed(shop, begin_saving(shop), verify_by="descriptor_code")
    shop.live_until(date(2020, 9, 27))
    assert not BankVerification.objects.filter(ended_at=None).exists()
    assert not PaymentMethod.objects.exists()
    assert Authorisation.objects.get().ended_reason == "the method was not saved"


def test_ten_wrong_answers_end_it(shop: Shop) -> None:
    typed(shop, begin_saving(shop), verify_by="descriptor_code")
    url = waiting(shop).url
    for _each in range(9):
        assert shop.sandbox.post_form(url, code="SM00ZZ").status == 422
    assert "last try" in shop.sandbox.post_form(url, code="SM00ZZ").text
    shop.settle()
    assert not BankVerification.objects.filter(ended_at=None).exists()


def test_an_e_check_that_waits_for_deposits_says_so_and_goes_to_the_bank_with_the_code(shop: Shop) -> None:
    typed(shop, page_of(pay(shop)), verify_by="descriptor_code", holder="individual")
    payment = shop.payment()
    assert (payment.status, shop.balances()[0]) == ("action_required", (14_800, 14_800))
    shown = shop.web.get(shop.page("payment", payment=payment.public_id)).content.decode()
    assert "a code that begins with SM" in shown
    assert "log in to your bank" in shown
    assert waiting(shop).url in shown

    assert shop.sandbox.post_form(waiting(shop).url, code="sm11aa").status == 200
    shop.settle()
    assert (shop.payment().status, shop.payment().entry_class) == ("processing", "WEB")
    shop.live_until(date(2020, 9, 23))
    assert shop.payment().status == "succeeded"
    assert not PaymentMethod.objects.exists()


def test_an_e_check_that_waits_for_deposits_can_be_called_off_and_paid_another_way(shop: Shop) -> None:
    typed(shop, page_of(pay(shop)), verify_by="amounts")
    payment = shop.payment()
    refused = shop.web.post(
        f"{shop.page('pay_review')}?invoice={shop.invoices[0].public_id}&way=card", {"amount_minor": 14_800}
    )
    assert "field__error" in refused.content.decode(), "it is on its way already"
    shop.web.get(shop.page("payment_left", payment=payment.public_id))
    shop.settle()
    assert (shop.payment().status, shop.balances()[0]) == ("canceled", (14_800, 0))
    assert not BankVerification.objects.filter(ended_at=None).exists()
    shop.fill(page_of(pay(shop, way="card")), CARD)
    shop.settle()
    assert shop.payment().status == "succeeded"
    assert len(shop.charges()) == 1


def test_the_first_is_proposed_and_another_follows_when_it_is_removed(shop: Shop) -> None:
    first, second = shop.save(WORKS, autopay=False), shop.save(CARD, autopay=False)
    assert [row.is_default for row in methods(shop.company.id)] == [True, False]
    shown = shop.web.get(shop.page("pay")).content.decode()
    assert re.search(rf'value="{first.public_id}" checked', shown)

    shop.web.post(shop.page("method_default", method=second.public_id))
    assert methods(shop.company.id)[0].public_id == second.public_id
    shop.web.post(shop.page("method_remove", method=second.public_id))
    assert [(row.public_id, row.is_default) for row in methods(shop.company.id)] == [(first.public_id, True)]


def test_a_name_is_shown_wherever_the_method_is(shop: Shop) -> None:
    method = shop.save(WORKS, autopay=False)
    shop.web.post(shop.page("method_name", method=method.public_id), {"nickname": "  Operating   account "})
    assert "Operating account (STRIPE TEST BANK ••6789)" in shop.web.get(shop.page("methods")).content.decode()
    assert AuditEntry.objects.filter(action="payment_method_named").get().after == {"nickname": "Operating account"}
    page = shop.web.post(shop.page("method_name", method=method.public_id), {"nickname": f"Card {NUMBER}"})
    shown = page.content.decode()
    assert "card or bank account number" in shown[shown.index('id="id_nickname_error"') :][:500]
    assert 'value="Card •••• •••• •••• 4242"' in shown
    with pytest.raises(AccountNumberFound):
        name_method(payer=shop.payer, method_public_id=method.public_id, nickname=f"Card {NUMBER}")
    assert methods(shop.company.id)[0].nickname == "Operating account"


def test_whose_account_it_is_decides_the_entry_class(shop: Shop) -> None:
    method = shop.save(WORKS, autopay=False)
    (row,) = methods(shop.company.id)
    assert (row.holder_type, row.entry_class) == ("company", "CCD")
    assert pay(shop, way=str(method.public_id)).status_code == 302
    assert shop.payment().entry_class == "CCD"
    with pytest.raises(Error, match="refused"):
        run("UPDATE payments_payment SET entry_class = 'WEB'")
    with pytest.raises(Error, match="bank_debits_alone"):
        run(
            "UPDATE payments_payment SET entry_class = 'XYZ' WHERE entry_class = ''; "
            "INSERT INTO payments_payment (public_id, company_id, origin, kind, currency, amount_minor, confirmation,"
            " status, failure_code, initiated_on, created_at, entry_class, method_label) VALUES (gen_random_uuid(),"
            f" {shop.company.id}, 'one_time', 'card', 'USD', 1, 'Y', 'created', '', now(), now(), 'CCD', '')"
        )


def test_a_card_that_its_bank_replaced_is_followed(shop: Shop) -> None:
    method = shop.save(CARD)
    answer = shop.sandbox.ask(
        "POST",
        f"/sandbox/accounts/{shop.account}/replace-card",
        json.dumps({"payment_method": method.gateway_id, "last4": "1881", "exp_month": 3, "exp_year": 2031}),
    )
    assert answer.status == 200, answer.text
    shop.settle()
    method.refresh_from_db()
    assert (method.last4, method.expires_on) == ("1881", date(2031, 4, 1))
    told = AuditEntry.objects.get(action="payment_method_replaced")
    assert told.before == {"method": "Visa ••4242", "expires_on": "2035-01-01"}
    assert pays_by(shop.company.id) == "autopay"


def test_a_card_is_reminded_of_30_and_7_days_before_its_last_day_once_each(shop: Shop) -> None:
    method = shop.save(CARD)
    run(f"UPDATE payments_paymentmethod SET expires_on = '2020-11-01' WHERE id = {method.id}")

    def told_on(day: date) -> list[int]:
        remind_of_expiring_cards(vendor_id=shop.vendor.id, on=day)
        remind_of_expiring_cards(vendor_id=shop.vendor.id, on=day)
        return list(ExpiryReminder.objects.order_by("id").values_list("days_before", flat=True))

    assert told_on(date(2020, 9, 30)) == []
    assert told_on(date(2020, 10, 1)) == [30]
    assert told_on(date(2020, 10, 23)) == [30]
    assert told_on(date(2020, 10, 24)) == [30, 7]
    assert told_on(date(2020, 10, 30)) == [30, 7]
    assert "Expires soon" not in shop.web.get(shop.page("methods")).content.decode()
    shop.live_until(date(2020, 10, 20))
    assert "Expires soon" in shop.web.get(shop.page("methods")).content.decode()


def test_removing_says_what_will_then_happen(shop: Shop) -> None:
    method = shop.save(WORKS)
    page = shop.page("method_remove", method=method.public_id)
    assert "you pay by check, or here with each invoice, from the next one on" in shop.web.get(page).content.decode()
    pay(shop, way=str(method.public_id))
    assert "was not submitted yet: it is called off" in shop.web.get(page).content.decode()
    shop.settle()
    assert "is with the bank, and still arrives" in shop.web.get(page).content.decode()


def test_removing_says_of_each_invoice_that_was_to_be_taken_that_it_is_not(shop: Shop) -> None:
    method, refused = shop.save(WORKS), shop.save(CLOSED, autopay=False)
    run(f"UPDATE payments_paymentmethod SET unusable_reason = 'R02' WHERE id = {refused.id}")

    def read(of: PaymentMethod) -> str:
        page = shop.web.get(shop.page("method_remove", method=of.public_id)).content.decode()
        return re.sub(r"<[^>]+>", "", page)

    shown = read(method)
    for row, day in zip(
        upcoming(shop.company.id, today=date(2020, 9, 16)), ("Oct 1, 2020", "Nov 2, 2020"), strict=True
    ):
        assert f"{row.invoice.number}, $148.00, is not taken on {day} then: please pay it yourself." in shown
    assert "you pay by check, or here with each invoice" in shown, "what the bank refuses pays nothing"
    shown = read(refused)
    assert "is not taken on" not in shown
    assert "so nothing else changes" in shown


def test_what_was_agreed_to_stays_with_its_proof_when_the_method_is_removed(shop: Shop) -> None:
    method = shop.save(WORKS)
    shop.web.post(shop.page("method_remove", method=method.public_id))
    consent = Authorisation.objects.get()
    shown = shop.web.get(shop.page("agreements")).content.decode()
    for said in (consent.text, "Anna", "192.0.2.7", consent.text_sha256, "the method was removed"):
        assert said in shown
    answer = shop.web.get(shop.page("agreement_pdf", authorisation=consent.public_id))
    assert answer["Content-Type"] == "application/pdf"
    words = " ".join(pages_of(answer.content))
    for said in ("Arches Burgers LLC authorises", "Given by Anna", "192.0.2.7", "Ended on", "CCD"):
        assert said in words
    with pytest.raises(Error, match="refused"):
        run("DELETE FROM payments_authorisation")
    with pytest.raises(Error, match="refused"):
        run("UPDATE payments_authorisation SET given_by_label = 'Nobody'")


def test_postgresql_keeps_the_rules_of_methods(shop: Shop) -> None:
    bank, card = shop.save(CLOSED, autopay=False), shop.save(CARD, autopay=False)
    with pytest.raises(Error, match="one_default_method_per_company"):
        run("UPDATE payments_paymentmethod SET is_default = true")
    with pytest.raises(Error, match="removed_method_is_no_default"):
        run(f"UPDATE payments_paymentmethod SET removed_at = now() WHERE id = {bank.id}")
    with pytest.raises(Error, match="refused"):
        run(f"UPDATE payments_paymentmethod SET last4 = '1111' WHERE id = {bank.id}")
    with pytest.raises(Error, match="method_keeps_four_digits_only"):
        run(f"UPDATE payments_paymentmethod SET last4 = 'abcd' WHERE id = {card.id}")
    with pytest.raises(Error, match="expiry_told_once"):
        run(
            *[
                f"INSERT INTO payments_expiryreminder (method_id, expires_on, days_before, told_on) VALUES ({card.id},"
                " '2035-01-01', 30, '2034-12-01')"
            ]
            * 2
        )
    with pytest.raises(Error, match="verification_is_of_one_thing"):
        run(
            "INSERT INTO payments_bankverification (company_id, kind, url, arrives_on, asked_at)"
            f" VALUES ({shop.company.id}, 'amounts', '', now(), now())"
        )
    with (
        pytest.raises(Error, match="permission denied"),
        doors.portal(user_id=shop.anna.id, company_id=shop.company.id),
    ):
        PaymentMethod.objects.filter(id=card.id).update(last4="9999")
    with doors.portal(user_id=shop.anna.id, company_id=shop.company.id):
        name_method(payer=shop.payer, method_public_id=card.public_id, nickname="Card")
        make_default(payer=shop.payer, method_public_id=card.public_id)
    assert Payment.objects.count() == 0
