"""What lets a bank be debited once: read on the page, kept with its proof for good, and nothing is taken without."""

from datetime import date
from uuid import uuid4

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.db import Error, connection
from django.utils.html import escape

from comptoir.payments.errors import TermsChanged
from comptoir.payments.models import Authorisation, EntryClass, Payment, PaymentMethod
from comptoir.payments.ordering import Order
from comptoir.payments.paying import pay_with_saved_method, start_one_time_payment
from comptoir.tenancy import doors
from comptoir.tenancy.queries import company as company_row
from tests.factories import make_company, make_member, make_staff, make_user, make_vendor
from tests.unit.documents.reading import pages_of

from .conftest import CARD, WORKS, Shop, words_on
from .test_one_time import page_of, pay
from .test_rules import hold, insert, item, run

ONCE = "authorises Northwind Inc. to debit %s electronically (ACH) once, for $148.00, on Sep 16, 2020 or the next"


def proof(shop: Shop, payment: Payment) -> str:
    """The words of the proof that the payer downloads."""
    answer = shop.web.get(shop.page("payment_authorisation", payment=payment.public_id))
    assert answer["Content-Type"] == "application/pdf"
    return " ".join(pages_of(answer.content))


def test_an_e_check_is_made_by_the_words_on_the_page_which_stay(shop: Shop) -> None:
    chosen = f"{shop.page('pay_review')}?invoice={shop.invoices[0].public_id}&way=us_bank_account"
    shown = shop.web.get(chosen).content.decode()
    shop.fill(page_of(pay(shop)), WORKS)
    shop.settle()
    payment, kept = shop.payment(), Authorisation.objects.get()
    assert ONCE % "the bank account that is given on the payment processor’s next page" in kept.text
    assert f"write to {shop.vendor.email}" in kept.text
    assert escape(kept.text) in shown
    assert (kept.payment, kept.method, kept.active_since, kept.text_language) == (payment, None, None, "en")
    said = proof(shop, payment)
    for fact in ("Anna", "127.0.0.1", kept.text_sha256[:20], payment.confirmation, "STRIPE TEST BANK ••6789", "CCD"):
        assert fact in said, fact
    listed = shop.web.get(shop.page("agreements")).content.decode()
    assert shop.page("payment_authorisation", payment=payment.public_id) in listed
    assert "Authorisation of automatic payment" not in said


def test_a_saved_account_is_named_and_what_was_agreed_to_outlives_it(shop: Shop) -> None:
    method = shop.save(WORKS, autopay=False)
    assert pay(shop, way=str(method.public_id)).status_code == 302
    shop.settle()
    shop.live_until(date(2020, 9, 23))
    shop.web.post(shop.page("method_remove", method=method.public_id))
    payment, kept = shop.payment(), Authorisation.objects.get()
    assert payment.status == "succeeded"
    assert PaymentMethod.objects.get().removed_at
    assert ONCE % "STRIPE TEST BANK ••6789" in kept.text
    assert "••6789" in proof(shop, payment)
    assert "autopay" not in shop.web.get(shop.page("home")).content.decode(), "it lets nothing else be taken"


def test_a_saved_card_is_charged_once_by_words_that_are_kept(shop: Shop) -> None:
    method = shop.save(CARD, autopay=False)
    chosen = f"{shop.page('pay_review')}?invoice={shop.invoices[0].public_id}&way={method.public_id}"
    shown = shop.web.get(chosen).content.decode()
    form = {"amount_minor": 14_800, "reference": uuid4()}
    assert shop.web.post(chosen, form).status_code == 409, "the words were not read"
    assert shop.web.post(chosen, form | {"terms": words_on(shop.web.get(chosen))}).status_code == 302
    shop.settle()
    payment, kept = shop.payment(), Authorisation.objects.get()
    assert payment.status == "succeeded"
    assert "to charge Visa ••4242 once, for $148.00, on Sep 16, 2020." in kept.text
    assert escape(kept.text) in shown
    assert kept.payment == payment
    assert "Visa ••4242" in proof(shop, payment)


def test_words_that_were_not_read_take_nothing(shop: Shop) -> None:
    """Neither without the words, nor when they say something else by now: another amount, day or vendor."""
    method = shop.save(WORKS, autopay=False)
    order = Order(invoices=[shop.invoices[0].public_id], amount_minor=14_800)
    of_less = shop.agreed(Order(invoices=order.invoices, amount_minor=100), method=method).agreed
    yesterday = shop.agreed(order, method=method).agreed
    shop.live_until(date(2020, 9, 17))
    for agreed in (None, of_less, yesterday):
        with pytest.raises(TermsChanged):
            pay_with_saved_method(
                payer=shop.payer,
                order=Order(invoices=order.invoices, amount_minor=14_800, agreed=agreed),
                method_public_id=method.public_id,
                reference=uuid4(),
            )
    with pytest.raises(TermsChanged):
        start_one_time_payment(payer=shop.payer, order=order, kind="us_bank_account", pages=shop.pages)
    assert not Payment.objects.exists()
    assert shop.balances()[0] == (14_800, 0)


