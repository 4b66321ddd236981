"""Tax on an invoice, whatever its lines and rates."""

import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.taxes.calculation import ApplicableRate, borne, reckon, reverse

AMOUNTS = st.integers(min_value=0, max_value=10**9)
RATES = st.builds(
    ApplicableRate,
    jurisdiction_id=st.integers(min_value=1, max_value=3),
    jurisdiction_code=st.just("US-XX"),
    category=st.sampled_from(["software", "hardware"]),
    rate=st.decimals(min_value=0, max_value=Decimal("0.999999"), places=6),
)
LINES = st.lists(st.tuples(AMOUNTS, st.lists(RATES, max_size=3, unique=True).map(tuple)), max_size=8)


@given(lines=LINES)
def test_what_falls_on_the_lines_adds_up_to_each_total(lines: list[tuple[int, tuple[ApplicableRate, ...]]]) -> None:
    totals = reckon(lines=lines)
    shares = [
        dict(zip(*line, strict=True)) for line in borne(amounts=[amount for amount, _rates in lines], totals=totals)
    ]
    assert len(shares) == len(lines)
    for place, total in enumerate(totals, 1):
        under = [line for line, (_amount, rates) in enumerate(lines) if total.applicable in rates]
        assert under == list(total.lines) == [line for line, parts in enumerate(shares) if place in parts]
        assert total.taxable_minor == sum(lines[line][0] for line in under)
        assert sum(shares[line][place] for line in under) == total.tax_minor
        for line in under:
            share = Decimal(total.tax_minor * lines[line][0]) / (total.taxable_minor or 1)
            assert abs(shares[line][place] - share) < 1


@given(lines=LINES)
def test_each_rate_is_rounded_once_and_half_up(lines: list[tuple[int, tuple[ApplicableRate, ...]]]) -> None:
    totals = reckon(lines=lines)
    assert len({total.applicable for total in totals}) == len(totals)
    for total in totals:
        exact = total.taxable_minor * total.applicable.rate
        assert total.tax_minor - Decimal("0.5") <= exact < total.tax_minor + Decimal("0.5")


@given(
    line_minor=AMOUNTS,
    parts=st.lists(st.integers(min_value=0, max_value=10**8), max_size=3),
    cuts=st.lists(st.fractions(min_value=0, max_value=1), max_size=5),
)
def test_credits_of_a_whole_line_give_back_its_tax_exactly(line_minor: int, parts: list[int], cuts: list[int]) -> None:
    parts = parts if line_minor else [0] * len(parts)
    stops = [0, *sorted(int(line_minor * cut) for cut in cuts), line_minor]
    left = list(parts)
    for before, after in itertools.pairwise(stops):
        given_back = reverse(line_minor=line_minor, parts=parts, before_minor=before, credit_minor=after - before)
        assert all(minor >= 0 for minor in given_back)
        left = [rest - minor for rest, minor in zip(left, given_back, strict=True)]
        assert all(rest >= 0 for rest in left)
    assert left == [0] * len(parts)


def test_more_than_the_line_is_never_credited() -> None:
    with pytest.raises(ValueError, match="Of 1000, 600 is credited; 500 more"):
        reverse(line_minor=1000, parts=(63,), before_minor=600, credit_minor=500)


@pytest.mark.parametrize("rate", ["0.0625001", "-0.01"])
def test_a_rate_that_cannot_be_reckoned_with_is_refused(rate: str) -> None:
    with pytest.raises(ValueError, match="at most six places"):
        ApplicableRate(jurisdiction_id=1, jurisdiction_code="US-XX", category="software", rate=Decimal(rate))
