"""US banks settle on weekdays that the Federal Reserve does not keep as holidays."""

from datetime import date

import pytest

from comptoir.payments.banking_days import is_banking_day, next_banking_day

# https://www.federalreserve.gov/aboutthefed/k8.htm lists them; a Sunday's is kept on Monday, a Saturday's not at all.
CLOSED = [
    date(2020, 1, 20),
    date(2020, 2, 17),
    date(2020, 5, 25),
    date(2020, 9, 7),
    date(2020, 10, 12),
    date(2020, 11, 11),
    date(2020, 11, 26),
    date(2020, 12, 25),
    date(2021, 1, 1),
    date(2021, 7, 5),
    date(2022, 6, 20),
    date(2022, 12, 26),
    date(2023, 1, 2),
]


@pytest.mark.parametrize("day", CLOSED)
def test_banks_are_closed_on_the_federal_reserves_holidays(day: date) -> None:
    assert day.weekday() < 5
    assert not is_banking_day(day)


@pytest.mark.parametrize("day", [date(2020, 7, 3), date(2021, 6, 18), date(2021, 12, 24), date(2021, 12, 31)])
def test_a_saturdays_holiday_closes_no_bank_on_friday(day: date) -> None:
    assert is_banking_day(day)


def test_juneteenth_is_kept_since_2022() -> None:
    assert is_banking_day(date(2020, 6, 19))
    assert not is_banking_day(date(2023, 6, 19))


def test_a_debit_due_on_a_long_weekend_waits_for_its_end() -> None:
    assert next_banking_day(date(2020, 10, 10)) == date(2020, 10, 13)
    assert next_banking_day(date(2020, 10, 9)) == date(2020, 10, 9)
