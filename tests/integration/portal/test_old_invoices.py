"""The old system's invoices, for the owner's records: a list, each with the PDF that the team handed over."""

import io
import zipfile

from django.core.files.uploadedfile import SimpleUploadedFile

from comptoir.cutover.comparison.models import LegacyInvoice
from comptoir.cutover.legacy.shipped import shipped_profile
from comptoir.kit.clocks import wall_now
from comptoir.kit.events import deliver_next
from tests.belongings import furnish
from tests.web import WebClient
from tests.worlds import World

PAPER = b"%PDF-1.4 of the old system"


def hand_over(web: WebClient, number: str) -> str:
    """Upload a zip with the PDF of one invoice, and have the worker read it; return the report's address."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(f"scans/{number}.pdf", PAPER)
    form = {
        "kind": "papers",
        "export": SimpleUploadedFile("papers.zip", packed.getvalue(), content_type="application/zip"),
        "profile": SimpleUploadedFile("demo.toml", shipped_profile("demo").read_bytes()),
    }
    report = web.post("/console/northwind/imports/", form)["Location"]
    while deliver_next(now=wall_now()):
        pass
    return str(report)


def test_an_owner_finds_the_old_invoices_with_their_pdfs_and_nobody_elses(web: WebClient, world: World) -> None:
    for company in (world.arches, world.bistro):
        furnish(company, invoice=world.invoices[company.name], owner=world.anna, staff=world.nora)
    old = LegacyInvoice.objects.get(company=world.arches)
    of_bistro = LegacyInvoice.objects.get(company=world.bistro)
    at = f"/c/{world.arches.public_id}/invoices/before/"

    web.force_login(world.anna)
    before = web.get(at).content.decode()
    assert old.number in before
    assert f"{at}{old.id}/pdf/" not in before, "nobody has handed it over yet"
    assert web.get(f"{at}{old.id}/pdf/").status_code == 404

    web.force_login(world.nora)
    report = web.get(hand_over(web, old.number)).content.decode()
    assert "Nothing odd was found." in report

    web.force_login(world.anna)
    listed = web.get(at).content.decode()
    assert "$1.00" in listed
    assert f'href="{at}{old.id}/pdf/"' in listed
    assert of_bistro.number not in listed, "the same owner's other company has its own list"
    paper = web.get(f"{at}{old.id}/pdf/")
    assert (paper["Content-Type"], paper.content) == ("application/pdf", PAPER)
    assert paper["Content-Disposition"] == f'attachment; filename="{old.number}.pdf"'

    of_arches = f"{at}{old.id}/pdf/"
    assert web.get(f"/c/{world.bistro.public_id}/invoices/before/{old.id}/pdf/").status_code == 404
    assert web.get(f"/c/{world.arches.public_id}/invoices/before/{10**20}/pdf/").status_code == 404
    web.force_login(world.carl)
    assert web.get(of_arches).status_code == 404
    assert web.get(f"/c/{world.cantina.public_id}/invoices/before/{old.id}/pdf/").status_code == 404
    web.logout()
    assert web.get(of_arches)["Location"] == f"/login/?next={of_arches}"
