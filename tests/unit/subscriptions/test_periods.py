"""Billing periods: each day in exactly one of them, whatever the anchor day."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.invoicing.calculation.credits import DaysBilled, unused
from comptoir.kit.periods import Period
from comptoir.subscriptions.calculation.periods import add_months, next_anchor, next_period, periods_due
from comptoir.subscriptions.calculation.proration import prorate

DAYS = st.dates(min_value=date(2019, 1, 1), max_value=date(2032, 12, 31))
ANCHORS = st.integers(min_value=1, max_value=31)
CADENCES = st.sampled_from(["monthly", "quarterly", "annual"])


def test_anchor_31_falls_back_to_the_months_end_and_returns() -> None:
    ends = [add_months(date(2021, 1, 31), months=n, anchor_day=31) for n in range(1, 5)]
    assert ends == [date(2021, 2, 28), date(2021, 3, 31), date(2021, 4, 30), date(2021, 5, 31)]


@pytest.mark.parametrize(
    ("start", "anchor_day", "first_bill_date"),
    [
        (date(2012, 2, 16), 30, date(2012, 2, 29)),
        (date(2012, 1, 31), 30, date(2012, 2, 29)),
        (date(2012, 3, 4), 3, date(2012, 4, 3)),
        (date(2012, 3, 3), 3, date(2012, 3, 3)),
    ],
)
def test_first_bill_dates_are_kill_bills(start: date, anchor_day: int, first_bill_date: date) -> None:
    """The first full period begins on the start itself, where that is an anchor day, else on the next one."""
    assert next_anchor(after=start - timedelta(days=1), anchor_day=anchor_day) == first_bill_date


def test_the_first_period_of_anchor_31_ends_on_the_next_31_as_kill_bills_does() -> None:
    due = next_period(starts_on=date(2012, 4, 30), cadence="monthly", anchor_day=31)
    assert due.days == Period(date(2012, 4, 30), date(2012, 5, 31))


@pytest.mark.parametrize(
    ("price_minor", "days", "full", "amount_minor"),
    [
        (24995, Period(date(2016, 5, 1), date(2016, 5, 15)), Period(date(2016, 4, 15), date(2016, 5, 15)), 11664),
        (24995, Period(date(2012, 5, 11), date(2012, 6, 1)), Period(date(2012, 5, 1), date(2012, 6, 1)), 16932),
        (239995, Period(date(2012, 5, 11), date(2013, 5, 1)), Period(date(2012, 5, 1), date(2013, 5, 1)), 233420),
        (24995, Period(date(2012, 5, 12), date(2012, 6, 1)), Period(date(2012, 5, 1), date(2012, 6, 1)), 16126),
        (6995, Period(date(2012, 5, 12), date(2012, 8, 1)), Period(date(2012, 5, 1), date(2012, 8, 1)), 6159),
        (2495, Period(date(2021, 9, 16), date(2021, 9, 25)), Period(date(2021, 8, 25), date(2021, 9, 25)), 724),
    ],
)
def test_prorated_amounts_are_kill_bills(price_minor: int, days: Period, full: Period, amount_minor: int) -> None:
    assert prorate(price_minor=price_minor, days=days, full=full) == amount_minor


@pytest.mark.parametrize(
    ("price_minor", "keep_until", "full", "credit_minor"),
    [
        (239995, date(2012, 5, 11), Period(date(2012, 5, 1), date(2013, 5, 1)), 233420),
        (24995, date(2012, 5, 12), Period(date(2012, 5, 1), date(2012, 6, 1)), 16126),
    ],
)
def test_credits_of_unused_days_are_kill_bills(
    price_minor: int, keep_until: date, full: Period, credit_minor: int
) -> None:
    billed = DaysBilled(full.starts_on, full.ends_on, full.days, price_minor)
    assert unused(billed=billed, keep_until=keep_until) == credit_minor


@pytest.mark.parametrize(
    ("days", "full", "ratio_billionths"),
    [
        (Period(date(2023, 5, 23), date(2023, 6, 15)), Period(date(2023, 5, 15), date(2023, 6, 15)), 741_935_484),
        (Period(date(2024, 2, 23), date(2024, 3, 15)), Period(date(2024, 2, 15), date(2024, 3, 15)), 724_137_931),
    ],
)
def test_parts_of_a_month_are_kill_bills_in_a_leap_year_too(days: Period, full: Period, ratio_billionths: int) -> None:
    assert prorate(price_minor=10**9, days=days, full=full) == ratio_billionths


@given(starts_on=DAYS, through_days=st.integers(0, 800), anchor_day=ANCHORS, cadence=CADENCES)
def test_periods_due_leave_no_gap_and_reach_past_the_day_asked_for(
    starts_on: date, through_days: int, anchor_day: int, cadence: str
) -> None:
    through = starts_on + timedelta(days=through_days)
    due = list(
        periods_due(billed_through=starts_on, through=through, ends_on=None, cadence=cadence, anchor_day=anchor_day)
    )
    assert due[0].days.starts_on == starts_on
    assert all(one.days.ends_on == other.days.starts_on for one, other in itertools.pairwise(due))
    assert due[-1].days.starts_on <= through < due[-1].days.ends_on


@given(starts_on=DAYS, served=st.integers(1, 800), anchor_day=ANCHORS, cadence=CADENCES)
def test_nothing_is_due_past_the_end_of_service(starts_on: date, served: int, anchor_day: int, cadence: str) -> None:
    ends_on = starts_on + timedelta(days=served)
    due = list(
        periods_due(
            billed_through=starts_on,
            through=starts_on + timedelta(days=2000),
            ends_on=ends_on,
            cadence=cadence,
            anchor_day=anchor_day,
        )
    )
    assert due[-1].days.ends_on == ends_on
    assert sum(one.days.days for one in due) == served


@given(starts_on=DAYS, anchor_day=ANCHORS, cadence=CADENCES)
def test_a_period_is_part_of_the_full_one_that_prices_it(starts_on: date, anchor_day: int, cadence: str) -> None:
    due = next_period(starts_on=starts_on, cadence=cadence, anchor_day=anchor_day)
    assert due.full.starts_on <= due.days.starts_on
    assert due.days.ends_on == due.full.ends_on


@given(price_minor=st.integers(0, 10_000_000), starts_on=DAYS, anchor_day=ANCHORS, cut=st.integers(1, 27))
def test_two_parts_of_a_period_cost_what_the_whole_does_to_the_cent(
    price_minor: int, starts_on: date, anchor_day: int, cut: int
) -> None:
    full = next_period(
        starts_on=next_anchor(after=starts_on, anchor_day=anchor_day), cadence="monthly", anchor_day=anchor_day
    ).full
    between = full.starts_on + timedelta(days=cut)
    parts = [
        prorate(price_minor=price_minor, days=Period(full.starts_on, between), full=full),
        prorate(price_minor=price_minor, days=Period(between, full.ends_on), full=full),
    ]
    assert abs(sum(parts) - price_minor) <= 1
    assert prorate(price_minor=price_minor, days=full, full=full) == price_minor
