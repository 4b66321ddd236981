"""Which rates a place bears: the table, and where the vendor is registered."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection
from pytest_django import DjangoAssertNumQueries, Settings

from comptoir.taxes import queries
from comptoir.taxes.calculation import ApplicableRate
from comptoir.taxes.errors import CountryNeeded, CountyNeeded, RateMissing, StateNeeded
from comptoir.taxes.models import ExemptionCertificate, Jurisdiction, Registration, TaxCategory, TaxRate
from comptoir.taxes.places import Place
from comptoir.taxes.port import Rates
from comptoir.tenancy.models import Vendor
from tests.factories import (
    TODAY,
    issue_invoices,
    make_company,
    make_location,
    make_plan,
    make_subscription,
    make_vendor,
)

pytestmark = pytest.mark.django_db

ATLANTIS = {
    "QA": {"level": "country", "country": "QA"},
    "QA-N": {"level": "state", "country": "QA", "state": "N"},
    "QA-N-REEF": {"level": "county", "country": "QA", "state": "N", "county": "Reef"},
    "QA-N-REEF-PEARL": {"level": "city", "country": "QA", "state": "N", "county": "Reef", "city": "Pearl Bay"},
    "QA-N-DEEP-TWIN": {"level": "city", "country": "QA", "state": "N", "county": "Deep", "city": "Twin"},
    "QA-N-REEF-TWIN": {"level": "city", "country": "QA", "state": "N", "county": "Reef", "city": "Twin"},
    "QA-S": {"level": "state", "country": "QA", "state": "S", "harmonised": True},
}
SOFTWARE = {
    "QA": "0.05",
    "QA-N": "0.04",
    "QA-N-REEF": "0.0125",
    "QA-N-REEF-PEARL": "0.01",
    "QA-N-DEEP-TWIN": "0.003",
    "QA-N-REEF-TWIN": "0.002",
    "QA-S": "0.13",
}
PEARL_BAY = Place("QA", "N", "Reef", "Pearl Bay")
SOUTH = Place("QA", "S", "", "Anywhere")


@pytest.fixture(autouse=True)
def _atlantis() -> None:
    """A country that no table knows, all of whose jurisdictions tax software and leave the rest alone."""
    for code, area in ATLANTIS.items():
        jurisdiction = Jurisdiction.objects.create(code=code, name=f"{code} tax", **area)
        for category, rate in (("software", SOFTWARE[code]), ("service", "0"), ("hardware", "0")):
            TaxRate.objects.create(jurisdiction=jurisdiction, category=category, rate=rate, valid_from=date(2019, 1, 1))


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    return make_vendor()


def register(vendor: Vendor, *codes: str, since: date = date(2019, 1, 1), until: date | None = None) -> None:
    for code in codes:
        Registration.objects.create(
            vendor=vendor, jurisdiction=Jurisdiction.objects.get(code=code), since=since, until=until
        )


def rates(vendor: Vendor, place: Place, category: str = "software", on: date = TODAY) -> dict[str, Decimal]:
    found = queries.applicable_rates(vendor_id=vendor.id, places=[place], on=on)[place, category]
    return {rate.jurisdiction_code: rate.rate for rate in found}


def test_a_vendor_that_is_registered_nowhere_collects_nothing(vendor: Vendor) -> None:
    assert rates(vendor, PEARL_BAY) == {}


def test_a_states_registration_covers_its_counties_and_cities_and_not_the_country(vendor: Vendor) -> None:
    register(vendor, "QA-N")
    assert rates(vendor, PEARL_BAY) == {
        "QA-N": Decimal("0.04"),
        "QA-N-REEF": Decimal("0.0125"),
        "QA-N-REEF-PEARL": Decimal("0.01"),
    }
    assert rates(vendor, SOUTH) == {}


def test_a_countrys_registration_covers_states_that_collect_its_tax_with_theirs(vendor: Vendor) -> None:
    register(vendor, "QA")
    assert rates(vendor, SOUTH) == {"QA-S": Decimal("0.13")}
    assert rates(vendor, PEARL_BAY) == {"QA": Decimal("0.05")}


def test_a_city_alone_may_be_registered_in(vendor: Vendor) -> None:
    register(vendor, "QA-N-REEF-PEARL")
    assert list(rates(vendor, PEARL_BAY)) == ["QA-N-REEF-PEARL"]
    assert rates(vendor, Place("QA", "N", "Reef", "Elsewhere")) == {}


def test_a_registration_counts_from_its_first_day_until_before_its_last(vendor: Vendor) -> None:
    register(vendor, "QA-S", since=date(2020, 3, 1), until=date(2020, 5, 1))
    days = [date(2020, 2, 29), date(2020, 3, 1), date(2020, 4, 30), date(2020, 5, 1)]
    assert [bool(rates(vendor, SOUTH, on=day)) for day in days] == [False, True, True, False]


def test_the_rate_of_the_day_counts_and_zero_ends_a_tax(vendor: Vendor) -> None:
    register(vendor, "QA-S")
    south = Jurisdiction.objects.get(code="QA-S")
    TaxRate.objects.create(jurisdiction=south, category="software", rate="0.15", valid_from=date(2020, 7, 1))
    TaxRate.objects.create(jurisdiction=south, category="software", rate="0", valid_from=date(2021, 1, 1))
    days = [date(2020, 6, 30), date(2020, 7, 1), date(2020, 12, 31), date(2021, 1, 1)]
    assert [list(rates(vendor, SOUTH, on=day).values()) for day in days] == [
        [Decimal("0.13")],
        [Decimal("0.15")],
        [Decimal("0.15")],
        [],
    ]


@pytest.mark.parametrize(
    "written",
    [
        Place("qa", "n", "REEF county", "pearl  bay"),
        Place("QA", "N", "", "Pearl Bay"),
    ],
)
def test_names_are_found_however_they_are_written_and_a_city_knows_its_county(vendor: Vendor, written: Place) -> None:
    register(vendor, "QA-N")
    assert len(rates(vendor, written)) == 3


def test_a_city_in_two_counties_needs_the_county(vendor: Vendor) -> None:
    register(vendor, "QA-N")
    with pytest.raises(CountyNeeded, match="Twin, N, QA lies in several counties"):
        rates(vendor, Place("QA", "N", "", "Twin"))
    assert list(rates(vendor, Place("QA", "N", "Reef", "Twin"))) == ["QA-N", "QA-N-REEF", "QA-N-REEF-TWIN"]
    assert rates(vendor, Place("QA", "N", "", "Twin"), "exempt") == {}


@pytest.mark.parametrize(
    ("registered", "written", "refused"),
    [
        ("QA-N", Place("QA", "", "", ""), StateNeeded),
        ("QA", Place("QA", "", "", "Pearl Bay"), StateNeeded),
        ("QA", Place("", "", "", ""), CountryNeeded),
        ("QA-N", Place("", "", "", ""), CountryNeeded),
        ("QA", Place("QB", "", "", ""), None),
        (None, Place("", "", "", ""), None),
        (None, Place("QA", "", "", ""), None),
    ],
)
def test_where_states_levy_taxes_a_place_says_its_country_and_state(
    vendor: Vendor, registered: str | None, written: Place, refused: type[RateMissing] | None
) -> None:
    if registered:
        register(vendor, registered)
    if not refused:
        assert rates(vendor, written) == {}
        return
    with pytest.raises(refused, match=r"Taxes depend on the (state|country), and none is known"):
        rates(vendor, written)
    found = queries.applicable_rates(vendor_id=vendor.id, places=[written], on=TODAY)
    everywhere = frozenset(Jurisdiction.objects.filter(country="QA").values_list("id", flat=True))
    assert found.relieved(everywhere)[written, "software"] == ()


def test_where_no_state_levies_one_the_country_alone_is_asked_for(vendor: Vendor) -> None:
    whole = Jurisdiction.objects.create(code="QC", name="QC tax", level="country", country="QC")
    for category in ("software", "service", "hardware"):
        TaxRate.objects.create(jurisdiction=whole, category=category, rate="0.2", valid_from=date(2019, 1, 1))
    register(vendor, "QC")
    assert rates(vendor, Place("QC", "", "", "")) == {"QC": Decimal("0.2")}


def test_a_rate_that_is_missing_stops_the_place_that_needs_it_and_no_other(vendor: Vendor) -> None:
    register(vendor, "QA-N")
    Jurisdiction.objects.create(code="QA-N-NEW", name="New", level="county", country="QA", state="N", county="New")
    new = Place("QA", "N", "New", "Here")
    found = queries.applicable_rates(vendor_id=vendor.id, places=[new, PEARL_BAY], on=TODAY)
    assert len(found[PEARL_BAY, "software"]) == 3
    assert found[new, "exempt"] == ()
    with pytest.raises(RateMissing, match="no rate for “software” in QA-N-NEW on 2020-09-16, which Here, New, N, QA"):
        found[new, "software"]


def test_who_is_exempt_where_a_rate_is_missing_needs_none(vendor: Vendor) -> None:
    """Neither the rate of a new county, nor the county of a city that lies in two; only for what they owe elsewhere."""
    register(vendor, "QA-N", "QA")
    Jurisdiction.objects.create(code="QA-N-NEW", name="New", level="county", country="QA", state="N", county="New")
    ids = dict(Jurisdiction.objects.filter(country="QA").values_list("code", "id"))
    new, twin = Place("QA", "N", "New", "Here"), Place("QA", "N", "", "Twin")
    found = queries.applicable_rates(vendor_id=vendor.id, places=[new, twin, PEARL_BAY], on=TODAY)

    below = found.relieved(frozenset(ids[code] for code in ids if code.startswith("QA-N-")))
    for place in (new, twin, PEARL_BAY):
        assert {rate.jurisdiction_code for rate in below[place, "software"]} == {"QA", "QA-N"}
    everywhere = found.relieved(frozenset(ids.values()))
    assert [everywhere[place, "software"] for place in (new, twin, PEARL_BAY)] == [(), (), ()]
    elsewhere = found.relieved(frozenset({ids["QA-N-REEF"]}))
    for place, complaint in ((new, RateMissing), (twin, CountyNeeded)):
        with pytest.raises(complaint):
            elsewhere[place, "software"]


def test_before_the_tables_first_day_rates_are_missing(vendor: Vendor) -> None:
    register(vendor, "QA-S", since=date(2010, 1, 1))
    with pytest.raises(RateMissing):
        rates(vendor, SOUTH, on=date(2018, 12, 31))


def test_what_is_exempt_or_rated_zero_bears_nothing(vendor: Vendor) -> None:
    register(vendor, "QA-S")
    assert [rates(vendor, SOUTH, category) for category in ("exempt", "hardware", "service")] == [{}, {}, {}]


def test_many_places_cost_two_queries(vendor: Vendor, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    register(vendor, "QA-N", "QA")
    places = [Place("QA", "N", "Reef", f"Village {number}") for number in range(500)]
    with django_assert_num_queries(2):
        found = queries.applicable_rates(vendor_id=vendor.id, places=places, on=TODAY)
    assert len(found) == 500 * 4
    assert found[places[0], "software"] is found[places[499], "software"]


def test_a_certificate_exempts_from_its_jurisdiction_and_all_below_while_it_lasts(vendor: Vendor) -> None:
    exempt, other = make_company(vendor=vendor), make_company(vendor=vendor)
    codes = dict(Jurisdiction.objects.filter(country="QA").values_list("code", "id"))
    ExemptionCertificate.objects.create(
        company=exempt,
        jurisdiction_id=codes["QA-N-REEF"],
        number="X-1",
        reason="resale",
        valid_from=date(2020, 1, 1),
        valid_until=date(2021, 1, 1),
    )
    ids = [exempt.id, other.id]
    assert queries.exemptions(company_ids=ids, on=date(2020, 12, 31)) == {
        exempt.id: {codes[code] for code in ("QA-N-REEF", "QA-N-REEF-PEARL", "QA-N-REEF-TWIN")}
    }
    for day in (date(2019, 12, 31), date(2021, 1, 1)):
        assert queries.exemptions(company_ids=ids, on=day) == {}


def seven_percent(*, vendor_id: int, places: Iterable[Place], on: date) -> Rates:
    """A source of an operator's own: software bears 7 % everywhere, by the word of Atlantis."""
    assert (vendor_id, on) == (Vendor.objects.get().id, TODAY)
    atlantis = Jurisdiction.objects.get(code="QA")
    rate = ApplicableRate(atlantis.id, atlantis.code, "software", Decimal("0.07"))
    found = {(place, kind): (rate,) if kind == "software" else () for place in places for kind in TaxCategory.values}
    return Rates(found=found, on=on)


