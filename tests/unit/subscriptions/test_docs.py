"""The tables of docs/billing.md, run."""

from datetime import date, timedelta
from decimal import Decimal

from comptoir.invoicing.calculation.credits import DaysBilled, unused
from comptoir.subscriptions.calculation.discounts import DiscountTerms, discounted
from comptoir.subscriptions.calculation.periods import periods_due
from comptoir.subscriptions.calculation.proration import prorate_days
from tests.pages import rows_under

START = date(2021, 1, 1)


def test_periods_begin_and_end_as_the_page_says() -> None:
    rows = list(rows_under("from", "anchor day", "cadence", "up to", "periods", page="billing.md"))
    assert len(rows) == 6
    for since, anchor_day, cadence, through, periods in rows:
        due = list(
            periods_due(
                billed_through=date.fromisoformat(since),
                through=date.fromisoformat(through),
                ends_on=None,
                cadence=cadence,
                anchor_day=int(anchor_day),
            )
        )
        found = [due[0].days.starts_on, *(each.days.ends_on for each in due)]
        assert " ".join(map(str, found)) == periods, since


def test_days_cost_and_give_back_what_the_page_says() -> None:
    columns = ("price", "discount", "days", "of", "costs", "given back after 10 days")
    rows = list(rows_under(*columns, page="billing.md"))
    assert len(rows) == 7
    for price, discount, days, full, costs, back in rows:
        price_minor = discounted(price_minor=int(price), terms=_terms(discount))
        assert prorate_days(price_minor=price_minor, days=int(days), full_days=int(full)) == int(costs), price
        billed = DaysBilled(START, START + timedelta(days=int(days)), int(full), price_minor)
        assert unused(billed=billed, keep_until=START + timedelta(days=10)) == int(back), price


def _terms(discount: str) -> DiscountTerms | None:
    if not discount:
        return None
    if discount.endswith(" %"):
        return DiscountTerms(int(Decimal(discount.removesuffix(" %")) * 100), None, START, None)
    return DiscountTerms(None, int(discount), START, None)
