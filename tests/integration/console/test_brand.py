"""An admin gives the vendor its look; its login page, mail and pages have it, and never another vendor's."""

import re
from io import BytesIO

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection
from PIL import Image

from comptoir.mailer.operations import sender_name
from comptoir.tenancy import doors
from comptoir.tenancy.models import AuditEntry, Vendor
from comptoir.tenancy.queries import vendor as vendor_row
from tests.databases import Database
from tests.web import WebClient
from tests.worlds import World

LOOK = "/console/northwind/look/"
GIVEN = {"name": "Northwind Software", "colour": "#AA3300", "sender_name": "", "email": "pay@northwind.example"}


def picture(*, size: tuple[int, int] = (1600, 400), kind: str = "PNG") -> bytes:
    made = BytesIO()
    Image.new("RGB", size, (170, 51, 0)).save(made, kind)
    return made.getvalue()


def test_an_admin_gives_the_vendor_its_look(web: WebClient, world: World) -> None:
    web.force_login(world.nora)
    assert web.get(LOOK).status_code == 200
    looked = web.post(LOOK, {**GIVEN, "preview": "1"}).content.decode()
    assert "/console/northwind/look/AA3300.css" in looked
    assert ".brand-preview{--brand:#aa3300" in web.get(f"{LOOK}AA3300.css").content.decode()
    assert vendor_row(world.northwind.id).name == "Northwind", "looking saves nothing"
    logo = SimpleUploadedFile("logo.png", picture())
    assert web.post(LOOK, {**GIVEN, "logo": logo}).status_code == 302
    saved = vendor_row(world.northwind.id)
    assert (saved.name, saved.colour, saved.has_logo) == ("Northwind Software", "#aa3300", True)
    assert sender_name(saved) == "Northwind Software Billing"
    assert AuditEntry.objects.filter(action="brand set", vendor=world.northwind).exists()

    web.logout()
    kept = web.get("/brand/northwind/logo")
    assert kept["Content-Type"] == "image/png"
    with Image.open(BytesIO(kept.content)) as drawn:
        assert drawn.size == (800, 200)
    assert "--brand:#aa3300" in web.get("/brand/northwind.css").content.decode()

    web.force_login(world.nora)
    web.post(LOOK, {**GIVEN, "sender_name": "Accounts\nof Northwind", "without_logo": "on"})
    saved = vendor_row(world.northwind.id)
    assert (sender_name(saved), saved.has_logo) == ("Accounts of Northwind", False)


def test_what_cannot_be_seen_or_is_no_picture_is_said_beside_its_field(web: WebClient, world: World) -> None:
    web.force_login(world.nora)
    for wrong, said in (
        ({"colour": "#ffee88"}, "The nearest that can be is #"),
        ({"colour": "red"}, "A colour is written as #"),
        ({"email": "nobody"}, "valid email"),
        ({"logo": SimpleUploadedFile("logo.png", b"<svg onload=alert(1)>")}, "Choose a picture"),
        ({"logo": SimpleUploadedFile("logo.png", picture(size=(6000, 5000)))}, "Choose a picture"),
    ):
        page = web.post(LOOK, {**GIVEN, **wrong}).content.decode()
        assert said in page, wrong
        assert 'value="Northwind Software"' in page
    assert vendor_row(world.northwind.id).name == "Northwind"
    nearest = re.search(
        r"nearest that can be is (#\w{6})", web.post(LOOK, {**GIVEN, "colour": "#ffee88"}).content.decode()
    )
    assert nearest
    assert web.post(LOOK, {**GIVEN, "colour": nearest[1]}).status_code == 302


def test_an_admin_alone_sets_it(web: WebClient, world: World, fresh_database: Database) -> None:
    world.nora.staff_of.update(role="manager")
    web.force_login(world.nora)
    assert web.get(LOOK).status_code == 403
    assert web.post(LOOK, GIVEN).status_code == 403
    with fresh_database.as_web(), doors.staff(user_id=world.nora.id, vendor_id=world.northwind.id):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE tenancy_vendor SET name = 'Mine'")
            assert cursor.rowcount == 0
        with connection.cursor() as cursor, pytest.raises(DatabaseError, match="permission denied"):
            cursor.execute("UPDATE tenancy_vendor SET business_date = now()")
        connection.set_rollback(True)


def test_the_login_page_is_the_vendors_that_one_is_on_the_way_to(
    web: WebClient, world: World, fresh_database: Database
) -> None:
    def seen(path: str, browser: WebClient = web) -> str:
        return browser.get(path, follow=True).content.decode()

    assert "Northwind" not in seen("/login/")
    assert "Billing for Northwind" in seen(f"/c/{world.arches.public_id}/invoices/")
    assert "Billing for Harbor" in seen(f"/c/{world.cantina.public_id}/")
    assert "Billing for Northwind" in seen("/console/northwind/")
    assert "Northwind" not in seen("/login/"), "asking for a page is not having been there"
    assert "Billing for Harbor" in seen("/at/harbor/")
    assert "Billing for Harbor" in seen("/password/reset/")
    northwinds = seen(f"/login/?next=/c/{world.arches.public_id}/")
    assert "Billing for Northwind" in northwinds
    assert "Harbor" not in northwinds
    assert web.get("/at/nobody/").status_code == 404
    assert 'href="/brand/northwind.css"' in northwinds


def test_the_mail_with_the_first_link_is_from_the_persons_own_vendor(web: WebClient, world: World) -> None:
    web.get("/at/harbor/")
    web.post("/password/reset/", {"email": world.anna.email})
    web.post("/password/reset/", {"email": "stranger@example.com"})
    annas, strangers = mail.outbox
    assert annas.from_email.startswith("Northwind Billing <")
    assert "Harbor" not in annas.body
    assert strangers.from_email.startswith("Harbor Billing <")
    assert str(strangers.body).rstrip().endswith("Harbor")


def test_every_mail_of_the_way_in_is_sent_as_all_the_vendors_mail_is(web: WebClient, world: World) -> None:
    Vendor.objects.filter(id=world.northwind.id).update(
        sender_name="Northwind Accounts", email="accounts@northwind.example", colour="#8b1f5f"
    )
    for email in (world.anna.email, world.nora.email):
        web.post("/password/reset/", {"email": email})
    web.get("/at/northwind/")
    web.post("/password/reset/", {"email": "stranger@example.com"})
    assert len(mail.outbox) == 3
    for sent in mail.outbox:
        assert sent.from_email == "Northwind Accounts <billing@comptoir.example>", sent.subject
        assert sent.reply_to == ["accounts@northwind.example"]
    assert "#8b1f5f" in str(mail.outbox[0].alternatives[0].content)
