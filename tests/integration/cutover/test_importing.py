"""What an import takes over, what a second one changes, and what it refuses to touch."""

from collections.abc import Sequence
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from comptoir.catalog.models import Plan, Price
from comptoir.customers.models import Contact, Location, Ownership, StoreDifference
from comptoir.cutover import taking_over
from comptoir.cutover.errors import ImportRefused
from comptoir.cutover.importing import ImportReport, import_export
from comptoir.cutover.legacy.errors import ExportUnreadable
from comptoir.cutover.models import LegacyCompany, LegacyImport
from comptoir.kit.models import Event
from comptoir.subscriptions.models import Subscription
from comptoir.tenancy.models import AuditEntry, Company, Vendor
from tests.factories import NOW, TESTS, TODAY, bill_here, make_company, make_location, make_user, make_vendor

pytestmark = pytest.mark.django_db

PROFILE = """
[vendor]
slug = "diners"
name = "Diner Software"
currency = "USD"
time_zone = "America/New_York"
language = "en"

[[products]]
code = "office"
name = "Office"
[[products.plans]]
code = "office"
name = "Office"
cadences = ["monthly", "quarterly", "annual"]

[words.payment_method]
"ACH" = "ach"

[customers]
encoding = "utf-8"
delimiter = ","
rows = "line"
dates = "%Y-%m-%d"
decimal_point = "."
end_dates = "day_after"
control_column = "Rate"

[customers.columns]
customer_number = "No"
company_name = "Name"
owner_email = "Owner"
billing_email = "Billing"
store_number = "Store"
cadence = "Every"
price = "Rate"
billed_through = "Through"
starts_on = "Since"

[customers.defaults]
country = "US"
payment_method = "ACH"
product = "office"
"""
HEADER = "No,Name,Owner,Billing,Store,Every,Rate,Through,Since"
ANN = "1,Ann's Diner,ann@ann.example,books@ann.example,A1,monthly,99.00,2020-10-01,2019-10-01"
BOB = "2,Bob's Grill,bob@bob.example,,B1,monthly,99.00,2020-10-01,2018-01-01"
BOB_2 = "2,Bob's Grill,bob@bob.example,,B2,monthly,89.00,2020-10-01,2019-01-01"
CAT = "3,Cat's Cafe,cat@cat.example,,C1,annual,990.00,2021-03-15,2019-03-15"
ALL = (ANN, BOB, BOB_2, CAT)


def run(rows: Sequence[str], *, slug: str = "diners", profile: str = PROFILE, header: str = HEADER) -> ImportReport:
    return import_export(
        vendor_slug=slug,
        profile_text=profile,
        profile_name="diners.toml",
        content="\n".join([header, *rows]).encode(),
        filename="customers.csv",
        actor=TESTS,
        now=NOW,
    )


def outcome(report: ImportReport) -> tuple[int, int, int, int]:
    return report.created, report.updated, report.unchanged, report.refused


def changed(row: str, **values: str) -> str:
    cells = dict(zip(HEADER.split(","), row.split(","), strict=True)) | values
    return ",".join(cells.values())


@pytest.fixture
def diners() -> Vendor:
    return make_vendor(slug="diners")


def subscription(key: str) -> Subscription:
    return Subscription.objects.get(legacy_key=key)


def test_a_first_import_makes_the_vendor_and_takes_everything_over() -> None:
    report = run(ALL)
    assert outcome(report) == (3, 0, 0, 0)
    assert report.counts["control_total"] == "1277.00"
    vendor = Vendor.objects.get(slug="diners")
    assert (vendor.name, vendor.currency, vendor.business_date) == ("Diner Software", "USD", None)
    ann = Company.objects.get(number="1")
    assert dict(ann.contacts.values_list("role", "email")) == {
        "owner": "ann@ann.example",
        "billing": "books@ann.example",
    }
    assert ann.billed_since is None
    assert Ownership.objects.get(location__number="A1").company == ann
    assert LegacyCompany.objects.get(company=ann).paid_by == "ach"

    assert Price.objects.get(plan__code="office-monthly").amount_minor == 9_900, "what most pay"
    assert subscription("1/A1/office-monthly").agreed_price_minor is None
    assert subscription("2/B2/office-monthly").agreed_price_minor == 8_900
    cat = subscription("3/C1/office-annual")
    assert (cat.billed_from, cat.billed_through, cat.anchor_day) == (date(2021, 3, 15), date(2021, 3, 15), 15)


def test_the_same_file_again_changes_nothing_in_whatever_order(diners: Vendor) -> None:
    run(ALL)
    assert outcome(run(ALL)) == (0, 0, 3, 0)
    assert outcome(run(ALL[::-1])) == (0, 0, 3, 0)
    assert Plan.objects.count() == 2
    assert LegacyImport.objects.count() == 3, "each reading is on record"
    assert not AuditEntry.objects.filter(action="changed by import").exists()
    assert Event.objects.filter(name="customers_imported").count() == 1, "programs hear of what changes something"


