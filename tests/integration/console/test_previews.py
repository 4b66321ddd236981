"""The gallery of what customers get."""

import re

from tests.unit.documents.reading import pages_of
from tests.web import WebClient
from tests.worlds import World


def test_every_mail_and_paper_can_be_looked_at_in_the_vendors_name(web: WebClient, world: World) -> None:
    web.force_login(world.nora)
    gallery = web.get("/console/northwind/previews/").content.decode()
    links = re.findall(r'href="(/console/northwind/previews/fr/[^"?]+)"', gallery)
    assert len(links) > 30
    for link in links:
        shown = web.get(link)
        if shown["Content-Type"] == "application/pdf":
            assert "Northwind" in pages_of(shown.content)[0], link
        else:
            assert "Northwind" in shown.content.decode(), link
            assert shown["Content-Security-Policy"].startswith("sandbox; default-src 'none'"), link
    assert web.get("/console/northwind/previews/fr/receipt/?as=text")["Content-Type"].startswith("text/plain")
    assert web.get("/console/northwind/previews/de/receipt/").status_code == 404
