"""PostgreSQL keeps the rules of payments, whoever writes: each is attacked here around the ORM."""

from datetime import date

import pytest
from django.db import Error, connection, transaction

from comptoir.config.books import check_books
from comptoir.kit.events import pending
from comptoir.payments.gateways import News
from comptoir.payments.models import Payment, WebhookEvent
from comptoir.payments.operations import put_down
from comptoir.payments.tasks import submit_due_autopay
from comptoir.tenancy import doors
from tests.databases import Database
from tests.factories import issue_invoices, make_company, make_plan, make_subscription

from .conftest import NOT_AUTHORISED_LATER, WORKS, Shop

DUE = date(2020, 10, 1)


def run(*statements: str) -> None:
    """Run SQL in one transaction, and commit."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def insert(shop: Shop, *, amount: int, status: str = "created", extra: str = "", values: str = "") -> str:
    return f"""
        INSERT INTO payments_payment (public_id, company_id, origin, kind, method_label, currency, amount_minor,
            confirmation, status, failure_code, initiated_on, created_at{extra})
        VALUES (gen_random_uuid(), {shop.company.id}, 'one_time', 'card', '', 'USD', {amount}, 'X', '{status}', '',
            '2020-10-01', now(){values})"""


def item(invoice_id: int, amount: int) -> str:
    return f"""INSERT INTO payments_paymentitem (payment_id, invoice_id, amount_minor)
        SELECT max(id), {invoice_id}, {amount} FROM payments_payment"""


def hold(invoice_id: int, amount: int) -> str:
    return f"UPDATE invoicing_invoicebalance SET in_flight_minor = {amount} WHERE invoice_id = {invoice_id}"


def test_more_than_is_open_cannot_be_on_its_way(shop: Shop) -> None:
    first = shop.invoices[0].id
    with pytest.raises(Error, match="payable_is_not_negative"):
        run(insert(shop, amount=14_801), item(first, 14_801), hold(first, 14_801))
    run(insert(shop, amount=14_800), item(first, 14_800), hold(first, 14_800))


def test_what_is_in_flight_is_what_payments_are_for(shop: Shop) -> None:
    first = shop.invoices[0].id
    with pytest.raises(Error, match="in flight on it differs"):
        run(insert(shop, amount=100), item(first, 100))
    with pytest.raises(Error, match="do not add up"):
        run(insert(shop, amount=200), item(first, 100), hold(first, 100))
    with pytest.raises(Error, match="do not add up"):
        run(insert(shop, amount=200))


def test_a_payment_is_for_its_own_companys_invoices(shop: Shop) -> None:
    other = make_company(vendor=shop.vendor)
    make_subscription(company=other, plan=make_plan(vendor=shop.vendor))
    theirs = next(each for each in issue_invoices(vendor=shop.vendor) if each.company_id == other.id)
    with pytest.raises(Error, match="another company"):
        run(insert(shop, amount=100), item(theirs.id, 100), hold(theirs.id, 100))


def test_a_payment_uses_its_own_companys_method(shop: Shop) -> None:
    method = shop.save(WORKS)
    other = make_company(vendor=shop.vendor)
    theirs = insert(shop, amount=100, extra=", method_id", values=f", {method.id}").replace(
        f", {shop.company.id}, 'one_time'", f", {other.id}, 'one_time'"
    )
    with pytest.raises(Error, match="its method is another company"):
        run(theirs)
    with pytest.raises(Error, match="its method is another company"):
        run(
            f"""INSERT INTO payments_authorisation (public_id, company_id, method_id, text, text_version, text_sha256,
                given_by_id, given_at, user_agent, ended_reason)
            SELECT gen_random_uuid(), {other.id}, {method.id}, '', '', '', {shop.anna.id}, now(), '', ''"""
        )


def test_a_state_has_its_evidence_and_only_goes_forward(shop: Shop) -> None:
    first = shop.invoices[0].id
    run(insert(shop, amount=100), item(first, 100), hold(first, 100))
    pay = "UPDATE payments_payment SET status ="
    for refused in (
        f"{pay} 'processing'",
        f"{pay} 'succeeded'",
        f"{pay} 'failed'",
        f"{pay} 'returned', succeeded_at = now(), succeeded_on = now(), ended_at = now()",
        f"{pay} 'refunded', succeeded_at = now(), succeeded_on = now()",
        f"{pay} 'paid'",
        "UPDATE payments_payment SET amount_minor = 1",
        "UPDATE payments_payment SET confirmation = 'Y'",
        "UPDATE payments_paymentitem SET amount_minor = 1",
        "DELETE FROM payments_paymentitem",
        "DELETE FROM payments_payment",
        "TRUNCATE payments_payment CASCADE",
    ):
        with pytest.raises(Error):
            run(refused)
    with pytest.raises(Error, match="in flight on it differs"):
        run(f"{pay} 'canceled', ended_at = now()")
    run(f"{pay} 'canceled', ended_at = now()", hold(first, 0))
    for later in ("created", "action_required", "processing", "failed"):
        with pytest.raises(Error):
            run(f"{pay} '{later}', ended_at = NULL, processing_at = now()", hold(first, 100))
    with pytest.raises(Error, match="begins as created"):
        run(insert(shop, amount=100, status="processing", extra=", processing_at", values=", now()"))


def test_consent_and_visits_stay_as_they_ended(shop: Shop) -> None:
    shop.save(WORKS)
    shop.save(WORKS)
    for refused in (
        "UPDATE payments_authorisation SET text = 'anything'",
        "UPDATE payments_authorisation SET ip_address = NULL",
        "UPDATE payments_authorisation SET ended_at = NULL, ended_reason = '' WHERE ended_at IS NOT NULL",
        "UPDATE payments_authorisation SET ended_at = now() WHERE ended_at IS NULL",
        "DELETE FROM payments_authorisation",
        "UPDATE payments_setupsession SET status = 'open', method_id = NULL",
        "UPDATE payments_paymentmethod SET last4 = '0000'",
        "UPDATE payments_paymentmethod SET last4 = '000123456789'",
    ):
        with pytest.raises(Error):
            run(refused)


def test_the_portal_can_neither_make_money_nor_save_methods(shop: Shop) -> None:
    shop.save(WORKS)
    submit_due_autopay(vendor_id=shop.vendor.id, on=DUE)
    forbidden = (
        "UPDATE payments_payment SET status = 'succeeded', succeeded_at = now(), succeeded_on = now()",
        "UPDATE payments_payment SET amount_minor = 1",
        "UPDATE invoicing_invoicebalance SET open_minor = 0, settled_at = now()",
        "UPDATE payments_paymentmethod SET unusable_reason = ''",
        "INSERT INTO payments_paymentmethod (gateway_id) VALUES ('pm')",
        "SELECT 1 FROM payments_webhookevent",
        "INSERT INTO procrastinate_jobs (task_name) VALUES ('x')",
    )
    for statement in forbidden:
        with (
            pytest.raises(Error, match="permission denied"),
            doors.portal(user_id=shop.anna.id, company_id=shop.company.id),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    shop.settle()


def test_a_stranger_at_the_endpoint_can_only_put_down_news(shop: Shop, fresh_database: Database) -> None:
    news = News(id="evt_1", account_id=shop.account, kind="x", object_id="o", payload={})
    with fresh_database.as_web():
        assert put_down(news)
        assert not put_down(news)
        for statement in (
            "SELECT payload FROM payments_webhookevent",
            "INSERT INTO payments_webhookevent (event_id, kind, payload) VALUES ('evt_2', 'x', '{}')",
            "SELECT 1 FROM payments_payment",
        ):
            with pytest.raises(Error, match="permission denied"), connection.cursor() as cursor:
                cursor.execute(statement)
    assert WebhookEvent.objects.count() == 1
    assert pending() == 1
    for door in (doors.portal(user_id=shop.anna.id, company_id=shop.company.id), doors.intake()):
        with fresh_database.as_web(), pytest.raises(Error, match="permission denied"), door:
            put_down(news)
    with (
        pytest.raises(Error, match="row-level security"),
        doors.intake(),
        connection.cursor() as cursor,
    ):
        cursor.execute("INSERT INTO kit_event (name, topic, data, request_id) VALUES ('wave_sent', 'wave:1', '{}', '')")


def test_a_visit_is_only_written_for_the_own_company(shop: Shop) -> None:
    other = make_company(vendor=shop.vendor)
    with (
        pytest.raises(Error, match="row-level security"),
        doors.portal(user_id=shop.anna.id, company_id=shop.company.id),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"""INSERT INTO payments_setupsession (public_id, company_id, kind, status, started_at)
            VALUES (gen_random_uuid(), {other.id}, 'card', 'created', now())"""
        )
    assert not Payment.objects.exists()


def test_check_books_finds_what_a_return_should_have_stopped(shop: Shop) -> None:
    shop.save(NOT_AUTHORISED_LATER)
    shop.autopay(DUE)
    shop.live_until(date(2020, 10, 7))
    assert shop.payment().failure_code == "R29"
    assert check_books() == []
    run("ALTER TABLE payments_paymentmethod DISABLE TRIGGER payments_paymentmethod_stays_refused")
    run("UPDATE payments_paymentmethod SET unusable_reason = ''")
    run("ALTER TABLE payments_paymentmethod ENABLE TRIGGER payments_paymentmethod_stays_refused")
    (breach,) = check_books()
    assert breach.rule.startswith("what a bank refused for good")
    run("UPDATE payments_paymentmethod SET unusable_reason = 'R29'")