def test_what_changed_in_the_old_system_is_taken_over_and_put_on_record(diners: Vendor) -> None:
    run(ALL)
    moved_on = changed(ANN, Name="Ann & Co", Billing="", Rate="109.00", Through="2020-11-01")
    assert outcome(run([moved_on, BOB, BOB_2, CAT])) == (0, 1, 2, 0)
    ann = Company.objects.get(number="1")
    assert ann.name == "Ann & Co"
    assert [contact.email for contact in Contact.objects.filter(company=ann)] == ["ann@ann.example"]
    row = subscription("1/A1/office-monthly")
    assert (row.agreed_price_minor, row.billed_from, row.billed_through) == (
        10_900,
        date(2020, 11, 1),
        date(2020, 11, 1),
    )
    entry = AuditEntry.objects.get(action="changed by import")
    assert entry.company == ann
    assert entry.before is not None
    assert entry.before["name"] == "Ann's Diner"
    assert entry.before["subscriptions"]["1/A1/office-monthly"]["billed_through"] == "2020-10-01"


def test_what_is_not_listed_any_more_ends_and_may_come_back(diners: Vendor) -> None:
    run(ALL)
    run([ANN, BOB, CAT])
    assert subscription("2/B2/office-monthly").ends_on == date(2020, 10, 1), "where its billing stopped"
    assert Ownership.objects.get(location__number="B2").period.upper == TODAY
    run(ALL)
    assert subscription("2/B2/office-monthly").ends_on is None
    present = Ownership.objects.filter(location__number="B2", period__endswith=None)
    assert present.get().company.number == "2"


def test_a_changed_cadence_ends_one_subscription_and_begins_another(diners: Vendor) -> None:
    run([CAT])
    run([changed(CAT, Every="quarterly", Rate="260.00")])
    assert subscription("3/C1/office-annual").ends_on == date(2021, 3, 15)
    assert subscription("3/C1/office-quarterly").ends_on is None


def test_a_company_that_has_moved_is_never_touched(diners: Vendor) -> None:
    run(ALL)
    bill_here(Company.objects.get(number="1"))
    report = run([changed(ANN, Name="Somebody Else", Rate="1.00"), BOB, BOB_2, CAT])
    assert outcome(report) == (0, 0, 3, 0)
    assert Company.objects.get(number="1").name == "Ann's Diner"
    assert [(finding.severity, finding.line) for finding in report.findings] == [("warning", 2)]


def test_a_store_changes_hands_when_its_owner_lets_go_of_it(diners: Vendor) -> None:
    run(ALL)
    assert outcome(run([ANN, BOB, CAT, changed(BOB_2, No="3", Name="Cat's Cafe", Owner="cat@cat.example")])) == (
        0,
        2,
        1,
        0,
    )
    history = Ownership.objects.filter(location__number="B2").order_by("period")
    assert [(own.company.number, own.period.lower, own.period.upper) for own in history] == [
        ("2", date(2019, 1, 1), TODAY),
        ("3", TODAY, None),
    ]


def test_what_an_owner_said_of_a_store_falls_when_an_import_takes_it_away(diners: Vendor) -> None:
    run(ALL)
    bob = Company.objects.get(number="2")
    said = [
        StoreDifference.objects.create(
            vendor=diners,
            company=bob,
            location=Location.objects.get(number=number),
            kind="address_differs",
            ours={},
            theirs={},
            said_by=make_user(),
            said_at=NOW,
        )
        for number in ("B1", "B2")
    ]
    run([ANN, BOB, CAT])
    outcomes = [StoreDifference.objects.get(id=each.id).outcome for each in said]
    assert outcomes == ["", "taken_back"], "of the store that stays, it waits for the team"


def test_what_is_written_one_customer_at_a_time_comes_out_the_same(
    diners: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking_over, "AT_ONCE", 1)
    assert outcome(run(ALL)) == (3, 0, 0, 0)
    # Both stores go to a customer who stands before the one that lets go of them.
    to_ann = [changed(row, No="1", Name="Ann's Diner", Owner="ann@ann.example") for row in (BOB, BOB_2)]
    bobs = changed(BOB, Store="B3")
    assert outcome(run([ANN, *to_ann, bobs, CAT])) == (0, 2, 1, 0)
    owned = Ownership.objects.filter(period__endswith=None).order_by("location__number")
    assert [(own.location.number, own.company.number) for own in owned if own.company.number != "3"] == [
        ("A1", "1"),
        ("B1", "1"),
        ("B2", "1"),
        ("B3", "2"),
    ]


def test_a_store_that_is_anothers_refuses_the_claimant_whole(diners: Vendor) -> None:
    run(ALL)
    report = run([*ALL, "4,Dan's Deli,dan@dan.example,,A1,monthly,99.00,2020-10-01,2020-01-01"])
    assert outcome(report) == (0, 0, 3, 1)
    assert "belongs to customer 1" in str(report.findings[0])
    assert not Company.objects.filter(number="4").exists()


def test_two_newcomers_cannot_claim_one_store(diners: Vendor) -> None:
    report = run([ANN, changed(BOB, Store="A1")])
    assert outcome(report) == (1, 0, 0, 1)
    assert Company.objects.get().number == "1"


