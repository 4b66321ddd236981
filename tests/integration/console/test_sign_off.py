"""A manager puts the old system's own total beside an import's, on a page, and signs that they are the same."""

from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile

from comptoir.cutover.legacy.shipped import shipped_profile
from comptoir.cutover.models import ImportSignOff
from comptoir.identity.models import User
from comptoir.tenancy.models import AuditEntry, Vendor
from tests.factories import make_vendor
from tests.web import WebClient

EXPORT = shipped_profile("demo").parent.parent / "src/comptoir/demo/export/demo-customers.csv"


def hand_over(web: WebClient, **more: str) -> str:
    file = SimpleUploadedFile("customers.csv", EXPORT.read_bytes(), content_type="text/csv")
    return str(web.post("/console/northwind/imports/", {"kind": "customers", "export": file, **more})["Location"])


def text(web: WebClient, path: str) -> str:
    response = web.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def test_from_the_report_to_a_signature(
    web: WebClient, vendor: Vendor, staff: Callable[[str], User], work: Callable[[], None]
) -> None:
    web.force_login(staff("manager"))
    report = hand_over(web)
    page = f"{report}sign-off/"
    too_early = web.post(page, {"their_total": "361775.39"}).content.decode()
    assert "Only what an import has taken is signed off." in too_early, "the worker has not read it yet"
    work()

    assert f'href="{page}"' in text(web, report)
    asked = text(web, page)
    assert "customers.csv" in asked
    assert "361,775.39" in asked
    other = web.post(page, {"their_total": "361775.40"}).content.decode()
    assert "find what is missing first" in other
    assert 'value="361775.40"' in other, "what was typed is not lost"
    assert "enter a number" in web.post(page, {"their_total": "all of it"}).content.decode().lower()
    assert not ImportSignOff.objects.exists()

    answer = web.post(page, {"their_total": "361775.39"})
    assert answer["Location"] == report
    signed = text(web, report)
    assert "The control total is signed off." in signed
    assert "The control total was signed off by" in signed
    assert f'href="{page}"' not in signed
    assert "signed off already" in web.post(page, {"their_total": "361775.39"}).content.decode()
    assert AuditEntry.objects.filter(action="import signed off").count() == 1


def test_who_may_not_sign_is_not_asked_to(
    web: WebClient, vendor: Vendor, staff: Callable[[str], User], work: Callable[[], None]
) -> None:
    web.force_login(staff("clerk"))
    report = hand_over(web)
    trial = hand_over(web, is_trial="on")
    work()
    assert "sign-off/" not in text(web, report)
    for method in (web.get, web.post):
        assert method(f"{report}sign-off/").status_code == 403

    web.force_login(staff("manager"))
    assert "sign-off/" not in text(web, trial), "nothing of it was taken"
    refused = web.post(f"{trial}sign-off/", {"their_total": "361775.39"}).content.decode()
    assert "Only what an import has taken is signed off." in refused
    number = report.rstrip("/").rpartition("/")[2]
    make_vendor(slug="harbor")
    assert web.get(f"/console/harbor/imports/{number}/sign-off/").status_code == 404
    assert web.get("/console/northwind/imports/999999/sign-off/").status_code == 404
    assert not ImportSignOff.objects.exists()
