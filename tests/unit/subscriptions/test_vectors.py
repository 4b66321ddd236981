"""What Kill Bill's own tests bill, credit and date; ``vectors.json`` names the source of each."""

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from comptoir.invoicing.calculation.credits import DaysBilled, unused
from comptoir.kit.periods import Period
from comptoir.subscriptions.calculation.periods import next_anchor, next_period
from comptoir.subscriptions.calculation.proration import prorate

Vector = dict[str, Any]
VECTORS: dict[str, Vector] = {
    vector["id"]: vector for vector in json.loads(Path(__file__).with_name("vectors.json").read_text())["vectors"]
}


def test_none_is_missing() -> None:
    assert list(VECTORS) == ["V01", "V02", "V03", "V05", "V08", "V12", "V16", "V18", "V23", "V24"]


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
def test_ours_are_kill_bills(vector: Vector) -> None:
    ((what, expected),) = vector["expected"].items()
    assert RECKONED[what](vector) == expected


def test_an_annual_plan_given_back_leaves_what_the_month_after_it_does_not_take() -> None:
    """The credit of V03 and the charge of V02 are of one change of plan; V03's note says what is left of them."""
    left = -Decimal(amount(VECTORS["V03"])) - Decimal(amount(VECTORS["V02"]))
    assert left == Decimal("2164.88")
    assert f" {left} " in VECTORS["V03"]["note"]


def amount(vector: Vector) -> str:
    """Return what the days cost; where the vector is a credit, what they give back, which is as much."""
    given = vector["inputs"]
    price_minor = int(Decimal(given["price"]) * 100)
    charged = prorate(price_minor=price_minor, days=days(vector), full=full(vector))
    if "credit" not in vector["kind"]:
        return f"{Decimal(charged) / 100:.2f}"
    billed = DaysBilled(full(vector).starts_on, full(vector).ends_on, full(vector).days, price_minor)
    given_back = unused(billed=billed, keep_until=days(vector).starts_on)
    assert given_back == charged
    return f"{Decimal(-given_back) / 100:.2f}"


def ratio(vector: Vector) -> str:
    """Return the part of the period to nine places, as what a price of a billion comes to."""
    return str(Decimal(prorate(price_minor=10**9, days=days(vector), full=full(vector))).scaleb(-9))


def first_bill_dates(vector: Vector) -> list[str]:
    """Return where the first full period begins: on the start itself if that is an anchor day, else on the next one."""
    return [
        str(next_anchor(after=date.fromisoformat(case["start"]) - timedelta(days=1), anchor_day=case["bill_cycle_day"]))
        for case in vector["inputs"]["cases"]
    ]


def first_period_end(vector: Vector) -> str:
    given = vector["inputs"]
    starts_on = date.fromisoformat(given["start"])
    due = next_period(starts_on=starts_on, cadence="monthly", anchor_day=given["bill_cycle_day"])
    assert due.days.starts_on == starts_on
    return str(due.days.ends_on)


RECKONED = {
    "amount": amount,
    "ratio": ratio,
    "first_bill_dates": first_bill_dates,
    "first_period_end": first_period_end,
}


def days(vector: Vector) -> Period:
    given = vector["inputs"]
    return Period(date.fromisoformat(given["from_"]), date.fromisoformat(given["to_exclusive"]))


def full(vector: Vector) -> Period:
    return Period(*map(date.fromisoformat, vector["inputs"]["full_period"]))
