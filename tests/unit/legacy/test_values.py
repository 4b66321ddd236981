"""Dates and amounts: whatever is written is read back, and nothing is guessed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.cutover.legacy.values import add_months, minimum_term_end, two_places
from comptoir.kit.cells import AmountFormat, Unreadable, parse_date

DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31))
SEPARATORS = [(".", ""), (".", ","), (",", ""), (",", "."), (",", " "), (".", "'")]


@given(day=DAYS, pattern=st.sampled_from(["%Y-%m-%d", "%m/%d/%Y", "%d.%m.%Y", "%Y%m%d", "%d %b %Y"]))
def test_every_date_reads_back_as_it_was_written(day: date, pattern: str) -> None:
    assert parse_date(text=day.strftime(pattern), pattern=pattern) == day


@given(
    minor=st.integers(min_value=-(10**14), max_value=10**14),
    separators=st.sampled_from(SEPARATORS),
    symbol=st.sampled_from(["", "$", "€"]),
)
def test_every_amount_reads_back_as_it_was_written(minor: int, separators: tuple[str, str], symbol: str) -> None:
    point, thousands = separators
    sign = "-" if minor < 0 else ""
    whole = f"{abs(minor) // 100:,}".replace(",", thousands)
    written = f"{sign}{symbol}{whole}{point}{abs(minor) % 100:02d}"
    amounts = AmountFormat(currency="USD", decimal_point=point, thousands=thousands, symbol=symbol)
    assert amounts.minor(written) == minor
    assert two_places(amounts.decimal(written)) == f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02d}"


@pytest.mark.parametrize("text", ["", "abc", "1,23", "1.2.3", "12.345", "1e3", "٣", "--1", ".", "5.", "NaN", "9" * 16])
def test_what_is_not_surely_an_amount_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        AmountFormat(currency="USD", thousands=",").minor(text)


def test_a_currency_without_cents_takes_none() -> None:
    yen = AmountFormat(currency="JPY")
    assert yen.minor("1200") == 1200
    with pytest.raises(Unreadable, match="more decimals"):
        yen.minor("1200.50")


@pytest.mark.parametrize("text", ["2020-02-30", "10/01/2020", "2020-10-01 00:00", "0020-10-01", "today", ""])
def test_what_is_not_surely_a_date_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        parse_date(text=text, pattern="%Y-%m-%d")


def test_a_total_with_parts_of_a_cent_stays_exact() -> None:
    amounts = AmountFormat(currency="USD")
    assert two_places(amounts.decimal("1.5")) == "1.50"
    assert two_places(amounts.decimal("1.125") + amounts.decimal("2")) == "3.125"


@given(day=DAYS, months=st.integers(min_value=-600, max_value=600))
def test_months_later_is_the_same_day_or_the_months_last(day: date, months: int) -> None:
    later = add_months(day=day, months=months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and add_months(day=later, months=0).day >= 28)


@given(
    starts_on=DAYS.filter(lambda day: day.year < 2090),
    elapsed=st.integers(min_value=0, max_value=120),
    months=st.sampled_from([1, 6, 12, 24]),
)
def test_a_minimum_term_ends_within_one_term_after_billed_through(starts_on: date, elapsed: int, months: int) -> None:
    billed_through = add_months(day=starts_on, months=elapsed)
    ends_on = minimum_term_end(starts_on=starts_on, billed_through=billed_through, months=months)
    assert billed_through < ends_on <= add_months(day=starts_on, months=elapsed + months)


def test_the_worked_example_of_the_telco_profile() -> None:
    starts_on = add_months(day=date(2020, 10, 1), months=-34)
    ends_on = minimum_term_end(starts_on=starts_on, billed_through=date(2020, 10, 1), months=12)
    assert ends_on == date(2020, 12, 1)
