"""The billing team moves its first customers, through its own pages alone."""

import csv
from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile

from comptoir.config.books import check_books
from comptoir.customers.models import Member
from comptoir.cutover.legacy.shipped import shipped_profile
from comptoir.cutover.models import LegacyCompany, LegacyImport, Move, Wave
from comptoir.identity.models import User
from comptoir.identity.queries import logins_for_address
from comptoir.invoicing.models import Invoice
from comptoir.invoicing.queries import invoices_by_ids
from comptoir.mailer.models import Message
from comptoir.tenancy.models import Company, Vendor
from tests.factories import TODAY
from tests.web import WebClient

EXPORT = shipped_profile("demo").parent.parent / "src/comptoir/demo/export/demo-customers.csv"
Staff = Callable[[str], User]
Work = Callable[[], bool]


def upload(web: WebClient, *, content: bytes, **more: str) -> str:
    file = SimpleUploadedFile("customers.csv", content, content_type="text/csv")
    response = web.post("/console/northwind/imports/", {"kind": "customers", "export": file, **more})
    assert response.status_code == 302, response.content.decode()
    return str(response["Location"])


def text(web: WebClient, path: str, **headers: str) -> str:
    response = web.get(path, headers=headers)
    assert response.status_code == 200, path
    return response.content.decode()


def test_from_an_export_to_letters_on_their_way(web: WebClient, vendor: Vendor, staff: Staff, work: Work) -> None:
    web.force_login(staff("manager"))
    assert "No companies yet" in text(web, "/console/northwind/")

    report = upload(web, content=EXPORT.read_bytes())
    assert "every 1s" in text(web, report), "while the worker reads, the page follows by itself"
    work()
    found = text(web, report)
    assert "every 1s" not in found
    assert "361,775.39" in found
    assert "A leading zero is missing" in found
    assert '<a href="/console/northwind/companies/?q=1003">1003</a>' in found

    planned = web.post(
        "/console/northwind/waves/",
        {"name": "October", "first_invoice_month": "2020-10", "deadline": "2020-09-28"},
    )["Location"]
    assert "Bluebird Diners LLC" in text(web, f"{planned}?q=bluebird")
    chosen = Company.objects.filter(number__in=["1001", "1006"])
    web.post(f"{planned}add/", {"company": [str(company.public_id) for company in chosen]})
    look = text(web, planned)
    assert "accounts@bluebird-diners.example" in look
    assert "On paper" in look, "1006 has no address"
    assert "Bluebird Diners LLC" not in text(web, f"{planned}?q=bluebird").split("Choose companies")[1]

    sent = web.post(f"{planned}send/", follow=True).content.decode()
    assert "2 companies are being moved, and their letters sent." in sent
    assert "every 2s" in sent
    work()
    work()  # killed and done again: nothing happens twice
    bluebird = Company.objects.get(number="1001")
    assert bluebird.billed_since == TODAY
    assert (
        Message.objects.filter(company=bluebird).values_list("to", flat=True).get()
        == "accounts@bluebird-diners.example"
    )
    assert Member.objects.get(company=bluebird).user.email == "accounts@bluebird-diners.example"
    assert [login.email for login in logins_for_address("maria@bluebird-diners.example")] == [
        "accounts@bluebird-diners.example"
    ]
    on_paper = Company.objects.get(number="1006")
    assert not Message.objects.filter(company=on_paper).exists()
    assert web.get(f"/console/northwind/companies/{on_paper.public_id}/letter/").content.startswith(b"%PDF")

    funnel = text(web, planned)
    assert "every 2s" not in funnel
    assert "Bluebird" in text(web, f"{planned}?letter=queued")
    assert on_paper.name not in text(web, f"{planned}?letter=queued").split('id="companies"')[1]
    page = text(web, f"/console/northwind/companies/{bluebird.public_id}/")
    for known in (
        "accounts@bluebird-diners.example",
        "Pays by check",
        "billed here from now on",
        "L-71894-1001",
        "ACH debit",
    ):
        assert known in page


def test_a_file_that_cannot_be_trusted_is_refused_whole_and_says_why(
    web: WebClient, vendor: Vendor, staff: Staff, work: Work
) -> None:
    web.force_login(staff("clerk"))
    report = upload(web, content=b"Cust No,Colour\n1001,blue\n")
    work()
    assert "Nothing was taken" in text(web, report)
    assert LegacyImport.objects.get().status == "refused"
    assert not Company.objects.exists()


def test_a_file_with_thousands_of_findings_makes_no_page_of_thousands_and_is_handed_over_whole(
    web: WebClient, vendor: Vendor, staff: Staff, work: Work
) -> None:
    web.force_login(staff("clerk"))
    header, row, *_rest = EXPORT.read_bytes().splitlines()
    wrong = [row.replace(b"1001", b"W%d" % number, 1).replace(b"Monthly", b"=Never") for number in range(505)]
    report = upload(web, content=b"\n".join([header, *wrong]), is_trial="on")
    work()
    found = text(web, report)
    assert found.count("The profile does not say what this means") == 500
    assert "5 more are not shown." in found
    assert found.count("is left out as a whole") == 500, "which is true of a trial, too"
    heads, *lines = csv.reader(text(web, f"{report}findings.csv").splitlines())
    assert heads == ["kind", "line", "customer", "item", "column", "value", "new_value", "why", "done"]
    assert len(lines) == 505
    assert lines[-1][:7] == ["refusal", "506", "W504", "", "Freq", "'=Never", ""]
    assert lines[-1][7].startswith("The profile does not say what this means")
    assert lines[-1][8] == "The customer or invoice of this line is left out as a whole."


