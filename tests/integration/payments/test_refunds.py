"""Money that goes back: from credit and off invoices, by the payment it came by or a check, once, whatever happens."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from pytest_django import Settings

from comptoir.identity.models import User
from comptoir.invoicing.company_credit import use_credit
from comptoir.invoicing.credit_queries import credit_of_company
from comptoir.invoicing.queries import invoices_by_ids
from comptoir.kit.clocks import wall_now
from comptoir.kit.models import Event, EventDelivery
from comptoir.payments.errors import RefundRefused
from comptoir.payments.gateways import GatewayRefused, GatewayUnclear, RefundOrder
from comptoir.payments.gateways.stripe import StripeGateway
from comptoir.payments.models import Payment, PaymentMethod, Refund, RefundRequest
from comptoir.payments.ordering import Order
from comptoir.payments.paying import pay_with_saved_method
from comptoir.payments.planning import plans
from comptoir.payments.refunds.planning import plan_of_credit, refundable
from comptoir.payments.refunds.requesting import (
    Asker,
    Why,
    approve_refund,
    refuse_refund,
    request_credit_refund,
    request_payment_refund,
)
from comptoir.payments.refunds.sending import send
from comptoir.payments.refunds.writing import check_was_not_written, check_was_written
from comptoir.payments.tasks import pick_up
from comptoir.tenancy import doors
from comptoir.tenancy.audit import Actor
from comptoir.tenancy.queries import vendor as vendor_row
from comptoir.work.models import WorkItem
from tests.databases import Database
from tests.factories import TODAY, issue_invoices, make_staff, make_user
from tests.ways_to_pay import a_check

from .conftest import CARD, LossyProxy, Shop

REFUND_WAITS, CARD_REFUND_FAILS, BANK_REFUND_FAILS = "4000000000007726", "4000000000005126", "000666666664"
WHY = Why(reason="overpaid", explanation="paid by hand, and by autopay")


def asker(shop: Shop, person: User, *, role: str = "clerk") -> Asker:
    return Asker(
        user_id=person.id,
        actor=Actor(kind="staff", label=person.name, user_id=person.id),
        role=role,
        vendor_id=shop.vendor.id,
        today=vendor_row(shop.vendor.id).business_date or TODAY,
        now=wall_now(),
    )


@pytest.fixture
def nora(shop: Shop) -> User:
    """A clerk of Northwind, who allows 100.00 at once."""
    return make_staff(vendor=shop.vendor, user=make_user(name="Nora"), role="clerk")


@pytest.fixture
def max_(shop: Shop) -> User:
    """A manager of Northwind, who allows 5,000.00."""
    return make_staff(vendor=shop.vendor, user=make_user(name="Max"), role="manager")


def pay(shop: Shop, number: str, *, amount_minor: int = 14_800, on_account_minor: int = 0) -> Payment:
    """Pay, by a saved method: the first invoice of 148.00, or on account beyond both."""
    method = PaymentMethod.objects.filter(company=shop.company, last4=number[-4:]).first() or shop.save(
        number, autopay=False
    )
    order = Order(
        invoices=[] if on_account_minor else [shop.invoices[0].public_id],
        amount_minor=amount_minor + on_account_minor,
        on_account_minor=on_account_minor,
    )
    order = shop.agreed(order, method=method)
    pay_with_saved_method(payer=shop.payer, order=order, method_public_id=method.public_id, reference=uuid4())
    shop.settle()
    if method.kind == "us_bank_account":
        shop.live_until(date(2020, 9, 24))
    return shop.payment()


def ask_back(
    shop: Shop, payment: Payment, *, amount_minor: int, by: Asker, invoices: list[UUID] | None = None
) -> RefundRequest:
    with transaction.atomic():
        asked = request_payment_refund(
            payment.public_id,
            amount_minor=amount_minor,
            invoices=[shop.invoices[0].public_id] if invoices is None else invoices,
            why=WHY,
            asker=by,
        )
    shop.settle()
    return asked


def credit(shop: Shop) -> int:
    return credit_of_company(shop.company.id).get("USD", 0)


def news() -> list[str]:
    return list(Event.objects.filter(name__startswith="refund_").order_by("id").values_list("name", flat=True))


def test_part_of_a_card_payment_goes_back_then_the_rest_with_somebody_elses_word(
    shop: Shop, nora: User, max_: User
) -> None:
    payment = pay(shop, CARD)
    ask_back(shop, payment, amount_minor=4_000, by=asker(shop, nora))
    refund = Refund.objects.get()
    assert (refund.status, refund.from_credit_minor, refund.asked.decided_by) == ("succeeded", 0, nora)
    assert shop.balances()[0] == (4_000, 0), "what went back is open again"
    payment.refresh_from_db()
    assert payment.status == "succeeded", "not all of it went back"
    (charge,) = shop.charges()
    assert charge.amount_refunded == 4_000

    asked = ask_back(shop, payment, amount_minor=10_800, by=asker(shop, nora))
    assert asked.status == "requested", "above the clerk's 100.00"
    assert refundable(payment.public_id, today=TODAY).why_not, "all of it is about to go back"
    with pytest.raises(RefundRefused), transaction.atomic():
        ask_back(shop, payment, amount_minor=1, by=asker(shop, nora))
    with pytest.raises(RefundRefused, match="somebody else"), transaction.atomic():
        approve_refund(asked.public_id, asker=asker(shop, nora, role="clerk"))
    assert shop.charges()[0].amount_refunded == 4_000
    with transaction.atomic():
        approve_refund(asked.public_id, asker=asker(shop, max_, role="manager"))
    shop.settle()
    payment.refresh_from_db()
    assert (payment.status, shop.charges()[0].amount_refunded) == ("refunded", 14_800)
    assert shop.balances()[0] == (14_800, 0)
    assert news() == ["refund_approved", "refund_made", "refund_approved", "refund_made"]


def test_what_was_given_back_of_an_autopaid_invoice_is_not_taken_again_by_itself(shop: Shop, max_: User) -> None:
    shop.save(CARD)
    shop.autopay(date(2020, 10, 1))
    ask_back(shop, shop.payment(), amount_minor=14_800, by=asker(shop, max_, role="manager"))
    assert shop.balances()[0] == (14_800, 0)
    shop.autopay(date(2020, 10, 2))
    assert Payment.objects.count() == 1
    (october,) = invoices_by_ids([shop.invoices[0].id]).values()
    assert [plan.state for plan in plans([october], today=date(2020, 10, 2))] == ["refunded"]


def test_what_is_turned_down_never_goes_and_can_be_asked_for_again(shop: Shop, nora: User, max_: User) -> None:
    payment = pay(shop, CARD)
    asked = ask_back(shop, payment, amount_minor=14_800, by=asker(shop, nora))
    with transaction.atomic():
        refuse_refund(asked.public_id, why="they owe November", asker=asker(shop, max_, role="manager"))
    assert Refund.objects.get().status == "canceled"
    ask_back(shop, payment, amount_minor=5_000, by=asker(shop, nora))
    assert shop.charges()[0].amount_refunded == 5_000


def test_credit_goes_back_newest_payment_first_and_what_no_payment_carries_by_a_check(
    shop: Shop, nora: User, max_: User
) -> None:
    first = pay(shop, CARD, amount_minor=29_600, on_account_minor=2_000)
    pay_more = Order(invoices=[], amount_minor=3_000, on_account_minor=3_000)
    method = PaymentMethod.objects.get(company=shop.company)
    pay_more = shop.agreed(pay_more, method=method)
    pay_with_saved_method(payer=shop.payer, order=pay_more, method_public_id=method.public_id, reference=uuid4())
    shop.settle()
    second = shop.payment()
    assert credit(shop) == 5_000
    boss = asker(shop, max_, role="manager")
    a_check(shop.company)
    assert credit(shop) == 5_500
    parts = plan_of_credit(shop.company.id, currency="USD", amount_minor=4_000, today=TODAY)
    assert [(part.payment, part.amount_minor) for part in parts] == [(second, 3_000), (first, 1_000)]
    with pytest.raises(RefundRefused, match="less credit"):
        plan_of_credit(shop.company.id, currency="USD", amount_minor=5_501, today=TODAY)

    with transaction.atomic():
        request_credit_refund(shop.company.id, currency="USD", amount_minor=5_500, why=WHY, asker=boss)
    shop.settle()
    assert [refund.amount_minor for refund in Refund.objects.order_by("id")] == [3_000, 2_500]
    assert credit(shop) == 0
    assert set(Refund.objects.values_list("status", flat=True)) == {"succeeded"}
    second.refresh_from_db()
    assert second.status == "refunded"
    assert shop.balances() == [(0, 0), (0, 0)], "credit alone went back"


def test_a_check_is_written_by_a_person_or_not_at_all(shop: Shop, nora: User) -> None:
    a_check(shop.company)
    clerk = asker(shop, nora)
    for written in (False, True):
        with transaction.atomic():
            request_credit_refund(shop.company.id, currency="USD", amount_minor=500, why=WHY, asker=clerk)
        shop.settle()
        refund = Refund.objects.latest("id")
        assert (refund.status, refund.payment, credit(shop)) == ("processing", None, 0), "nothing else may use it"
        assert WorkItem.objects.filter(kind="refund_check", closed_at=None).count() == 1
        with transaction.atomic():
            if written:
                check_was_written(refund.public_id, number="1042", today=TODAY, actor=clerk.actor, now=clerk.now)
            else:
                check_was_not_written(refund.public_id, actor=clerk.actor, now=clerk.now)
        shop.settle()
        refund.refresh_from_db()
        assert not WorkItem.objects.filter(kind="refund_check", closed_at=None).exists()
        assert (refund.status, credit(shop)) == (("succeeded", 0) if written else ("failed", 500))
    assert refund.check_number == "1042"
    with pytest.raises(RefundRefused), transaction.atomic():
        check_was_written(refund.public_id, number="1043", today=TODAY, actor=clerk.actor, now=clerk.now)


@pytest.mark.parametrize("number", [CARD_REFUND_FAILS, BANK_REFUND_FAILS])
def test_a_refund_that_fails_days_later_is_credit_that_pays_what_it_had_opened(
    shop: Shop, max_: User, number: str
) -> None:
    payment = pay(shop, number)
    ask_back(shop, payment, amount_minor=14_800, by=asker(shop, max_, role="manager"))
    refund = Refund.objects.get()
    payment.refresh_from_db()
    done = number == CARD_REFUND_FAILS
    assert (refund.status, payment.status) == (("succeeded", "refunded") if done else ("processing", "succeeded"))
    assert shop.balances()[0] == (14_800, 0)
    shop.live_until(date(2020, 9, 30))
    refund.refresh_from_db()
    payment.refresh_from_db()
    assert (refund.status, payment.status) == ("failed", "succeeded")
    assert (shop.balances()[0], credit(shop)) == ((0, 0), 0), "its credit paid the invoice that it had opened"
    assert WorkItem.objects.filter(kind="refund_failed", closed_at=None).count() == 1
    assert news()[-1] == "refund_failed"


def test_credit_does_not_go_back_twice_by_a_card_that_did_not_take_it(shop: Shop, max_: User) -> None:
    payment = pay(shop, CARD_REFUND_FAILS, amount_minor=29_600, on_account_minor=5_000)
    boss = asker(shop, max_, role="manager")
    with transaction.atomic():
        request_credit_refund(shop.company.id, currency="USD", amount_minor=5_000, why=WHY, asker=boss)
    shop.settle()
    shop.live_until(date(2020, 9, 30))
    failed = Refund.objects.get()
    assert (failed.payment, failed.status, credit(shop)) == (payment, "failed", 5_000)
    parts = plan_of_credit(shop.company.id, currency="USD", amount_minor=5_000, today=date(2020, 9, 30))
    assert [(part.payment, part.amount_minor) for part in parts] == [(None, 5_000)], "by a check this time"


def test_a_refund_under_way_for_days_arrives_and_its_news_may_come_in_any_order_and_twice(
    shop: Shop, max_: User
) -> None:
    payment = pay(shop, REFUND_WAITS)
    ask_back(shop, payment, amount_minor=14_800, by=asker(shop, max_, role="manager"))
    assert Refund.objects.get().status == "processing"
    shop.mailbox.held_back = True
    del shop.mailbox.letters[:]
    shop.live_until(date(2020, 9, 30))
    for letter in [*reversed(shop.mailbox.letters), *shop.mailbox.letters]:
        shop.mailbox.hand_over(letter)
    shop.mailbox.held_back = False
    shop.settle()
    payment.refresh_from_db()
    assert (Refund.objects.get().status, payment.status) == ("succeeded", "refunded")


def test_after_a_lost_answer_the_processor_is_asked_and_a_kill_at_any_point_gives_back_once(
    shop: Shop, max_: User, proxy: LossyProxy, settings: Settings
) -> None:
    payment = pay(shop, CARD)
    boss = asker(shop, max_, role="manager")
    with transaction.atomic():
        request_payment_refund(
            payment.public_id, amount_minor=4_000, invoices=[shop.invoices[0].public_id], why=WHY, asker=boss
        )
    refund = Refund.objects.get()
    settings.STRIPE_API_BASE, proxy.loses = proxy.url, "/v1/refunds"
    with pytest.raises(GatewayUnclear):
        send(refund_id=refund.id, now=wall_now())
    refund.refresh_from_db()
    assert (refund.status, refund.gateway_id, proxy.lost) == ("processing", None, 1)
    assert shop.balances()[0] == (4_000, 0), "its money has left our books before anybody was asked"
    send(refund_id=refund.id, now=wall_now())
    assert proxy.lost == 1, "asked what it had done, it was not asked to do it again"
    refund.refresh_from_db()
    assert refund.gateway_id
    send(refund_id=refund.id, now=wall_now())
    shop.settle()
    assert shop.charges()[0].amount_refunded == 4_000

    proxy.loses, an_hour_ago = "", replace(boss, now=wall_now() - timedelta(hours=1))
    with transaction.atomic():
        request_payment_refund(
            payment.public_id, amount_minor=1_000, invoices=[shop.invoices[0].public_id], why=WHY, asker=an_hour_ago
        )
    EventDelivery.objects.filter(done_at=None).update(done_at=wall_now())
    shop.settle()
    assert shop.charges()[0].amount_refunded == 4_000, "killed after the commit: nobody was ever asked"
    pick_up(timestamp=0)
    shop.settle()
    assert shop.charges()[0].amount_refunded == 5_000


def test_a_refusal_that_two_workers_hear_is_credit_once(
    shop: Shop, max_: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = pay(shop, CARD)
    with transaction.atomic():
        request_payment_refund(
            payment.public_id,
            amount_minor=4_000,
            invoices=[shop.invoices[0].public_id],
            why=WHY,
            asker=asker(shop, max_, role="manager"),
        )
    refund, heard = Refund.objects.get(), []

    def refused(_gateway: StripeGateway, order: RefundOrder) -> None:
        heard.append(order.reference)
        if len(heard) == 1:
            send(refund_id=refund.id, now=wall_now())
        raise GatewayRefused("It has been charged back.", code="charge_disputed")

    monkeypatch.setattr(StripeGateway, "refund", refused)
    send(refund_id=refund.id, now=wall_now())
    refund.refresh_from_db()
    assert (len(heard), refund.status, refund.failure_code) == (2, "failed", "charge_disputed")
    assert (shop.balances()[0], credit(shop)) == ((0, 0), 0), "credit again, which paid what had been opened, once"
    shop.settle()


def test_what_the_processor_broke_over_is_given_back_once_whether_it_had_done_it_or_not(shop: Shop, max_: User) -> None:
    payment = pay(shop, CARD)
    boss, faults = asker(shop, max_, role="manager"), f"/sandbox/accounts/{shop.account}/faults"
    done_all_the_same = set()
    for seed in range(1, 7):
        with transaction.atomic():
            request_payment_refund(
                payment.public_id, amount_minor=100, invoices=[shop.invoices[0].public_id], why=WHY, asker=boss
            )
        refund = Refund.objects.latest("id")
        assert shop.sandbox.ask("POST", faults, f'{{"seed": {seed}, "error": 1, "times": 1}}').status == 200
        with pytest.raises(GatewayUnclear):
            send(refund_id=refund.id, now=wall_now())
        done_all_the_same.add(shop.charges()[0].amount_refunded == seed * 100)
        send(refund_id=refund.id, now=wall_now())
        shop.settle()
        assert shop.charges()[0].amount_refunded == seed * 100
    assert done_all_the_same == {True, False}, "both kinds of broken answers"


def test_a_refund_that_came_too_late_is_canceled_and_the_team_is_told(shop: Shop, nora: User, max_: User) -> None:
    payment = pay(shop, CARD, amount_minor=29_600, on_account_minor=12_000)
    asked = ask_back(shop, payment, amount_minor=12_000, by=asker(shop, nora), invoices=[])
    assert (asked.status, Refund.objects.get().from_credit_minor) == ("requested", 12_000)
    with transaction.atomic():
        use_it_meanwhile(shop)
    with transaction.atomic():
        approve_refund(asked.public_id, asker=asker(shop, max_, role="manager"))
    shop.settle()
    late = Refund.objects.get(asked=asked)
    assert (late.status, late.failure_code) == ("canceled", "not_covered")
    assert WorkItem.objects.filter(kind="refund_failed", closed_at=None).count() == 1
    assert shop.charges()[0].amount_refunded == 0


def use_it_meanwhile(shop: Shop) -> None:
    """Have an invoice that falls due take the credit."""
    issue_invoices(vendor=shop.vendor, through=date(2020, 12, 1))
    use_credit(vendor=vendor_row(shop.vendor.id), company_ids=[shop.company.id], posted_on=TODAY, now=wall_now())


ATTACKS = {
    "more than the payment brought": "INSERT INTO payments_refund (public_id, asked_id, company_id, payment_id,"
    " currency, amount_minor, from_credit_minor, status, confirmation, check_number, failure_code, created_at) SELECT"
    " gen_random_uuid(), asked_id, company_id, payment_id, currency, 10801, 10801, 'created', 'X', '', '', now()"
    " FROM payments_refund ORDER BY id LIMIT 1",
    "allowed by who asked, above the limit": "UPDATE payments_refundrequest SET status = 'approved',"
    " decided_by_id = requested_by_id, decided_by_label = 'x', decided_role = 'clerk', decided_at = now()"
    " WHERE status = 'requested'",
    "allowed by who asked, calling itself a manager": "UPDATE payments_refundrequest SET status = 'approved',"
    " decided_by_id = requested_by_id, decided_by_label = 'x', decided_role = 'manager', decided_at = now()"
    " WHERE status = 'requested'",
    "sent without being allowed": "UPDATE payments_refund SET status = 'processing', posted_at = now(),"
    " posted_on = now() WHERE status = 'created'",
    "done without the processor's word": "UPDATE payments_refund SET status = 'succeeded', succeeded_on = now()"
    " WHERE status = 'created'",
    "in the books without a posting": "UPDATE payments_refundrequest SET status = 'approved', decided_by_id ="
    " (SELECT id FROM identity_user WHERE name = 'Max'), decided_by_label = 'x', decided_role = 'manager',"
    " decided_at = now() WHERE status = 'requested'; UPDATE payments_refund SET status = 'processing',"
    " posted_at = now(), posted_on = now() WHERE status = 'created'",
    "another amount": "UPDATE payments_refund SET amount_minor = 1, from_credit_minor = 0",
    "another way": "UPDATE payments_refund SET payment_id = NULL",
    "forgotten": "DELETE FROM payments_refund",
    "an item beside it": "INSERT INTO payments_refunditem (refund_id, invoice_id, amount_minor) SELECT r.id, i.id, 5"
    " FROM payments_refund r, invoicing_invoice i WHERE i.id NOT IN (SELECT invoice_id FROM payments_refunditem)"
    " LIMIT 1",
    "refunded without a refund": "UPDATE payments_payment SET status = 'refunded'",
    "a decision taken back": "UPDATE payments_refundrequest SET status = 'requested', decided_by_id = NULL,"
    " decided_by_label = '', decided_role = '', decided_at = NULL WHERE status = 'approved'",
    "taken off an invoice by no payment": "INSERT INTO invoicing_allocation (invoice_id, payment_public_id,"
    " refund_public_id, entry_id, amount_minor, allocated_at) SELECT invoice_id, payment_public_id, refund_public_id,"
    " (SELECT min(id) FROM ledger_journalentry), 5, now() FROM invoicing_allocation WHERE refund_public_id IS NOT NULL",
}


def test_postgresql_refuses_each_way_around_the_rules(shop: Shop, nora: User, max_: User) -> None:
    payment = pay(shop, CARD)
    ask_back(shop, payment, amount_minor=4_000, by=asker(shop, nora))
    ask_back(shop, payment, amount_minor=10_800, by=asker(shop, nora))
    assert list(Refund.objects.order_by("id").values_list("status", flat=True)) == ["succeeded", "created"]
    for what, sql in ATTACKS.items():
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            pytest.fail(f"PostgreSQL took it: {what}")


def test_two_refunds_at_once_never_exceed_the_payment(
    shop: Shop, nora: User, max_: User, fresh_database: Database
) -> None:
    payment = pay(shop, CARD)
    boss = asker(shop, max_, role="manager")
    ask = {"amount_minor": 10_000, "invoices": [shop.invoices[0].public_id], "why": WHY, "asker": boss}
    with transaction.atomic():
        request_payment_refund(payment.public_id, **ask)  # type: ignore[arg-type]
        with fresh_database.as_owner(), pytest.raises(DatabaseError, match="lock timeout"), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '200ms'")
            request_payment_refund(payment.public_id, **ask)  # type: ignore[arg-type]
    with pytest.raises(RefundRefused), transaction.atomic():
        request_payment_refund(payment.public_id, **ask)  # type: ignore[arg-type]
    shop.settle()
    assert shop.charges()[0].amount_refunded == 10_000


def test_the_teams_door_asks_in_its_own_name_alone(
    shop: Shop, nora: User, max_: User, fresh_database: Database
) -> None:
    payment = pay(shop, CARD)
    mine, in_anothers_name = asker(shop, nora), asker(shop, max_, role="manager")
    with fresh_database.as_web():
        with doors.staff(user_id=nora.id, vendor_id=shop.vendor.id):
            asked = request_payment_refund(
                payment.public_id, amount_minor=12_000, invoices=[shop.invoices[0].public_id], why=WHY, asker=mine
            )
        with pytest.raises(DatabaseError), doors.staff(user_id=nora.id, vendor_id=shop.vendor.id):
            approve_refund(asked.public_id, asker=in_anothers_name)
        with pytest.raises(DatabaseError), doors.staff(user_id=nora.id, vendor_id=shop.vendor.id):
            request_payment_refund(
                payment.public_id,
                amount_minor=100,
                invoices=[shop.invoices[0].public_id],
                why=WHY,
                asker=in_anothers_name,
            )
        with pytest.raises(DatabaseError), doors.staff(user_id=nora.id, vendor_id=shop.vendor.id):
            Refund.objects.update(status="canceled", failure_code="x", ended_on=TODAY, gateway_id="re_1")
        with doors.staff(user_id=max_.id, vendor_id=shop.vendor.id):
            approve_refund(asked.public_id, asker=in_anothers_name)
    shop.settle()
    assert shop.charges()[0].amount_refunded == 12_000
