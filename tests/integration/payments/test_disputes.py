"""Payments that a bank takes back: withdrawn while it decides, answered or given in, won or lost; debits at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from pytest_django import Settings

from comptoir.identity.models import User
from comptoir.invoicing.queries import invoices
from comptoir.kit.clocks import wall_now
from comptoir.ledger.models import Posting
from comptoir.payments.disputes.answering import hand_in, submit_answer
from comptoir.payments.disputes.giving_in import allow_giving_in, give_in, turn_down_giving_in
from comptoir.payments.errors import DisputeClosed, DisputeRefused
from comptoir.payments.gateways import GatewayUnclear
from comptoir.payments.models import Dispute, DisputeAnswer, Payment, Refund
from comptoir.payments.planning import plans
from comptoir.payments.refunds.requesting import request_payment_refund
from comptoir.payments.refunds.sending import take_from_books
from comptoir.payments.second_word import Asker
from comptoir.payments.truth import look_at_payment
from comptoir.tenancy import doors
from comptoir.tenancy.audit import Actor
from comptoir.work.models import WorkItem
from tests.databases import Database
from tests.factories import TODAY, make_staff, make_user
from tests.ways_to_pay import a_check

from .conftest import CARD, WORKS, LossyProxy, Shop
from .test_refunds import WHY, ask_back, asker, credit, nora, pay

__all__ = ["nora"]

DISPUTED = "4000000000000259"


@pytest.fixture
def max_(shop: Shop) -> User:
    """A manager of Northwind."""
    return make_staff(vendor=shop.vendor, user=make_user(name="Max"), role="manager")


def posted(code: str) -> int:
    """What stands on an account, in minor units: debits above zero."""
    return sum(Posting.objects.filter(account__code=code).values_list("amount_minor", flat=True))


def say(person: User, text: str, *, gives_in: bool = False) -> None:
    dispute = Dispute.objects.select_related("payment__company").get()
    actor = Actor(kind="staff", label=person.name, user_id=person.id)
    vendor_id = dispute.payment.company.vendor_id
    by = Asker(user_id=person.id, actor=actor, role="manager", vendor_id=vendor_id, today=TODAY, now=wall_now())
    with transaction.atomic():
        (give_in if gives_in else submit_answer)(dispute.public_id, text=text, asker=by)


def decide(shop: Shop, *, won: bool) -> None:
    """Have the card holder's bank decide."""
    path = f"/sandbox/accounts/{shop.account}/disputes/{Dispute.objects.get().gateway_id}"
    assert shop.sandbox.ask("POST", path, '{"won": true}' if won else '{"won": false}').status == 200
    shop.settle()


def open_work() -> list[str]:
    return list(WorkItem.objects.filter(closed_at=None).values_list("kind", flat=True))


@pytest.mark.parametrize(("says", "won"), [("winning_evidence", True), ("losing_evidence", False)])
def test_a_card_holder_complains_the_team_answers_and_the_bank_decides(
    shop: Shop, max_: User, says: str, won: bool
) -> None:
    payment = pay(shop, DISPUTED)
    dispute = Dispute.objects.get()
    assert (payment.status, dispute.status, dispute.amount_minor, dispute.fee_minor) == (
        "disputed",
        "needs_response",
        14_800,
        1_500,
    )
    assert dispute.respond_by
    assert dispute.respond_by.date() == date(2020, 9, 23)
    assert (posted("disputed"), posted("processor_fees"), posted("processor_clearing")) == (14_800, 1_500, -1_500)
    assert shop.balances()[0] == (0, 0), "the invoice stays paid while the bank decides: nobody is dunned for it"
    assert open_work() == ["dispute"]
    with pytest.raises(Exception, match="disputed"), transaction.atomic():
        ask_back(shop, payment, amount_minor=100, by=asker(shop, max_, role="manager"))

    say(max_, says)
    with pytest.raises(DisputeClosed), transaction.atomic():
        say(max_, "once more")
    shop.settle()
    payment.refresh_from_db()
    dispute.refresh_from_db()
    assert DisputeAnswer.objects.get().status == "done"
    assert open_work() == []
    assert (payment.status, dispute.status) == (("succeeded", "won") if won else ("returned", "lost"))
    assert (posted("disputed"), posted("processor_fees")) == (0, 1_500)
    assert shop.balances()[0] == ((0, 0) if won else (14_800, 0))
    assert shop.told() == (["payment_succeeded"] if won else ["payment_succeeded", "payment_returned"])
    sent = shop.sandbox.client.v1.disputes.retrieve(dispute.gateway_id, None, shop.options)
    assert (sent.evidence.customer_name, sent.evidence.uncategorized_text) == ("Arches Burgers LLC", says)


