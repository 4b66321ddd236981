"""Each door shows its own rows alone, whatever SQL is said behind it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import pytest
from django.db import DatabaseError, connection

from comptoir.tenancy import doors
from comptoir.tenancy.models import Vendor
from tests.belongings import Belongings, furnish
from tests.databases import Database
from tests.worlds import World

DOORS = ("comptoir_portal", "comptoir_staff", "comptoir_intake", "comptoir_access")
Door = Callable[[], AbstractContextManager[None]]

# Tables without row-level security: the web's login reads the first kind before anybody is known; no role but the
# owner has any right on the second.
LOGIN_TABLES = {
    "account_emailaddress",
    "account_emailconfirmation",
    "django_content_type",
    "django_session",
    "identity_cache",
    "identity_loginaddress",
    "identity_loginevent",
    "mfa_authenticator",
    "usersessions_usersession",
}
OWNERS_TABLES = {
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    "django_migrations",
    "oauth2_provider_devicegrant",
    "procrastinate_events",
    "procrastinate_jobs",
    "procrastinate_periodic_defers",
    "procrastinate_workers",
}
# What companies of one vendor have in common: what it sells, and under which numbers and account.
OF_THE_VENDOR = {
    "answers_answeredition",
    "catalog_plan",
    "catalog_product",
    "inbox_answerpromise",
    "invoicing_numberseries",
    "payments_gatewayaccount",
    "payments_paymentpolicy",
    "tenancy_vendor",
}
# What every vendor's team looks into: the built-in table of tax rates.
OF_EVERY_TEAM = {"taxes_jurisdiction", "taxes_taxrate"}
# A customer's page puts the references of its forms down here, and reads none.
WRITTEN_BY_CUSTOMERS = {"tenancy_doneonce"}
# The owner alone reads these.
BEHIND_ALL_DOORS = {
    "mailer_attachment",
    "payments_webhookevent",
    "tenancy_doorevent",
}


@pytest.fixture
def full_world(world: World) -> World:
    """The world with a row of everybody's in every table that a page may look into."""
    for company, owner, staff in (
        (world.arches, world.anna, world.nora),
        (world.bistro, world.anna, world.nora),
        (world.cantina, world.carl, world.hugo),
    ):
        belongings = furnish(company, invoice=world.invoices[company.name], owner=owner, staff=staff)
        assert isinstance(belongings, Belongings)
    return world


def tables(*, protected: bool) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT relname FROM pg_class
            WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND relrowsecurity = %s
            """,
            [protected],
        )
        return {name for (name,) in cursor.fetchall()}


def readable_by(role: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT relname FROM pg_class
            WHERE relkind IN ('r', 'p', 'v', 'm') AND relnamespace = 'public'::regnamespace
              AND has_any_column_privilege(%s, oid, 'SELECT, INSERT, UPDATE')
            """,
            [role],
        )
        return {name for (name,) in cursor.fetchall()}


