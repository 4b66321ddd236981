"""An owner sees who acts for the company and who did what, and ends a role."""

import pytest
from django.db import DatabaseError, connection

from comptoir.customers.models import Member
from comptoir.tenancy import doors
from tests.databases import Database
from tests.factories import make_member, make_user
from tests.web import WebClient
from tests.worlds import World


def people_of(world: World) -> str:
    return f"/c/{world.arches.public_id}/people/"


def test_an_owner_ends_a_role_and_it_is_on_record(web: WebClient, world: World) -> None:
    vera = make_member(company=world.arches, user=make_user(email="vera@arches.example"), role="billing_manager")
    web.force_login(world.anna)
    assert "vera@arches.example" in web.get(people_of(world)).content.decode()
    web.post(f"{people_of(world)}{vera.id}/end/")
    shown = web.get(people_of(world)).content.decode()
    assert "vera@arches.example" not in shown
    assert "Login taken away" in shown
    web.force_login(vera)
    assert web.get(people_of(world)).status_code == 404


def test_a_company_keeps_an_owner(web: WebClient, world: World) -> None:
    web.force_login(world.anna)
    assert web.post(f"{people_of(world)}{world.anna.id}/end/").status_code == 409
    assert Member.objects.get(company=world.arches, user=world.anna).ended_at is None


def test_whoever_is_no_owner_ends_nothing_and_sees_no_trail(web: WebClient, world: World) -> None:
    vera = make_member(company=world.arches, role="billing_manager")
    web.force_login(vera)
    assert "Who did what" not in web.get(people_of(world)).content.decode()
    assert web.post(f"{people_of(world)}{world.anna.id}/end/").status_code == 403


def test_the_database_lets_an_owner_alone_end_a_role(world: World, fresh_database: Database) -> None:
    vera = make_member(company=world.arches, role="billing_manager")
    for who, statement, refusal in (
        (vera, "UPDATE customers_member SET ended_at = now()", "an owner alone ends a role"),
        (world.anna, f"UPDATE customers_member SET ended_at = now() WHERE user_id = {world.anna.id}", "an owner"),
        (world.anna, "UPDATE customers_member SET role = 'owner'", "permission denied"),
    ):
        with (
            pytest.raises(DatabaseError, match=refusal),
            fresh_database.as_web(),
            doors.portal(user_id=who.id, company_id=world.arches.id),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