def test_the_team_gives_in_after_a_lost_answer_and_autopay_waits_meanwhile(
    shop: Shop, max_: User, proxy: LossyProxy, settings: Settings
) -> None:
    shop.save(DISPUTED)
    shop.autopay(date(2020, 10, 1))
    november = [row for row in invoices(company_id=shop.company.id, open_only=True) if row.payable_minor]
    assert [plan.state for plan in plans(november, today=date(2020, 10, 1))] == ["disputed"]
    shop.autopay(date(2020, 10, 2))
    assert Payment.objects.count() == 1

    say(max_, "it was theirs", gives_in=True)
    settings.STRIPE_API_BASE, proxy.loses = proxy.url, "/v1/disputes"
    with pytest.raises(GatewayUnclear):
        hand_in(answer_id=DisputeAnswer.objects.get().id, now=wall_now())
    assert DisputeAnswer.objects.get().status == "requested"
    shop.settle()
    assert (DisputeAnswer.objects.get().status, Dispute.objects.get().status) == ("done", "lost")
    assert (proxy.lost, shop.payment().status) == (1, "returned")
    assert plans(november, today=date(2020, 10, 3)) == [], "a card whose holder does not know us is not debited again"


def test_giving_in_above_the_own_limit_waits_for_somebody_elses_word(
    shop: Shop, nora: User, max_: User, fresh_database: Database
) -> None:
    """A clerk allows 100.00 at once, and 148.00 are disputed."""
    pay(shop, DISPUTED)
    dispute = Dispute.objects.get().public_id
    hers, his = asker(shop, nora), asker(shop, max_, role="manager")

    @contextmanager
    def door(person: User) -> Iterator[None]:
        with fresh_database.as_web(), doors.staff(user_id=person.id, vendor_id=shop.vendor.id):
            yield

    with door(nora):
        assert give_in(dispute, text="it was theirs", asker=hers) is False
    for refused in (DisputeRefused, DatabaseError):
        with pytest.raises(refused), door(nora):
            allow_giving_in(dispute, asker=hers if refused is DisputeRefused else his)
    with pytest.raises(DisputeClosed), door(max_):
        submit_answer(dispute, text="winning_evidence", asker=his)
    shop.settle()
    assert Dispute.objects.get().status == "needs_response", "nothing was sent"

    with door(max_):
        turn_down_giving_in(dispute, why="we have their word", asker=his)
    with door(nora):
        assert give_in(dispute, text="they deny it", asker=hers) is False
    with door(max_):
        allow_giving_in(dispute, asker=his)
    for attack in ({"status": "done"}, {"decided_by_label": "Nora"}):
        with pytest.raises(DatabaseError), door(max_):
            DisputeAnswer.objects.filter(status="requested").update(**attack)
    shop.settle()
    answers = DisputeAnswer.objects.order_by("id").values_list("status", "outcome", "decided_by_label")
    assert list(answers) == [("turned_down", "we have their word", "Max"), ("done", "", "Max")]
    assert (Dispute.objects.get().status, shop.payment().status) == ("lost", "returned")


def test_an_answer_that_came_too_late_is_not_called_taken(shop: Shop, max_: User) -> None:
    pay(shop, DISPUTED)
    say(max_, "winning_evidence")
    shop.move_clocks(date(2020, 9, 30))
    shop.settle()
    answer = DisputeAnswer.objects.get()
    assert (Dispute.objects.get().status, answer.status) == ("lost", "refused")
    assert "over before the answer" in answer.outcome


