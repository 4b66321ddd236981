"""What the team does with payments: finds them, tells their story, takes one on a customer's word, sends links."""

from datetime import date

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.db import Error, connection, transaction

from comptoir.identity.models import User
from comptoir.payments.models import Payment, PaymentMethod, RecordedConsent
from comptoir.tenancy import doors
from tests.factories import make_staff, make_user
from tests.integration.payments.conftest import (
    CARD,
    NOT_AUTHORISED_LATER,
    WORKS,
    Shop,
    mailbox,
    proxy,
    sandbox,
    shop,
    words_on,
)

__all__ = ["mailbox", "proxy", "sandbox", "shop"]

SAID = {
    "given_by": "Anna, owner",
    "channel": "phone",
    "given_on": "2020-09-16",
    "words": "Yes, please take the October invoice from our account.",
}


@pytest.fixture
def nora(shop: Shop) -> User:
    """A clerk of the vendor's, with a second factor."""
    person = make_staff(vendor=shop.vendor, user=make_user(email="nora@northwind.example", name="Nora"), role="clerk")
    TOTP.activate(person, "JBSWY3DPEHPK3PXP")
    return person


def page(shop: Shop, rest: str) -> str:
    return f"/console/{shop.vendor.slug}/{rest}"


def text(shop: Shop, rest: str) -> str:
    answer = shop.web.get(page(shop, rest), follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def take(shop: Shop, **changed: object) -> str:
    """Ask for the first invoice to be taken from the latest saved method; return what the page says."""
    method = PaymentMethod.objects.filter(company=shop.company).latest("id")
    form = {**SAID, "invoices": [str(shop.invoices[0].public_id)], "method": str(method.public_id), **changed}
    answer = shop.web.post(page(shop, f"companies/{shop.company.public_id}/take-payment/"), form, follow=True)
    return answer.content.decode()


def test_a_payment_on_a_customers_word_is_made_with_its_consent_on_record(shop: Shop, nora: User) -> None:
    shop.save(WORKS, autopay=False)
    shop.web.force_login(nora)
    assert "The payment is on its way" in take(shop)
    shop.settle()
    payment = shop.payment()
    assert (payment.origin, payment.status, payment.amount_minor) == ("on_behalf", "processing", 14_800)
    assert payment.entry_class == "CCD"
    consent = RecordedConsent.objects.get()
    assert consent.recorded_by_label == "Nora"
    for said in ("Anna, owner", "$148.00", "••6789", payment.confirmation):
        assert said in consent.text
    shown = text(shop, f"payments/{payment.public_id}/")
    for said in (consent.text, SAID["words"], "By telephone", consent.text_sha256, payment.intent_id or "?"):
        assert said in shown
    shop.web.force_login(shop.anna)
    assert payment.confirmation in shop.web.get(shop.page("payment", payment=payment.public_id)).content.decode()


@pytest.mark.parametrize("lacking", ["given_by", "words", "given_on", "channel", "invoices", "method"])
def test_without_a_whole_consent_nothing_is_taken(shop: Shop, nora: User, lacking: str) -> None:
    shop.save(WORKS, autopay=False)
    shop.web.force_login(nora)
    assert "errorlist" in (said := take(shop, **{lacking: ""})) or "field__error" in said
    assert "cannot have been given on a day to come" in take(shop, given_on="2030-01-01")
    assert not Payment.objects.exists()


NUMBERS = ("It is 4242 4242 4242 4242, 12/27", "routing 110000000, account 000123456789")


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("said_in", ["given_by", "words"])
def test_a_number_in_a_spoken_consent_is_refused_beside_the_field_and_not_shown_again(
    shop: Shop, nora: User, said_in: str, number: str
) -> None:
    shop.save(WORKS, autopay=False)
    shop.web.force_login(nora)
    said = take(shop, **{said_in: number})
    assert f'id="id_{said_in}_error"' in said
    assert "There was a card or bank account number in this" in said
    assert number not in said
    assert not Payment.objects.exists()
    assert not RecordedConsent.objects.exists()
    assert "on its way" in take(shop, words="Yes, from the account that ends in 6789.")


def test_postgresql_takes_nothing_on_behalf_without_a_consent(shop: Shop, nora: User) -> None:
    method = shop.save(WORKS, autopay=False)
    insert = f"""INSERT INTO payments_payment (public_id, company_id, origin, kind, method_id, method_label, currency,
        amount_minor, on_account_minor, confirmation, status, failure_code, initiated_on, created_at)
        VALUES (gen_random_uuid(), {shop.company.id}, '%s', 'us_bank_account', {method.id}, '', 'USD', 100, 100, 'X',
        'created', '', now(), now())"""
    with pytest.raises(Error, match="did not consent"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(insert % "on_behalf")
    for origin in ("one_time", "autopay"):
        with (
            pytest.raises(Error, match="row-level security"),
            doors.staff(user_id=nora.id, vendor_id=shop.vendor.id),
            connection.cursor() as cursor,
        ):
            cursor.execute(insert % origin)
    with (
        pytest.raises(Error, match="did not consent"),
        doors.staff(user_id=nora.id, vendor_id=shop.vendor.id),
        connection.cursor() as cursor,
    ):
        cursor.execute(insert % "on_behalf")


def test_payments_are_found_by_confirmation_state_kind_and_day(shop: Shop, nora: User) -> None:
    method = shop.save(CARD, autopay=False)
    review = f"{shop.page('pay_review')}?invoice={shop.invoices[0].public_id}&way={method.public_id}"
    shown = shop.web.get(review)
    shop.web.post(review, {"amount_minor": 14_800, "reference": shown.context["reference"], "terms": words_on(shown)})
    shop.settle()
    payment = shop.payment()
    shop.web.force_login(nora)
    assert payment.confirmation in text(shop, "payments/")
    for wanted in ("status=succeeded", "kind=card", "origin=one_time", "since=2020-09-16", "q=Arches"):
        assert payment.confirmation in text(shop, f"payments/?{wanted}"), wanted
    for other in ("status=failed", "kind=us_bank_account", "origin=autopay", "until=2020-09-15", "q=Nobody"):
        assert payment.confirmation not in text(shop, f"payments/?{other}"), other
    for typed in (payment.confirmation, payment.confirmation.lower().replace("-", "")):
        for listed in ("payments", "companies"):
            found = shop.web.get(page(shop, f"{listed}/?q={typed}"))
            assert found["Location"].endswith(f"/payments/{payment.public_id}/")


def test_why_a_consent_ended_is_said_in_the_readers_words(shop: Shop, nora: User) -> None:
    shop.save(NOT_AUTHORISED_LATER)
    shop.autopay(date(2020, 10, 1))
    shop.live_until(date(2020, 10, 7))
    shop.web.force_login(nora)
    assert "the bank says that it was not authorised" in text(shop, f"payments/{shop.payment().public_id}/")


def test_an_invoice_is_sent_again_and_a_link_to_pay_leads_through_the_login(shop: Shop, nora: User) -> None:
    shop.web.force_login(nora)
    where = f"invoices/{shop.invoices[0].public_id}"
    nowhere = shop.web.post(page(shop, f"{where}/resend/"), {}, follow=True).content.decode()
    assert "no e-mail address" in nowhere
    for what in ("resend", "pay-link"):
        assert "Send" in text(shop, f"{where}/{what}/")
