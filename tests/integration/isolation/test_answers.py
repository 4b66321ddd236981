"""What every answer carries, and what is refused before it is read."""

from tests.web import WebClient
from tests.worlds import World, furnish

from .test_addresses import FOR_ANYBODY, OF_A_CUSTOMER, OF_A_TEAM, address


def test_no_browser_or_proxy_keeps_a_page(web: WebClient, world: World) -> None:
    own = furnish(world.arches, invoice=world.invoices[world.arches.name], owner=world.anna, staff=world.nora)
    for person, names in (
        (world.anna, ["start", *OF_A_CUSTOMER]),
        (world.nora, ["start", "mfa_index", *OF_A_TEAM]),
        (None, FOR_ANYBODY),
    ):
        if person:
            web.force_login(person)
        else:
            web.logout()
        for name in names:
            answer = web.get(address(name, own))
            assert "no-store" in answer["Cache-Control"], name
            assert "private" in answer["Cache-Control"], name
            assert "default-src 'self'" in answer["Content-Security-Policy"], name
            assert answer["X-Frame-Options"] == "DENY", name
            assert answer["X-Content-Type-Options"] == "nosniff", name


def test_a_vendors_colour_may_be_kept_by_the_own_browser(web: WebClient, world: World) -> None:
    web.force_login(world.anna)
    assert web.get("/brand/northwind.css")["Cache-Control"] == "private, max-age=600"


def test_what_is_far_too_large_is_not_even_read(web: WebClient) -> None:
    answer = web.post("/login/", {}, CONTENT_LENGTH=str(65 * 1024 * 1024))
    assert answer.status_code == 413