def test_another_source_of_rates_stands_behind_the_setting_and_reaches_the_invoice(
    vendor: Vendor, settings: Settings
) -> None:
    company = make_company(vendor=vendor)
    plan = make_plan(vendor=vendor, scope="location")
    make_subscription(company=company, plan=plan, location=make_location(company=company))
    settings.TAX_RATES = f"{__name__}.{seven_percent.__name__}"

    (bill,) = issue_invoices(vendor=vendor)

    assert (bill.net_minor, bill.tax_minor) == (9_900, 693)
    assert list(bill.taxes.values_list("jurisdiction_code", "rate", "tax_minor")) == [("QA", Decimal("0.07"), 693)]


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        (
            "INSERT INTO taxes_taxrate (jurisdiction_id, category, rate, valid_from)"
            " SELECT id, 'software', 0.5, '2018-12-31' FROM taxes_jurisdiction WHERE code = 'QA-S'",
            "must begin after the one before it",
        ),
        ("UPDATE taxes_taxrate SET rate = 0.5", "UPDATE of taxes_taxrate is refused"),
        ("UPDATE taxes_taxrate SET valid_from = '2030-01-01'", "UPDATE of taxes_taxrate is refused"),
        ("DELETE FROM taxes_taxrate", "DELETE of taxes_taxrate is refused"),
        ("UPDATE taxes_jurisdiction SET code = 'X' WHERE code = 'QA-S'", "UPDATE of taxes_jurisdiction is refused"),
    ],
)
def test_what_was_in_force_stays_so_whoever_writes(statement: str, refusal: str) -> None:
    with pytest.raises(IntegrityError, match=refusal), connection.cursor() as cursor:
        cursor.execute(statement)
