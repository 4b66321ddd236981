"""Questions are put into SQL once, sent together, and read as if each had been asked by itself."""

from datetime import date

import pytest
from django.db import DatabaseError, DataError, connection, transaction

from comptoir.customers.models import Member
from comptoir.customers.queries import memberships, store_progress
from comptoir.invoicing.queries import open_invoices, was_ever_billed
from comptoir.kit.together import Asked, Question, ask_together
from comptoir.tenancy import doors
from tests.belongings import furnish
from tests.databases import Database
from tests.web import WebClient
from tests.worlds import World

BROKEN = Asked(sql="SELECT 1 / %s", parameters=[0], read=list)


def test_what_is_asked_together_is_read_as_if_asked_alone(world: World) -> None:
    asked = [
        ask(company_id=company.id)
        for ask in (open_invoices, was_ever_billed)
        for company in (world.arches, world.cantina)
    ]
    stores = store_progress(company_id=world.arches.id, on=date(2020, 9, 16))
    said: list[str] = []
    with connection.execute_wrapper(lambda execute, sql, *rest: said.append(sql) or execute(sql, *rest)):  # type: ignore[func-returns-value]
        ask_together(*asked, stores)
        (arches, cantina, *billed) = [one.read() for one in asked]
        assert stores.read() == (1, 0)
    assert len(said) == 1
    assert [row.company_id for row in [*arches, *cantina]] == [world.arches.id, world.cantina.id]
    assert billed == [True, True]
    assert [own.company.address_lines for own in memberships(user_id=world.anna.id).read()] == [
        ("2 Oak Avenue", "Springfield, IL 62702")
    ] * 2, "JSON is read"


def test_what_a_question_forgets_of_its_arguments_is_refused(world: World) -> None:
    everybody = Question(lambda user_id: Member.objects.values_list("id"), len)
    with pytest.raises(TypeError, match="cannot be a question"):
        everybody(user_id=world.anna.id)


def test_a_prepared_question_shows_each_door_its_own_rows(fresh_database: Database, world: World) -> None:
    """One plan serves every company and role on a connection; what may be seen is decided anew each time."""
    with fresh_database.as_web():
        for _time in range(3):
            for owner, company in ((world.anna, world.arches), (world.carl, world.cantina)):
                with doors.portal(user_id=owner.id, company_id=company.id):
                    assert len(open_invoices(company_id=company.id).read()) == 1
                    assert open_invoices(company_id=world.bistro.id).read() == []
            with doors.staff(user_id=world.nora.id, vendor_id=world.arches.vendor_id):
                assert len(open_invoices(company_id=world.bistro.id).read()) == 1
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", ["%invoicing_invoice%"]
            )
            assert cursor.fetchone() == (1,)


def test_a_door_for_questions_alone_closes_with_their_answer(fresh_database: Database, world: World) -> None:
    with fresh_database.as_web():
        for owner, company in ((world.anna, world.arches), (world.carl, world.cantina)):
            own, anothers = (open_invoices(company_id=one.id) for one in (company, world.bistro))
            doors.ask_portal(own, anothers, user_id=owner.id, company_id=company.id)
            assert ([row.company_id for row in own.read()], anothers.read()) == ([company.id], [])
            assert_no_door_is_open()
        with pytest.raises(DataError, match="division by zero"):
            doors.ask_portal(BROKEN, user_id=world.anna.id, company_id=world.arches.id)
        assert_no_door_is_open()
        with doors.portal(user_id=world.anna.id), pytest.raises(RuntimeError, match="inside of another"):
            doors.ask_portal(open_invoices(company_id=world.arches.id), user_id=world.anna.id)


def assert_no_door_is_open() -> None:
    """The web's login is itself again, nobody's ids are set, and it reads no business table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_setting('app.user_id') || current_setting('app.company_id')")
        assert cursor.fetchone() == ("comptoir_web", "")
    with pytest.raises(DatabaseError, match="permission denied"):
        open_invoices(company_id=1).read()


def test_a_question_that_fails_fails_as_any_query_and_leaves_the_connection_whole(world: World) -> None:
    with pytest.raises(DataError, match="division by zero"), transaction.atomic():
        ask_together(open_invoices(company_id=world.arches.id), BROKEN, open_invoices(company_id=world.cantina.id))
    assert len(open_invoices(company_id=world.arches.id).read()) == 1


def test_home_asks_no_more_than_seven_times_whatever_there_is(web: WebClient, world: World) -> None:
    furnish(world.arches, invoice=world.invoices[world.arches.name], owner=world.anna, staff=world.nora)
    web.force_login(world.anna)
    web.get(f"/c/{world.arches.public_id}/")  # that somebody looked is put down the first time
    for company in (world.arches, world.bistro):
        assert web.get(f"/c/{company.public_id}/").status_code == 200
        assert len(web.queries) <= 7, web.queries
