"""What is changed of either side of a comparison, by whoever it is, has the company compared again before it moves."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from comptoir.cutover.comparison.deciding import may_not_move
from comptoir.cutover.comparison.models import Comparison, LegacyInvoice
from comptoir.cutover.comparison.queries import compared_company, comparisons
from comptoir.cutover.comparison.running import compare_all, request_comparison
from comptoir.cutover.models import Move
from comptoir.cutover.planning import add_companies
from comptoir.cutover.running import continue_wave, send_wave
from comptoir.subscriptions.models import Subscription
from comptoir.taxes.models import Jurisdiction, Registration, TaxRate
from comptoir.tenancy.models import Company, Vendor
from tests.databases import Database
from tests.factories import NOW, TESTS, TODAY, bill_here, make_location, make_vendor
from tests.integration.cutover.office import move_all
from tests.integration.cutover.telco import compare_now, one_customer, pilot_wave, run_import

RATE = "INSERT INTO taxes_taxrate (jurisdiction_id, category, rate, valid_from)"
OF_IT = "FROM subscriptions_subscription s JOIN catalog_plan p ON p.id = s.plan_id"
CHANGES = {
    "another price": (
        f"INSERT INTO catalog_price (plan_id, valid_from, amount_minor) SELECT p.id, '2020-09-20', 1 {OF_IT}"
    ),
    "an agreed price": "UPDATE subscriptions_subscription SET agreed_price_minor = 1",
    "a service that ends": "UPDATE subscriptions_subscription SET ends_on = billed_through",
    "a discount": (
        "INSERT INTO subscriptions_discount (subscription_id, kind, basis_points, starts_on)"
        f" SELECT s.id, 'percent', 1000, '2020-09-01' {OF_IT}"
    ),
    "a charge": (
        "INSERT INTO subscriptions_oneoffcharge (company_id, product_id, description, amount_minor, charge_on)"
        f" SELECT s.company_id, p.product_id, 'Visit', 500, '2020-09-20' {OF_IT}"
    ),
    "aligned days": (
        "INSERT INTO subscriptions_billingpreferences (company_id, invoice_per_store, purchase_order, align_to_day)"
        f" SELECT s.company_id, false, '', 15 {OF_IT}"
    ),
    "a charge that is withdrawn": (
        "INSERT INTO subscriptions_chargewithdrawal (charge_id, reason)"
        " SELECT id, 'Not done' FROM subscriptions_oneoffcharge"
    ),
    "another service": (
        "INSERT INTO subscriptions_subscription (vendor_id, company_id, plan_id, legacy_key, anchor_day, starts_on,"
        " billed_from, billed_through) SELECT s.vendor_id, s.company_id, s.plan_id, '', s.anchor_day, s.starts_on,"
        f" s.billed_from, s.billed_through {OF_IT}"
    ),
    "a store's state": "UPDATE customers_location SET state = 'OH'",
    "a store's country": "UPDATE customers_location SET country = 'MX'",
    "a store's county": "UPDATE customers_location SET county = 'Cook'",
    "a store's city": "UPDATE customers_location SET city = 'Cairo'",
    "its own country": "UPDATE tenancy_company SET country = 'CA'",
    "a store by which its services are taxed": (
        "WITH made AS (INSERT INTO customers_location"
        " (public_id, vendor_id, number, name, address, city, county, state, postal_code, country)"
        " SELECT gen_random_uuid(), vendor_id, '0', 'First', address, city, county, 'OH', postal_code, country"
        " FROM customers_location RETURNING id)"
        " INSERT INTO customers_ownership (location_id, company_id, period)"
        f" SELECT made.id, s.company_id, '[2020-09-01,)' {OF_IT} CROSS JOIN made"
    ),
    "a store that is given up": "UPDATE customers_ownership SET period = daterange(lower(period), '2020-09-10')",
    "a tax that is collected": (
        "INSERT INTO taxes_registration (vendor_id, jurisdiction_id, since)"
        f" SELECT s.vendor_id, j.id, '2020-09-01' {OF_IT} JOIN taxes_jurisdiction j ON j.code = 'US-OH'"
    ),
    "a tax's rate": f"{RATE} SELECT id, 'software', 0.05, '2020-09-01' FROM taxes_jurisdiction WHERE code = 'US-IL'",
    "an exemption": (
        "INSERT INTO taxes_exemptioncertificate (company_id, jurisdiction_id, number, reason, valid_from)"
        f" SELECT s.company_id, j.id, 'E-1', 'Resale', '2020-09-01' {OF_IT} CROSS JOIN taxes_jurisdiction j"
    ),
    "the day of issue": "UPDATE tenancy_vendor SET invoice_lead_days = invoice_lead_days + 1",
    "another old invoice": (
        "INSERT INTO cutover_legacyinvoice (company_id, number, issued_on, lines, net_minor, tax_minor, total_minor,"
        " open_minor, content_hash, imported_by_id) SELECT company_id, number || 'B', issued_on, lines, net_minor,"
        " tax_minor, total_minor, open_minor, content_hash, imported_by_id FROM cutover_legacyinvoice"
    ),
    "an old invoice that says otherwise": (
        "UPDATE cutover_legacyinvoice SET net_minor = net_minor + 1, total_minor = total_minor + 1"
    ),
    "an old invoice that goes": "DELETE FROM cutover_legacyinvoice WHERE number = 'T-0'",
}
CHANGES_NOTHING = [
    "UPDATE subscriptions_subscription SET minimum_term_ends_on = '2021-09-01', starts_on = starts_on",
    "UPDATE customers_location SET name = 'Elsewhere', postal_code = '62704', state = state",
    f"{RATE} SELECT id, 'software', 0.05, '2020-09-01' FROM taxes_jurisdiction WHERE code = 'US-OH'",
    "UPDATE tenancy_company SET name = 'Elsewhere', country = country",
    "UPDATE tenancy_vendor SET phone = '1', invoice_lead_days = invoice_lead_days",
]


def test_what_is_changed_of_either_side_outdates_a_comparison_whoever_changes_it(telco: Vendor) -> None:
    one_customer()
    company = Company.objects.get()
    _more_that_may_change(company)
    compare_now(telco)
    with connection.cursor() as cursor:
        for change in CHANGES_NOTHING:
            cursor.execute(change)
            assert not may_not_move([company.id]), f"the next invoice is the same: {change}"
        for what, change in CHANGES.items():
            with transaction.atomic():
                cursor.execute(change)
                assert may_not_move([company.id]) == {company.id}, what
                shown = compared_company(vendor_id=telco.id, company_public_id=company.public_id)
                assert shown.row.state == "outdated", what
                with pytest.raises(IntegrityError, match="compared with the old one"), transaction.atomic():
                    Move.objects.create(
                        wave_id=pilot_wave(telco), company=company, moved_on=TODAY, moved_at=NOW, reached_by="paper"
                    )
                    Company.objects.update(billed_since=TODAY)
                transaction.set_rollback(True)
    assert not may_not_move([company.id])


def _more_that_may_change(company: Company) -> None:
    """Give the company an older invoice, a charge, and a store where a tax is collected."""
    older = LegacyInvoice.objects.get()
    older.id, older.number, older.issued_on = None, "T-0", date(2020, 7, 17)
    older.save()
    with connection.cursor() as cursor:
        cursor.execute(CHANGES["a charge"])
    make_location(company=company)
    levied, _other = (
        Jurisdiction.objects.create(code=f"US-{code}", name=code, level="state", country="US", state=code)
        for code in ("IL", "OH")
    )
    TaxRate.objects.create(jurisdiction=levied, category="software", rate=0, valid_from=date(2019, 1, 1))
    Registration.objects.create(vendor=company.vendor, jurisdiction=levied, since=date(2019, 1, 1))


def test_a_company_changed_after_its_wave_was_sent_does_not_move_before_it_is_compared_again(telco: Vendor) -> None:
    one_customer()
    compare_now(telco)
    wave_id = pilot_wave(telco)
    add_companies(
        vendor_id=telco.id, wave_id=wave_id, company_public_ids=[Company.objects.get().public_id], actor=TESTS
    )
    send_wave(vendor_id=telco.id, wave_id=wave_id, actor=TESTS, today=TODAY, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute(CHANGES["a charge"])
    move_all(wave_id)
    assert "out of date" in Move.objects.get().problem
    compare_now(telco)
    assert (
        compared_company(vendor_id=telco.id, company_public_id=Company.objects.get().public_id).row.state == "explained"
    )
    continue_wave(vendor_id=telco.id, wave_id=wave_id, actor=TESTS)
    move_all(wave_id)
    assert Move.objects.get().moved_on == TODAY


def test_what_is_imported_of_a_company_that_has_moved_is_not_to_be_compared_again(telco: Vendor) -> None:
    owned = one_customer()
    compare_now(telco)
    bill_here(Company.objects.get())
    run_import([owned.invoice(amount_minor=1)], kind="invoices")
    assert comparisons(vendor_id=telco.id, state="", text="", reason="", page=1).counts == {"matched": 1}


@pytest.mark.parametrize("changed_by", ["an import", "hand"])
def test_what_is_compared_while_a_side_of_it_changes_waits_for_the_change(
    fresh_database: Database, changed_by: str
) -> None:
    telco = make_vendor(slug="telco", name="Telco")
    owned = one_customer()
    with _compared_meanwhile(fresh_database, telco):
        if changed_by == "an import":
            run_import([owned.invoice(amount_minor=1)], kind="invoices")
        else:
            Subscription.objects.update(agreed_price_minor=1)
    compared = Comparison.objects.get()
    assert 1 in (compared.old_minor, compared.new_minor)
    assert (compared.verdict, compared.is_current) == ("unexplained", True)
    assert may_not_move([compared.company_id])


@contextmanager
def _compared_meanwhile(database: Database, vendor: Vendor) -> Iterator[None]:
    """Let a comparison on another connection begin, and wait, before what the block has changed is committed."""
    with transaction.atomic():
        run_id = request_comparison(vendor_id=vendor.id, tolerance_minor=0, actor=TESTS)

    def compare() -> None:
        with database.as_owner():
            compare_all(run_id=run_id, now=NOW)

    other = threading.Thread(target=compare)
    with transaction.atomic():
        yield
        other.start()
        database.wait_until_somebody_waits()
    other.join(timeout=10)
    assert not other.is_alive()
