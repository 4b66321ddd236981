"""Billing periods: each day in exactly one of them, whatever the anchor day."""

import itertools
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from comptoir.kit.periods import Period
from comptoir.subscriptions.calculation.periods import add_months, next_anchor, next_period, periods_due
from comptoir.subscriptions.calculation.proration import prorate

DAYS = st.dates(min_value=date(2019, 1, 1), max_value=date(2032, 12, 31))
ANCHORS = st.integers(min_value=1, max_value=31)
CADENCES = st.sampled_from(["monthly", "quarterly", "annual"])


def test_anchor_31_falls_back_to_the_months_end_and_returns() -> None:
    ends = [add_months(date(2021, 1, 31), months=n, anchor_day=31) for n in range(1, 5)]
    assert ends == [date(2021, 2, 28), date(2021, 3, 31), date(2021, 4, 30), date(2021, 5, 31)]


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
def test_two_parts_of_a_period_cost_what_the_whole_does_give_or_take_a_cent(
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
