"""What every answer carries, and what is refused before it is read."""

from comptoir.customers.models import Location
from comptoir.cutover.models import LegacyImport
from comptoir.identity.models import User
from comptoir.tenancy.models import Company, Vendor
from tests.addresses import FOR_ANYBODY, OF_A_CUSTOMER, OF_A_TEAM, address
from tests.belongings import furnish
from tests.factories import NOW
from tests.web import WebClient
from tests.worlds import World

# A vendor's look, and what products learn the single sign-on from, says nothing of anybody.
KEPT = {"brand_css", "brand_logo", "openid_configuration", "openid_keys"}
# What somebody sent along with a message is handed over in a sandbox, and a mail is shown in one.
IN_A_SANDBOX = {
    "portal:message_file",
    "console:message_file",
    "console:preview",
    "portal:transfer_paper",
    "console:transfer_paper",
}


def test_no_browser_or_proxy_keeps_a_page(web: WebClient, world: World) -> None:
    own = furnish(world.arches, invoice=world.invoices[world.arches.name], owner=world.anna, staff=world.nora)
    for person, names in (
        (world.anna, ["start", *OF_A_CUSTOMER]),
        (world.nora, ["start", "security", *OF_A_TEAM]),
        (None, FOR_ANYBODY.keys() - KEPT),
    ):
        if person:
            web.force_login(person)
        else:
            web.logout()
        for name in names:
            answer = web.get(address(name, own))
            assert "no-store" in answer["Cache-Control"], name
            assert "private" in answer["Cache-Control"], name
            strict = "default-src 'none'" if name in IN_A_SANDBOX else "default-src 'self'"
            assert strict in answer["Content-Security-Policy"], name
            assert answer["X-Frame-Options"] == "DENY", name
            assert answer["X-Content-Type-Options"] == "nosniff", name


def test_what_people_write_stays_text(web: WebClient, world: World) -> None:
    """Names that came with an import or a form are shown as they are, and never become part of a page."""
    invoice = world.invoices[world.arches.name]
    smuggled = "<i data-smuggled>\"'&"
    for model in (Vendor, Company, User, Location):
        model._default_manager.update(name=smuggled)
    Company.objects.filter(id=world.arches.id).update(number=smuggled)
    world.arches.refresh_from_db()
    own = furnish(world.arches, invoice=invoice, owner=world.anna, staff=world.nora)
    LegacyImport.objects.filter(status="requested").update(
        status="refused", report={"reason": smuggled}, finished_at=NOW
    )
    shown = 0
    for person, names in ((world.anna, ["start", *OF_A_CUSTOMER]), (world.nora, ["start", *OF_A_TEAM])):
        web.force_login(person)
        for name in names:
            answer = web.get(address(name, own))
            if answer["Content-Type"].startswith("text/html"):
                assert b"<i data-smuggled" not in answer.content, name
                shown += b"&lt;i data-smuggled&gt;" in answer.content
    assert shown > 20, "pages that show none of it prove nothing"


def test_a_vendors_colour_may_be_kept_by_the_own_browser(web: WebClient, world: World) -> None:
    web.force_login(world.anna)
    assert web.get("/brand/northwind.css")["Cache-Control"] == "private, max-age=600"


def test_what_is_far_too_large_is_not_even_read(web: WebClient) -> None:
    answer = web.post("/login/", {}, CONTENT_LENGTH=str(65 * 1024 * 1024))
    assert answer.status_code == 413
