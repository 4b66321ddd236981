"""What the team does when money goes back: gives a payment back with a second person's word, answers a dispute."""

import re
from datetime import date
from uuid import uuid4

from allauth.mfa.totp.internal.auth import TOTP
from pytest_django import Settings

from comptoir.customers.models import Contact
from comptoir.identity.models import User
from comptoir.mailer.models import Message
from comptoir.payments.models import Dispute, Refund
from tests.factories import make_staff, make_user
from tests.integration.payments.conftest import CARD, Shop, mailbox, proxy, sandbox, shop
from tests.integration.payments.test_disputes import DISPUTED
from tests.ways_to_pay import a_check

from .test_payments import page, text

__all__ = ["mailbox", "proxy", "sandbox", "shop"]


def member_of_the_team(shop: Shop, name: str, role: str) -> User:
    person = make_staff(vendor=shop.vendor, user=make_user(name=name), role=role)
    TOTP.activate(person, "JBSWY3DPEHPK3PXP")
    return person


def send(shop: Shop, rest: str, form: dict[str, object]) -> str:
    answer = shop.web.post(page(shop, rest), form, follow=True)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_a_payment_goes_back_by_form_review_and_a_second_persons_word(shop: Shop, settings: Settings) -> None:
    nora, max_ = member_of_the_team(shop, "Nora", "clerk"), member_of_the_team(shop, "Max", "manager")
    method = shop.save(CARD, autopay=False)
    shop.pay_with(method, shop.invoices[0], amount_minor=14_800)
    payment = shop.payment()
    a_check(shop.company)
    Contact.objects.create(company=shop.company, role="billing", email="books@arches.example")

    shop.web.force_login(nora)
    address = f"payments/{payment.public_id}/refund/"
    assert "Give money back" in text(shop, f"payments/{payment.public_id}/")
    form: dict[str, object] = {"amount": "120.00", "reason": "duplicate", "explanation": "twice"}
    assert "do not cover this amount" in send(shop, address, form), "no invoice was named"
    form["invoices"] = str(shop.invoices[0].public_id)
    review = send(shop, address, form)
    assert "$5.00 comes out of the company’s credit." in review
    assert re.search(r"\$115\.00 comes off invoice \S+, and is owed again", review)
    assert "above your limit" in review
    assert not Refund.objects.exists(), "nothing is asked before it was looked at"
    assert "waits until somebody with a higher limit" in send(shop, address, {**form, "confirmed": "yes"})
    waiting = text(shop, "payments/refunds/")
    assert "Arches Burgers LLC" in waiting
    assert "Allow it" not in waiting, "not by who asked for it"
    refund = Refund.objects.get()
    for at in (f"payments/{payment.public_id}/", f"payments/refunds/{refund.public_id}/"):
        shown = text(shop, at)
        assert ("Not sent yet" in shown, "Started" in shown.split("States")[0]) == (True, False)
    send(shop, f"payments/refunds/{refund.public_id}/approve/", {})
    assert Refund.objects.get().status == "created"

    shop.web.force_login(max_)
    assert "Allow it" in text(shop, "payments/refunds/")
    settings.EVENT_LISTENERS = {
        **settings.EVENT_LISTENERS,
        "refund_made": ["comptoir.notices.tasks.send_refund_made"],
        "refund_failed": ["comptoir.notices.tasks.send_refund_failed"],
    }
    assert "it is being sent" in send(shop, f"payments/refunds/{refund.public_id}/approve/", {})
    shop.settle()
    told = Message.objects.latest("id")
    assert told.subject == "We sent $120.00 back to you"
    assert refund.confirmation in told.text
    assert "Paid twice" in told.text
    story = text(shop, f"payments/{payment.public_id}/")
    assert refund.confirmation in story
    assert "Refund sent" in story
    assert "Refund of a payment" in text(shop, f"invoices/{shop.invoices[0].public_id}/")
    assert f"Refund {refund.confirmation}" in text(shop, f"companies/{shop.company.public_id}/statement/")

    shop.web.force_login(shop.anna)
    for language, words in (("en", "What went back to you"), ("fr", "Ce qui vous a été rendu"), ("es", "Lo que se le")):
        shop.anna.language = language
        shop.anna.save()
        answer = shop.web.get(shop.page("payment", payment=payment.public_id), headers={"Accept-Language": language})
        assert refund.confirmation in answer.content.decode()
        assert words in answer.content.decode() or language != "en"


def test_a_form_sent_twice_gives_back_once_and_the_list_looks_the_limit_up_once(shop: Shop) -> None:
    nora = member_of_the_team(shop, "Nora", "clerk")
    method = shop.save(CARD, autopay=False)
    shop.pay_with(method, shop.invoices[0], amount_minor=14_800)
    shop.web.force_login(nora)
    address = f"payments/{shop.payment().public_id}/refund/"
    found = re.search(r'name="reference" value="([^"]+)"', text(shop, address))
    assert found
    form: dict[str, object] = {
        "amount": "30.00",
        "reason": "goodwill",
        "explanation": "the till was down",
        "invoices": str(shop.invoices[0].public_id),
        "reference": found[1],
    }
    assert found[1] in send(shop, address, form), "the review carries it on"
    assert "on its way" in send(shop, address, {**form, "confirmed": "yes"})
    assert "it was not done twice" in send(shop, address, {**form, "confirmed": "yes"})
    assert Refund.objects.count() == 1
    send(shop, address, {**form, "reference": str(uuid4()), "confirmed": "yes"})
    assert Refund.objects.count() == 2
    text(shop, "payments/refunds/")
    assert sum("invoicing_approval_limit" in sql for sql in shop.web.queries) == 1