def test_a_trial_says_of_each_customer_what_would_change(
    web: WebClient, vendor: Vendor, staff: Staff, work: Work
) -> None:
    web.force_login(staff("clerk"))
    upload(web, content=EXPORT.read_bytes())
    work()
    content = EXPORT.read_bytes().replace(b",119.00,", b",125.50,", 1).replace(b"Bluebird  Diners", b"=Bluebird")
    trial, real = upload(web, content=content, is_trial="on"), upload(web, content=content)
    work()
    found = [csv.DictReader(text(web, f"{report}findings.csv").splitlines()) for report in (trial, real)]
    would, did = ([row for row in rows if row["kind"] == "change"] for rows in found)
    assert would == did
    assert [(row["customer"], row["item"], row["column"], row["value"], row["new_value"]) for row in would] == [
        ("1001", "", "company_name", "Bluebird Diners LLC", "'=Bluebird LLC"),
        ("1001", "1001/1001-01/enterprise-office-monthly", "price", "119.00", "125.50"),
    ]
    assert "All findings and changes as CSV" in text(web, trial)
    assert Company.objects.get(number="1001").name == "=Bluebird LLC"


def test_a_wave_of_all_that_a_filter_leaves(web: WebClient, vendor: Vendor, staff: Staff, work: Work) -> None:
    web.force_login(staff("manager"))
    upload(web, content=EXPORT.read_bytes())
    work()
    form = {"name": "Monthly", "first_invoice_month": "2020-11", "deadline": "2020-10-28"}
    wave = web.post("/console/northwind/waves/", form)["Location"]
    web.post(f"{wave}add-all/", {"cadence": "quarterly", "q": "", "address": "yes"})
    wanted = Company.objects.filter(subscriptions__plan__cadence="quarterly", contacts__isnull=False).distinct()
    assert set(Company.objects.filter(move__isnull=False)) == set(wanted) != set()
    web.post(f"{wave}take-out/{wanted[0].public_id}/")
    assert not Move.objects.filter(company=wanted[0]).exists()
    assert "a wave of this name already" in web.post("/console/northwind/waves/", form).content.decode()


def test_an_auditor_reads_a_clerk_does_not_send_and_a_stranger_finds_nothing(
    web: WebClient, vendor: Vendor, staff: Staff
) -> None:
    wave = Wave.objects.create(vendor=vendor, name="October", first_invoice_month="2020-10-01", deadline=TODAY)
    web.force_login(staff("auditor"))
    assert web.get("/console/northwind/waves/").status_code == 200
    assert web.post("/console/northwind/waves/", {"name": "Mine"}).status_code == 403
    web.force_login(staff("clerk"))
    assert web.post(f"/console/northwind/waves/{wave.id}/send/").status_code == 403
    web.force_login(staff("admin"))
    for nothing in ("bill-runs/999/", "bill-runs/99999999999999999999/", "waves/999/", "imports/999/"):
        assert web.get(f"/console/northwind/{nothing}").status_code == 404
    web.force_login(User.objects.create_user(email="stranger@example.com"))
    assert web.get("/console/northwind/").status_code == 404


def test_companies_are_chosen_by_their_numbers_however_many(
    web: WebClient, vendor: Vendor, staff: Staff, work: Work
) -> None:
    web.force_login(staff("manager"))
    upload(web, content=EXPORT.read_bytes())
    work()
    form = {"name": "Pilot", "first_invoice_month": "2020-10", "deadline": "2020-09-28"}
    wave = web.post("/console/northwind/waves/", form)["Location"]
    unknown = " ".join(f"X{number}" for number in range(3_000))
    web.post(f"{wave}add/", {"numbers": f"1001, 1002;1006\0 {unknown}\n1003"})
    assert len(web.queries) < 100, "not one for each number"
    assert "No company that could be put into a wave has these numbers: X0, X1," in text(web, wave)
    assert set(Move.objects.values_list("company__number", flat=True)) == {"1001", "1002", "1003", "1006"}


def test_what_is_still_open_there_is_collected_here_if_the_plan_says_so(
    web: WebClient, vendor: Vendor, staff: Staff, work: Work
) -> None:
    web.force_login(staff("manager"))
    upload(web, content=EXPORT.read_bytes())
    work()
    owes = LegacyCompany.objects.filter(balance_minor__gt=0).select_related("company").order_by("id")[0]
    form = {"name": "Pilot", "first_invoice_month": "2020-10", "deadline": "2020-09-28", "brings_balances": "on"}
    wave = web.post("/console/northwind/waves/", form)["Location"]
    web.post(f"{wave}add/", {"numbers": owes.company.number})
    assert "What it owes in the old system is collected here from the move on" in text(web, wave)
    assert 'name="brings_balances"' in text(web, f"{wave}plan/")
    web.post(f"{wave}send/")
    work()
    work()
    brought = Invoice.objects.get(company=owes.company, kind="opening")
    assert brought.total_minor == owes.balance_minor
    assert invoices_by_ids([brought.id])[brought.id].number in text(
        web, f"/console/northwind/companies/{owes.company.public_id}/"
    )
    assert check_books() == []