def test_stores_are_taken_by_their_states_codes_however_those_are_written(diners: Vendor) -> None:
    placed = PROFILE.replace('cadence = "Every"', 'store_country = "Land"\nstore_state = "State"\ncadence = "Every"')
    rows = (f"{ANN},CA,Québec", f"{BOB},us,California", f"{BOB_2},US,CA", f"{CAT},CA,California")
    report = run(rows, profile=placed, header=f"{HEADER},Land,State")
    assert outcome(report) == (2, 0, 0, 1)
    (refusal,) = report.findings
    assert (refusal.line, refusal.column, refusal.value) == (5, "State", "California")
    assert "no such state or province in CA" in refusal.reason
    taken = Location.objects.order_by("number").values_list("number", "country", "state")
    assert list(taken) == [("A1", "CA", "QC"), ("B1", "US", "CA"), ("B2", "US", "CA")]


def test_an_import_that_breaks_down_at_its_last_step_leaves_nothing(diners: Vendor) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TRIGGER breakdown BEFORE INSERT ON tenancy_auditentry FOR EACH ROW"
            " WHEN (NEW.action = 'customers imported') EXECUTE FUNCTION kit_refuse_change()"
        )
    with pytest.raises(IntegrityError, match="refused"), transaction.atomic():
        run(ALL)
    for table in (Company, Contact, Location, Ownership, Plan, Price, Subscription, LegacyCompany, LegacyImport):
        assert not table.objects.exists(), table


def test_a_vendor_is_not_made_by_a_slip_of_the_pen() -> None:
    with pytest.raises(ImportRefused, match="is for “diners”"):
        run(ALL, slug="dinners")
    assert not Vendor.objects.exists()


def test_a_trial_makes_not_even_the_vendor() -> None:
    report = import_export(
        vendor_slug="diners",
        profile_text=PROFILE,
        profile_name="diners.toml",
        content="\n".join([HEADER, *ALL]).encode(),
        filename="customers.csv",
        actor=TESTS,
        now=NOW,
        is_trial=True,
    )
    assert outcome(report) == (3, 0, 0, 0)
    for table in (Vendor, Company, LegacyImport):
        assert not table.objects.exists(), table


def test_a_vendor_of_another_currency_takes_no_dollars() -> None:
    make_vendor(slug="diners", currency="EUR")
    with pytest.raises(ImportRefused, match="EUR"):
        run(ALL)


def test_a_file_with_an_unknown_column_is_refused_whole(diners: Vendor) -> None:
    with pytest.raises(ExportUnreadable, match="Colour"):
        import_export(
            vendor_slug="diners",
            profile_text=PROFILE,
            profile_name="diners.toml",
            content=f"{HEADER},Colour\n{ANN},blue".encode(),
            filename="customers.csv",
            actor=TESTS,
            now=NOW,
        )


class TestAroundTheOrm:
    """What PostgreSQL refuses, whoever asks."""

    def test_a_second_owner_at_the_same_time(self) -> None:
        vendor = make_vendor()
        store = make_location(company=make_company(vendor=vendor))
        rival = make_company(vendor=vendor)
        with pytest.raises(IntegrityError, match="one_owner_at_a_time"), transaction.atomic():
            self._execute(
                "INSERT INTO customers_ownership (location_id, company_id, period) VALUES (%s, %s, '[2020-12-31,)')",
                [store.id, rival.id],
            )
        self._execute(
            "UPDATE customers_ownership SET period = daterange(lower(period), %s) WHERE location_id = %s",
            [TODAY, store.id],
        )
        self._execute(
            "INSERT INTO customers_ownership (location_id, company_id, period) VALUES (%s, %s, daterange(%s, NULL))",
            [store.id, rival.id, TODAY],
        )

    @pytest.mark.parametrize(
        "attack",
        [
            "UPDATE cutover_legacyimport SET content = 'other'",
            "UPDATE cutover_legacyimport SET sha256 = repeat('0', 64)",
            "UPDATE cutover_legacyimport SET report = '{}'",
            "UPDATE cutover_legacyimport SET status = 'requested', report = NULL, finished_at = NULL",
            "DELETE FROM cutover_legacyimport",
        ],
    )
    def test_the_evidence_of_an_import(self, attack: str) -> None:
        run(ALL)
        with pytest.raises(IntegrityError, match="refused"), transaction.atomic():
            self._execute(attack, [])

    def test_an_import_is_not_done_without_its_report(self) -> None:
        run(ALL)
        with pytest.raises(IntegrityError, match="finished_import_has_its_report"), transaction.atomic():
            self._execute(
                "INSERT INTO cutover_legacyimport"
                " (vendor_id, kind, is_trial, profile_name, profile, filename, content, sha256, status, requested_by)"
                " SELECT vendor_id, 'customers', false, 'p', 'p', 'f', '', '', 'done', 'me' FROM cutover_legacyimport",
                [],
            )

    def _execute(self, statement: str, parameters: list[int | date]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
