"""A refused debit is presented again by its reason, on a day that was told, within the networks' limits."""

from datetime import date, timedelta

import pytest
from django.db import Error, connection, transaction

from comptoir.payments.models import Payment, PlannedRetry
from comptoir.payments.policies import Policy, set_policy
from comptoir.payments.return_codes import RULES, may_be_presented_again
from comptoir.payments.saving import turn_autopay_off
from comptoir.payments.tasks import submit_due_autopay, submit_due_retries
from tests.factories import TESTS, make_staff, make_user

from .conftest import CARD, CLOSED, COMES_BACK_LATER, NO_MONEY, NOT_AUTHORISED_LATER, WORKS, Shop
from .test_refunds import ask_back, asker
from .test_rules import hold, run

DUE, REFUSED = date(2020, 10, 1), date(2020, 10, 7)
CARD_THAT_FAILS = "4000000000000341"


def live_on(shop: Shop, *days: date) -> None:
    """Live until each of the days, and do all that falls due on it."""
    for day in days:
        shop.live_until(day)
        submit_due_autopay(vendor_id=shop.vendor.id, on=day)
        submit_due_retries(vendor_id=shop.vendor.id, on=day)
        shop.settle()


def october(*days: int) -> list[date]:
    return [date(2020, 10, day) for day in days]


def attempts() -> list[tuple[date, str, str]]:
    return list(Payment.objects.order_by("id").values_list("initiated_on", "status", "failure_code"))


def policy(shop: Shop, **changed: object) -> None:
    with transaction.atomic():
        set_policy(vendor_id=shop.vendor.id, policy=Policy(**changed), actor=TESTS)  # type: ignore[arg-type]


def test_missing_money_is_asked_for_twice_more_and_then_its_owner_is(shop: Shop) -> None:
    shop.save(NO_MONEY)
    live_on(shop, DUE, *october(7, 9, 12))
    assert attempts() == [(DUE, "failed", "R01")]
    assert Payment.objects.get().refused_on == REFUSED
    assert PlannedRetry.objects.get().planned_on == date(2020, 10, 13), "three days are a Saturday, Monday a holiday"
    live_on(shop, *october(13, 19, 21, 22, 28, 31))
    assert attempts() == [(day, "failed", "R01") for day in october(1, 13, 22)]
    first, *others = Payment.objects.order_by("id")
    assert {other.re_presents for other in others} == {first}
    assert {other.amount_minor for other in others} == {first.amount_minor}
    assert shop.told() == ["payment_failed"] * 3, "once per failure"
    assert not PlannedRetry.objects.filter(made=None, dropped_at=None).exists()
    assert shop.balances()[0] == (14_800, 0)


def test_on_paydays_where_the_vendor_says_so(shop: Shop) -> None:
    policy(shop, debit_retry_on_payday=True)
    shop.save(NO_MONEY)
    live_on(shop, DUE, *october(7, 14, 15, 21))
    assert [day for day, _status, _code in attempts()] == october(1, 15)
    assert PlannedRetry.objects.latest("id").planned_on == date(2020, 11, 2), "the 31st is a Saturday"


def test_not_at_all_where_the_vendor_says_so(shop: Shop) -> None:
    policy(shop, debit_retries=0)
    shop.save(NO_MONEY)
    live_on(shop, DUE, *october(7, 13))
    assert len(attempts()) == 1


def test_what_came_back_after_it_had_arrived_is_presented_again_too(shop: Shop) -> None:
    shop.save(COMES_BACK_LATER)
    shop.autopay(DUE)
    shop.live_until(date(2020, 10, 7))
    shop.live_until(date(2020, 10, 12))
    returned = shop.payment()
    assert (returned.status, returned.refused_on) == ("returned", date(2020, 10, 12))
    assert returned.retry.planned_on == date(2020, 10, 15)
    live_on(shop, *october(14, 15))
    again = shop.payment()
    assert (again.re_presents, again.status, again.amount_minor) == (returned, "processing", returned.amount_minor)
    assert shop.balances()[0] == (14_800, 14_800)


