"""From what a company takes to what its next invoices say."""

from datetime import date
from decimal import Decimal

import pytest

from comptoir.catalog.prices import PlanTerms, PricePoint
from comptoir.invoicing.calculation.credits import DaysBilled, unused
from comptoir.invoicing.calculation.invoices import (
    NOWHERE,
    InvoiceDue,
    LineDue,
    NoPrice,
    Store,
    Terms,
    due_date,
    invoices_due,
)
from comptoir.subscriptions.calculation.discounts import DiscountTerms
from comptoir.subscriptions.calculation.due import ChargeDue, SubscriptionDue
from comptoir.taxes.calculation import ApplicableRate
from comptoir.taxes.places import Place

OLD = PricePoint(valid_from=date(2020, 1, 1), amount_minor=4900)
NEW = PricePoint(valid_from=date(2020, 11, 1), amount_minor=5500)
OCTOBER = date(2020, 10, 1)
ELM, OAK = Place("US", "IL", "", "Springfield"), Place("US", "OR", "", "Portland")
ILLINOIS = ApplicableRate(jurisdiction_id=5, jurisdiction_code="US-IL", category="software", rate=Decimal("0.0625"))


def terms(*prices: PricePoint, discount: DiscountTerms | None = None) -> Terms:
    """A plan, two stores, and a tax in the first one's state."""
    return Terms(
        plans={3: PlanTerms(name="eRestaurant", cadence="monthly", tax_category="software", prices=prices or (OLD,))},
        stores={7: Store("101 Elm Street", ELM), 8: Store("102 Oak Street", OAK)},
        discounts={1: [discount]} if discount else {},
        rates={(ELM, "software"): (ILLINOIS,), (OAK, "software"): (), (NOWHERE, "software"): ()},
    )


def taken(
    *,
    subscription_id: int = 1,
    location_id: int | None = 8,
    agreed_price_minor: int | None = None,
    billed_through: date = OCTOBER,
    ends_on: date | None = None,
) -> SubscriptionDue:
    return SubscriptionDue(subscription_id, 2, location_id, 3, 1, agreed_price_minor, billed_through, ends_on)


def one(*subscriptions: SubscriptionDue, by: Terms | None = None, through: date = OCTOBER) -> InvoiceDue:
    (invoice,) = invoices_due(subscriptions=subscriptions, charges=[], through=through, terms=by or terms())
    return invoice


def line(*subscriptions: SubscriptionDue, by: Terms | None = None) -> LineDue:
    (only,) = one(*subscriptions, by=by).lines
    return only


def test_a_month_in_advance_costs_the_plans_price() -> None:
    billed = line(taken())
    assert billed.days is not None
    assert (billed.days.starts_on, billed.days.ends_on, billed.amount_minor) == (OCTOBER, date(2020, 11, 1), 4900)


def test_what_is_billed_through_later_is_not_due_yet() -> None:
    assert (
        invoices_due(
            subscriptions=[taken(billed_through=date(2020, 10, 2))], charges=[], through=OCTOBER, terms=terms()
        )
        == []
    )


def test_a_new_price_holds_from_the_first_period_that_starts_under_it() -> None:
    invoice = one(taken(), by=terms(OLD, NEW), through=date(2020, 11, 1))
    assert [billed.amount_minor for billed in invoice.lines] == [4900, 5500]


def test_an_agreed_price_beats_the_plans() -> None:
    assert line(taken(agreed_price_minor=4200), by=terms(NEW)).amount_minor == 4200


def test_a_plan_without_a_price_says_so() -> None:
    with pytest.raises(NoPrice, match="eRestaurant has no price on 2020-10-01"):
        one(taken(), by=terms(NEW))


def test_service_that_ends_within_the_period_is_prorated_by_days() -> None:
    billed = line(taken(ends_on=date(2020, 10, 16)))
    assert (billed.unit_minor, billed.full_days, billed.amount_minor) == (4900, 31, 2371)  # 15 of 31 days


def test_a_discount_is_taken_off_the_full_price_before_days_are_counted() -> None:
    tenth = DiscountTerms(basis_points=1_000, amount_minor=None, starts_on=OCTOBER, ends_on=None)
    billed = line(taken(ends_on=date(2020, 10, 16)), by=terms(discount=tenth))
    assert (billed.unit_minor, billed.discount_minor, billed.amount_minor) == (4900, 490, 2134)


def test_a_discount_ends_with_the_periods_that_start_under_it() -> None:
    once = DiscountTerms(basis_points=None, amount_minor=900, starts_on=OCTOBER, ends_on=date(2020, 11, 1))
    invoice = one(taken(), by=terms(discount=once), through=date(2020, 11, 1))
    assert [billed.amount_minor for billed in invoice.lines] == [4000, 4900]


def test_tax_falls_on_the_store_that_lies_where_it_is_levied() -> None:
    invoice = one(taken(location_id=7), taken(subscription_id=2, location_id=8))
    (tax,) = invoice.taxes
    assert (tax.taxable_minor, tax.tax_minor, invoice.tax_minor) == (4900, 306, 306)
    assert list(tax.lines) == [0]


def test_what_belongs_to_no_store_is_taxed_where_the_companys_first_store_lies() -> None:
    (invoice,) = invoices_due(
        subscriptions=[taken(location_id=None)], charges=[], through=OCTOBER, terms=terms(), home=ELM
    )
    assert invoice.tax_minor == 306


def test_a_company_may_get_an_invoice_for_each_store() -> None:
    both = [taken(subscription_id=2, location_id=8), taken(location_id=7)]
    invoices = invoices_due(subscriptions=both, charges=[], through=OCTOBER, terms=terms(), per_store=True)
    assert [(invoice.location_id, len(invoice.lines)) for invoice in invoices] == [(7, 1), (8, 1)]


def test_a_charge_is_billed_once_and_has_no_days() -> None:
    charge = ChargeDue(9, 2, 7, "Training day", "software", 25_000, OCTOBER)
    (invoice,) = invoices_due(subscriptions=[], charges=[charge], through=OCTOBER, terms=terms())
    (billed,) = invoice.lines
    assert (billed.charge_id, billed.days, billed.amount_minor, invoice.tax_minor) == (9, None, 25_000, 1563)


def test_an_invoice_is_due_when_its_first_period_starts_but_never_before_it_is_issued() -> None:
    lines = one(taken()).lines
    assert due_date(lines=lines, issue_date=date(2020, 9, 16), terms_days=0) == date(2020, 10, 1)
    assert due_date(lines=lines, issue_date=date(2020, 9, 16), terms_days=10) == date(2020, 10, 11)
    assert due_date(lines=lines, issue_date=date(2020, 10, 20), terms_days=0) == date(2020, 10, 20)


def test_what_is_given_back_and_what_is_kept_add_up_to_what_was_billed() -> None:
    october = DaysBilled(starts_on=OCTOBER, live_until=date(2020, 11, 1), full_days=31, price_minor=4900)
    assert unused(billed=october, keep_until=date(2020, 10, 16)) == 4900 - 2371
    assert unused(billed=october, keep_until=OCTOBER) == 4900
    with pytest.raises(ValueError, match="not among the days"):
        unused(billed=october, keep_until=date(2020, 11, 2))
