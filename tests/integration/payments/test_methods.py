"""Saving a method in the portal as a browser goes, and letting it be debited, in words that are kept."""

import re
from hashlib import sha256

from comptoir.payments.models import Authorisation, PaymentMethod, SetupSession
from comptoir.payments.queries import methods, pays_by
from comptoir.tenancy.models import AuditEntry
from tests.factories import make_company, make_member

from .conftest import CARD, WORKS, Shop


def shown(shop: Shop, path: str) -> str:
    """The text of a page that is there."""
    answer = shop.web.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def add(shop: Shop, word: str, purpose: str) -> str:
    """Fill in our page; return the address of the processor's."""
    path = shop.page("method_add", word=word)
    fingerprint = re.search(r'name="terms" value="(\w{64})"', shown(shop, path))
    assert fingerprint
    answer = shop.web.post(path, {"purpose": purpose, "terms": fingerprint[1]}, headers={"User-Agent": "a browser"})
    assert answer.status_code == 303
    return str(answer["Location"])


def test_a_bank_account_is_saved_for_autopay_with_the_words_agreed_to(shop: Shop) -> None:
    assert pays_by(shop.company.id) == "check"
    hosted = add(shop, "bank", "automatically")
    waiting = shop.page("method_saved", setup=SetupSession.objects.get().public_id)
    shop.mailbox.held_back = True
    back = shop.fill(hosted, WORKS)
    assert back.location.endswith(waiting)
    assert 'data-state="open"' in shown(shop, waiting)
    assert pays_by(shop.company.id) == "check"

    for letter in shop.mailbox.letters:
        shop.mailbox.hand_over(letter)
    shop.mailbox.held_back = False
    shop.settle()
    part = shop.web.get(waiting, headers={"HX-Request": "true"}).content.decode()
    assert 'data-state="completed"' in part
    assert "hx-get" not in part
    assert "<html" not in part
    assert pays_by(shop.company.id) == "autopay"
    assert "STRIPE TEST BANK ••6789" in shown(shop, shop.page("methods"))

    consent = Authorisation.objects.get()
    assert "Arches Burgers LLC authorises Northwind Inc. to debit this bank account" in consent.text
    assert consent.text_sha256 == sha256(consent.text.encode()).hexdigest()
    assert (consent.given_by, consent.ip_address, consent.user_agent) == (shop.anna, "127.0.0.1", "a browser")
    assert consent.active_since is not None
    assert PaymentMethod.objects.get().holder_type == "company"


def test_a_card_only_saved_pays_nothing_by_itself_until_told_so(shop: Shop) -> None:
    shop.fill(add(shop, "card", "by_hand"), CARD)
    shop.settle()
    assert pays_by(shop.company.id) == "manual"
    assert not Authorisation.objects.exists()
    assert "Dec 31, 2034" in shown(shop, shop.page("methods"))

    path = shop.page("method_autopay", method=methods(shop.company.id)[0].public_id)
    terms = re.search(r'name="terms" value="(\w{64})"', shown(shop, path))
    assert terms
    assert shop.web.post(path, {"terms": terms[1]}).status_code == 302
    assert pays_by(shop.company.id) == "autopay"

    assert shop.web.post(path + "off/").status_code == 302
    assert pays_by(shop.company.id) == "manual"
    assert Authorisation.objects.get().ended_reason == "turned off by the customer"
    done = AuditEntry.objects.filter(company=shop.company, subject__startswith="payment_method:").order_by("id")
    assert [(entry.actor_kind, entry.action) for entry in done] == [
        ("system", "payment_method_saved"),
        ("customer", "autopay_turned_on"),
        ("customer", "autopay_turned_off"),
    ]


def test_words_other_than_those_shown_are_not_agreed_to(shop: Shop) -> None:
    answer = shop.web.post(shop.page("method_add", word="bank"), {"purpose": "automatically", "terms": "0" * 64})
    assert answer.status_code == 409
    unanswered = shop.web.post(shop.page("method_add", word="bank"), {})
    assert unanswered.status_code == 422
    assert not SetupSession.objects.exists()
    assert shop.web.get(shop.page("method_add", word="cheque")).status_code == 404


def test_a_later_method_takes_autopay_over(shop: Shop) -> None:
    first, second = shop.save(WORKS), shop.save(CARD)
    assert [(row.id, row.autopay) for row in methods(shop.company.id)] == [(first.id, False), (second.id, True)]
    assert Authorisation.objects.filter(ended_reason="replaced by a later one").count() == 1


def test_removing_says_what_will_happen_and_keeps_the_evidence(shop: Shop) -> None:
    method = shop.save(WORKS)
    path = shop.page("method_remove", method=method.public_id)
    assert "you pay by check" in shown(shop, path)
    assert shop.web.post(path).status_code == 302
    assert pays_by(shop.company.id) == "check"
    assert shop.web.get(path).status_code == 404
    assert Authorisation.objects.get().ended_reason == "the method was removed"
    shop.settle()


def test_a_page_left_unused_ends_and_its_consent_with_it(shop: Shop) -> None:
    add(shop, "bank", "automatically")
    setup = SetupSession.objects.get()
    session = setup.session_id
    assert session
    shop.sandbox.client.v1.checkout.sessions.expire(session, None, shop.options)
    shop.settle()
    assert 'data-state="ended"' in shown(shop, shop.page("method_saved", setup=setup.public_id))
    assert Authorisation.objects.get().ended_reason == "the method was not saved"


def test_another_company_of_the_same_person_does_not_see_the_method(shop: Shop) -> None:
    method = shop.save(WORKS)
    other = make_company(vendor=shop.vendor)
    make_member(company=other, user=shop.anna)
    assert "6789" not in shown(shop, f"/c/{other.public_id}/methods/")
    for action in ("autopay", "remove"):
        assert shop.web.get(f"/c/{other.public_id}/methods/{method.public_id}/{action}/").status_code == 404
    assert shop.web.post(f"/c/{other.public_id}/methods/{method.public_id}/autopay/off/").status_code == 404
    assert pays_by(shop.company.id) == "autopay"