@pytest.mark.parametrize("number", [CLOSED, NOT_AUTHORISED_LATER])
def test_another_reason_than_missing_money_is_never_presented_again(shop: Shop, number: str) -> None:
    shop.save(number)
    live_on(shop, DUE, *october(7, 13))
    assert Payment.objects.get().refused_on
    assert len(attempts()) == 1
    assert not PlannedRetry.objects.exists()


def test_a_card_is_tried_on_the_usual_days(shop: Shop) -> None:
    shop.save(CARD_THAT_FAILS)
    live_on(shop, *october(1, 2, 3, 8, 14, 15, 22, 23, 31))
    assert [day for day, _status, _code in attempts()] == [DUE + timedelta(days=days) for days in (0, 2, 7, 14, 21)]
    assert {status for _day, status, _code in attempts()} == {"failed"}


def test_what_was_paid_meanwhile_is_not_taken_again(shop: Shop) -> None:
    shop.save(NO_MONEY)
    live_on(shop, DUE, REFUSED)
    shop.pay_with(shop.save(CARD, autopay=False), shop.invoices[0], amount_minor=14_800)
    live_on(shop, *october(13))
    assert PlannedRetry.objects.get().dropped_why == "paid"
    assert Payment.objects.filter(origin="autopay").count() == 1


def test_what_a_person_gave_back_is_not_presented_again_unasked(shop: Shop) -> None:
    shop.save(NO_MONEY)
    live_on(shop, DUE, REFUSED)
    shop.pay_with(shop.save(CARD, autopay=False), shop.invoices[0], amount_minor=14_800)
    max_ = make_staff(vendor=shop.vendor, user=make_user(name="Max"), role="manager")
    ask_back(shop, shop.payment(), amount_minor=14_800, by=asker(shop, max_, role="manager"))
    assert shop.balances()[0] == (14_800, 0)
    live_on(shop, *october(13))
    assert PlannedRetry.objects.get().dropped_why == "called_off"
    assert len(attempts()) == 2


def test_an_attempt_waits_while_a_payment_from_the_method_is_disputed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    method = shop.save(CARD_THAT_FAILS)
    live_on(shop, DUE)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("comptoir.payments.wanted.disputed_methods", lambda _ids: {method.id})
        live_on(shop, *october(3))
        retry = PlannedRetry.objects.get()
        assert (retry.made, retry.dropped_at, len(attempts())) == (None, None, 1)
    live_on(shop, *october(4))
    assert [day for day, _status, _code in attempts()] == october(1, 4)


def test_autopay_turned_off_ends_the_attempts(shop: Shop) -> None:
    method = shop.save(NO_MONEY)
    live_on(shop, DUE, REFUSED)
    payer = shop.payer
    with payer.door():
        turn_autopay_off(payer=payer, method_public_id=method.public_id)
    live_on(shop, *october(13))
    assert PlannedRetry.objects.get().dropped_why == "no_consent"
    assert len(attempts()) == 1


def test_the_same_day_again_presents_nothing_twice(shop: Shop) -> None:
    shop.save(NO_MONEY)
    live_on(shop, DUE, REFUSED)
    shop.live_until(date(2020, 10, 13))
    for _time in range(2):
        submit_due_retries(vendor_id=shop.vendor.id, on=date(2020, 10, 13))
    shop.settle()
    assert len(attempts()) == 2


def again(shop: Shop, original: Payment, *, on: str = "2020-10-13", amount: int = 14_800, method: object = "") -> None:
    """Present a payment again by SQL, as nothing of ours would."""
    first = shop.invoices[0].id
    run(
        f"""INSERT INTO payments_payment (public_id, company_id, origin, kind, method_id, method_label, currency,
            amount_minor, confirmation, status, failure_code, initiated_on, created_at, re_presents_id)
        VALUES (gen_random_uuid(), {shop.company.id}, 'autopay', '{original.kind}', {method or original.method_id}, '',
            'USD', {amount}, substr(md5(random()::text), 1, 12), 'created', '', '{on}', now(), {original.id})""",
        f"""INSERT INTO payments_paymentitem (payment_id, invoice_id, amount_minor)
        SELECT max(id), {first}, {amount} FROM payments_payment""",
        hold(first, amount),
    )
    run(
        f"""UPDATE payments_payment SET status = 'failed', failure_code = '{original.failure_code}', ended_at = now(),
            refused_on = '{on}' WHERE id = (SELECT max(id) FROM payments_payment)""",
        hold(first, 0),
    )


