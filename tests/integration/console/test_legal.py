"""The team sets what its vendor and its customers are known by."""

from collections.abc import Callable

from comptoir.identity.models import User
from comptoir.tenancy.models import AuditEntry, Company, Vendor
from tests.factories import make_company
from tests.web import WebClient

FRENCH = {
    "country": "FR",
    "registration_scheme": "0002",
    "registration_number": "732 829 320",
    "vat_id": "FR44732829320",
    "electronic_scheme": "0225",
    "electronic_address": "732829320",
}


def test_an_admin_sets_the_vendors_details_and_whoever_works_with_companies_theirs(
    web: WebClient, vendor: Vendor, staff: Callable[[str], User]
) -> None:
    company = make_company(vendor=vendor, name="Arches Burgers LLC")
    at_company = f"/console/northwind/companies/{company.public_id}/"
    clerk, admin, auditor = staff("clerk"), staff("admin"), staff("auditor")

    web.force_login(clerk)
    assert web.post("/console/northwind/legal/", FRENCH).status_code == 403
    for language, germany in (("en", "Germany"), ("fr", "Allemagne"), ("es", "Alemania")):
        assert germany in web.get(f"{at_company}legal/", headers={"accept-language": language}).content.decode()
    refused = web.post(f"{at_company}legal/", FRENCH | {"vat_id": "FR45732829320"}).content.decode()
    assert "is not a VAT number" in refused
    assert "732 829 320" in refused  # nothing typed is lost
    shown = web.post(f"{at_company}legal/", FRENCH, follow=True).content.decode()
    assert "FR44732829320" in shown
    assert "Legal details set" in shown
    assert Company.objects.get().registration_number == "732829320"
    entry = AuditEntry.objects.get(action="legal ids set")
    assert (entry.actor_user_id, entry.company_id, entry.before) == (clerk.id, company.id, {})
    assert entry.after["vat_id"] == "FR44732829320"

    web.force_login(auditor)
    assert web.post(f"{at_company}legal/", FRENCH).status_code == 403

    web.force_login(admin)
    assert "Legal details" in web.get("/console/northwind/legal/").content.decode()
    shown = web.post("/console/northwind/legal/", FRENCH | {"late_penalty": "12.5"}, follow=True).content.decode()
    assert "732829320" in shown
    assert "12.50 % a year" in shown
    entry = AuditEntry.objects.filter(action="legal ids set").latest("id")
    assert (entry.subject, entry.after["late_penalty"]) == (f"vendor:{vendor.id}", "12.5")
    paper = web.get("/console/northwind/previews/fr/paper-sample/")
    assert paper["Content-Type"] == "application/pdf"
