"""The bills go elsewhere when the new address agrees; whoever reads the old one can stop it, or undo it."""

import re
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection

from comptoir.customers.models import EmailChange
from comptoir.customers.queries import billing_email
from comptoir.kit.clocks import wall_now
from comptoir.kit.events import deliver_next
from comptoir.mailer.models import Message
from comptoir.tenancy import doors
from comptoir.tenancy.models import AuditEntry, Company
from tests.databases import Database
from tests.web import WebClient
from tests.worlds import World

OLD, NEW = "books@arches.example", "new@arches.example"


def ask(web: WebClient, world: World) -> tuple[str, str]:
    """Ask for the new address; return the link of each mail: to agree, to stop."""
    web.force_login(world.anna)
    assert web.post(f"/c/{world.arches.public_id}/contacts/", {"email": "New@Arches.example"}).status_code == 302
    while deliver_next(now=wall_now()):
        pass
    web.logout()
    links = [re.search(r"/billing-email/\w+/", Message.objects.get(to=to).text) for to in (NEW, OLD)]
    assert links[0]
    assert links[1]
    return links[0][0], links[1][0]


def test_nothing_changes_before_the_new_address_agrees(web: WebClient, world: World) -> None:
    agree, _stop = ask(web, world)
    assert billing_email(world.arches.id) == OLD
    assert "Send the bills here?" in web.get(agree).content.decode()
    assert billing_email(world.arches.id) == OLD, "a mail program that follows links agrees to nothing"
    web.post(agree)
    assert billing_email(world.arches.id) == NEW
    assert web.get(agree).status_code == 409, "it works once"
    world.anna.refresh_from_db()
    assert world.anna.email == "anna@arches.example", "the login stays"
    assert AuditEntry.objects.filter(action="billing e-mail changed", company=world.arches).exists()


def test_the_old_address_stops_it(web: WebClient, world: World) -> None:
    agree, stop = ask(web, world)
    web.post(stop)
    assert web.post(agree).status_code == 409
    assert billing_email(world.arches.id) == OLD


def test_the_old_address_undoes_it(web: WebClient, world: World) -> None:
    agree, stop = ask(web, world)
    web.post(agree)
    assert "stopping undoes it" in web.get(stop).content.decode()
    web.post(stop)
    assert billing_email(world.arches.id) == OLD


def test_a_later_wish_takes_the_place_of_an_earlier_one(web: WebClient, world: World) -> None:
    agree, _stop = ask(web, world)
    web.force_login(world.anna)
    web.post(f"/c/{world.arches.public_id}/contacts/", {"email": "third@arches.example"})
    assert web.post(agree).status_code == 409


def test_a_hijacked_login_cannot_lead_the_bills_away_by_two_steps(web: WebClient, world: World) -> None:
    """The first change agreed to at once, a second one asked from there: who is told of it gets no bills any more."""
    agree, stop = ask(web, world)
    web.post(agree)
    web.force_login(world.anna)
    web.post(f"/c/{world.arches.public_id}/contacts/", {"email": "third@arches.example"})
    while deliver_next(now=wall_now()):
        pass
    web.logout()
    second = re.search(r"/billing-email/\w+/", Message.objects.get(to="third@arches.example").text)
    assert second
    web.post(stop)
    assert web.post(second[0]).status_code == 409
    assert billing_email(world.arches.id) == OLD


def test_behind_the_door_nobody_is_told_in_the_old_addresss_place(
    web: WebClient, world: World, fresh_database: Database
) -> None:
    agree, _stop = ask(web, world)
    with pytest.raises(DatabaseError, match="the address that is told"):
        EmailChange.objects.create(
            company=world.arches,
            old_email="mine@example.com",
            new_email="mine@example.com",
            confirm_hash="c" * 64,
            stop_hash="s" * 64,
            asked_by_id=world.anna.id,
            asked_at=wall_now(),
            expires_at=wall_now(),
        )
    web.post(agree)
    with (
        pytest.raises(DatabaseError, match="is refused"),
        fresh_database.as_web(),
        doors.portal(user_id=world.anna.id, company_id=world.arches.id),
    ):
        EmailChange.objects.update(stopped_at=wall_now())


def test_bad_input_is_said_beside_the_field(web: WebClient, world: World) -> None:
    web.force_login(world.anna)
    for wrong in ("new@", OLD):
        page = web.post(f"/c/{world.arches.public_id}/contacts/", {"email": wrong}).content.decode()
        assert f'value="{wrong}"' in page
        assert 'aria-invalid="true"' in page


def test_no_page_agrees_by_itself(web: WebClient, world: World, fresh_database: Database) -> None:
    ask(web, world)
    for statement in (
        "UPDATE customers_emailchange SET confirmed_at = now()",
        "UPDATE customers_emailchange SET told_at = now()",
        "UPDATE customers_emailchange SET new_email = 'mine@example.com'",
        "UPDATE customers_contact SET email = 'mine@example.com'",
        "DELETE FROM customers_emailchange",
    ):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            fresh_database.as_web(),
            doors.portal(user_id=world.anna.id, company_id=world.arches.id),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    with pytest.raises(DatabaseError, match="email_changes_when_the_old_was_told"):
        EmailChange.objects.update(told_at=None, confirmed_at=wall_now())


def wish(world: World, *, by: Company | None = None, to: str, asked_at: datetime | None = None) -> None:
    """Put a wish down around all that a page checks."""
    company, now = by or world.arches, wall_now()
    EmailChange.objects.filter(company=company, confirmed_at=None, stopped_at=None).update(stopped_at=now)
    EmailChange.objects.create(
        company=company, old_email=billing_email(company.id) or "", new_email=to, confirm_hash=uuid4().hex,
        stop_hash=uuid4().hex, asked_by_id=world.anna.id, asked_at=asked_at or now, expires_at=now,
    )  # fmt: skip


def test_a_company_asks_five_times_a_day_at_most(web: WebClient, world: World) -> None:
    web.force_login(world.anna)
    contacts = f"/c/{world.arches.public_id}/contacts/"
    for number in range(5):
        assert web.post(contacts, {"email": f"stranger-{number}@example.com"}).status_code == 302
    refused = web.post(contacts, {"email": "stranger-5@example.com"}).content.decode()
    assert "Five changes a day are the most" in refused
    assert 'value="stranger-5@example.com"' in refused
    with pytest.raises(DatabaseError, match="too often"):
        wish(world, to="stranger-5@example.com")
    with pytest.raises(DatabaseError, match="too often"):
        wish(world, to="stranger-5@example.com", asked_at=wall_now() + timedelta(days=9))


def test_an_address_is_asked_three_times_a_day_at_most_by_whichever_companies(web: WebClient, world: World) -> None:
    victim = "victim@example.com"
    wish(world, to=victim, asked_at=wall_now() - timedelta(days=2))
    for company in (world.arches, world.cantina, world.cantina):
        wish(world, by=company, to=victim)
    web.force_login(world.anna)
    refused = web.post(f"/c/{world.arches.public_id}/contacts/", {"email": victim}).content.decode()
    assert "was asked three times within a day" in refused
    with pytest.raises(DatabaseError, match="too often"):
        wish(world, to=victim)