def test_the_database_keeps_the_networks_limits_for_bank_debits(shop: Shop) -> None:
    policy(shop, debit_retries=0)
    shop.save(NO_MONEY)
    live_on(shop, DUE, REFUSED)
    original = shop.payment()
    with pytest.raises(Error, match="twice at most, for the same amount, within 180 days"):
        again(shop, original, amount=14_799)
    with pytest.raises(Error, match="twice at most, for the same amount, within 180 days"):
        again(shop, original, on="2021-03-31")
    other = shop.save(WORKS, autopay=False)
    with pytest.raises(Error, match="not another attempt"):
        again(shop, original, method=other.id)
    again(shop, original)
    with pytest.raises(Error, match="not another attempt"):
        again(shop, shop.payment(), on="2020-10-14")
    again(shop, original, on="2021-03-30")
    with pytest.raises(Error, match="twice at most, for the same amount, within 180 days"):
        again(shop, original, on="2020-10-14")


def test_the_database_presents_nothing_again_whose_money_was_not_just_missing(shop: Shop) -> None:
    shop.save(CLOSED)
    live_on(shop, DUE, REFUSED)
    with pytest.raises(Error, match="is not presented again after: R02 failed"):
        again(shop, shop.payment())


def test_the_database_keeps_the_limits_for_cards(shop: Shop) -> None:
    policy(shop, card_retry_days=())
    shop.save(CARD_THAT_FAILS)
    live_on(shop, DUE, REFUSED)
    original = shop.payment()
    for _attempt in range(15):
        again(shop, original)
    with pytest.raises(Error, match="15 times in 30 days at most"):
        again(shop, original, on="2020-10-31")
    again(shop, original, on="2020-11-12")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE payments_payment SET failure_code = 'stolen_card' WHERE id = %s", [original.id])
        cursor.execute("UPDATE payments_paymentmethod SET unusable_reason = 'stolen_card'")
    with pytest.raises(Error, match="is not presented again after: stolen_card failed"):
        again(shop, original, on="2020-12-24")


def test_another_attempt_cannot_be_called_a_new_one(shop: Shop) -> None:
    policy(shop, debit_retries=0)
    shop.save(NO_MONEY)
    live_on(shop, DUE, REFUSED)
    failed = shop.payment()
    first = shop.invoices[0].id
    with pytest.raises(Error, match="was debited from this method in vain"):
        run(
            f"""INSERT INTO payments_payment (public_id, company_id, origin, kind, method_id, method_label, currency,
                amount_minor, confirmation, status, failure_code, initiated_on, created_at)
            VALUES (gen_random_uuid(), {shop.company.id}, 'autopay', 'us_bank_account', {failed.method_id}, '', 'USD',
                100, 'X', 'created', '', '2020-10-13', now())""",
            f"""INSERT INTO payments_paymentitem (payment_id, invoice_id, amount_minor)
            SELECT max(id), {first}, 100 FROM payments_payment""",
            hold(first, 100),
        )
    for changed in ("re_presents_id = id", "refused_on = '2020-10-12'"):
        with pytest.raises(Error):
            run(f"UPDATE payments_payment SET {changed} WHERE id = {failed.id}")


@pytest.mark.parametrize(
    "changed", ["debit_retries = 3", "debit_retry_days = 0", "card_retry_days = '{31}'", "return_fee_minor = 1"]
)
def test_no_policy_allows_more_than_the_networks(shop: Shop, changed: str) -> None:
    policy(shop)
    with pytest.raises(Error, match="check constraint"):
        run(f"UPDATE payments_paymentpolicy SET {changed}")


def test_the_database_lists_the_same_reasons_to_present_again(db: None) -> None:
    """What nobody knows is not tried again, there as here."""
    with connection.cursor() as cursor:
        for kind in ("card", "us_bank_account"):
            for code in (*RULES, "", "a_reason_of_tomorrow"):
                cursor.execute("SELECT payments_may_be_presented_again(%s, %s)", [kind, code])
                known = may_be_presented_again(code, of_bank_account=kind == "us_bank_account")
                assert cursor.fetchone() == (known,), f"{kind} {code}"
