"""The rules by which a new invoice may differ from the old one, each with what is just not covered by it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from comptoir.cutover.comparison.rules import Compared, OldInvoice, OldLine, Taken, compare
from comptoir.kit.periods import Period

SEPTEMBER = Period(date(2020, 9, 1), date(2020, 10, 1))
OCTOBER = Period(date(2020, 10, 1), date(2020, 11, 1))
HALF = Period(date(2020, 9, 16), date(2020, 10, 1))
LINE = OldLine(store="7-1", plan="till", description="Till", days=SEPTEMBER, amount_minor=9_900)
TILL = Taken(
    store="7-1",
    plan="till",
    description="Till",
    cadence="monthly",
    anchor_day=1,
    begins_on=date(2019, 1, 1),
    days=OCTOBER,
    amount_minor=9_900,
    discount_minor=0,
    prices=[(date(2019, 1, 1), 9_900)],
    millionths=0,
    is_due=True,
)
DEARER = replace(TILL, amount_minor=10_900, prices=[(date(2019, 1, 1), 9_900), (date(2020, 10, 1), 10_900)])
YEARLY = replace(TILL, cadence="annual", days=Period(date(2021, 3, 1), date(2022, 3, 1)), is_due=False, amount_minor=0)
OTHER = replace(LINE, store="7-2")
NEXT_DOOR = replace(TILL, store="7-2")


def put(
    lines: Sequence[OldLine],
    taken: Sequence[Taken],
    *,
    tax: tuple[int, int] = (0, 0),
    charges: dict[str, int] | None = None,
    tolerance_minor: int = 0,
) -> Compared:
    old = OldInvoice(issued_on=date(2020, 8, 17), lines=lines, tax_minor=tax[0])
    return compare(old=old, taken=taken, charges=charges or {}, tax_minor=tax[1], tolerance_minor=tolerance_minor)


@pytest.mark.parametrize(
    ("lines", "taken", "reasons"),
    [
        ([LINE], [TILL], []),
        ([replace(LINE, days=HALF, amount_minor=4_950)], [TILL], ["proration"]),
        ([replace(LINE, days=HALF, amount_minor=4_951)], [TILL], ["proration"]),
        ([replace(LINE, days=HALF, amount_minor=4_960)], [TILL], ["unexplained"]),
        ([LINE], [DEARER], ["price"]),
        ([replace(LINE, amount_minor=9_800)], [DEARER], ["unexplained"]),
        ([replace(LINE, days=HALF, amount_minor=4_950)], [DEARER], ["proration", "price"]),
        ([LINE], [replace(TILL, amount_minor=8_900, discount_minor=1_000)], ["discount"]),
        ([replace(LINE, amount_minor=9_901)], [TILL], ["unexplained"]),
        ([LINE], [], ["unexplained"]),
        ([replace(LINE, days=HALF)], [TILL], ["unexplained"]),
        ([replace(LINE, days=Period(date(2020, 8, 1), date(2020, 9, 1)))], [TILL], ["unexplained", "gap"]),
        ([replace(LINE, days=OCTOBER)], [TILL], ["unexplained", "overlap"]),
        ([LINE], [TILL, NEXT_DOOR], ["unexplained"]),
        ([LINE], [TILL, TILL], ["unexplained"]),
        ([LINE, LINE], [TILL, TILL], []),
        ([LINE], [TILL, replace(NEXT_DOOR, begins_on=date(2020, 9, 10))], ["opened"]),
        ([LINE, OTHER], [TILL], ["unexplained"]),
        (
            [LINE, OTHER],
            [TILL, replace(NEXT_DOOR, days=None, is_due=False, amount_minor=0, ends_on=date(2020, 10, 1))],
            ["ended"],
        ),
        # A year's price, billed in March: a third of the invoices never has it, and its amount is checked all the same.
        ([replace(LINE, days=Period(date(2020, 3, 1), date(2021, 3, 1)))], [YEARLY], ["not_due"]),
        ([replace(LINE, days=Period(date(2020, 3, 1), date(2021, 3, 1)), amount_minor=1)], [YEARLY], ["unexplained"]),
        (
            [LINE],
            [
                TILL,
                replace(NEXT_DOOR, cadence="annual", days=Period(date(2020, 10, 1), date(2021, 10, 1))),
            ],
            ["cadence"],
        ),
    ],
)
def test_a_line_that_differs_has_a_reason_or_none(lines: list[OldLine], taken: list[Taken], reasons: list[str]) -> None:
    compared = put(lines, taken)
    assert [reason for pair in compared.pairs for reason in pair.reasons] == reasons
    expected = "matched" if not reasons else "unexplained" if "unexplained" in reasons else "explained"
    assert compared.verdict == expected


@pytest.mark.parametrize(
    ("amount_minor", "tax", "reasons"),
    [
        (9_900, (619, 619), []),
        (9_900, (618, 619), ["tax_rounding"]),
        (9_900, (600, 619), ["unexplained"]),
        (4_950, (309, 619), ["tax_follows"]),
        (4_950, (340, 619), ["unexplained"]),
    ],
)
def test_tax_is_ours_on_the_old_amounts_but_for_the_rounding(
    amount_minor: int, tax: tuple[int, int], reasons: list[str]
) -> None:
    days = SEPTEMBER if amount_minor == 9_900 else HALF
    line = replace(LINE, amount_minor=amount_minor, days=days)
    compared = put([line], [replace(TILL, millionths=62_500)], tax=tax)
    assert list(compared.pairs[-1].reasons) == reasons


def test_a_charge_explains_itself() -> None:
    assert put([LINE], [TILL], charges={"Installation": 20_000}).verdict == "explained"


def test_the_tolerance_is_for_all_lines_together_and_for_either_direction() -> None:
    lines = [replace(LINE, amount_minor=9_890), replace(OTHER, amount_minor=9_910)]
    taken = [TILL, NEXT_DOOR]
    assert put(lines, taken, tolerance_minor=19).verdict == "unexplained"
    tolerated = put(lines, taken, tolerance_minor=20)
    assert tolerated.verdict == "explained"
    assert [pair.reasons for pair in tolerated.pairs] == [("tolerance",), ("tolerance",), ()]