def test_what_nobody_answers_is_lost_when_its_time_is_over_whatever_order_the_news_comes_in(shop: Shop) -> None:
    shop.save(DISPUTED, autopay=False)
    shop.mailbox.held_back = True
    payment = pay(shop, DISPUTED)
    shop.live_until(date(2020, 9, 30))
    for letter in [*reversed(shop.mailbox.letters), *shop.mailbox.letters]:
        shop.mailbox.hand_over(letter)
    shop.mailbox.held_back = False
    shop.settle()
    payment.refresh_from_db()
    assert (payment.status, Dispute.objects.get().status, shop.balances()[0]) == ("returned", "lost", (14_800, 0))
    assert (posted("disputed"), posted("processor_clearing"), open_work()) == (0, -1_500, [])


def test_a_bank_returns_all_also_what_went_back_and_a_card_holder_what_was_left(shop: Shop, max_: User) -> None:
    payment = pay(shop, WORKS)
    ask_back(shop, payment, amount_minor=4_000, by=asker(shop, max_, role="manager"))
    shop.live_until(date(2020, 9, 30))
    (charge,) = shop.charges()
    returned = f'{{"charge": "{charge.id}", "code": "R10"}}'
    assert shop.sandbox.ask("POST", f"/sandbox/accounts/{shop.account}/returns", returned).status == 200
    shop.settle()
    payment.refresh_from_db()
    assert (payment.status, Refund.objects.get().status) == ("returned", "succeeded")
    assert Dispute.objects.get().status == "lost"
    assert (shop.balances()[0], credit(shop)) == ((14_800, 0), 0)
    assert posted("bad_debt") == 4_000, "given back before its bank took all of it"
    assert posted("processor_fees") == 400


def test_a_card_holders_complaint_is_about_what_was_left(shop: Shop, max_: User) -> None:
    payment = pay(shop, CARD)
    ask_back(shop, payment, amount_minor=4_000, by=asker(shop, max_, role="manager"))
    (charge,) = shop.charges()
    path = f"/sandbox/accounts/{shop.account}/complaints"
    assert shop.sandbox.ask("POST", path, f'{{"charge": "{charge.id}", "reason": "duplicate"}}').status == 200
    shop.settle()
    payment.refresh_from_db()
    assert (payment.status, Dispute.objects.get().amount_minor) == ("disputed", 10_800)
    decide(shop, won=False)
    assert shop.balances()[0] == (14_800, 0)


def test_an_answer_that_was_not_taken_is_not_handed_in_again_by_itself(
    shop: Shop, max_: User, proxy: LossyProxy, settings: Settings
) -> None:
    pay(shop, DISPUTED)
    say(max_, "it was theirs")
    given = DisputeAnswer.objects.get()
    DisputeAnswer.objects.filter(id=given.id).update(status="refused", outcome="too long")
    settings.STRIPE_API_BASE = proxy.url
    hand_in(answer_id=given.id, now=wall_now())
    assert not [seen for seen in proxy.seen if seen[0] == "POST"], "a job that came late has nothing to do"
    assert Dispute.objects.get().status == "needs_response"


def test_a_card_holder_takes_what_was_left_after_credit_went_back_by_the_card(shop: Shop, max_: User) -> None:
    payment = pay(shop, CARD)
    a_check(shop.company)
    ask_back(shop, payment, amount_minor=500, by=asker(shop, max_, role="manager"), invoices=[])
    (charge,) = shop.charges()
    path = f"/sandbox/accounts/{shop.account}/complaints"
    assert shop.sandbox.ask("POST", path, f'{{"charge": "{charge.id}", "reason": "duplicate"}}').status == 200
    shop.settle()
    decide(shop, won=False)
    payment.refresh_from_db()
    assert (payment.status, shop.balances()[0], credit(shop)) == ("returned", (14_300, 0), 0)


