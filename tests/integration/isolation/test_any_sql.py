"""What the role of a page may do, whatever SQL is said in it: nothing beyond that page's business.

Whoever can say everything could also open another door (docs/adr/0003-doors.md); a forgotten check cannot.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from comptoir.identity.models import StaffMember
from comptoir.invoicing.corrections import request_write_off
from comptoir.kit.clocks import wall_now
from comptoir.kit.events import deliver_next, emit, pending
from comptoir.kit.models import Event
from comptoir.payments.beginning import begin
from comptoir.payments.models import Payment, PaymentMethod
from comptoir.tenancy import doors
from comptoir.tenancy.audit import Actor
from comptoir.tenancy.rls import close_what_is_open_by_default
from tests.belongings import Belongings, furnish
from tests.databases import Database
from tests.factories import NOW, TODAY, make_vendor
from tests.worlds import World

REFUSED = "permission denied|row-level security|is refused"


@pytest.fixture
def own(world: World) -> Belongings:
    return furnish(world.arches, invoice=world.invoices[world.arches.name], owner=world.anna, staff=world.nora)


@pytest.fixture
def foreign(world: World) -> Belongings:
    return furnish(world.cantina, invoice=world.invoices[world.cantina.name], owner=world.carl, staff=world.hugo)


@contextmanager
def anna(world: World, database: Database) -> Iterator[None]:
    """Anna's page of Arches."""
    with database.as_web(), doors.portal(user_id=world.anna.id, company_id=world.arches.id):
        yield


@contextmanager
def nora(world: World, database: Database) -> Iterator[None]:
    """Nora's page of Northwind's console."""
    with database.as_web(), doors.staff(user_id=world.nora.id, vendor_id=world.northwind.id):
        yield


