"""An owner sees who acts for the company and who did what, invites somebody, and ends a role."""

import re
from html import unescape

import pytest
from django.db import DatabaseError, connection, transaction

from comptoir.customers.models import Member, MemberInvitation
from comptoir.kit.clocks import wall_now
from comptoir.kit.events import deliver_next
from comptoir.mailer.models import Message
from comptoir.payments.models import Payment
from comptoir.tenancy import doors
from comptoir.tenancy.audit import Actor, record
from tests.belongings import furnish
from tests.databases import Database
from tests.factories import make_member, make_plan, make_user
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
    present, _heading, trail = shown.partition("Who did what")
    assert "vera@arches.example" not in present
    assert "Login taken away" in trail
    web.force_login(vera)
    assert web.get(people_of(world)).status_code == 404


def test_who_did_what_says_of_what_and_leads_there(web: WebClient, world: World) -> None:
    own = furnish(world.arches, invoice=world.invoices[world.arches.name], owner=world.anna, staff=world.nora)
    vera = make_member(company=world.arches, user=make_user(email="vera@arches.example"), role="viewer")
    web.force_login(world.anna)
    home = f"/c/{world.arches.public_id}/"
    web.post(f"{people_of(world)}{vera.id}/end/")
    web.post(f"{home}methods/{own.method}/name/", {"nickname": "Till"})
    actor = Actor(kind="customer", label="Anna", user_id=world.anna.id)
    display = make_plan(vendor=world.northwind, name="Kitchen Display")
    gone = "9b2f2f1f-94bb-4a0b-8b1e-8a8f4e2d7c51"
    with transaction.atomic():
        for kind, name in (
            ("invoice", own.invoice), ("payment", own.payment), ("refund", own.refund), ("dispute", own.dispute),
            ("subscription", own.subscription), ("store", own.store), ("invoice", gone), ("wave", 1),
            ("plan", display.code),
        ):  # fmt: skip
            record(
                actor=actor, action="test", subject=f"{kind}:{name}", vendor_id=world.northwind.id,
                company_id=world.arches.id,
            )  # fmt: skip

    shown = web.get(people_of(world)).content.decode()
    assert len(web.queries) <= 8, web.queries
    told = dict(_told(shown))
    payment = Payment.objects.get(public_id=own.payment)
    store, paid = r"\d+ Arches Downtown", r"\$[\d,.]+"
    for what, page in (
        ("Invoice NOR-000001", f"invoices/{own.invoice}/"),
        (rf"Payment {payment.confirmation}, {paid}", f"payments/{own.payment}/"),
        (r"Credit note NOR-CN-\d+", "invoices/"),
        (r"Till \(.+\)", "methods/"),
        (store, "stores/"),
        ("Enterprise Office", "access/"),
        (f"Enterprise Office, {store}", None),
        ("Kitchen Display", None),
        (rf"Refund [\w-]+, {paid}", "payments/"),
        ("Arches Burgers LLC asks", f"messages/{own.thread}/"),
        ("Arches Burgers LLC → Buyer of Arches Burgers LLC", f"owners/{own.transfer}/"),
        ("vera@arches.example", None),
        (rf"clerk-{world.arches.id}@example.com", None),
    ):
        found = [href for label, href in told.items() if re.fullmatch(what, label)]
        assert found, (what, list(told))
        assert (found[0] or "").startswith(home + page if page else ""), (what, found)
        assert page or found[0] is None, (what, found)
    assert "" in told, "nothing is said of what is not there, or not the customer's to see"
    french = web.get(people_of(world), headers={"accept-language": "fr"}).content.decode()
    assert f"Paiement {payment.confirmation}, " in french


def _told(page: str) -> list[tuple[str, str | None]]:
    """Return what each entry of the page's trail is about, and where that leads."""
    trail = page[page.index("Who did what") :]
    cells = re.findall(r'<td class="span">(?:<a href="([^"]+)">)?([^<]*)(?:</a>)?</td></tr>', trail)
    return [(unescape(label), href or None) for href, label in cells]


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
