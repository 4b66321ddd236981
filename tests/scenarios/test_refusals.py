"""What follows when a bank refuses, by its reason: over the processor's API and the test clock, day by day."""

import json
from datetime import date, timedelta

from comptoir.invoicing.models import Invoice
from comptoir.payments.models import Authorisation, GatewayAccount, GatewayCustomer, Payment
from comptoir.payments.queries import pays_by
from comptoir.tenancy.models import Vendor
from tests.factories import issue_invoices
from tests.running import Site
from tests.scenarios.test_debit_that_comes_back import (
    DUE,
    ISSUED,
    SETTLED,
    WORKS,
    Owner,
    make_vendor_and_owner,
    open_and_in_flight,
)

NO_MONEY, DECLINED_LATER = "000222222227", "4000000000000341"
SIXTY_DAYS_LATER = SETTLED + timedelta(days=60)


def october_on_autopay(site: Site, number: str, *, kind: str = "bank") -> tuple[Vendor, Owner, Invoice]:
    """Let Arches pay automatically, and be billed for October."""
    northwind, anna = make_vendor_and_owner(site)
    anna.log_in()
    anna.save(number, kind=kind)
    (october,) = issue_invoices(vendor=northwind, issue_date=ISSUED)
    site.settle()
    return northwind, anna, october


def attempts(anna: Owner) -> list[tuple[date, str, str]]:
    found = Payment.objects.filter(company=anna.company, origin="autopay").order_by("id")
    return list(found.values_list("initiated_on", "status", "failure_code"))


def return_debit(site: Site, anna: Owner, *, code: str) -> None:
    """Have the bank return the company's one debit now."""
    account = GatewayAccount.objects.get(vendor=anna.company.vendor).account_id
    customer = GatewayCustomer.objects.get(company=anna.company).customer_id
    (charge,) = site.sandbox.client.v1.charges.list({"customer": customer}, {"stripe_account": account}).data
    told = json.dumps({"charge": charge.id, "code": code})
    assert site.sandbox.ask("POST", f"/sandbox/accounts/{account}/returns", told).status == 200
    assert site.sandbox.ask("POST", f"/sandbox/accounts/{account}/returns", told).status == 400, "it is back already"
    site.settle()


def test_missing_money_is_presented_twice_more_each_told_then_left_to_its_owner(site: Site) -> None:
    northwind, anna, october = october_on_autopay(site, NO_MONEY)

    site.live_until(SETTLED, vendor=northwind)
    assert "Automatic payment tries once more on Oct 13, 2020" in anna.page().text
    assert "We try once more on Oct 13, 2020" in str(site.mails_to("books@arches.example")[-1].body)

    site.live_until(date(2020, 10, 30), vendor=northwind)
    assert attempts(anna) == [(date(2020, 10, day), "failed", "R01") for day in (1, 13, 22)]
    assert open_and_in_flight(october) == (9_900, 0)
    assert anna.told().count("Your payment of $99.00 did not go through") == 3
    assert "We try once more" not in str(site.mails_to("books@arches.example")[-1].body)
    assert "Automatic payment does not take this one" in anna.page().text

    anna.pay(WORKS, way="us_bank_account")
    assert anna.last_payment() == "processing"


def test_a_return_as_unauthorised_sixty_days_later_reopens_the_invoice_and_voids_the_consent(site: Site) -> None:
    northwind, anna, october = october_on_autopay(site, WORKS)
    site.live_until(SETTLED, vendor=northwind)
    assert open_and_in_flight(october) == (0, 0)

    site.live_until(SIXTY_DAYS_LATER, vendor=northwind)
    return_debit(site, anna, code="R10")

    assert attempts(anna) == [(DUE, "returned", "R29")], "a company's bank says R29"
    assert open_and_in_flight(october) == (9_900, 0)
    consent = Authorisation.objects.get(company=anna.company)
    assert consent.ended_at is not None
    assert consent.ended_reason == "the bank says unauthorised: R29"
    assert pays_by(anna.company.id) == "check"
    assert anna.told()[-1] == "Your bank returned your payment of $99.00"
    site.live_until(SIXTY_DAYS_LATER + timedelta(days=7), vendor=northwind)
    assert len(attempts(anna)) == 1, "and is not presented again"


def test_a_declined_card_is_tried_on_its_days_and_no_other(site: Site) -> None:
    northwind, anna, _october = october_on_autopay(site, DECLINED_LATER, kind="card")
    site.live_until(date(2020, 11, 2), vendor=northwind)
    assert [day for day, _status, _code in attempts(anna)] == [DUE + timedelta(days=days) for days in (0, 2, 7, 14, 21)]
    assert {status for _day, status, _code in attempts(anna)} == {"failed"}
