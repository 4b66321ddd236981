"""The exports that come with Comptoir, read whole through the profiles that come with it."""

import runpy
from collections import Counter
from datetime import date
from importlib import resources
from operator import itemgetter
from pathlib import Path

from comptoir.cutover.legacy.invoices import read_invoices
from comptoir.cutover.legacy.profile import load_profile
from comptoir.cutover.legacy.reader import read_export
from comptoir.cutover.legacy.records import LegacyAddress
from comptoir.cutover.legacy.shipped import shipped_profile

ROOT = Path(__file__).resolve().parents[3]
EXPORTS = resources.files("comptoir") / "demo" / "export"


def test_the_generator_makes_the_files_that_are_shipped(tmp_path: Path) -> None:
    runpy.run_path(str(ROOT / "scripts" / "make_demo_export.py"))["main"](tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert made == {name: (EXPORTS / name).read_bytes() for name in made}
    assert sorted(made) == ["demo-customers.csv", "demo-invoices.csv", "harbor-customers.csv"]


def test_the_demo_export_has_every_kind_of_customer() -> None:
    profile = load_profile(shipped_profile("demo"))
    export = read_export(profile=profile, content=(EXPORTS / "demo-customers.csv").read_bytes())
    companies = {company.number: company for company in export.companies}
    assert (export.read, export.refused, export.rows) == (40, 0, 733)
    assert {company.language for company in export.companies} == {"en", "fr", "es"}
    assert {company.pays_by_before.kind for company in export.companies} == {"ach", "card", "check"}
    cadences = Counter(company.subscriptions[0].cadence for company in export.companies)
    assert min(cadences[cadence] for cadence in ("monthly", "quarterly", "annual")) >= 5
    assert max(len(company.stores) for company in export.companies) == 60
    assert companies["1001"].owner_email == "maria@bluebird-diners.example"
    assert companies["1001"].subscriptions[0].billed_through == date(2020, 10, 1)
    assert companies["1002"].language == "fr"
    assert companies["1006"].owner_email == companies["1006"].billing_email == ""
    assert companies["1007"].owner_email == companies["1008"].owner_email


def test_the_demos_old_invoices_are_those_the_customers_file_names() -> None:
    profile = load_profile(shipped_profile("demo"))
    customers = read_export(profile=profile, content=(EXPORTS / "demo-customers.csv").read_bytes())
    invoices = read_invoices(profile=profile, content=(EXPORTS / "demo-invoices.csv").read_bytes())
    named = {
        (company.number, company.last_invoice.number, company.last_invoice.total_minor)
        for company in customers.companies
        if company.last_invoice
    }
    assert invoices.findings == ()
    assert {(old.company_number, old.number, old.total_minor) for old in invoices.invoices} == named
    assert len(named) == 40


def test_the_second_vendors_unlike_file_reads_as_well() -> None:
    profile = load_profile(shipped_profile("harbor"))
    export = read_export(profile=profile, content=(EXPORTS / "harbor-customers.csv").read_bytes())
    assert (export.read, export.refused, export.findings) == (6, 0, ())
    melisande, grill = itemgetter(1, 4)(list(export.companies))
    assert melisande.name == "Café Mélisande"
    assert melisande.stores[0].address == LegacyAddress("18 Rue Royale", "New Orleans", "LA", "70130", "US")
    # The file names the last day billed and the last day bound; ours are the days after.
    assert melisande.subscriptions[0].billed_through == date(2020, 10, 1)
    assert (grill.subscriptions[0].cadence, grill.subscriptions[0].price_minor) == ("annual", 104900)
    assert grill.subscriptions[0].minimum_term_ends_on == date(2023, 1, 1)


def test_a_telephone_companys_rows_read_through_its_profile() -> None:
    header = (
        "customerID,gender,SeniorCitizen,Partner,Dependents,tenure,PhoneService,MultipleLines,InternetService,"
        "OnlineSecurity,OnlineBackup,DeviceProtection,TechSupport,StreamingTV,StreamingMovies,Contract,"
        "PaperlessBilling,PaymentMethod,MonthlyCharges,TotalCharges,Churn"
    )
    rows = (
        "A-1,Male,0,No,No,34,Yes,No,DSL,Yes,No,Yes,No,No,No,One year,No,Mailed check,56.95,1889.5,No",
        "A-2,Male,0,No,No,0,Yes,No,No,No,No,No,No,No,No,Two year,No,Electronic check,20.25, ,No",
        "A-3,Male,0,No,No,2,Yes,No,Fiber optic,,,,,,,Month-to-month,No,Mailed check,70.7,151.65,No",
    )
    telco = load_profile(shipped_profile("telco"))
    export = read_export(profile=telco, content="\n".join([header, *rows]).encode())
    assert (export.read, export.refused, export.control_total) == (3, 0, "147.90")
    assert [(finding.line, finding.column) for finding in export.warnings] == [(3, "TotalCharges")]
    assert [
        (item.plan_code, item.cadence, item.starts_on, item.minimum_term_ends_on)
        for company in export.companies
        for item in company.subscriptions
    ] == [
        ("dsl", "monthly", date(2017, 12, 1), date(2020, 12, 1)),
        ("telephone", "monthly", date(2020, 10, 1), date(2022, 10, 1)),
        ("fiber", "monthly", date(2020, 8, 1), None),
    ]
    second = list(export.companies)[1]
    assert second.owner_email == "a-2@telco.invalid"
    assert second.pays_by_before.kind == "other"
