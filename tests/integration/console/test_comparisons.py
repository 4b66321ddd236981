"""The team compares two systems' invoices through its pages, works off what differs, and a manager signs."""

from collections import Counter
from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile

from comptoir.cutover.comparison.models import Comparison, ComparisonRun, LegacyInvoice
from comptoir.cutover.comparison.running import compare_all
from comptoir.cutover.legacy.shipped import shipped_profile
from comptoir.identity.models import User
from comptoir.tenancy.models import Company, Vendor
from tests.factories import NOW
from tests.web import WebClient

EXPORTS = shipped_profile("demo").parent.parent / "src/comptoir/demo/export"
LIST = "/console/northwind/parallel-run/"


def hand_over(web: WebClient, kind: str, content: bytes, **more: str) -> str:
    file = SimpleUploadedFile(f"{kind}.csv", content, content_type="text/csv")
    return str(web.post("/console/northwind/imports/", {"kind": kind, "export": file, **more})["Location"])


def text(web: WebClient, path: str) -> str:
    response = web.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def test_from_old_invoices_to_a_signature(
    web: WebClient, vendor: Vendor, staff: Callable[[str], User], work: Callable[[], bool]
) -> None:
    web.force_login(staff("manager"))
    hand_over(web, "customers", (EXPORTS / "demo-customers.csv").read_bytes())
    work()
    # Somebody has written 10.00 too much on Bluebird's last invoice.
    content = (EXPORTS / "demo-invoices.csv").read_bytes().replace(b",816.00,1001-01", b",826.00,1001-01")
    content = content.replace(b",816.00,1001-", b",826.00,1001-").replace(
        b",10/01/2020,119.00", b",10/01/2020,129.00", 1
    )
    trial = hand_over(web, "invoices", content, is_trial="on")
    work()
    assert "This was a trial" in text(web, trial)
    assert not LegacyInvoice.objects.exists()
    report = hand_over(web, "invoices", content)
    work()
    assert "Compare with the invoices here" in text(web, report)
    assert LegacyInvoice.objects.count() == 40

    assert "Nothing is compared yet" in text(web, LIST)
    web.post(LIST, {"tolerance": "0.05"})
    assert "every 2s" in text(web, LIST), "while the worker compares, the page follows"
    assert "already" in web.post(LIST, {"tolerance": "0"}).content.decode()
    compare_all(run_id=ComparisonRun.objects.get().id, now=NOW)
    assert Counter(Comparison.objects.values_list("verdict", flat=True)) == {
        "unexplained": 3,  # and the two that the export has
        "explained": 1,
        "matched": 36,
    }
    bluebird = Company.objects.get(number="1001")
    page = f"{LIST}{bluebird.public_id}/"
    open_ones = text(web, f"{LIST}?state=open")
    assert page in open_ones
    assert page not in text(web, f"{LIST}?state=matched")
    assert page in text(web, f"{LIST}?q=blue")
    shown = text(web, page)
    for words in ("826.00", "This system charges otherwise", "Sign the difference"):
        assert words in shown, words

    web.force_login(staff("clerk"))
    assert 'name="tolerance"' not in text(web, LIST)
    web.post(LIST, {"tolerance": "5000"})
    again = ComparisonRun.objects.latest("id")
    assert again.tolerance_minor == 5, "as the manager said"
    compare_all(run_id=again.id, now=NOW)
    assert "Sign the difference" not in text(web, page)
    assert "A manager of your team" in web.get(f"{page}sign/", follow=True).content.decode()
    web.post(f"{page}note/", {"note_text": "Asked Maria.", "reference": "3f0a4f6e-1111-4c55-9a51-0d5f4ea8a001"})
    assert "Asked Maria." in text(web, page)

    web.force_login(User.objects.get(email="manager@northwind.example"))
    sign_page = text(web, f"{page}sign/?seen={'0' * 64}")
    assert "0" * 64 in sign_page
    posted = {"why": "A gift.", "reference": "3f0a4f6e-1111-4c55-9a51-0d5f4ea8a002"}
    refused = web.post(f"{page}sign/", {**posted, "fingerprint": "0" * 64}).content.decode()
    assert "have changed since you looked" in refused
    fingerprint = shown.split("?seen=")[1][:64]
    web.post(f"{page}sign/", {**posted, "fingerprint": fingerprint})
    signed = text(web, page)
    assert "A gift." in signed
    assert page in text(web, f"{LIST}?state=signed")
    web.post(f"{page}take-back/", {"reference": "3f0a4f6e-1111-4c55-9a51-0d5f4ea8a003"})
    assert "Taken back by" in text(web, page)
    assert web.get(f"{page}nonsense/").status_code == 404
