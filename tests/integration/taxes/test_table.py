"""The built-in table of rates, and where a vendor collects."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from comptoir.taxes.errors import (
    AlreadyRegistered,
    CertificateExists,
    CertificateNotFound,
    JurisdictionUnknown,
    RateMissing,
    RegistrationNotFound,
    TaxTableInvalid,
)
from comptoir.taxes.loading import BUILT_IN, load_table, read_table
from comptoir.taxes.models import TaxRate
from comptoir.taxes.operations import add_certificate, end_certificate, end_registration, register
from comptoir.taxes.places import Place
from comptoir.taxes.queries import applicable_rates, exemptions
from comptoir.tenancy.models import AuditEntry
from tests.databases import Database
from tests.factories import TESTS, TODAY, make_company, make_vendor

PITTSBURGH = Place("US", "PA", "Allegheny", "Pittsburgh")
TORONTO, MONTREAL, LYON = (
    Place("CA", "ON", "", "Toronto"),
    Place("CA", "QC", "", "Montréal"),
    Place("FR", "", "", "Lyon"),
)


@pytest.fixture
def vendor_id(fresh_database: Database) -> int:
    """A vendor, beside the built-in table."""
    load_table(read_table(BUILT_IN))
    return make_vendor().id


def rates(vendor_id: int, place: Place, *, category: str = "software", on: date = TODAY) -> list[tuple[str, Decimal]]:
    found = applicable_rates(vendor_id=vendor_id, places=[place], on=on)
    return [(rate.jurisdiction_code, rate.rate.normalize()) for rate in found[place, category]]


def test_the_built_in_table_loads_once(vendor_id: int) -> None:
    assert TaxRate.objects.count() > 80
    assert load_table(read_table(BUILT_IN)) == 0


def test_where_a_vendor_is_registered_all_below_is_collected(vendor_id: int) -> None:
    assert rates(vendor_id, PITTSBURGH) == []
    register(vendor_id=vendor_id, jurisdiction_code="US-PA", since=date(2020, 1, 1), actor=TESTS)
    assert rates(vendor_id, PITTSBURGH) == [("US-PA", Decimal("0.06")), ("US-PA-ALLEGHENY", Decimal("0.01"))]
    assert rates(vendor_id, PITTSBURGH, category="service") == []
    assert AuditEntry.objects.filter(action="tax registration added").exists()


def test_canada_charges_its_own_tax_and_the_provinces_or_one_harmonised(vendor_id: int) -> None:
    for code in ("CA", "CA-QC"):
        register(vendor_id=vendor_id, jurisdiction_code=code, since=date(2020, 1, 1), actor=TESTS)
    assert rates(vendor_id, TORONTO) == [("CA-ON", Decimal("0.13"))]
    assert rates(vendor_id, MONTREAL) == [("CA", Decimal("0.05")), ("CA-QC", Decimal("0.09975"))]


def test_a_rate_that_changes_holds_from_its_day(vendor_id: int) -> None:
    register(vendor_id=vendor_id, jurisdiction_code="US-IL", since=date(2020, 1, 1), actor=TESTS)
    chicago = Place("US", "IL", "Cook", "Chicago")
    assert rates(vendor_id, chicago, on=date(2020, 12, 31)) == [("US-IL-COOK-CHICAGO", Decimal("0.0725"))]
    assert rates(vendor_id, chicago, on=date(2021, 1, 1)) == [("US-IL-COOK-CHICAGO", Decimal("0.09"))]


def test_a_day_before_the_table_begins_has_no_rate_and_says_so(vendor_id: int) -> None:
    register(vendor_id=vendor_id, jurisdiction_code="FR", since=date(2019, 1, 1), actor=TESTS)
    assert rates(vendor_id, LYON) == [("FR", Decimal("0.2"))]
    with pytest.raises(RateMissing, match="no rate for “software” in FR on 2019-06-01"):
        rates(vendor_id, LYON, on=date(2019, 6, 1))


def test_a_rate_that_holds_does_not_change(vendor_id: int) -> None:
    lines = [replace(line, rate=Decimal("0.19")) if line.code == "FR" else line for line in read_table(BUILT_IN)]
    with pytest.raises(TaxTableInvalid, match=r"the rate is 0\.200000 already, not 0\.19"):
        load_table(lines)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("state,rate\n", "has the columns"),
        ("{head}\nUS,PA,,,PA,,software,six,2020-01-01\n", "Line 2 .* cannot be read"),
        ("{head}\nUS,PA,,,PA,,software,0.06,January\n", "Line 2 .* cannot be read"),
        ("{head}\nUS,PA,,,PA,,food,0.06,2020-01-01\n", "Line 2 .* the category is one of"),
    ],
)
def test_a_table_that_cannot_be_read_says_where(text: str, complaint: str, tmp_path: Path) -> None:
    table = tmp_path / "rates.csv"
    table.write_text(text.format(head=BUILT_IN.read_text().splitlines()[0]))
    with pytest.raises(TaxTableInvalid, match=complaint):
        read_table(table)


def test_a_vendor_registers_once_at_a_time(vendor_id: int) -> None:
    first = register(vendor_id=vendor_id, jurisdiction_code="US-NY", since=date(2020, 1, 1), actor=TESTS)
    with pytest.raises(AlreadyRegistered, match="end that registration first"):
        register(vendor_id=vendor_id, jurisdiction_code="US-NY", since=date(2020, 6, 1), actor=TESTS)
    end_registration(vendor_id=vendor_id, registration_id=first, until=date(2020, 6, 1), actor=TESTS)
    register(vendor_id=vendor_id, jurisdiction_code="US-NY", since=date(2020, 6, 1), actor=TESTS)
    with pytest.raises(RegistrationNotFound):
        end_registration(vendor_id=make_vendor().id, registration_id=first, until=date(2020, 7, 1), actor=TESTS)
    with pytest.raises(JurisdictionUnknown, match="US-ZZ"):
        register(vendor_id=vendor_id, jurisdiction_code="US-ZZ", since=date(2020, 1, 1), actor=TESTS)


def test_a_certificate_covers_what_lies_below_until_it_ends(fresh_database: Database) -> None:
    load_table(read_table(BUILT_IN))
    vendor = make_vendor()
    company = make_company(vendor=vendor)
    paper = {
        "vendor_id": vendor.id,
        "company_id": company.id,
        "jurisdiction_code": "US-PA",
        "number": "E-1",
        "reason": "resale",
        "valid_from": date(2020, 1, 1),
        "valid_until": None,
        "actor": TESTS,
    }
    certificate = add_certificate(**paper)  # type: ignore[arg-type]
    assert len(exemptions(company_ids=[company.id], on=TODAY)[company.id]) == 3, "the state and two counties"
    with pytest.raises(CertificateExists, match="E-1"):
        add_certificate(**paper)  # type: ignore[arg-type]
    end = {"vendor_id": vendor.id, "company_id": company.id, "until": TODAY, "actor": TESTS}
    end_certificate(certificate_id=certificate, **end)  # type: ignore[arg-type]
    assert exemptions(company_ids=[company.id], on=TODAY) == {}
    with pytest.raises(CertificateNotFound):
        end_certificate(certificate_id=0, **end)  # type: ignore[arg-type]