def say(statement: str, *values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


class TestTeams:
    def test_nobody_joins_another_vendors_team(self, world: World, fresh_database: Database) -> None:
        with pytest.raises(DatabaseError, match=REFUSED), nora(world, fresh_database):
            say(
                "INSERT INTO identity_staffmember (vendor_id, user_id, role) VALUES (%s, %s, 'admin')",
                world.harbor.id,
                world.nora.id,
            )

    def test_nobody_takes_an_ended_role_up_again(self, world: World, fresh_database: Database) -> None:
        StaffMember.objects.create(vendor=world.harbor, user=world.nora, role="admin", ended_at="2020-09-01T00:00:00Z")
        with pytest.raises(DatabaseError, match=REFUSED), nora(world, fresh_database):
            say("UPDATE identity_staffmember SET ended_at = NULL WHERE vendor_id = %s", world.harbor.id)


class TestEvents:
    def test_a_page_sets_nothing_in_motion_at_another_vendor(self, world: World, fresh_database: Database) -> None:
        with pytest.raises(DatabaseError, match=REFUSED), anna(world, fresh_database):
            say(
                "INSERT INTO kit_event (name, topic, vendor_id, company_id, data, request_id)"
                " VALUES ('payment_requested', 't', %s, %s, '{}', '')",
                world.harbor.id,
                world.arches.id,
            )

    @pytest.mark.parametrize("name", ["bill_run_approved", "wave_sent", "clock_advance_requested", "import_requested"])
    def test_a_customer_sets_nothing_of_the_billing_teams_in_motion(
        self, world: World, fresh_database: Database, name: str
    ) -> None:
        with pytest.raises(DatabaseError, match=REFUSED), anna(world, fresh_database):
            say(
                "INSERT INTO kit_event (name, topic, vendor_id, company_id, data, request_id)"
                " VALUES (%s, 't', %s, %s, '{}', '')",
                name,
                world.northwind.id,
                world.arches.id,
            )

    def test_each_team_sets_its_own_work_in_motion(self, world: World, fresh_database: Database) -> None:
        """What the refusals here are worth: the same goes through for what is one's own."""
        invoice_id = world.invoices[world.arches.name].id
        actor = Actor(kind="staff", label="Nora", user_id=world.nora.id)
        with nora(world, fresh_database):
            asked = request_write_off(invoice_id=invoice_id, explanation="Closed.", actor=actor, role="admin")
        assert asked.status == "approved"
        assert Event.objects.filter(name="correction_approved", vendor_id=world.northwind.id).exists()

    def test_nobody_holds_up_another_vendors_work_under_its_topic(self, world: World, fresh_database: Database) -> None:
        """Pages write topics: an event that no listener can read must wait for itself alone."""
        with transaction.atomic():
            emit(name="mail_decided", topic="message:1", vendor_id=world.northwind.id, data={})
            emit(
                name="mail_decided",
                topic="message:1",
                vendor_id=world.harbor.id,
                data={"message": 0, "decision": "drop", "by": "Hugo"},
            )
        while deliver_next(now=wall_now()):
            pass
        assert pending(vendor_id=world.harbor.id) == 0
        assert pending(vendor_id=world.northwind.id) > 0


class TestRecord:
    @pytest.mark.parametrize(
        ("kind", "who"), [("staff", "nora"), ("customer", "carl"), ("system", None)], ids=["staff", "another", "system"]
    )
    def test_nobody_puts_anothers_doing_on_record(
        self, world: World, fresh_database: Database, kind: str, who: str | None
    ) -> None:
        with pytest.raises(DatabaseError, match=REFUSED), anna(world, fresh_database):
            say(
                "INSERT INTO tenancy_auditentry (vendor_id, company_id, actor_kind, actor_user_id, actor_label, action,"
                " subject, reason, request_id) VALUES (%s, %s, %s, %s, 'x', 'x', 'x', '', '')",
                world.northwind.id,
                world.arches.id,
                kind,
                getattr(world, who).id if who else None,
            )


class TestClock:
    def test_a_page_asks_for_the_clock_to_move_and_does_not_move_it(
        self, world: World, fresh_database: Database
    ) -> None:
        with pytest.raises(DatabaseError, match="permission denied"), nora(world, fresh_database):
            say("UPDATE tenancy_vendor SET business_date = '2021-09-16'")

    @pytest.mark.parametrize("day", [None, "2020-09-01"])
    def test_a_test_clock_goes_neither_back_nor_away(
        self, world: World, fresh_database: Database, day: str | None
    ) -> None:
        with pytest.raises(DatabaseError, match="is refused"):
            say("UPDATE tenancy_vendor SET business_date = %s", day)

    def test_a_vendor_in_earnest_gets_no_test_clock(self, world: World, fresh_database: Database) -> None:
        earnest = make_vendor(slug="earnest", business_date=None)
        with pytest.raises(DatabaseError, match="is refused"):
            say("UPDATE tenancy_vendor SET business_date = '2020-09-16' WHERE id = %s", earnest.id)


class TestTemporaryTables:
    def test_a_page_makes_no_table(self, world: World, fresh_database: Database) -> None:
        close_what_is_open_by_default()  # a copied database has the rights of a new one
        with pytest.raises(DatabaseError, match="permission denied"), anna(world, fresh_database):
            say("CREATE TEMPORARY TABLE payments_paymentmethod (id bigint, company_id bigint)")

    def test_rules_look_into_our_tables_first(
        self, world: World, own: Belongings, foreign: Belongings, fresh_database: Database
    ) -> None:
        foreign_method = PaymentMethod.objects.get(public_id=foreign.method).id
        consent = (
            "INSERT INTO payments_authorisation (public_id, company_id, method_id, text, text_version, text_sha256,"
            " given_by_id, given_at, user_agent, ended_reason)"
            " VALUES (gen_random_uuid(), %s, %s, '', '', '', %s, now(), '', '')"
        )
        with pytest.raises(DatabaseError, match="another company"), anna(world, fresh_database):
            say("CREATE TEMPORARY TABLE payments_paymentmethod (id bigint, company_id bigint)")
            say("GRANT SELECT ON pg_temp.payments_paymentmethod TO public")
            say("INSERT INTO pg_temp.payments_paymentmethod VALUES (%s, %s)", foreign_method, world.arches.id)
            say(consent, world.arches.id, foreign_method, world.anna.id)

    def test_a_rule_is_hung_on_no_other_table(self, world: World, fresh_database: Database) -> None:
        with pytest.raises(DatabaseError, match="permission denied for function"), anna(world, fresh_database):
            say("CREATE TEMPORARY TABLE mine (subscription_id bigint, starts_on date, ends_on date)")
            say(
                "CREATE TRIGGER moves_billed_through AFTER INSERT ON mine REFERENCING NEW TABLE AS added"
                " FOR EACH STATEMENT EXECUTE FUNCTION invoicing_cover()"
            )

    def test_every_rule_is_so(self, fresh_database: Database) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT proname, has_function_privilege('public', oid, 'EXECUTE'),
                       prosecdef AND NOT coalesce('search_path=public, pg_temp' = ANY (proconfig), false)
                FROM pg_proc WHERE pronamespace = 'public'::regnamespace
                """
            )
            rules = cursor.fetchall()
        assert len(rules) > 20
        assert [name for name, for_anybody, _astray in rules if for_anybody] == []
        assert [name for name, _for_anybody, led_astray in rules if led_astray] == []


class TestMoney:
    @pytest.fixture
    def under_way(self, world: World, own: Belongings) -> Payment:
        """What Arches still owes, on its way."""
        invoice = world.invoices[world.arches.name]
        amounts = {invoice.id: invoice.balance.open_minor}
        with transaction.atomic():
            return begin(
                company_id=world.arches.id,
                origin="one_time",
                kind="card",
                method=None,
                currency="USD",
                amounts=amounts,
                today=TODAY,
                now=NOW,
            )

    def test_what_is_on_its_way_is_not_freed_by_hand(
        self, world: World, under_way: Payment, fresh_database: Database
    ) -> None:
        with pytest.raises(DatabaseError, match="in flight on invoice"), anna(world, fresh_database):
            assert say("UPDATE invoicing_invoicebalance SET in_flight_minor = 0") > 0

    def test_nobody_calls_off_what_is_with_the_bank(
        self, world: World, under_way: Payment, fresh_database: Database
    ) -> None:
        Payment.objects.filter(id=under_way.id).update(status="processing", processing_at=NOW)
        with pytest.raises(DatabaseError, match="by the processor's word alone"), anna(world, fresh_database):
            say("UPDATE payments_payment SET status = 'canceled', ended_at = now() WHERE status = 'processing'")

    def test_nobody_says_that_a_payment_failed_or_succeeded(
        self, world: World, under_way: Payment, fresh_database: Database
    ) -> None:
        for word in ("failed", "processing"):
            with pytest.raises(DatabaseError, match="by the processor's word alone"), anna(world, fresh_database):
                say("UPDATE payments_payment SET status = %s, ended_at = now() WHERE status = 'created'", word)
        with pytest.raises(DatabaseError, match="permission denied"), anna(world, fresh_database):
            say("UPDATE payments_payment SET succeeded_at = now(), succeeded_on = '2020-09-16'")

    def test_a_payment_takes_no_further_invoice(
        self, world: World, own: Belongings, foreign: Belongings, fresh_database: Database
    ) -> None:
        with (
            pytest.raises(DatabaseError, match="its items and what is on account do not add up"),
            anna(world, fresh_database),
        ):
            say(
                "INSERT INTO payments_paymentitem (payment_id, invoice_id, amount_minor)"
                " SELECT id, %s, 100 FROM payments_payment",
                world.invoices[world.cantina.name].id,
            )

    def test_a_payment_is_not_begun_as_one_that_the_processor_knows(
        self, world: World, own: Belongings, under_way: Payment, fresh_database: Database
    ) -> None:
        copied = (
            "INSERT INTO payments_payment (public_id, company_id, origin, kind, method_label, currency, amount_minor,"
            " confirmation, status, failure_code, initiated_on, created_at, intent_id) SELECT gen_random_uuid(),"
            " company_id, origin, kind, '', currency, amount_minor, 'X', 'created', '', initiated_on, now(), 'pi_other'"
            " FROM payments_payment WHERE status = 'created'"
        )
        with pytest.raises(DatabaseError, match="unknown to the processor"), anna(world, fresh_database):
            say(copied)
        Payment.objects.filter(id=under_way.id).update(session_id="cs_own")
        with pytest.raises(DatabaseError, match="is refused"), anna(world, fresh_database):
            say("UPDATE payments_payment SET session_id = 'cs_other' WHERE session_id = 'cs_own'")

    def test_a_page_says_of_no_payment_that_it_is_automatic(
        self, world: World, own: Belongings, foreign: Belongings, fresh_database: Database
    ) -> None:
        """Neither for another company, nor for the own: the policy refuses it, before any rule looks further."""
        begun = (
            "INSERT INTO payments_payment (public_id, company_id, origin, kind, method_id, method_label, currency,"
            " amount_minor, confirmation, status, failure_code, initiated_on, created_at)"
            " VALUES (gen_random_uuid(), %s, 'autopay', 'us_bank_account', %s, '', 'USD', 100, 'X', 'created', '',"
            " '2020-09-16', now())"
        )
        for company, belongings in ((world.arches, own), (world.cantina, foreign)):
            method = PaymentMethod.objects.get(public_id=belongings.method).id
            for door in (anna, nora):
                with pytest.raises(DatabaseError, match="row-level security"), door(world, fresh_database):
                    say(begun, company.id, method)
