"""What the team sees of debits to come and debits that came back, and what its vendor charges and does then."""

from datetime import date
from decimal import Decimal

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.db import Error, transaction

from comptoir.identity.models import User
from comptoir.kit.clocks import wall_now
from comptoir.payments.models import DebitNotice, Payment, ReturnFee
from comptoir.payments.policies import Policy, policy_of, set_policy
from comptoir.payments.return_rates import return_rates, watch_return_rates
from comptoir.payments.truth import fail
from comptoir.subscriptions.models import OneOffCharge
from comptoir.tenancy.models import AuditEntry
from comptoir.work.models import WorkItem
from tests.factories import TESTS, make_staff, make_user
from tests.integration.payments.conftest import NO_MONEY, WORKS, Shop, mailbox, proxy, sandbox, shop
from tests.integration.payments.test_rules import run

__all__ = ["mailbox", "proxy", "sandbox", "shop"]

DUE, SETTLED = date(2020, 10, 1), date(2020, 10, 7)


def log_in(shop: Shop, *, role: str) -> User:
    person = make_staff(vendor=shop.vendor, user=make_user(email=f"{role}@northwind.example", name="Nora"), role=role)
    TOTP.activate(person, "JBSWY3DPEHPK3PXP")
    shop.web.force_login(person)
    return person


