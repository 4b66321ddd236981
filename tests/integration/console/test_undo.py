"""A manager undoes an import on a page: what vanishes and what is in the way are said first, and it stays on record."""

from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile

from comptoir.config.books import check_books
from comptoir.customers.models import Contact, Location, Ownership
from comptoir.cutover.legacy.shipped import shipped_profile
from comptoir.cutover.models import ImportUndo, LegacyCompany, LegacyImport, Move
from comptoir.identity.models import User
from comptoir.subscriptions.models import Subscription
from comptoir.tenancy.models import AuditEntry, Company, Vendor
from tests.factories import make_vendor
from tests.web import WebClient

EXPORT = shipped_profile("demo").parent.parent / "src/comptoir/demo/export/demo-customers.csv"
BROUGHT = (Company, Contact, Location, Ownership, Subscription, LegacyCompany)

Staff = Callable[[str], User]
Work = Callable[[], None]


def hand_over(web: WebClient, work: Work, content: bytes | None = None) -> str:
    file = SimpleUploadedFile("customers.csv", content or EXPORT.read_bytes(), content_type="text/csv")
    report = str(web.post("/console/northwind/imports/", {"kind": "customers", "export": file})["Location"])
    work()
    return report


def text(web: WebClient, path: str) -> str:
    response = web.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def test_an_import_is_undone_and_the_corrected_file_taken(
    web: WebClient, vendor: Vendor, staff: Staff, work: Work
) -> None:
    web.force_login(staff("manager"))
    report = hand_over(web, work)
    companies, stores = Company.objects.count(), Location.objects.count()
    page = f"{report}undo/"
    assert f'href="{page}"' in text(web, report)
    asked = text(web, page)
    assert "What vanishes" in asked
    assert f'<dt>Companies, with their addresses</dt><dd class="num">{companies}</dd>' in asked
    assert f'<dt>Stores</dt><dd class="num">{stores}</dd>' in asked
    assert not ImportUndo.objects.exists(), "looking undoes nothing"
    assert "This field is required" in web.post(page, {"reason": ""}).content.decode()

    assert web.post(page, {"reason": "another vendor's file"})["Location"] == report
    waiting = text(web, report)
    assert "every 1s" in waiting
    assert "is taking away" in waiting
    assert web.post(page, {"reason": "twice"}).status_code == 200
    work()
    for table in BROUGHT:
        assert not table.objects.exists(), table  # type: ignore[attr-defined]
    undone = text(web, report)
    assert "What it brought was taken away again" in undone
    assert "another vendor&#x27;s file" in undone
    assert "sign-off/" not in undone
    assert f'href="{page}"' not in undone
    assert "Undone" in text(web, "/console/northwind/imports/")
    assert LegacyImport.objects.count() == 1, "the file and its report stay as evidence"
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {"undo of import requested", "import undone"}
    assert "It is undone already." in text(web, page)
    assert check_books() == []

    hand_over(web, work)
    assert Company.objects.count() == companies
    assert check_books() == []


def test_what_was_built_upon_it_is_named_and_nothing_goes(
    web: WebClient, vendor: Vendor, staff: Staff, work: Work
) -> None:
    web.force_login(staff("manager"))
    report = hand_over(web, work)
    page = f"{report}undo/"
    form = {"name": "Pilot", "first_invoice_month": "2020-10", "deadline": "2020-09-28"}
    wave = web.post("/console/northwind/waves/", form)["Location"]
    web.post(f"{wave}add/", {"numbers": "1001 1002"})
    found = text(web, page)
    assert "Something was built upon it" in found
    assert "In a wave; take them out first, if it was not sent: 2" in found
    assert 'name="reason"' not in found
    before = Company.objects.count()
    web.post(page, {"reason": "in spite of it"})
    work()
    assert not ImportUndo.objects.exists()
    assert Company.objects.count() == before

    Move.objects.all().delete()
    web.post(page, {"reason": "the wrong export"})
    web.post(f"{wave}add/", {"numbers": "1001"})  # between the click and the worker
    work()
    refused = text(web, report)
    assert "It was not undone" in refused
    assert "In a wave" in refused
    assert Company.objects.count() == before
    assert f'href="{page}"' in refused, "it may be asked for again"


def test_an_import_that_changed_what_was_here_says_how_to_put_it_back(
    web: WebClient, vendor: Vendor, staff: Staff, work: Work
) -> None:
    web.force_login(staff("manager"))
    first = hand_over(web, work)
    second = hand_over(web, work, EXPORT.read_bytes().replace(b"162 Mill St", b"163 Mill St"))
    assert "Hand the earlier file over again" in text(web, f"{second}undo/")
    assert "A later import has changed one of them" in text(web, f"{first}undo/")
    web.post(f"{second}undo/", {"reason": "in spite of it"})
    work()
    assert not ImportUndo.objects.exists()


def test_who_may_not_undo_is_not_asked_to(web: WebClient, vendor: Vendor, staff: Staff, work: Work) -> None:
    web.force_login(staff("clerk"))
    report = hand_over(web, work)
    assert "undo/" not in text(web, report)
    for method in (web.get, web.post):
        assert method(f"{report}undo/").status_code == 403
    web.force_login(staff("manager"))
    number = report.rstrip("/").rpartition("/")[2]
    make_vendor(slug="harbor")
    assert web.get(f"/console/harbor/imports/{number}/undo/").status_code == 404
    file = SimpleUploadedFile("customers.csv", EXPORT.read_bytes(), content_type="text/csv")
    trial = web.post("/console/northwind/imports/", {"kind": "customers", "export": file, "is_trial": "on"})["Location"]
    work()
    assert web.get(f"{trial}undo/").status_code == 404, "a trial has taken nothing"
