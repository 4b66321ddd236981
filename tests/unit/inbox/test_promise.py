"""An answer is promised in hours in which the team works."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.inbox.promise import USUAL, Promise, answer_by

EARLIEST, LATEST = datetime.fromisoformat("2020-01-01"), datetime.fromisoformat("2030-01-01")
NEW_YORK = ZoneInfo("America/New_York")


def at(day: int, hour: int, minute: int = 0, *, month: int = 9) -> datetime:
    return datetime(2020, month, day, hour, minute, tzinfo=NEW_YORK).astimezone(UTC)


@pytest.mark.parametrize(
    ("written", "urgent", "answered"),
    [
        (at(16, 10), True, at(16, 12)),  # a Wednesday morning
        (at(16, 16), True, at(17, 10)),  # an hour today, an hour tomorrow
        (at(18, 20), True, at(21, 11)),  # Friday night: Monday
        (at(20, 12), True, at(21, 11)),  # Sunday
        (at(16, 10), False, at(18, 10)),  # sixteen hours are two days of work
        (at(30, 10, month=10), False, at(3, 10, month=11)),  # clocks change on Sunday, November 1
    ],
)
def test_examples(written: datetime, urgent: bool, answered: datetime) -> None:
    assert answer_by(promise=USUAL, urgent=urgent, now=written, time_zone="America/New_York") == answered


@given(
    now=st.datetimes(min_value=EARLIEST, max_value=LATEST, timezones=st.just(UTC)),
    weekdays=st.sets(st.sampled_from("1234567"), min_size=1),
    opens=st.integers(0, 11),
    closes=st.integers(12, 23),
    hours=st.integers(1, 200),
)
def test_it_is_kept_in_working_hours_and_nobody_waits_longer_for_what_is_urgent(
    now: datetime, weekdays: set[str], opens: int, closes: int, hours: int
) -> None:
    promise = Promise(
        weekdays="".join(sorted(weekdays)), opens_at=time(opens), closes_at=time(closes), hours=hours, urgent_hours=1
    )
    usual, urgent = (
        answer_by(promise=promise, urgent=each, now=now, time_zone="America/New_York") for each in (False, True)
    )
    assert now < urgent <= usual
    assert usual - now >= timedelta(hours=hours)
    local = usual.astimezone(NEW_YORK)
    assert str(local.isoweekday()) in promise.weekdays
    assert promise.opens_at < local.time() <= promise.closes_at