def test_a_refund_that_its_payments_return_overtakes_is_not_lost_when_it_fails(shop: Shop, max_: User) -> None:
    payment = pay(shop, WORKS)
    boss = asker(shop, max_, role="manager")
    with transaction.atomic():
        request_payment_refund(
            payment.public_id, amount_minor=4_000, invoices=[shop.invoices[0].public_id], why=WHY, asker=boss
        )
        take_from_books(Refund.objects.select_for_update().get(), now=wall_now())
    (charge,) = shop.charges()
    returned = f'{{"charge": "{charge.id}", "code": "R10"}}'
    assert shop.sandbox.ask("POST", f"/sandbox/accounts/{shop.account}/returns", returned).status == 200
    look_at_payment(payment_id=payment.id, now=wall_now())
    assert posted("bad_debt") == 4_000, "it is on its way back, for all that is known"
    shop.settle()
    payment.refresh_from_db()
    assert (payment.status, Refund.objects.get().status) == ("returned", "failed")
    assert (shop.balances()[0], credit(shop), posted("bad_debt")) == ((14_800, 0), 0, 0), "as if it had never been"


GIVES_IN = (
    "INSERT INTO payments_disputeanswer (dispute_id, kind, text, status, outcome, answered_by_id, answered_by_label,"
    " answered_role, answered_at) SELECT id, 'accept', 'x', '{status}', '', (SELECT min(id) FROM identity_user), 'x',"
    " '{role}', now() FROM payments_dispute"
)
WAITS = f"{GIVES_IN.format(status='waiting', role='clerk')};"
DECIDES = (
    "UPDATE payments_disputeanswer SET status = 'requested', decided_by_id = {person}, decided_by_label = 'x',"
    " decided_role = '{role}', decided_at = now()"
)
ATTACKS = {
    "decided without a day": "UPDATE payments_dispute SET status = 'won'",
    "another amount": "UPDATE payments_dispute SET amount_minor = 1",
    "more than was paid": "INSERT INTO payments_dispute (public_id, payment_id, gateway_id, amount_minor, fee_minor,"
    " reason, code, status, opened_on, opened_at) SELECT gen_random_uuid(), payment_id, 'dp_x', amount_minor + 1, 0,"
    " 'x', '', 'needs_response', opened_on, opened_at FROM payments_dispute",
    "settled while it is open": "UPDATE payments_payment SET status = 'succeeded'",
    "over, and the payment still disputed": "UPDATE payments_dispute SET status = 'won', decided_on = opened_on",
    "forgotten": "DELETE FROM payments_dispute",
    "an answer done before it was given": "INSERT INTO payments_disputeanswer (dispute_id, kind, text, status, outcome,"
    " answered_by_id, answered_by_label, answered_at) SELECT id, 'accept', 'x', 'done', '', (SELECT min(id) FROM"
    " identity_user), 'x', now() FROM payments_dispute",
    "given in above the limit": GIVES_IN.format(status="requested", role="clerk"),
    "given in by nobody's limit": GIVES_IN.format(status="requested", role=""),
    "an answer that waits": GIVES_IN.format(status="waiting", role="clerk").replace("'accept'", "'submit'"),
    "allowed by nobody": f"{WAITS} UPDATE payments_disputeanswer SET status = 'requested'",
    "allowed by who asked": f"{WAITS} {DECIDES.format(person='answered_by_id', role='admin')}",
    "allowed above the limit": f"{WAITS} {DECIDES.format(person='(SELECT max(id) FROM identity_user)', role='clerk')}",
    "taken before it was allowed": f"{WAITS} UPDATE payments_disputeanswer SET status = 'done'",
    "answered while it waits": f"{WAITS} {GIVES_IN.format(status='requested', role='admin')}",
}


def test_postgresql_refuses_each_way_around_the_rules_of_disputes(shop: Shop, max_: User) -> None:
    pay(shop, DISPUTED)
    with transaction.atomic(), connection.cursor() as cursor:
        somebody = DECIDES.format(person=max_.id, role="manager")
        cursor.execute(f"{WAITS} {somebody}")
        assert cursor.rowcount == 1, "what the attacks below are one step away from"
        transaction.set_rollback(True)
    for what, sql in ATTACKS.items():
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            pytest.fail(f"PostgreSQL took it: {what}")
