"""An owner sees who acts for the company and who did what, invites somebody, and ends a role."""

import re

import pytest
from django.db import DatabaseError, connection

from comptoir.customers.models import Member, MemberInvitation
from comptoir.kit.clocks import wall_now
from comptoir.kit.events import deliver_next
from comptoir.mailer.models import Message
from comptoir.tenancy import doors
from tests.databases import Database
from tests.factories import make_member, make_user
from tests.web import WebClient
from tests.worlds import World

PASSWORD = "a long and quiet word"


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


def invite(web: WebClient, world: World, *, email: str = "ines@accountants.example", role: str = "viewer") -> str:
    """Invite through the page; return the link that the mail brings."""
    web.force_login(world.anna)
    assert web.post(people_of(world), {"email": email, "role": role}).status_code == 302
    return mailed_link(web, email)


def mailed_link(web: WebClient, email: str) -> str:
    while deliver_next(now=wall_now()):
        pass
    web.logout()
    found = re.findall(r"/invited/\w+/", Message.objects.filter(to=email.lower()).latest("id").text)
    return str(found[-1])


def test_somebody_new_is_invited_chooses_a_password_and_comes_in(web: WebClient, world: World) -> None:
    link = invite(web, world, email="Ines@Accountants.example", role="billing_manager")
    assert "Act for Arches Burgers LLC" in web.get(link).content.decode()
    short = web.post(link, {"name": "Ines", "password": "short", "again": "short"}).content.decode()
    assert 'value="Ines"' in short
    assert "too short" in short
    number = web.post(link, {"name": "Ines 4242 4242 4242 4242", "password": PASSWORD, "again": PASSWORD})
    assert "Ines •••• •••• •••• 4242" in number.content.decode(), "no card number is kept as a name"
    accepted = web.post(link, {"name": "Ines", "password": PASSWORD, "again": PASSWORD})
    assert web.get(link).status_code == 409, "it works once"
    home = web.post(accepted["Location"], {"login": "ines@accountants.example", "password": PASSWORD})
    assert home["Location"] == f"/c/{world.arches.public_id}/"
    assert web.get(people_of(world)).status_code == 200
    assert web.get(f"/c/{world.bistro.public_id}/").status_code == 404
    web.force_login(world.anna)
    assert "Invitation accepted" in web.get(people_of(world)).content.decode()
    again = web.post(people_of(world), {"email": "ines@accountants.example", "role": "viewer"}).content.decode()
    assert "acts for the company already" in again


def test_an_existing_login_joins_and_switches_between_companies(web: WebClient, world: World) -> None:
    """One login for companies of two vendors, each under its own vendor's name."""
    world.carl.set_password("what only Carl knows")
    world.carl.save()
    link = invite(web, world, email=world.carl.email)
    assert "stays as it is" in web.get(link).content.decode()
    before = world.carl.password
    web.post(link, {"name": "Mallory", "password": PASSWORD, "again": PASSWORD})
    world.carl.refresh_from_db()
    assert (world.carl.password, world.carl.name) == (before, "Carl")
    web.force_login(world.carl)
    here = web.get(f"/c/{world.arches.public_id}/").content.decode()
    assert f'href="/c/{world.cantina.public_id}/"' in here
    assert "Northwind" in here
    there = web.get(f"/c/{world.cantina.public_id}/").content.decode()
    assert "Harbor" in there
    assert web.post(people_of(world), {"email": "x@example.com", "role": "viewer"}).status_code == 403, "a viewer"


def test_an_invitation_is_sent_again_withdrawn_and_falls_with_whoever_gave_it(web: WebClient, world: World) -> None:
    first = invite(web, world)
    web.force_login(world.anna)
    given = MemberInvitation.objects.get(withdrawn_at=None)
    web.post(f"{people_of(world)}invited/{given.public_id}/again/")
    second = mailed_link(web, "ines@accountants.example")
    assert web.get(first).status_code == 409, "the later link counts"
    assert web.get(second).status_code == 200

    olga = make_member(company=world.arches)
    world.anna.memberships.filter(company=world.arches).update(ended_at=wall_now())
    assert web.get(second).status_code == 409, "whoever gave it is no owner any more"
    web.force_login(olga)
    given = MemberInvitation.objects.get(withdrawn_at=None)
    web.post(f"{people_of(world)}invited/{given.public_id}/withdraw/")
    assert web.post(f"{people_of(world)}invited/{given.public_id}/withdraw/").status_code == 404
    wrong = web.post(people_of(world), {"email": "no address", "role": "owner"}).content.decode()
    assert 'value="no address"' in wrong
    assert wrong.count('class="field__error"') == 2
    assert not MemberInvitation.objects.filter(withdrawn_at=None).exists()


def test_the_database_lets_an_owner_alone_invite_and_nobody_an_owner(world: World, fresh_database: Database) -> None:
    manager = make_member(company=world.arches, role="billing_manager")
    given = (
        "INSERT INTO customers_memberinvitation (public_id, company_id, email, role, token_hash, invited_by_id,"
        " invited_at, expires_at) VALUES (gen_random_uuid(), {company}, 'x@example.com', '{role}', 'h', {by}, now(),"
        " now() + interval '1 day')"
    )
    for who, statement, refusal in (
        (manager, given.format(company=world.arches.id, role="viewer", by=manager.id), "row-level security"),
        (manager, given.format(company=world.arches.id, role="viewer", by=world.anna.id), "row-level security"),
        (world.anna, given.format(company=world.cantina.id, role="viewer", by=world.anna.id), "row-level security"),
        (world.anna, given.format(company=world.arches.id, role="owner", by=world.anna.id), "is_no_owner"),
        (world.anna, "UPDATE customers_memberinvitation SET accepted_at = now()", "permission denied"),
        (world.anna, "INSERT INTO customers_member (company_id, user_id, role) VALUES (1, 1, 'owner')", "permission"),
    ):
        with (
            pytest.raises(DatabaseError, match=refusal),
            fresh_database.as_web(),
            doors.portal(user_id=who.id, company_id=world.arches.id),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