def test_words_are_kept_in_the_language_in_which_they_were_read(shop: Shop) -> None:
    shop.web.defaults["HTTP_ACCEPT_LANGUAGE"] = "fr"
    chosen = f"{shop.page('pay_review')}?invoice={shop.invoices[0].public_id}&way=us_bank_account"
    form = {"amount_minor": 14_800, "reference": uuid4(), "terms": words_on(shop.web.get(chosen))}
    assert shop.web.post(chosen, form).status_code == 303
    kept = Authorisation.objects.get()
    assert kept.text_language == "fr"
    assert "autorise Northwind Inc. à débiter" in kept.text
    assert "(fr)" in proof(shop, shop.payment())


def test_a_proof_is_handed_to_its_company_and_its_vendors_team_alone(shop: Shop) -> None:
    pay(shop)
    payment = shop.payment()
    other = make_company(vendor=shop.vendor)
    make_member(company=other, user=shop.anna)
    assert shop.web.get(f"/c/{other.public_id}/payments/{payment.public_id}/authorisation/").status_code == 404
    nora = make_staff(vendor=shop.vendor, user=make_user(name="Nora"), role="auditor")
    elsewhere = make_vendor(name="Elsewhere")
    hugo = make_staff(vendor=elsewhere, user=make_user(name="Hugo"), role="clerk")
    for person, vendor, status in ((nora, shop.vendor, 200), (hugo, elsewhere, 404)):
        TOTP.activate(person, "JBSWY3DPEHPK3PXP")
        shop.web.force_login(person)
        address = f"/console/{vendor.slug}/payments/{payment.public_id}/authorisation/"
        assert shop.web.get(address).status_code == status


def authorise(shop: Shop, **changed: object) -> str:
    """The words that let the latest payment be made, but for what is changed."""
    row: dict[str, object] = {
        "company_id": shop.company.id,
        "payment_id": "(SELECT max(id) FROM payments_payment)",
        "text": "'I agree.'",
        "text_sha256": "encode(sha256('I agree.'), 'hex')",
        "text_language": "'en'",
        "given_by_id": shop.anna.id,
        "given_by_label": "'Anna'",
        "return_fee_minor": 0,
        "method_id": "NULL",
        "active_since": "NULL",
        **changed,
    }
    return f"""INSERT INTO payments_authorisation (public_id, text_version, given_at, user_agent, ended_reason,
        {", ".join(row)}) VALUES (gen_random_uuid(), '1', now(), '', '', {", ".join(map(str, row.values()))})"""


def test_postgresql_debits_no_bank_for_a_person_without_its_words(shop: Shop) -> None:
    first = shop.invoices[0].id
    debit = [insert(shop, amount=100).replace("'card'", "'us_bank_account'"), item(first, 100), hold(first, 100)]
    with pytest.raises(Error, match="without an authorisation"):
        run(*debit)
    method = shop.save(CARD, autopay=False)
    for changed, refusal in (
        ({"company_id": make_company(vendor=shop.vendor).id}, "not of a debit that its company makes"),
        ({"return_fee_minor": 2_500}, "at the fee that it names"),
        ({"text": "'I agree to more.'"}, "who agreed to which words"),
        ({"text_language": "''"}, "who agreed to which words"),
        ({"given_by_label": "''"}, "who agreed to which words"),
        ({"method_id": method.id, "active_since": "now()"}, "never_stands"),
    ):
        with pytest.raises(Error, match=refusal):
            run(*debit, authorise(shop, **changed))
    with pytest.raises(Error, match="not of a debit"):
        run(insert(shop, amount=100), *debit[1:], authorise(shop))
    run(*debit, authorise(shop))
    with pytest.raises(Error, match="unique"):
        run(authorise(shop))


def test_postgresql_keeps_what_one_debit_was_allowed_by(shop: Shop) -> None:
    shop.fill(page_of(pay(shop)), WORKS)
    shop.settle()
    kept, of_payment = "UPDATE of payments_authorisation is refused", "UPDATE of payments_payment is refused"
    for refused, refusal in (
        ("UPDATE payments_authorisation SET text = 'anything'", kept),
        ("UPDATE payments_authorisation SET text_language = 'fr'", kept),
        ("UPDATE payments_authorisation SET payment_id = NULL", kept),
        ("UPDATE payments_authorisation SET given_by_label = 'Nobody'", kept),
        ("UPDATE payments_authorisation SET ended_at = now(), ended_reason = 'x'", "of_one_payment_never_stands"),
        ("UPDATE payments_payment SET method_label = 'Another Bank ••0000'", of_payment),
        ("UPDATE payments_payment SET initiated_on = '2020-09-01'", of_payment),
        ("UPDATE payments_payment SET bank_reference = 'ANOTHER'", of_payment),
        ("DELETE FROM payments_authorisation", "DELETE of payments_authorisation is refused"),
        ("TRUNCATE payments_authorisation CASCADE", "TRUNCATE of payments_authorisation is refused"),
    ):
        with pytest.raises(Error, match=refusal):
            run(refused)
    bob = make_member(company=shop.company, user=make_user(name="Bob"))
    with (
        pytest.raises(Error, match="row-level security"),
        doors.portal(user_id=shop.anna.id, company_id=company_row(shop.company.id).id),
        connection.cursor() as cursor,
    ):
        cursor.execute(authorise(shop, payment_id="NULL", given_by_id=bob.id))
    assert shop.payment().entry_class == EntryClass.CCD
