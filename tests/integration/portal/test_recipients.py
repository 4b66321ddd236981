"""Further addresses get the bills once they agree, and leave by themselves; language and paper are chosen."""

import re

import pytest
from django.db import DatabaseError, connection, transaction

from comptoir.customers.models import ExtraRecipient
from comptoir.documents.queries import stored_references
from comptoir.invoicing.queries import invoices
from comptoir.kit.clocks import wall_now
from comptoir.kit.events import deliver_next
from comptoir.mailer.models import Message
from comptoir.notices.invoices import send_invoice
from comptoir.notices.printing import invoice_sheets_by_post
from comptoir.tenancy import doors
from tests.databases import Database
from tests.factories import NOW, TODAY, issue_invoices, make_member
from tests.web import WebClient
from tests.worlds import World

BILLING, FURTHER = "books@arches.example", "tax@accountants.example"


def page_of(world: World) -> str:
    return f"/c/{world.arches.public_id}/contacts/"


def link_in_mail_to(address: str) -> str:
    found = re.findall(r"/bills-to/\w+/", Message.objects.filter(to=address).latest("id").text)
    assert found
    return str(found[-1])


def ask(web: WebClient, world: World, address: str = FURTHER) -> str:
    """Have an address asked; return the link in its mail."""
    web.force_login(world.anna)
    assert web.post(f"{page_of(world)}further/", {"further-email": address}).status_code == 302
    while deliver_next(now=wall_now()):
        pass
    web.logout()
    return link_in_mail_to(address.lower())


def send(world: World) -> list[str]:
    """Send the company's latest invoice; return the addresses that get it."""
    latest = invoices(company_id=world.arches.id)[0]
    send_invoice(latest, now=NOW)
    told = Message.objects.filter(key__startswith=f"invoice:{latest.public_id}").order_by("id")
    return list(told.values_list("to", flat=True))


def test_an_address_gets_bills_once_it_agrees_and_until_it_leaves(web: WebClient, world: World) -> None:
    agree = ask(web, world, "Tax@Accountants.example")
    assert "Get the bills, too?" in web.get(agree).content.decode()
    assert ExtraRecipient.objects.get().agreed_at is None, "a mail program that follows links agrees to nothing"
    web.post(agree)
    assert web.get(agree).status_code == 409, "it works once"
    assert send(world) == [BILLING, FURTHER]
    own, copy = Message.objects.order_by("-id")[:2][::-1]
    assert "bills-to" not in own.text + own.html
    assert "has its bills sent to you, too" in copy.text
    assert copy.attachments.count() == own.attachments.count() == 1

    leave = link_in_mail_to(FURTHER)
    assert "Get no more bills?" in web.get(leave).content.decode()
    web.post(leave)
    assert web.get(leave).status_code == 409
    issue_invoices(vendor=world.northwind, through=TODAY.replace(month=11, day=1))
    assert send(world) == [BILLING]
    web.force_login(world.anna)
    trail = web.get(f"/c/{world.arches.public_id}/people/").content.decode()
    assert "Further address left" in trail


def test_who_did_not_agree_is_asked_again_and_whoever_is_taken_off_gets_nothing(web: WebClient, world: World) -> None:
    first = ask(web, world)
    second = ask(web, world)
    assert web.get(first).status_code == 409, "the later link counts"
    web.post(second)
    web.force_login(world.anna)
    assert "Gets your bills" in web.get(page_of(world)).content.decode()
    twice = web.post(f"{page_of(world)}further/", {"further-email": FURTHER}).content.decode()
    assert "go to this address already" in twice
    assert f'value="{FURTHER}"' in twice
    row = ExtraRecipient.objects.get(ended_at=None)
    web.post(f"{page_of(world)}further/{row.public_id}/end/")
    assert web.post(f"{page_of(world)}further/{row.public_id}/end/").status_code == 404
    assert send(world) == [BILLING]


def test_nobody_agrees_for_somebody_else_and_few_are_asked(
    web: WebClient, world: World, fresh_database: Database
) -> None:
    ask(web, world)
    for statement, refusal in (
        ("UPDATE customers_extrarecipient SET agreed_at = now()", "permission denied"),
        ("UPDATE customers_extrarecipient SET email = 'mine@example.com'", "permission denied"),
        ("DELETE FROM customers_extrarecipient", "permission denied"),
        (
            "INSERT INTO customers_extrarecipient (public_id, company_id, email, agree_hash, leave_hash, asked_by_id,"
            f" asked_at, expires_at, agreed_at) SELECT gen_random_uuid(), {world.arches.id}, 'x@example.com', 'a', 'b',"
            f" {world.anna.id}, now(), now(), now()",
            "row-level security",
        ),
    ):
        with (
            pytest.raises(DatabaseError, match=refusal),
            fresh_database.as_web(),
            doors.portal(user_id=world.anna.id, company_id=world.arches.id),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    web.force_login(world.anna)
    for number in range(9):
        web.post(f"{page_of(world)}further/", {"further-email": f"more-{number}@example.com"})
    eleventh = web.post(f"{page_of(world)}further/", {"further-email": "eleven@example.com"}).content.decode()
    assert "Ten further addresses are the most" in eleventh
    with pytest.raises(DatabaseError, match="asks too many"), transaction.atomic():
        ExtraRecipient.objects.create(
            company=world.arches, email="x@example.com", agree_hash="a", leave_hash="b", asked_by=world.anna,
            asked_at=wall_now(), expires_at=wall_now(),
        )  # fmt: skip


def test_language_and_paper_are_the_companys_choice(web: WebClient, world: World) -> None:
    web.force_login(world.anna)
    web.post(f"{page_of(world)}language/", {"language": "fr"})
    world.arches.refresh_from_db()
    assert world.arches.language == "fr"
    assert 'aria-invalid="true"' in web.post(f"{page_of(world)}language/", {"language": "xx"}).content.decode()

    post = {"vendor_id": world.northwind.id, "since": TODAY, "through": TODAY}
    assert [sheet.name for sheet in invoice_sheets_by_post(**post)] == [world.bistro.name], "no mail reaches it"
    web.post(f"{page_of(world)}papers/", {"way": "both"})
    assert [sheet.name for sheet in invoice_sheets_by_post(**post)] == [world.arches.name, world.bistro.name]
    web.post(f"{page_of(world)}papers/", {"way": "post"})
    assert send(world) == []
    assert stored_references([f"invoice:{world.invoices[world.arches.name].public_id}"]), "made all the same"

    type(world.arches).objects.filter(id=world.arches.id).update(address_lines=[])
    web.post(f"{page_of(world)}papers/", {"way": "email"})
    refused = web.post(f"{page_of(world)}papers/", {"way": "both"}).content.decode()
    assert "We have no postal address of yours" in refused
    viewer = make_member(company=world.arches, role="viewer")
    web.force_login(viewer)
    assert web.post(f"{page_of(world)}papers/", {"way": "post"}).status_code == 403