def text(shop: Shop, rest: str) -> str:
    answer = shop.web.get(f"/console/{shop.vendor.slug}/{rest}", follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def charge_for_returns(shop: Shop, *, fee_minor: int, cap_minor: int | None = None, check_minor: int = 0) -> None:
    policy = Policy(
        return_fee_minor=fee_minor,
        check_fee_minor=check_minor,
        return_fee_cap_minor=cap_minor,
        return_fee_product_id=shop.company.subscriptions.earliest("id").plan.product_id,
    )
    with transaction.atomic():
        set_policy(vendor_id=shop.vendor.id, policy=policy, actor=TESTS)


def test_a_company_shows_its_debits_to_come_what_was_told_and_what_the_old_system_may_do(shop: Shop) -> None:
    shop.save(NO_MONEY)
    DebitNotice.objects.create(
        company=shop.company,
        invoice=shop.invoices[0],
        kind="invoice",
        amount_minor=14_800,
        debit_on=DUE,
        sent_to="books@arches.example",
        sent_on=date(2020, 9, 16),
        sent_at=wall_now(),
    )
    log_in(shop, role="clerk")
    page = text(shop, f"companies/{shop.company.public_id}/")
    assert "Is debited" in page
    assert "told to books@arches.example" in page
    shop.autopay(DUE)
    shop.live_until(SETTLED)
    assert "Is presented again" in text(shop, f"companies/{shop.company.public_id}/")


def test_a_returned_debit_is_charged_for_once_up_to_the_months_limit(shop: Shop) -> None:
    charge_for_returns(shop, fee_minor=2_500, cap_minor=3_000)
    shop.save(NO_MONEY)
    shop.autopay(DUE)
    shop.live_until(SETTLED)
    failed = shop.payment()
    charge = OneOffCharge.objects.get()
    assert (charge.company, charge.amount_minor, charge.charge_on) == (shop.company, 2_500, SETTLED)
    assert charge.description == f"Fee for returned debit {failed.confirmation} (R01)"
    assert ReturnFee.objects.get().payment == failed
    again = shop.save(NO_MONEY, autopay=False)
    for amount_minor in (14_000, 800):
        shop.pay_with(again, shop.invoices[1], amount_minor=amount_minor)
    shop.live_until(date(2020, 10, 15))
    assert [fee.amount_minor for fee in ReturnFee.objects.order_by("id")] == [2_500, 500], "30.00 at most in October"
    (free,) = Payment.objects.filter(status="failed", returnfee=None)
    another = OneOffCharge.objects.create(
        company=shop.company, product=charge.product, description="Fee", amount_minor=1, charge_on=SETTLED
    )
    with pytest.raises(Error, match="no more than 3000 is charged for returns in a month"):
        run(
            f"""INSERT INTO payments_returnfee (payment_id, charge_id, amount_minor, charged_on)
                VALUES ({free.id}, {another.id}, 1, '2020-10-31')"""
        )
    with transaction.atomic():
        run(
            f"""INSERT INTO payments_returnfee (payment_id, charge_id, amount_minor, charged_on)
                VALUES ({free.id}, {another.id}, 1, '2020-11-01')"""
        )
    for attack in (
        f"""INSERT INTO payments_returnfee (payment_id, charge_id, amount_minor, charged_on)
            VALUES ({failed.id}, {charge.id}, 2500, '2020-10-08')""",
        "UPDATE payments_returnfee SET amount_minor = 1",
        "DELETE FROM payments_returnfee",
    ):
        with pytest.raises(Error):
            run(attack)


def test_no_fee_where_it_was_not_missing_money(shop: Shop) -> None:
    charge_for_returns(shop, fee_minor=2_500)
    method = shop.save(WORKS)
    shop.autopay(DUE)
    with transaction.atomic():
        fail(Payment.objects.select_for_update().get(), code="R08", now=wall_now())
    failed = shop.payment()
    assert not ReturnFee.objects.exists()
    charge = OneOffCharge.objects.create(
        company=shop.company,
        product_id=shop.company.subscriptions.earliest("id").plan.product_id,
        description="Fee",
        amount_minor=2_500,
        charge_on=SETTLED,
    )
    with pytest.raises(Error, match="no fee for this"):
        run(
            f"""INSERT INTO payments_returnfee (payment_id, charge_id, amount_minor, charged_on)
                VALUES ({failed.id}, {charge.id}, 2500, '2020-10-08')"""
        )
    method.refresh_from_db()
    assert method.unusable_reason == "R08"
    item = WorkItem.objects.get(kind="return_to_review")
    assert (item.company, item.subject) == (shop.company, f"payment:{failed.public_id}")
    log_in(shop, role="clerk")
    assert "Payment stopped by the customer" in text(shop, f"payments/{failed.public_id}/")
    assert "A returned payment to look at" in text(shop, "work/")


def test_the_rates_are_those_of_the_network_and_near_it_someone_is_told(shop: Shop) -> None:
    shop.save(NO_MONEY)
    for amount_minor in (100, 200, 300):
        shop.pay_with(shop.save(NO_MONEY, autopay=False), shop.invoices[1], amount_minor=amount_minor)
    shop.pay_with(shop.save(WORKS, autopay=False), shop.invoices[1], amount_minor=400)
    shop.live_until(date(2020, 9, 25))
    found = return_rates(shop.vendor.id, on=date(2020, 9, 25))
    assert found.debits == 4
    assert [(rate.name, rate.returns, rate.percent, rate.state) for rate in found.rates] == [
        ("unauthorised", 0, Decimal(0), "fine"),
        ("administrative", 0, Decimal(0), "fine"),
        ("overall", 3, Decimal("75.00"), "over"),
    ]
    assert found.codes == (("R01", 3),)
    log_in(shop, role="auditor")
    page = text(shop, "payments/returns/")
    assert "75.00 %" in page
    assert "Over the limit" in page
    assert "Not enough money" in page
    for day, is_open in ((date(2020, 9, 25), True), (date(2020, 9, 26), True), (date(2020, 12, 24), False)):
        watch_return_rates(vendor_id=shop.vendor.id, on=day, now=wall_now())
        assert WorkItem.objects.filter(kind="return_rate", closed_at=None).count() == is_open


def test_an_admin_alone_sets_what_happens_and_it_is_on_record(shop: Shop) -> None:
    given = {
        "debit_retries": "1",
        "debit_retry_days": "5",
        "debit_retry_on_payday": "on",
        "card_retry_days": "3, 10",
        "fee": "25.00",
        "check_fee": "30.00",
        "cap": "",
        "product": str(shop.company.subscriptions.earliest("id").plan.product_id),
    }
    address = f"/console/{shop.vendor.slug}/payments/returns/policy/"
    log_in(shop, role="manager")
    assert shop.web.post(address, given).status_code == 403
    admin = log_in(shop, role="admin")
    assert "within 180 days" in text(shop, "payments/returns/policy/")
    refused = shop.web.post(address, {**given, "card_retry_days": "31"}).content.decode()
    assert "The card networks allow at most" in refused
    assert shop.web.post(address, given).status_code == 302
    policy = policy_of(shop.vendor.id)
    assert (policy.debit_retries, policy.debit_retry_on_payday, policy.card_retry_days) == (1, True, (3, 10))
    assert (policy.return_fee_minor, policy.check_fee_minor, policy.return_fee_cap_minor) == (2_500, 3_000, None)
    entry = AuditEntry.objects.get(action="payment_policy_set")
    assert (entry.actor_label, entry.before["debit_retries"], entry.after["debit_retries"]) == (admin.name, 2, 1)
    assert "first payday from 5 days" in text(shop, "payments/returns/")
