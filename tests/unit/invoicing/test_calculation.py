"""From what a company takes to the lines of its next invoice."""

from datetime import date

import pytest

from comptoir.catalog.prices import PricePoint
from comptoir.invoicing.calculation.invoices import Billable, NoPrice, due_date, lines_due

OLD = PricePoint(valid_from=date(2020, 1, 1), amount_minor=4900)
NEW = PricePoint(valid_from=date(2020, 11, 1), amount_minor=5500)


def billable(**changes: object) -> Billable:
    plain: dict[str, object] = {
        "subscription_id": 1,
        "location_id": 7,
        "location_label": "101 Elm Street",
        "description": "eRestaurant",
        "cadence": "monthly",
        "anchor_day": 1,
        "billed_through": date(2020, 10, 1),
        "ends_on": None,
        "agreed_price_minor": None,
        "prices": (OLD,),
    }
    return Billable(**(plain | changes))  # type: ignore[arg-type]


def test_a_month_in_advance_costs_the_plans_price() -> None:
    (line,) = lines_due(billables=[billable()], through=date(2020, 10, 1))
    assert (line.days.starts_on, line.days.ends_on, line.amount_minor) == (date(2020, 10, 1), date(2020, 11, 1), 4900)


def test_what_is_billed_through_later_is_not_due_yet() -> None:
    assert lines_due(billables=[billable(billed_through=date(2020, 10, 2))], through=date(2020, 10, 1)) == []


def test_a_new_price_holds_from_the_first_period_that_starts_under_it() -> None:
    lines = lines_due(billables=[billable(prices=(OLD, NEW))], through=date(2020, 11, 1))
    assert [line.amount_minor for line in lines] == [4900, 5500]


def test_an_agreed_price_beats_the_plans() -> None:
    (line,) = lines_due(billables=[billable(agreed_price_minor=4200, prices=())], through=date(2020, 10, 1))
    assert line.amount_minor == 4200


def test_a_plan_without_a_price_says_so() -> None:
    with pytest.raises(NoPrice, match="eRestaurant has no price on 2020-10-01"):
        lines_due(billables=[billable(prices=(NEW,))], through=date(2020, 10, 1))


def test_service_that_ends_within_the_period_is_prorated_by_days() -> None:
    (line,) = lines_due(billables=[billable(ends_on=date(2020, 10, 16))], through=date(2020, 10, 1))
    assert (line.unit_minor, line.amount_minor) == (4900, 2371)  # 15 of 31 days


def test_an_invoice_is_due_when_its_first_period_starts_but_never_before_it_is_issued() -> None:
    lines = lines_due(billables=[billable()], through=date(2020, 10, 1))
    assert due_date(lines=lines, issue_date=date(2020, 9, 16), terms_days=0) == date(2020, 10, 1)
    assert due_date(lines=lines, issue_date=date(2020, 9, 16), terms_days=10) == date(2020, 10, 11)
    assert due_date(lines=lines, issue_date=date(2020, 10, 20), terms_days=0) == date(2020, 10, 20)
