"""When banks work."""

from datetime import date

import pytest

from comptoir.kit.banking_days import banking_day_from, is_banking_day


def test_a_weekday_without_holiday_is_a_banking_day() -> None:
    assert is_banking_day(date(2020, 10, 1))


@pytest.mark.parametrize(
    "holiday",
    [
        date(2020, 1, 1),
        date(2020, 1, 20),  # Martin Luther King Jr.
        date(2020, 2, 17),  # Presidents
        date(2020, 5, 25),  # Memorial
        date(2020, 9, 7),  # Labor
        date(2020, 10, 12),  # Columbus
        date(2020, 11, 11),
        date(2020, 11, 26),  # Thanksgiving
        date(2020, 12, 25),
        date(2021, 7, 5),  # Independence Day, kept on Monday since the 4th is a Sunday
        date(2022, 6, 20),  # Juneteenth, likewise
    ],
)
def test_the_federal_reserves_holidays_are_none(holiday: date) -> None:
    assert not is_banking_day(holiday)


def test_a_holiday_on_a_saturday_leaves_friday_a_banking_day() -> None:
    assert is_banking_day(date(2020, 7, 3))
    assert is_banking_day(date(2021, 6, 18)), "Juneteenth was not yet one"


def test_the_next_banking_day_skips_weekends_and_holidays() -> None:
    assert banking_day_from(date(2020, 10, 1)) == date(2020, 10, 1)
    assert banking_day_from(date(2020, 10, 10)) == date(2020, 10, 13), "a Saturday before Columbus Day"
    assert banking_day_from(date(2022, 12, 31)) == date(2023, 1, 3), "New Year's Day is kept on Monday"