def test_credit_goes_back_by_a_check_that_is_written_and_numbered(shop: Shop) -> None:
    nora = member_of_the_team(shop, "Nora", "clerk")
    a_check(shop.company)
    shop.web.force_login(nora)
    assert "Give it back" in text(shop, f"companies/{shop.company.public_id}/")
    address = f"companies/{shop.company.public_id}/refund/"
    form: dict[str, object] = {"amount": "5.00", "reason": "asked", "explanation": "by phone"}
    assert "$5.00 by a check that you write" in send(shop, address, form)
    assert "on its way" in send(shop, address, {**form, "confirmed": "yes"})
    shop.settle()
    refund = Refund.objects.get()
    assert "A check to write" in text(shop, "work/")
    assert "The check is written" in text(shop, f"payments/refunds/{refund.public_id}/")
    send(shop, f"payments/refunds/{refund.public_id}/check-not-written/", {})
    shop.settle()
    assert "Give the credit back" in text(shop, f"payments/refunds/{refund.public_id}/"), (
        "another way is one click away"
    )
    assert "on its way" in send(shop, address, {**form, "confirmed": "yes"})
    shop.settle()
    refund = Refund.objects.latest("id")
    send(shop, f"payments/refunds/{refund.public_id}/check-written/", {"number": "1042"})
    shop.settle()
    assert "Check 1042" in text(shop, f"payments/refunds/{refund.public_id}/")
    assert "A check to write" not in text(shop, "work/")


def test_a_dispute_is_on_the_list_with_its_last_day_and_is_answered_with_the_consent_at_hand(shop: Shop) -> None:
    nora = member_of_the_team(shop, "Nora", "clerk")
    shop.save(DISPUTED)
    shop.autopay(date(2020, 10, 1))
    dispute = Dispute.objects.get()
    shop.web.force_login(nora)
    assert "A payment is disputed" in text(shop, "work/")
    assert "told the bank that this payment was not theirs" in text(shop, "payments/disputes/")
    shown = text(shop, f"payments/disputes/{dispute.public_id}/")
    assert "Oct 8, 2020" in shown
    assert "The proof of the consent (PDF)" in shown
    proof = re.search(r'href="([^"]+/agreements/[^"]+/pdf/)"', shown)
    assert proof
    assert shop.web.get(proof[1]).headers["Content-Type"] == "application/pdf"
    assert "is disputed" in text(shop, f"payments/{dispute.payment.public_id}/")

    shop.web.force_login(shop.anna)
    owner = shop.web.get(shop.page("payment", payment=dispute.payment.public_id)).content.decode()
    assert "Your invoices count as paid meanwhile" in owner

    shop.web.force_login(nora)
    send(shop, f"payments/disputes/{dispute.public_id}/answer/", {"text": "winning_evidence"})
    shop.settle()
    shown = text(shop, f"payments/disputes/{dispute.public_id}/")
    assert "The bank decided for you" in shown
    assert "Handed in" in shown
    assert "Answer it" not in shown


def test_giving_in_above_the_limit_is_allowed_by_somebody_else_on_the_page(shop: Shop) -> None:
    nora, max_ = member_of_the_team(shop, "Nora", "clerk"), member_of_the_team(shop, "Max", "manager")
    method = shop.save(DISPUTED, autopay=False)
    shop.pay_with(method, shop.invoices[0], amount_minor=14_800)
    at = f"payments/disputes/{Dispute.objects.get().public_id}/"
    shop.web.force_login(nora)
    assert "it waits until somebody with a higher limit allows it" in send(shop, f"{at}accept/", {"text": "theirs"})
    shown = text(shop, at)
    assert "Waits for somebody else’s word" in shown
    assert "Turn down" in shown
    assert "Allow it" not in shown, "not by who asked for it"
    assert "Answer it" not in shown, "one answer at a time"
    assert "Giving in waits for somebody else’s word" in text(shop, "payments/disputes/")
    assert "You asked for this yourself" in send(shop, f"{at}allow/", {})

    shop.web.force_login(max_)
    assert "Allow it" in text(shop, at)
    send(shop, f"{at}turn-down/", {"why": "we have their word"})
    shown = text(shop, at)
    assert "we have their word" in shown
    assert "Answer it" in shown
    shop.web.force_login(nora)
    send(shop, f"{at}accept/", {"text": "they deny it"})
    shop.web.force_login(max_)
    send(shop, f"{at}allow/", {})
    shop.settle()
    shown = text(shop, at)
    assert "allowed by Max" in shown
    assert "The amount is gone" in shown