def primary_keys() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT i.indrelid::regclass::text, a.attname FROM pg_index i
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE i.indisprimary
            """
        )
        return dict(cursor.fetchall())


def seen_through(door: Door, names: set[str]) -> dict[str, set[str]]:
    """Return, by table, the keys of the rows that can be seen through a door."""
    keys = primary_keys()
    with door(), connection.cursor() as cursor:
        found = {}
        for name in sorted(names):
            cursor.execute(f"SELECT {keys[name]}::text FROM {name}")
            found[name] = {key for (key,) in cursor.fetchall()}
        return found


def test_every_table_is_protected_or_known_to_be_for_logins_or_the_owner_only(fresh_database: Database) -> None:
    assert tables(protected=False) == LOGIN_TABLES | OWNERS_TABLES
    rights = {
        role: readable_by(role)
        for role in ("comptoir_web", "comptoir_portal", "comptoir_staff", "comptoir_intake", "comptoir_access")
    }
    assert rights["comptoir_web"] == LOGIN_TABLES | {"identity_user"}
    for role in DOORS:
        assert rights[role] <= tables(protected=True), role


def test_a_customers_door_shows_no_row_that_another_customers_shows(
    full_world: World, fresh_database: Database
) -> None:
    world, names = full_world, readable_by("comptoir_portal") - WRITTEN_BY_CUSTOMERS
    with fresh_database.as_web():
        arches, bistro, cantina = (
            seen_through(lambda who=user, what=company: doors.portal(user_id=who.id, company_id=what.id), names)  # type: ignore[misc]
            for user, company in ((world.anna, world.arches), (world.anna, world.bistro), (world.carl, world.cantina))
        )
    assert [name for name in names if not arches[name]] == [], "nothing to see proves nothing: furnish these tables"
    assert {name for name in names if arches[name] & cantina[name]} == set()
    shared = {name for name in names if arches[name] & bistro[name]}
    # One person acts for both: her login and memberships, and the companies that they lead to, are hers in either.
    assert shared == OF_THE_VENDOR | {"customers_member", "identity_user", "tenancy_company"}


def test_without_a_company_a_customer_sees_the_own_memberships_and_what_they_lead_to(
    full_world: World, fresh_database: Database
) -> None:
    world, names = full_world, readable_by("comptoir_portal") - WRITTEN_BY_CUSTOMERS
    with fresh_database.as_web():
        seen = seen_through(lambda: doors.portal(user_id=world.anna.id), names)
    assert {name for name in names if seen[name]} == OF_THE_VENDOR | {
        "customers_member",
        "identity_user",
        "tenancy_company",
    }
    assert len(seen["tenancy_company"]) == 2


def test_a_customers_companies_are_looked_up_however_many_others_there_are(
    world: World, fresh_database: Database
) -> None:
    with fresh_database.as_web(), doors.portal(user_id=world.anna.id), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # so few as here are read through faster
        cursor.execute("EXPLAIN SELECT name FROM tenancy_vendor")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Cond: (id = ANY" in plan, plan
    assert "Seq Scan on tenancy_company" not in plan, plan


def test_someone_who_is_no_member_any_more_sees_nothing(full_world: World, fresh_database: Database) -> None:
    world, names = full_world, readable_by("comptoir_portal") - WRITTEN_BY_CUSTOMERS
    world.anna.memberships.update(ended_at="2020-09-16T00:00:00Z")
    with fresh_database.as_web():
        seen = seen_through(lambda: doors.portal(user_id=world.anna.id), names)
    assert {name for name in names if seen[name]} - {"customers_member", "identity_user"} == set()


def test_a_customers_door_shows_no_reference_of_a_form(world: World, fresh_database: Database) -> None:
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        fresh_database.as_web(),
        doors.portal(user_id=world.anna.id, company_id=world.arches.id),
    ):
        seen_through(nullcontext, WRITTEN_BY_CUSTOMERS)


def test_a_billing_teams_door_shows_no_row_that_another_teams_shows(
    full_world: World, fresh_database: Database
) -> None:
    world, names = full_world, readable_by("comptoir_staff")
    with fresh_database.as_web():
        northwind, harbor = (
            seen_through(lambda who=user, what=vendor: doors.staff(user_id=who.id, vendor_id=what.id), names)  # type: ignore[misc]
            for user, vendor in ((world.nora, world.northwind), (world.hugo, world.harbor))
        )
    assert [name for name in names if not northwind[name]] == [], "nothing to see proves nothing: furnish these"
    assert {name for name in names if northwind[name] & harbor[name]} == OF_EVERY_TEAM
    assert len(northwind["tenancy_company"]) == 2


def test_what_no_door_leads_to_is_the_owners_alone(fresh_database: Database) -> None:
    through_doors = set[str]().union(*(readable_by(role) for role in DOORS))
    assert tables(protected=True) - through_doors == BEHIND_ALL_DOORS


def test_the_single_sign_on_sees_one_vendors_companies_and_no_money(
    full_world: World, fresh_database: Database
) -> None:
    world, names = full_world, readable_by("comptoir_access")
    with fresh_database.as_web():
        before = seen_through(doors.access, names)

        @contextmanager
        def narrowed(vendor: Vendor) -> Iterator[None]:
            with doors.access():
                doors.narrow(vendor_id=vendor.id)
                yield

        northwind, harbor = (
            seen_through(lambda whose=vendor: narrowed(whose), names)  # type: ignore[misc]
            for vendor in (world.northwind, world.harbor)
        )
    looked_up_first = {"access_apikey", "access_application", "access_signingkey"}
    assert {name for name in names if before[name]} <= looked_up_first
    assert {name for name in names if northwind[name] & harbor[name]} <= looked_up_first
    assert {name.partition("_")[0] for name in names} <= {
        "access",
        "catalog",
        "customers",
        "identity",
        "kit",
        "subscriptions",
        "tenancy",
    }
    assert len(northwind["tenancy_company"]) == 2


@pytest.mark.parametrize("name", ["tenancy_company", "invoicing_invoice", "payments_payment", "ledger_posting"])
def test_outside_of_a_door_the_web_is_refused_aloud(fresh_database: Database, name: str) -> None:
    with (
        fresh_database.as_web(),
        connection.cursor() as cursor,
        pytest.raises(DatabaseError, match="permission denied"),
    ):
        cursor.execute(f"SELECT count(*) FROM {name}")


def test_a_customer_cannot_open_a_wider_door_from_within(full_world: World, fresh_database: Database) -> None:
    world = full_world
    with fresh_database.as_web(), doors.portal(user_id=world.anna.id, company_id=world.arches.id):
        with connection.cursor() as cursor, pytest.raises(DatabaseError, match="permission denied"):
            cursor.execute("DELETE FROM tenancy_company")
        connection.set_rollback(True)
