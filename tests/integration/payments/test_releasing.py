"""A method that its bank refused is used again once its owner has put that right: on record, and in no other way."""

import json
import re
from datetime import date

import pytest
from django.db import Error
from django.utils.timezone import now as wall

from comptoir.payments.models import Authorisation, MethodRelease, PaymentMethod
from comptoir.payments.queries import pays_by, releases
from comptoir.payments.return_codes import GONE, RULES, Rule, way_back
from comptoir.tenancy import doors
from comptoir.tenancy.models import AuditEntry
from tests.factories import make_company

from .conftest import CARD, CLOSED, NOT_AUTHORISED_LATER, Shop
from .test_rules import run

DUE, SETTLED = date(2020, 10, 1), date(2020, 10, 7)
NEXT_DUE, NEXT_SETTLED = date(2020, 11, 2), date(2020, 11, 9)


def refused(shop: Shop, number: str) -> PaymentMethod:
    """A method of which a debit was refused so that it is stopped."""
    method = shop.save(number)
    shop.autopay(DUE)
    shop.live_until(SETTLED)
    method.refresh_from_db()
    assert method.unusable_reason
    return method


def release(shop: Shop, method: PaymentMethod) -> int:
    """Read the page on which a method is released, and say on it that all is right again."""
    address = shop.page("method_release", method=method.public_id)
    words = re.findall(r'name="terms" value="(\w+)"', shop.web.get(address).content.decode())
    return shop.web.post(address, {"terms": words[0]} if words else {}).status_code


def test_every_code_that_stops_a_method_has_a_way_back() -> None:
    stopping = {code for code, rule in RULES.items() if rule in (Rule.STOP, Rule.VOID, Rule.REVIEW)}
    assert stopping >= GONE
    for code in stopping:
        assert (way_back(code) == "by_consent") == (RULES[code] is Rule.VOID)


def test_an_account_that_is_open_again_is_debited_by_its_owners_word(shop: Shop) -> None:
    method = refused(shop, CLOSED)
    shown = shop.web.get(shop.page("methods")).content.decode()
    assert "The bank account is closed." in shown
    assert release(shop, method) == 302
    shop.settle()
    method.refresh_from_db()
    assert method.unusable_reason == ""
    assert pays_by(shop.company.id) == "autopay", "that consent was never void"
    (row,) = releases(shop.company.id)
    assert (row.refused_code, row.released_by) == ("R02", "Anna")
    assert AuditEntry.objects.get(action="payment_method_released").before == {"refused": "R02"}

    shop.autopay(NEXT_DUE)
    assert shop.payment().amount_minor == 14_800, "the next invoice alone: what was refused is not tried again"
    shop.live_until(NEXT_SETTLED)
    method.refresh_from_db()
    assert method.unusable_reason == "R02", "refused once more, it is stopped once more"


def test_where_the_consent_is_void_another_is_given_and_the_processor_is_told(shop: Shop) -> None:
    method = refused(shop, NOT_AUTHORISED_LATER)
    assert method.unusable_reason == "R29"
    nothing_agreed = shop.web.post(shop.page("method_release", method=method.public_id))
    assert nothing_agreed.status_code == 409
    assert not MethodRelease.objects.exists()

    assert release(shop, method) == 302
    shop.settle()
    assert pays_by(shop.company.id) == "autopay"
    old, new = Authorisation.objects.filter(payment=None).order_by("id")
    assert (old.ended_reason, new.ended_at) == ("the bank says unauthorised: R29", None)
    assert MethodRelease.objects.get().authorisation == new
    shop.autopay(NEXT_DUE)
    assert shop.payment().status == "processing", "the processor has the new consent, too"


def test_a_card_that_is_gone_comes_back_only_as_the_one_that_its_bank_sends(shop: Shop) -> None:
    method = shop.save(CARD)
    PaymentMethod.objects.update(unusable_reason="lost_card")
    shown = shop.web.get(shop.page("method_release", method=method.public_id)).content.decode()
    assert "This card is gone" in shown
    assert release(shop, method) == 409
    answer = shop.sandbox.ask(
        "POST",
        f"/sandbox/accounts/{shop.account}/replace-card",
        json.dumps({"payment_method": method.gateway_id, "last4": "1881", "exp_month": 3, "exp_year": 2031}),
    )
    assert answer.status == 200, answer.text
    shop.settle()
    method.refresh_from_db()
    assert (method.last4, method.unusable_reason) == ("1881", "")
    assert MethodRelease.objects.get().released_by is None


def test_postgresql_releases_nothing_without_who_and_why(shop: Shop) -> None:
    method = refused(shop, CLOSED)

    def insert(**other: str) -> str:
        values = {
            "method_id": str(method.id),
            "refused_code": "'R02'",
            "released_by_id": str(shop.anna.id),
            "released_by_label": "'Anna'",
            "released_at": "now()",
            "authorisation_id": "NULL",
        } | other
        return f"INSERT INTO payments_methodrelease ({', '.join(values)}) VALUES ({', '.join(values.values())})"

    void = "UPDATE payments_paymentmethod SET unusable_reason = 'R29'"
    gone = "UPDATE payments_paymentmethod SET unusable_reason = 'lost_card'"
    stands = "(SELECT id FROM payments_authorisation)"
    for statements, message in (
        (["UPDATE payments_paymentmethod SET unusable_reason = ''"], "does not change"),
        ([insert(refused_code="'R03'")], "was not refused for that"),
        ([insert(released_by_label="''")], "release_says_of_what_and_who"),
        ([void, insert(refused_code="'R29'")], "void_consent_is_given_anew"),
        ([gone, insert(refused_code="'lost_card'")], "card_that_is_gone_is_replaced"),
        (
            [
                "UPDATE payments_authorisation SET ended_at = now(), ended_reason = 'x'",
                insert(authorisation_id=stands),
            ],
            "does not stand for it",
        ),
        ([insert(), "UPDATE payments_methodrelease SET released_by_label = 'Bo'"], "does not change"),
        ([insert(), "DELETE FROM payments_methodrelease"], "does not change"),
    ):
        with pytest.raises(Error, match=message):
            run(*statements)
    method.refresh_from_db()
    assert method.unusable_reason == "R02"


def test_nobody_releases_in_anothers_name_or_another_companys(shop: Shop) -> None:
    method = refused(shop, CLOSED)
    stranger = make_company(vendor=shop.vendor)
    for user_id, company_id in ((shop.anna.id, stranger.id), (0, shop.company.id)):
        with pytest.raises(Error, match="row-level security"), doors.portal(user_id=user_id, company_id=company_id):
            MethodRelease.objects.create(
                method_id=method.id,
                refused_code="R02",
                released_by_id=shop.anna.id,
                released_by_label="Anna",
                released_at=wall(),
            )
